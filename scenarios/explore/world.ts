import { EMPTY_BYTES, type Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { COMMIT, type Decision } from "../../corridor/entries.ts";
import { encodeHeads, MESSAGE, parseMessage, type Message } from "../../corridor/messages.ts";
import { bankNumber } from "../../node/ids.ts";
import type { Block, FullBlock } from "../../node/ledger/block.ts";
import { LEDGER_MAGIC } from "../../node/ledger/record.ts";
import { fromMs, instant, type Instant } from "../../node/time.ts";
import {
  copyChronicle,
  demandJustified,
  newChronicle,
  recordBlock,
  type Chronicle,
} from "../checkers/chronicle.ts";
import { demand, newConduct } from "../checkers/conduct.ts";
import { configOf, EPOCH_START_MS, type FixedCorridor } from "./corridor.ts";
import type { Memory } from "./memory.ts";
import { describeMove, type Move } from "./moves.ts";
import { actAt, type Act, type Outward, type Seat } from "./seat.ts";

export interface SeatPlan {
  readonly id: string;
  readonly bank: number;
  readonly honest?: boolean;
  readonly skewMs?: number;
}

/** The branch of its log that a lying bank shows to one seat. */
export interface Told {
  readonly lies: readonly string[];
  /** Hashes of the blocks, as keys. */
  readonly blocks: readonly string[];
  readonly seq: number;
  readonly head: Hash;
}

/** What happened, latest first. */
interface Past {
  readonly move: Move;
  readonly bytes: Bytes | undefined;
  readonly before: Past | undefined;
}

/**
 * Banks, their disks and the messages between them, in memory. Nothing happens by itself: every
 * delivery, loss, fsync, timer, crash and restart is a `Move`. After every step the world checks what
 * must hold in every state, and throws a `Violation` when it does not.
 */
export class World {
  readonly corridor: FixedCorridor;
  readonly seats = new Map<string, Seat>();
  /** Messages under way, by "from>to", oldest first; a list never changes. */
  readonly queues = new Map<string, readonly Bytes[]>();
  /** Links that are up, as "a|b" with a before b. */
  readonly links = new Set<string>();
  chronicle: Chronicle;
  #chronicleShared = false;
  /** Remembers what was done at seats; seats then never change, and are shared by all copies. */
  memory: Memory | undefined;
  readonly outcomes = new Map<string, Decision>();
  /** What a bank without a seat has shown each seat of its log: names of entries, and the head. */
  readonly told = new Map<string, Told>();
  /** What was sent to banks that have no seat here. */
  readonly mail: { readonly from: string; readonly to: number; readonly message: Message }[] = [];
  readonly dropped: { readonly seat: string; readonly peer: number }[] = [];
  #past: Past | undefined;
  /** How many messages of each kind went from seat to seat, by "from>to KIND". */
  readonly traffic = new Map<string, number>();
  now: Instant = fromMs(EPOCH_START_MS);

  constructor(
    corridor: FixedCorridor,
    plans: readonly SeatPlan[],
    chronicle: Chronicle = newChronicle(),
  ) {
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
    copy.memory = this.memory;
    for (const [id, seat] of this.seats) {
      seat.shared = true;
      copy.seats.set(id, this.memory === undefined ? { ...seat } : seat);
    }
    for (const [name, queue] of this.queues) copy.queues.set(name, queue);
    for (const link of this.links) copy.links.add(link);
    for (const [sid, outcome] of this.outcomes) copy.outcomes.set(sid, outcome);
    for (const [id, told] of this.told) copy.told.set(id, told);
    copy.#past = this.#past;
    copy.now = this.now;
    return copy;
  }

  seat(id: string): Seat {
    const seat = this.seats.get(id);
    if (seat === undefined) throw new RangeError(`no seat ${id}`);
    return seat;
  }

  /** An independent copy without memory. */
  cloneForOnce(): World {
    const copy = this.clone();
    copy.memory = undefined;
    for (const [id, seat] of copy.seats) copy.seats.set(id, { ...seat });
    return copy;
  }

  /** Everything that happened, in order, in one line each. */
  get log(): readonly string[] {
    const lines: string[] = [];
    for (let past = this.#past; past !== undefined; past = past.before) {
      lines.push(describeMove(past.move, past.bytes));
    }
    return lines.toReversed();
  }

  forgetPast(): void {
    this.#past = undefined;
  }

  do(move: Move): void {
    const bytes = "queue" in move ? this.#queue(move.queue)[move.index] : undefined;
    this.#past = { move, bytes, before: this.#past };
    switch (move.kind) {
      case "deliver":
        this.#take(move.queue, move.index);
        if (bytes !== undefined) this.#receive(move.queue, bytes);
        return;
      case "lose":
        return this.#take(move.queue, move.index);
      case "repeat":
        if (bytes !== undefined) this.#receive(move.queue, bytes);
        return;
      case "durable":
        return this.#act(move.seat, { kind: "durable" });
      case "idle":
        return this.#act(move.seat, { kind: "input", input: { kind: "idle" } });
      case "wake": {
        const { wakeAt, skew } = this.seat(move.seat);
        if (wakeAt === undefined) return;
        this.now = instant(Math.max(this.now, wakeAt - skew));
        return this.#act(move.seat, { kind: "input", input: { kind: "wake" } });
      }
      case "run-on": {
        const { wakeAt, skew } = this.seat(move.seat);
        if (wakeAt === undefined) return;
        const stands = Math.max(skew, wakeAt - this.now);
        return this.#act(move.seat, { kind: "run-on", skew: stands });
      }
      case "crash":
        if (this.seat(move.seat).machine === undefined) return;
        this.#act(move.seat, { kind: "crash", keep: move.keep });
        for (const other of this.seats.keys()) this.#unlink(move.seat, other);
        return;
      case "restart":
        return this.#act(move.seat, { kind: "restart" });
      case "link":
        return this.#link(move.a, move.b);
      case "unlink":
        return this.#unlink(move.a, move.b);
      case "submit": {
        const input = { kind: "instruction", bytes: move.bytes } as const;
        return this.#act(move.seat, { kind: "input", input });
      }
      case "inject":
        return this.#inject(move.from, move.to, move.bytes);
      default:
        unreachable(move);
    }
  }

  /** Feeds a message of a bank that has no seat. */
  inject(from: number, to: string, bytes: Bytes): void {
    this.do({ kind: "inject", from, to, bytes });
  }

  #inject(from: number, to: string, bytes: Bytes): void {
    const message = parseMessage(bytes);
    if (message.ok && message.value.kind === "push") this.record(message.value.block);
    const input = { kind: "frame", from: bankNumber(from), bytes } as const;
    this.#act(to, { kind: "input", input });
  }

  /** Tells a seat that its link to a bank without a seat is up. */
  greet(to: string, peer: number): void {
    this.#act(to, { kind: "input", input: { kind: "connected", peer: bankNumber(peer) } });
  }

  /** Takes what anybody signed into the record that honest conduct is judged by. */
  record(block: Block): void {
    this.#record(block, false);
  }

  #record(block: Block, honest: boolean): void {
    const { genesis } = this.corridor;
    if (this.memory !== undefined) {
      this.chronicle = this.memory.recorded(this.chronicle, block, honest, genesis);
      return;
    }
    if (this.#chronicleShared) this.chronicle = copyChronicle(this.chronicle);
    this.#chronicleShared = false;
    recordBlock(this.chronicle, block, genesis);
    if (honest) demandJustified(this.chronicle, block, genesis);
  }

  #queue(name: string): readonly Bytes[] {
    const queue = this.queues.get(name);
    if (queue === undefined) throw new RangeError(`no queue ${name}`);
    return queue;
  }

  #take(name: string, index: number): void {
    this.queues.set(name, this.#queue(name).toSpliced(index, 1));
  }

  #receive(queue: string, bytes: Bytes): void {
    const [from = "", to = ""] = queue.split(">");
    const seat = this.seat(to);
    const frame = seat.honest ? bytes : unseenByTwin(bytes, seat.bank);
    if (frame === undefined || seat.machine === undefined) return;
    const input = { kind: "frame", from: bankNumber(this.seat(from).bank), bytes: frame } as const;
    this.#act(to, { kind: "input", input });
  }

  #act(id: string, act: Act): void {
    const seat = this.seat(id);
    const now = instant(this.now + (act.kind === "run-on" ? act.skew : seat.skew));
    if (this.memory === undefined) {
      const config = configOf(this.corridor, seat.bank);
      this.#carryOut(seat, actAt(seat, act, now, config));
      return;
    }
    const { after, out } = this.memory.act(seat, act, now);
    this.seats.set(id, after);
    this.#carryOut(after, out);
  }

  #carryOut(seat: Seat, out: readonly Outward[]): void {
    for (const what of out) {
      switch (what.kind) {
        case "send":
          this.#send(seat, what.to, what.bytes);
          break;
        case "signed":
          this.#sign(seat, what.block);
          break;
        case "drop":
          this.dropped.push({ seat: seat.id, peer: what.peer });
          for (const other of this.seats.values()) {
            if (other.bank === what.peer) this.#unlink(seat.id, other.id);
          }
          break;
        default:
          unreachable(what);
      }
    }
  }

  #sign(seat: Seat, block: FullBlock): void {
    this.#record(block, seat.honest);
    if (!seat.honest) return;
    for (const [sid, { outcome }] of seat.conduct.swaps) {
      if (outcome === undefined) continue;
      const { arrangement } = this.chronicle.swaps.get(sid)?.announced ?? {};
      // These do not promise it.
      if (arrangement === "htlc" || arrangement === "gross") continue;
      const other = this.outcomes.get(sid) ?? outcome;
      const detail = `swap ${sid.slice(0, 8)}: ${nameOf(outcome)} at ${seat.id}, ${nameOf(other)} elsewhere`;
      demand(other === outcome, "Atomicity", detail);
      this.outcomes.set(sid, outcome);
    }
  }

  #send(seat: Seat, to: number, bytes: Bytes): void {
    let known = false;
    for (const receiver of this.seats.values()) {
      if (receiver.bank !== to) continue;
      known = true;
      if (!this.links.has(linkName(seat.id, receiver.id))) continue;
      const name = `${seat.id}>${receiver.id}`;
      this.queues.set(name, [...(this.queues.get(name) ?? []), bytes]);
      if (this.memory !== undefined) continue;
      const kind = `${name} ${MESSAGE_NAMES.get(bytes[0] ?? 0) ?? "?"}`;
      this.traffic.set(kind, (this.traffic.get(kind) ?? 0) + 1);
    }
    if (known || this.memory !== undefined) return;
    const message = parseMessage(bytes);
    demand(message.ok, "CanonicalBytes", `${seat.id} sends what nobody can read`);
    this.mail.push({ from: seat.id, to, message: message.value });
  }

  #link(a: string, b: string): void {
    const [one, two] = [this.seat(a), this.seat(b)];
    const name = linkName(a, b);
    const possible =
      one.machine !== undefined && two.machine !== undefined && one.bank !== two.bank;
    if (!possible || this.links.has(name)) return;
    this.links.add(name);
    this.greet(a, two.bank);
    this.greet(b, one.bank);
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
      if (still) continue;
      const input = { kind: "disconnected", peer: bankNumber(other.bank) } as const;
      this.#act(mine.id, { kind: "input", input });
    }
  }
}

export const linkName = (a: string, b: string): string => (a < b ? `${a}|${b}` : `${b}|${a}`);

const nameOf = (decision: Decision): string => (decision === COMMIT ? "COMMIT" : "ABORT");

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
