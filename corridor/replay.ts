import { decode } from "../crypto/canonical-layout.ts";
import { equalHash } from "../crypto/hash.ts";
import { InvariantViolation, ok, reject, type Outcome } from "../crypto/outcome.ts";
import { applyEntry } from "../node/domestic/apply.ts";
import {
  checkBlockSignature,
  encodePublicBlock,
  parseFullBlock,
  parsePublicBlock,
  type Block,
  type FullBlock,
} from "../node/ledger/block.ts";
import { DOMESTIC, domesticEntryLayout, type EntryOf } from "../node/ledger/domestic-entries.ts";
import { OWN_BLOCK, RECORD_HEAD_BYTES, type LedgerRecord } from "../node/ledger/record.ts";
import {
  logOf,
  newBankMachine,
  ownLog,
  sidKeyOf,
  type BankConfig,
  type BankMachine,
  type Step,
} from "./bank-state.ts";
import { observeBlock } from "./blocks.ts";
import { machineOf } from "./swap/arrangements.ts";
import { observeAnnouncement } from "./swap/observe.ts";
import { markOwn } from "./swap/own-entries.ts";
import { attachTerms } from "./swap/terms-exchange.ts";
import { corridorEntryLayout, CORRIDOR, isClosing } from "./entries.ts";
import { noteOwnEvidence, noteReplayedFork } from "./evidence.ts";
import { readEntries } from "./messages.ts";
import { headHash, markStored, placeBlock, rivalOf } from "./logs.ts";

export interface ReplayRejection {
  readonly code: "ledger_corrupt";
  readonly offset: number;
  /** The block that does not verify: its bank and height, as far as they can be read. */
  readonly block: string;
  readonly why: string;
}

/**
 * Opens a bank from its journal. Every record is verified again; the state is what the entries say.
 * Swaps under way go on in the view they were in, with fresh timers, once the bank is started.
 */
export function openBank(
  config: BankConfig,
  records: readonly LedgerRecord[],
): Outcome<BankMachine, ReplayRejection> {
  const machine = newBankMachine(config);
  for (const record of records) {
    const step: Step = { ...machine, now: machine.state.now, effects: [] };
    const replayed = record.kind === OWN_BLOCK ? replayOwn(step, record) : replayPeer(step, record);
    if (!replayed.ok) return replayed;
    machine.state.journalSize = record.offset + RECORD_HEAD_BYTES + record.payload.length;
  }
  machine.state.durableSize = machine.state.journalSize;
  return ok(machine);
}

function replayOwn(step: Step, record: LedgerRecord): Outcome<null, ReplayRejection> {
  const parsed = parseFullBlock(record.payload);
  if (!parsed.ok) return corrupt(record, "own block", parsed.error.code);
  const block = parsed.value;
  const { bank, seq, prev, timeMs } = block.header;
  const name = `block ${seq} of bank ${bank}`;
  if (bank !== step.config.self) return corrupt(record, name, "it is not this bank's ledger");
  const signed = checkSignature(step, block);
  if (signed !== undefined) return corrupt(record, name, signed);
  const log = ownLog(step);
  if (seq !== log.linked + 1 || !equalHash(prev, headHash(log))) {
    return corrupt(record, name, "it does not follow the block before it");
  }
  if (timeMs < step.state.lastTimeMs) return corrupt(record, name, "its time goes back");
  step.state.lastTimeMs = timeMs;
  placeBlock(log, block, true);
  const length = encodePublicBlock(block).length - 1;
  markStored(log, seq, block.hash, { offset: record.offset + RECORD_HEAD_BYTES + 1, length });
  return replayEntries(step, record, name, block);
}

function replayEntries(
  step: Step,
  record: LedgerRecord,
  name: string,
  block: FullBlock,
): Outcome<null, ReplayRejection> {
  const holds: EntryOf<typeof DOMESTIC.HOLD>[] = [];
  for (const bytes of block.domestic) {
    const entry = decode(domesticEntryLayout, bytes);
    if (!entry.ok) return corrupt(record, name, `domestic entry: ${entry.error.code}`);
    if (entry.value.kind === DOMESTIC.HOLD) holds.push(entry.value);
    try {
      applyEntry(step.state.books, entry.value);
    } catch (error) {
      if (error instanceof InvariantViolation) return corrupt(record, name, error.message);
      throw error;
    }
  }
  for (const bytes of block.corridor) {
    const entry = decode(corridorEntryLayout, bytes);
    if (!entry.ok) return corrupt(record, name, `corridor entry: ${entry.error.code}`);
    if (entry.value.kind === CORRIDOR.EVIDENCE) {
      noteOwnEvidence(step, entry.value);
      continue;
    }
    if (entry.value.kind === CORRIDOR.ANNOUNCE) {
      observeAnnouncement(step, block.header.bank, entry.value.announcement);
      continue;
    }
    const swap = step.state.swaps.get(sidKeyOf(entry.value.sid));
    if (swap === undefined) continue;
    markOwn(step, swap, entry.value);
    if (isClosing(entry.value)) {
      swap.closedDurably++;
      machineOf(swap)?.replayClosing(step, swap, entry.value);
    }
  }
  // A HOLD keeps the terms, for the banks taking part that still ask for them.
  for (const { sid, terms: bytes, termsSalt: salt, instruction } of holds) {
    const swap = step.state.swaps.get(sidKeyOf(sid));
    if (swap !== undefined) attachTerms(swap, { bytes, salt, instructions: [instruction] });
  }
  observeBlock(step, block, readEntries(block), undefined);
  return ok(null);
}

function replayPeer(step: Step, record: LedgerRecord): Outcome<null, ReplayRejection> {
  const parsed = parsePublicBlock(record.payload);
  if (!parsed.ok) return corrupt(record, "a peer's block", parsed.error.code);
  const block = parsed.value;
  const { bank, seq } = block.header;
  const name = `block ${seq} of bank ${bank}`;
  const signed = checkSignature(step, block);
  if (signed !== undefined) return corrupt(record, name, signed);
  const log = logOf(step, bank);
  const rival = rivalOf(log, block);
  if (rival !== undefined) noteReplayedFork(step, block, rival.signed);
  placeBlock(log, block, true);
  markStored(log, seq, block.hash, {
    offset: record.offset + RECORD_HEAD_BYTES + 1,
    length: record.payload.length - 1,
  });
  observeBlock(step, block, readEntries(block), undefined);
  return ok(null);
}

function checkSignature(step: Step, block: Block): string | undefined {
  const signed = checkBlockSignature(block, {
    net: step.config.genesis.net,
    keyOf: step.keyOf,
    verifier: step.config.verifier,
  });
  return signed.ok ? undefined : signed.error.code;
}

const corrupt = (record: LedgerRecord, block: string, why: string) =>
  reject({ code: "ledger_corrupt", offset: record.offset, block, why } as const);
