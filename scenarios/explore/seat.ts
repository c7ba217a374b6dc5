import { concatBytes, EMPTY_BYTES, type Bytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { InvariantViolation, unreachable } from "../../crypto/outcome.ts";
import type { BankConfig, BankMachine } from "../../corridor/bank-state.ts";
import { parseMessage } from "../../corridor/messages.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openBank } from "../../corridor/replay.ts";
import type { Report } from "../../corridor/report.ts";
import { checkConservation, checkTagConservation } from "../../node/accounts/books.ts";
import { parseFullBlock, type FullBlock } from "../../node/ledger/block.ts";
import { LEDGER_MAGIC, OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { recoverLedger } from "../../node/ledger/recover.ts";
import type { Effect, Input } from "../../node/machine.ts";
import type { Instant } from "../../node/time.ts";
import { demand, observeOwnBlock, Violation, type Conduct } from "../checkers/conduct.ts";
import { deepCopy } from "./copy.ts";

/** One running (or crashed) bank. A Byzantine bank may have two seats with one key: "4" and "4b". */
export interface Seat {
  readonly id: string;
  readonly bank: number;
  readonly honest: boolean;
  /** `undefined` while the bank is down. */
  machine: BankMachine | undefined;
  /** Why the machine asked to be stopped. */
  stopped: string | undefined;
  /** What survives a crash. */
  file: Bytes;
  /** What was appended and is not durable yet. */
  tail: Bytes;
  wakeAt: Instant | undefined;
  /** Inputs came since the last `idle`. */
  busy: boolean;
  /** This bank's clock against the world's, in microseconds. */
  skew: number;
  reports: Report[];
  conduct: Conduct;
  /** Another world has the same machine and conduct: they are copied before they change. */
  shared: boolean;
}

/** What can happen at one seat. */
export type Act =
  | { readonly kind: "input"; readonly input: Input }
  /** The clock runs on by itself until the next timer fires; `skew` is where it stands then. */
  | { readonly kind: "run-on"; readonly skew: number }
  | { readonly kind: "durable" }
  /** `keep` bytes of what was appended survive although nobody was told. */
  | { readonly kind: "crash"; readonly keep: number }
  | { readonly kind: "restart" };

/** What an act at one seat means to the others. */
export type Outward =
  | { readonly kind: "send"; readonly to: number; readonly bytes: Bytes }
  | { readonly kind: "drop"; readonly peer: number }
  /** A block that counts as signed: an honest bank's once it is durable, a liar's at once. */
  | { readonly kind: "signed"; readonly block: FullBlock };

export const isUp = (seat: Seat): boolean =>
  seat.machine !== undefined && seat.stopped === undefined;

/** Lets one thing happen at a seat, and checks all that can be seen there; throws a `Violation`. */
export function actAt(seat: Seat, act: Act, now: Instant, config: BankConfig): readonly Outward[] {
  const out: Outward[] = [];
  switch (act.kind) {
    case "input":
      feed(seat, act.input, now, out);
      return out;
    case "run-on":
      seat.skew = act.skew;
      feed(seat, { kind: "wake" }, now, out);
      return out;
    case "durable":
      becomeDurable(seat, now, out);
      return out;
    case "crash":
      crash(seat, act.keep, out);
      return out;
    case "restart":
      restart(seat, now, config, out);
      return out;
    default:
      return unreachable(act);
  }
}

function feed(seat: Seat, input: Input, now: Instant, out: Outward[]): void {
  if (seat.machine === undefined || seat.stopped !== undefined) return;
  unshare(seat);
  const { machine } = seat;
  if (input.kind === "wake") seat.wakeAt = undefined;
  seat.busy = input.kind !== "idle";
  let effects: readonly Effect<Report>[];
  try {
    effects = stepBank(machine, input, now);
  } catch (error) {
    // A bank that lies may run into its own assertions; it is then as good as silent.
    if (seat.honest || !(error instanceof InvariantViolation)) throw error;
    seat.machine = undefined;
    return;
  }
  if (seat.honest) checkBooks(seat, machine);
  checkOrder(seat, effects);
  for (const effect of effects) carryOut(seat, effect, out);
}

function carryOut(seat: Seat, effect: Effect<Report>, out: Outward[]): void {
  switch (effect.kind) {
    case "append":
      demand(seat.tail.length === 0, "JournalFirst", `${seat.id} has two blocks under way`);
      seat.tail = effect.bytes.slice();
      if (!seat.honest) takeOwnBlocks(seat, effect.bytes, out);
      return;
    case "send":
      if (seat.honest) checkSent(seat, effect.bytes);
      out.push({ kind: "send", to: effect.to, bytes: effect.bytes.slice() });
      return;
    case "send-stored":
      for (const { offset, length } of effect.blocks) {
        const inside = offset + length <= seat.file.length;
        demand(inside, "JournalFirst", `${seat.id} serves a block that is not durable`);
        const region = seat.file.subarray(offset, offset + length);
        const bytes = concatBytes(effect.prefix, region).slice();
        demand(parseMessage(bytes).ok, "CanonicalBytes", `${seat.id} serves what is no block`);
        out.push({ kind: "send", to: effect.to, bytes });
      }
      return;
    case "wake":
      seat.wakeAt = effect.at;
      return;
    case "report":
      seat.reports.push(effect.report);
      return;
    case "drop":
      out.push({ kind: "drop", peer: effect.peer });
      return;
    case "stop":
      seat.stopped = effect.code;
      return;
    default:
      unreachable(effect);
  }
}

function becomeDurable(seat: Seat, now: Instant, out: Outward[]): void {
  const { tail } = seat;
  if (tail.length === 0 || seat.machine === undefined) return;
  seat.file = concatBytes(seat.file, tail).slice();
  seat.tail = EMPTY_BYTES;
  if (seat.honest) takeOwnBlocks(seat, tail, out);
  feed(seat, { kind: "durable", size: seat.file.length }, now, out);
}

function takeOwnBlocks(seat: Seat, records: Bytes, out: Outward[]): void {
  unshare(seat);
  for (const record of parseLedgerFile(concatBytes(LEDGER_MAGIC, records)).records) {
    if (record.kind !== OWN_BLOCK) continue;
    const block = parseFullBlock(record.payload);
    demand(block.ok, "CanonicalBytes", `${seat.id} wrote a block that does not parse`);
    if (seat.honest) observeOwnBlock(seat.conduct, block.value);
    out.push({ kind: "signed", block: block.value });
  }
}

function crash(seat: Seat, keep: number, out: Outward[]): void {
  if (seat.machine === undefined) return;
  const mark = seat.file.length;
  seat.file = concatBytes(seat.file, seat.tail.subarray(0, keep)).slice();
  seat.tail = EMPTY_BYTES;
  seat.machine = undefined;
  seat.wakeAt = undefined;
  const recovered = recoverLedger(seat.file, mark);
  demand(recovered.ok, "Durable", `${seat.id} cannot recover its file`);
  seat.file = seat.file.slice(0, recovered.value.end);
  if (seat.honest) takeOwnBlocks(seat, seat.file.subarray(mark), out);
}

function restart(seat: Seat, now: Instant, config: BankConfig, out: Outward[]): void {
  if (seat.machine !== undefined || seat.stopped !== undefined) return;
  const recovered = recoverLedger(seat.file, seat.file.length);
  demand(recovered.ok, "Durable", `${seat.id} cannot recover its file`);
  const opened = openBank(config, recovered.value.records);
  const why = opened.ok ? "" : JSON.stringify(opened.error);
  demand(opened.ok, "JournalChain", `${seat.id}: ${why}`);
  unshare(seat);
  seat.machine = opened.value;
  feed(seat, { kind: "start" }, now, out);
}

function unshare(seat: Seat): void {
  if (!seat.shared) return;
  const { machine } = seat;
  seat.machine = machine && { ...machine, state: deepCopy(machine.state) };
  seat.reports = [...seat.reports];
  seat.conduct = deepCopy(seat.conduct);
  seat.shared = false;
}

const EFFECT_ORDER: Record<Effect<Report>["kind"], number> = {
  append: 0,
  send: 1,
  "send-stored": 1,
  wake: 2,
  report: 3,
  drop: 4,
  stop: 5,
};

function checkOrder(seat: Seat, effects: readonly Effect<Report>[]): void {
  for (const [i, effect] of effects.entries()) {
    const before = effects[i - 1];
    if (before === undefined || EFFECT_ORDER[before.kind] <= EFFECT_ORDER[effect.kind]) continue;
    throw new Violation("EffectOrder", `${seat.id}: ${before.kind} before ${effect.kind}`);
  }
}

function checkBooks(seat: Seat, machine: BankMachine): void {
  const { books } = machine.state;
  const wrong = checkConservation(books) ?? checkTagConservation(books);
  demand(wrong === undefined, "Conservation", `${seat.id}: ${wrong ?? ""}`);
}

/** JournalFirst: what is sent rests on nothing that a crash could take back. */
function checkSent(seat: Seat, bytes: Bytes): void {
  const parsed = parseMessage(bytes);
  demand(parsed.ok, "CanonicalBytes", `${seat.id} sends what nobody can read`);
  const { value: message } = parsed;
  const { hashes, swaps } = seat.conduct;
  if (message.kind === "push") {
    const durable = hashes.has(hashKey(message.block.hash));
    demand(durable, "JournalFirst", `${seat.id} pushes a block that is not durable`);
  } else if (message.kind === "heads") {
    const own = message.heads.find((head) => head.bank === seat.bank);
    const durable = own === undefined || hashes.has(hashKey(own.hash));
    demand(durable, "JournalFirst", `${seat.id} shows a head that is not durable`);
  } else if (message.kind === "decline") {
    const refused = swaps.get(hashKey(message.sid))?.refused === true;
    demand(refused, "JournalFirst", `${seat.id} declines before its REFUSE is durable`);
  }
}
