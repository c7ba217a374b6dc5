import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import {
  bin,
  encode,
  nullable,
  tuple,
  uint,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { hashLayout } from "../../node/ids.ts";
import {
  CHAIN_BLOCK,
  CHAIN_STATE,
  CHAIN_TRANSACTION,
  encodeRecord,
  RECORD_HEAD_BYTES,
} from "../../node/ledger/record.ts";
import { toMs } from "../../node/time.ts";
import { report } from "../bank-state.ts";
import type { Report } from "../report.ts";
import type { BlockNode } from "./block-tree.ts";
import { quorumCertificateLayout } from "./certificates.ts";
import { newOutbox, type Outbox, type ValidatorStep } from "./state.ts";

const signature = bin<Signature>(64);

/** What a validator must never forget; with the vote or timeout that it signed then, if it signed one. */
export const stateRecordLayout = tuple({
  /** By the validator's clock. */
  timeMs: uint(),
  view: uint(),
  lastVoted: uint(),
  failed: uint(),
  highQc: quorumCertificateLayout,
  lock: tuple({ view: uint(), height: uint(), block: hashLayout }),
  vote: nullable(tuple({ view: uint(), block: hashLayout, signature })),
  timeout: nullable(tuple({ view: uint(), highView: uint(), signature })),
});

export type StateRecord = LayoutValue<typeof stateRecordLayout>;

/** Journals a block, before anything that rests on it. */
export function recordBlock(step: ValidatorStep, node: BlockNode): void {
  if (node.block === undefined || step.state.phase === "opening") return;
  const bytes = encodeRecord(CHAIN_BLOCK, node.block.bytes);
  step.state.outbox.records.push({ bytes, node });
}

/** Journals the safety state with what was signed on it: durable before the vote or timeout leaves. */
export function recordSafety(
  step: ValidatorStep,
  signed: Partial<Pick<StateRecord, "vote" | "timeout">> = {},
): void {
  const { state, now } = step;
  const { view, lastVoted, failed, highQc, lock } = state.safety;
  const { vote = null, timeout = null } = signed;
  const timeMs = toMs(now);
  const record = { timeMs, view, lastVoted, failed, highQc, lock, vote, timeout };
  const bytes = encodeRecord(CHAIN_STATE, encode(stateRecordLayout, record));
  state.outbox.records.push({ bytes, node: undefined });
  state.isSafetyDirty = false;
}

/** Journals a transaction that this bank has endorsed. */
export function recordTransaction(step: ValidatorStep, bytes: Bytes): void {
  const record = encodeRecord(CHAIN_TRANSACTION, bytes);
  step.state.outbox.records.push({ bytes: record, node: undefined });
}

/** Sends once everything that was recorded up to now is durable (JournalFirst). */
export function sendLater(step: ValidatorStep, to: number, bytes: Bytes): void {
  step.state.outbox.sends.push({ to, bytes });
}

export function broadcastLater(step: ValidatorStep, bytes: Bytes): void {
  for (const { number } of step.genesis.banks) {
    if (number !== step.config.self) sendLater(step, number, bytes);
  }
}

/** Reports once everything that was recorded up to now is durable (Durable). */
export function reportLater(step: ValidatorStep, what: Report): void {
  if (step.state.phase !== "opening") step.state.outbox.reports.push(what);
}

/** Makes what was recorded durable, all of it in one flush, unless one is under way. */
export function flushOutbox(step: ValidatorStep): void {
  const { state } = step;
  if (state.flight !== undefined) return;
  if (state.isSafetyDirty) recordSafety(step);
  const { outbox } = state;
  if (outbox.records.length === 0) return release(step, takeOutbox(step));
  for (const { bytes, node } of outbox.records) {
    if (node !== undefined) {
      const offset = state.journalSize + RECORD_HEAD_BYTES;
      node.place.stored = { offset, length: bytes.length - RECORD_HEAD_BYTES };
    }
    state.journalSize += bytes.length;
  }
  state.flight = { end: state.journalSize, outbox: takeOutbox(step) };
  const bytes = concatBytes(...outbox.records.map((record) => record.bytes));
  step.effects.push({ kind: "append", bytes });
}

function takeOutbox(step: ValidatorStep): Outbox {
  const { outbox } = step.state;
  step.state.outbox = newOutbox();
  return outbox;
}

/** What was recorded is durable: only now does any byte of it leave. Returns what goes to this bank itself. */
export function becomeDurable(step: ValidatorStep, size: number): readonly Bytes[] {
  const { state } = step;
  state.durableSize = Math.max(state.durableSize, size);
  const { flight } = state;
  if (flight === undefined || flight.end > size) return [];
  state.flight = undefined;
  release(step, flight.outbox);
  return flight.outbox.sends.flatMap(({ to, bytes }) => (to === step.config.self ? [bytes] : []));
}

function release(step: ValidatorStep, { sends, reports }: Outbox): void {
  const { links } = step.state;
  for (const { to, bytes } of sends) {
    if (links.has(to)) step.effects.push({ kind: "send", to: to as never, bytes });
  }
  for (const what of reports) {
    if (what.kind === "swap") what.times.final = step.now;
    report(step, what);
  }
}
