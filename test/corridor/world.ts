import { concatBytes, EMPTY_BYTES, type Bytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { InvariantViolation } from "../../crypto/outcome.ts";
import type { BankMachine } from "../../corridor/bank-state.ts";
import { COMMIT, CORRIDOR, type Decision } from "../../corridor/entries.ts";
import { encodeHeads, MESSAGE, parseMessage, type Message } from "../../corridor/messages.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openBank } from "../../corridor/replay.ts";
import type { Report } from "../../corridor/report.ts";
import { checkConservation, checkTagConservation } from "../../node/accounts/books.ts";
import { bankNumber } from "../../node/ids.ts";
import { parseFullBlock, type Block } from "../../node/ledger/block.ts";
import { LEDGER_MAGIC, OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { recoverLedger } from "../../node/ledger/recover.ts";
import type { Effect, Input } from "../../node/machine.ts";
import { fromMs, instant, type Instant } from "../../node/time.ts";
import { demandJustified, newChronicle, recordBlock, type Chronicle } from "./chronicle.ts";
import { demand, newConduct, observeOwnBlock, Violation, type Conduct } from "./conduct.ts";
import { configOf, EPOCH_START_MS, type TestCorridor } from "./kit.ts";

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
  readonly skew: number;
  reports: Report[];
  conduct: Conduct;
  /** Another world has the same machine and conduct: they are copied before they change. */
  shared: boolean;
}

/** Everything that can happen next; the test or its generator picks one. */
export type Move =
  | { readonly kind: "deliver" | "lose" | "repeat"; readonly queue: string; readonly index: number }
  | { readonly kind: "durable" | "idle" | "wake" | "restart"; readonly seat: string }
  /** `keep` bytes of what was appended survive although nobody was told. */
  | { readonly kind: "crash"; readonly seat: string; readonly keep: number }
  | { readonly kind: "link" | "unlink"; readonly a: string; readonly b: string }
  | { readonly kind: "submit"; readonly seat: string; readonly bytes: Bytes };

export interface SeatPlan {
  readonly id: string;
  readonly bank: number;
  readonly honest?: boolean;
  readonly skewMs?: number;
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

/**
 * Banks, their disks and the messages between them, in memory. Nothing happens by itself: every
 * delivery, loss, fsync, timer, crash and restart is a `Move`. After every step the world checks what
 * must hold in every state, and throws a `Violation` when it does not.
 */
export class World {
  readonly corridor: TestCorridor;
  readonly seats = new Map<string, Seat>();
  /** Messages under way, by "from>to", oldest first. */
  readonly queues = new Map<string, Bytes[]>();
  /** Links that are up, as "a|b" with a before b. */
  readonly links = new Set<string>();
  chronicle: Chronicle;
  #chronicleShared = false;
  readonly outcomes = new Map<string, Decision>();
  /** What was sent to banks that have no seat here. */
  readonly mail: { readonly from: string; readonly to: number; readonly message: Message }[] = [];
  readonly dropped: { readonly seat: string; readonly peer: number }[] = [];
  readonly log: string[] = [];
  /** How many messages of each kind went from seat to seat, by "from>to KIND". */
  readonly traffic = new Map<string, number>();
  now: Instant = fromMs(EPOCH_START_MS);

  constructor(corridor: TestCorridor, plans: readonly SeatPlan[], chronicle = newChronicle()) {
    this.corridor = corridor;
    this.chronicle = chronicle;
    for (const { id, bank, honest = true, skewMs = 0 } of plans) {
      this.seats.set(id, {
        id,
        bank,
        honest,
        machine: undefined,
        stopped: undefined,
        file: LEDGER_MAGIC,
        tail: EMPTY_BYTES,
        wakeAt: undefined,
        busy: false,
        skew: skewMs * 1000,
        reports: [],
        conduct: newConduct(),
        shared: false,
      });
    }
  }

  /** An independent copy, from which another future can be tried. */
  clone(): World {
    const copy = new World(this.corridor, [], this.chronicle);
    this.#chronicleShared = true;
    copy.#chronicleShared = true;
    for (const [id, seat] of this.seats) {
      seat.shared = true;
      copy.seats.set(id, { ...seat });
    }
    for (const [name, queue] of this.queues) copy.queues.set(name, [...queue]);
    for (const link of this.links) copy.links.add(link);
    for (const [sid, outcome] of this.outcomes) copy.outcomes.set(sid, outcome);
    copy.log.push(...this.log);
    copy.now = this.now;
    return copy;
  }

  seat(id: string): Seat {
    const seat = this.seats.get(id);
    if (seat === undefined) throw new RangeError(`no seat ${id}`);
    return seat;
  }

  do(move: Move): void {
    this.log.push(this.#render(move));
    switch (move.kind) {
      case "deliver": {
        const [bytes] = this.#queue(move.queue).splice(move.index, 1);
        if (bytes !== undefined) this.#receive(move.queue, bytes);
        return;
      }
      case "lose":
        this.#queue(move.queue).splice(move.index, 1);
        return;
      case "repeat": {
        const bytes = this.#queue(move.queue)[move.index];
        if (bytes !== undefined) this.#receive(move.queue, bytes);
        return;
      }
      case "durable":
        return this.#becomeDurable(this.seat(move.seat));
      case "idle": {
        const seat = this.seat(move.seat);
        seat.busy = false;
        return this.#feed(seat, { kind: "idle" });
      }
      case "wake": {
        const seat = this.seat(move.seat);
        const { wakeAt } = seat;
        if (wakeAt === undefined) return;
        this.now = instant(Math.max(this.now, wakeAt - seat.skew));
        seat.wakeAt = undefined;
        return this.#feed(seat, { kind: "wake" });
      }
      case "crash":
        return this.#crash(this.seat(move.seat), move.keep);
      case "restart":
        return this.#restart(this.seat(move.seat));
      case "link":
        return this.#link(move.a, move.b);
      case "unlink":
        return this.#unlink(move.a, move.b);
      case "submit":
        return this.#feed(this.seat(move.seat), { kind: "instruction", bytes: move.bytes });
      default:
        move satisfies never;
    }
  }

  /** Feeds a message of a bank that has no seat. */
  inject(from: number, to: string, bytes: Bytes): void {
    const message = parseMessage(bytes);
    if (message.ok && message.value.kind === "push") this.record(message.value.block);
    this.log.push(`inject ${from}>${to} ${describe(bytes)}`);
    this.#feed(this.seat(to), { kind: "frame", from: bankNumber(from), bytes });
  }

  /** Tells a seat that its link to a bank without a seat is up. */
  greet(to: string, peer: number): void {
    this.#feed(this.seat(to), { kind: "connected", peer: bankNumber(peer) });
  }

  /** Takes what anybody signed into the record that honest conduct is judged by. */
  record(block: Block): void {
    if (this.#chronicleShared) this.chronicle = structuredClone(this.chronicle);
    this.#chronicleShared = false;
    recordBlock(this.chronicle, block, this.corridor.genesis);
  }

  #queue(name: string): Bytes[] {
    const queue = this.queues.get(name);
    if (queue === undefined) throw new RangeError(`no queue ${name}`);
    return queue;
  }

  #receive(queue: string, bytes: Bytes): void {
    const [from = "", to = ""] = queue.split(">");
    const seat = this.seat(to);
    const frame = seat.honest ? bytes : unseenByTwin(bytes, seat.bank);
    if (frame === undefined || seat.machine === undefined) return;
    this.#feed(seat, { kind: "frame", from: bankNumber(this.seat(from).bank), bytes: frame });
  }

  #feed(seat: Seat, input: Input): void {
    if (seat.machine === undefined || seat.stopped !== undefined) return;
    unshare(seat);
    const { machine } = seat;
    const at = instant(this.now + seat.skew);
    if (input.kind !== "idle") seat.busy = true;
    let effects: readonly Effect<Report>[];
    try {
      effects = stepBank(machine, input, at);
    } catch (error) {
      // A bank that lies may run into its own assertions; it is then as good as silent.
      if (seat.honest || !(error instanceof InvariantViolation)) throw error;
      seat.machine = undefined;
      return;
    }
    if (seat.honest) checkBooks(seat, machine);
    checkOrder(seat, effects);
    for (const effect of effects) this.#carryOut(seat, effect);
  }

  #carryOut(seat: Seat, effect: Effect<Report>): void {
    switch (effect.kind) {
      case "append": {
        demand(seat.tail.length === 0, "JournalFirst", `${seat.id} has two blocks under way`);
        seat.tail = effect.bytes;
        if (!seat.honest) this.#recordOwn(seat, effect.bytes);
        return;
      }
      case "send":
        if (seat.honest) checkSent(seat, effect.bytes);
        return this.#send(seat, effect.to, effect.bytes);
      case "send-stored":
        for (const { offset, length } of effect.blocks) {
          const inside = offset + length <= seat.file.length;
          demand(inside, "JournalFirst", `${seat.id} serves a block that is not durable`);
          const region = seat.file.subarray(offset, offset + length);
          const bytes = concatBytes(effect.prefix, region);
          demand(parseMessage(bytes).ok, "CanonicalBytes", `${seat.id} serves what is no block`);
          this.#send(seat, effect.to, bytes);
        }
        return;
      case "wake":
        seat.wakeAt = effect.at;
        return;
      case "report":
        seat.reports.push(effect.report);
        return;
      case "drop":
        this.dropped.push({ seat: seat.id, peer: effect.peer });
        for (const other of this.seats.values()) {
          if (other.bank === effect.peer) this.#unlink(seat.id, other.id);
        }
        return;
      case "stop":
        seat.stopped = effect.code;
        return;
      default:
        effect satisfies never;
    }
  }

  #send(seat: Seat, to: number, bytes: Bytes): void {
    const receivers = [...this.seats.values()].filter((other) => other.bank === to);
    if (receivers.length === 0) {
      const message = parseMessage(bytes);
      demand(message.ok, "CanonicalBytes", `${seat.id} sends what nobody can read`);
      this.mail.push({ from: seat.id, to, message: message.value });
    }
    for (const receiver of receivers) {
      if (!this.links.has(linkName(seat.id, receiver.id))) continue;
      const name = `${seat.id}>${receiver.id}`;
      const kind = `${name} ${MESSAGE_NAMES.get(bytes[0] ?? 0) ?? "?"}`;
      this.traffic.set(kind, (this.traffic.get(kind) ?? 0) + 1);
      const queue = this.queues.get(name);
      if (queue === undefined) this.queues.set(name, [bytes]);
      else queue.push(bytes);
    }
  }

  #becomeDurable(seat: Seat): void {
    const { tail } = seat;
    if (tail.length === 0 || seat.machine === undefined) return;
    seat.file = concatBytes(seat.file, tail);
    seat.tail = EMPTY_BYTES;
    if (seat.honest) this.#recordOwn(seat, tail);
    this.#feed(seat, { kind: "durable", size: seat.file.length });
  }

  /** An own block counts as signed once it can leave: for an honest bank, when it is durable. */
  #recordOwn(seat: Seat, records: Bytes): void {
    unshare(seat);
    for (const record of parseLedgerFile(concatBytes(LEDGER_MAGIC, records)).records) {
      if (record.kind !== OWN_BLOCK) continue;
      const block = parseFullBlock(record.payload);
      demand(block.ok, "CanonicalBytes", `${seat.id} wrote a block that does not parse`);
      this.record(block.value);
      if (!seat.honest) continue;
      observeOwnBlock(seat.conduct, block.value);
      demandJustified(this.chronicle, block.value, this.corridor.genesis);
      this.#checkAtomicity(seat);
    }
  }

  #checkAtomicity(seat: Seat): void {
    for (const [sid, { closed }] of seat.conduct.swaps) {
      for (const decision of closed.values()) {
        const other = this.outcomes.get(sid) ?? decision;
        const detail = `swap ${sid.slice(0, 8)}: ${nameOf(decision)} at ${seat.id}, ${nameOf(other)} elsewhere`;
        demand(other === decision, "Atomicity", detail);
        this.outcomes.set(sid, decision);
      }
    }
  }

  #crash(seat: Seat, keep: number): void {
    if (seat.machine === undefined) return;
    const mark = seat.file.length;
    seat.file = concatBytes(seat.file, seat.tail.subarray(0, keep));
    seat.tail = EMPTY_BYTES;
    seat.machine = undefined;
    seat.wakeAt = undefined;
    const recovered = recoverLedger(seat.file, mark);
    demand(recovered.ok, "Durable", `${seat.id} cannot recover its file`);
    seat.file = seat.file.slice(0, recovered.value.end);
    if (seat.honest) this.#recordOwn(seat, seat.file.subarray(mark));
    for (const other of this.seats.values()) this.#unlink(seat.id, other.id);
  }

  #restart(seat: Seat): void {
    if (seat.machine !== undefined || seat.stopped !== undefined) return;
    const recovered = recoverLedger(seat.file, seat.file.length);
    demand(recovered.ok, "Durable", `${seat.id} cannot recover its file`);
    const opened = openBank(configOf(this.corridor, seat.bank), recovered.value.records);
    demand(
      opened.ok,
      "JournalChain",
      `${seat.id}: ${opened.ok ? "" : JSON.stringify(opened.error)}`,
    );
    seat.machine = opened.value;
    this.#feed(seat, { kind: "start" });
  }

  #link(a: string, b: string): void {
    const [one, two] = [this.seat(a), this.seat(b)];
    const name = linkName(a, b);
    const possible =
      one.machine !== undefined && two.machine !== undefined && one.bank !== two.bank;
    if (!possible || this.links.has(name)) return;
    this.links.add(name);
    this.#feed(one, { kind: "connected", peer: bankNumber(two.bank) });
    this.#feed(two, { kind: "connected", peer: bankNumber(one.bank) });
  }

  /** What is under way on a link that breaks is lost. */
  #unlink(a: string, b: string): void {
    if (!this.links.delete(linkName(a, b))) return;
    this.queues.delete(`${a}>${b}`);
    this.queues.delete(`${b}>${a}`);
    for (const [mine, other] of [
      [this.seat(a), this.seat(b)],
      [this.seat(b), this.seat(a)],
    ] as const) {
      const still = [...this.seats.values()].some(
        (twin) => twin.bank === other.bank && this.links.has(linkName(mine.id, twin.id)),
      );
      if (!still) this.#feed(mine, { kind: "disconnected", peer: bankNumber(other.bank) });
    }
  }

  #render(move: Move): string {
    switch (move.kind) {
      case "deliver":
      case "lose":
      case "repeat": {
        const bytes = this.queues.get(move.queue)?.[move.index];
        return `${move.kind} ${move.queue} #${move.index} ${bytes === undefined ? "" : describe(bytes)}`;
      }
      case "crash":
        return `crash ${move.seat}, ${move.keep} bytes of ${this.seat(move.seat).tail.length} survive`;
      case "link":
      case "unlink":
        return `${move.kind} ${move.a} ${move.b}`;
      case "submit":
        return `submit to ${move.seat}`;
      case "durable":
      case "idle":
      case "wake":
      case "restart":
        return `${move.kind} ${move.seat}`;
      default:
        return move satisfies never;
    }
  }
}

function unshare(seat: Seat): void {
  if (!seat.shared) return;
  const { machine } = seat;
  seat.machine = machine && { ...machine, state: structuredClone(machine.state) };
  seat.reports = [...seat.reports];
  seat.conduct = structuredClone(seat.conduct);
  seat.shared = false;
}

export const linkName = (a: string, b: string): string => (a < b ? `${a}|${b}` : `${b}|${a}`);

const nameOf = (decision: Decision): string => (decision === COMMIT ? "COMMIT" : "ABORT");

function checkBooks(seat: Seat, machine: BankMachine): void {
  const { books } = machine.state;
  const wrong = checkConservation(books) ?? checkTagConservation(books);
  demand(wrong === undefined, "Conservation", `${seat.id}: ${wrong ?? ""}`);
}

function checkOrder(seat: Seat, effects: readonly Effect<Report>[]): void {
  for (const [i, effect] of effects.entries()) {
    const before = effects[i - 1];
    if (before === undefined || EFFECT_ORDER[before.kind] <= EFFECT_ORDER[effect.kind]) continue;
    throw new Violation("EffectOrder", `${seat.id}: ${before.kind} before ${effect.kind}`);
  }
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

/** Two copies of one bank must not hear of each other, or they would stop instead of lying. */
function unseenByTwin(bytes: Bytes, bank: number): Bytes | undefined {
  const parsed = parseMessage(bytes);
  if (!parsed.ok) return undefined;
  const { value: message } = parsed;
  if (message.kind === "push" && message.block.header.bank === bank) return undefined;
  return message.kind === "heads" ? encodeHeads({ heads: message.heads, yours: null }) : bytes;
}

const MESSAGE_NAMES = new Map(
  Object.entries(MESSAGE).map(([name, kind]) => [kind as number, name]),
);
const KIND_NAMES = new Map(Object.entries(CORRIDOR).map(([name, kind]) => [kind as number, name]));

/** A message in one line, for the log of a failing run. */
export function describe(bytes: Bytes): string {
  const parsed = parseMessage(bytes);
  if (!parsed.ok) return parsed.error.code;
  const { value: message } = parsed;
  if (message.kind === "heads") {
    return `HEADS ${message.heads.map((head) => `${head.bank}/${head.seq}`).join(" ")}`;
  }
  if (message.kind !== "push") return message.kind.toUpperCase();
  return `PUSH ${describeBlock(message.block)}`;
}

export function describeBlock(block: Block): string {
  const { bank, seq } = block.header;
  const entries = block.corridor.map((bytes) => KIND_NAMES.get(bytes[1] ?? 0) ?? "?");
  return `${bank}/${seq} [${entries.join(" ")}]`;
}
