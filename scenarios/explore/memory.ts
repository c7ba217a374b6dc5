import type { Bytes } from "../../crypto/bytes.ts";
import { HASH_BYTES, hashKey } from "../../crypto/hash.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { DecidedIndex } from "../../corridor/decided.ts";
import type { Input } from "../../node/machine.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { Block } from "../../node/ledger/block.ts";
import type { Instant } from "../../node/time.ts";
import {
  copyChronicle,
  demandJustified,
  recordBlock,
  type Chronicle,
} from "../checkers/chronicle.ts";
import { exactText, textOfBytes } from "./copy.ts";
import { configOf, type FixedCorridor } from "./corridor.ts";
import { Names } from "./names.ts";
import { actAt, type Act, type Outward, type Seat } from "./seat.ts";
import type { World } from "./world.ts";

interface Done {
  readonly after: Seat;
  readonly out: readonly Outward[];
}

interface KnownSeat {
  /** Equal for seats with one future, see `Names`. */
  readonly name: number;
  readonly done: Map<string, Done>;
}

interface KnownChronicle {
  /** The blocks it records beyond those at the start. */
  readonly blocks: readonly number[];
  readonly next: Map<number, Chronicle>;
}

/**
 * Remembers what every bank did in every state that it was in. A bank is a function of its state and its
 * input, so what happened once need not be computed again, however many worlds it happens in. Seats that
 * are equal to the last byte are one object, which never changes.
 */
export class Memory {
  readonly #corridor: FixedCorridor;
  readonly #names: Names;
  readonly #seats = new Map<Seat, KnownSeat>();
  readonly #byText = new Map<string, Seat>();
  readonly #numberOfBytes = new Map<Bytes, number>();
  readonly #messages = new Map<Bytes, number>();
  readonly #byContent = new Map<string, Bytes>();
  readonly #blocks = new Map<string, number>();
  readonly #chronicles = new Map<Chronicle, KnownChronicle>();
  readonly #byBlocks = new Map<string, Chronicle>();
  /** How often a bank's own code ran. */
  steps = 0;

  constructor(corridor: FixedCorridor, liars: ReadonlySet<number>) {
    this.#corridor = corridor;
    this.#names = new Names(liars);
  }

  /** Makes a world remember; what it and its copies do from now on is done once. */
  adopt(world: World): void {
    const seats = [...world.seats.values()];
    for (const seat of seats) world.seats.set(seat.id, this.#intern({ ...seat, reports: [] }));
    for (const [name, queue] of world.queues) {
      world.queues.set(
        name,
        queue.map((bytes) => this.#canonical(bytes)),
      );
    }
    this.#chronicles.set(world.chronicle, { blocks: [], next: new Map() });
    world.memory = this;
  }

  act(seat: Seat, act: Act, now: Instant): Done {
    const { done } = this.#known(seat);
    const key = `${now} ${this.#nameOfAct(act)}`;
    const known = done.get(key);
    if (known !== undefined) return known;
    const after: Seat = { ...seat, shared: true };
    const out = actAt(after, act, now, configOf(this.#corridor, seat.bank));
    this.steps++;
    after.reports = [];
    const result = {
      after: this.#intern(after),
      out: out.map((what) =>
        what.kind === "send" ? { ...what, bytes: this.#canonical(what.bytes) } : what,
      ),
    };
    done.set(key, result);
    return result;
  }

  /** The record with one more block; demands of an honest one that something in the world justifies it. */
  recorded(chronicle: Chronicle, block: Block, honest: boolean, genesis: Genesis): Chronicle {
    const known = this.#chronicles.get(chronicle);
    invariant(known !== undefined, "Memory", "a record that this memory did not make");
    const number = this.#numberOfBlock(block);
    const hit = known.next.get(number);
    if (hit !== undefined) return hit;
    if (known.blocks.includes(number)) return chronicle;
    const blocks = [...known.blocks, number].sort((a, b) => a - b);
    const name = blocks.join(" ");
    let next = this.#byBlocks.get(name);
    if (next === undefined) {
      next = copyChronicle(chronicle);
      recordBlock(next, block, genesis);
      this.#byBlocks.set(name, next);
      this.#chronicles.set(next, { blocks, next: new Map() });
    }
    if (honest) demandJustified(next, block, genesis);
    known.next.set(number, next);
    return next;
  }

  /** Worlds of one name have one future, up to what `Names` says. */
  nameOfWorld(world: World): string {
    const parts = [this.nameOfSeats(world)];
    for (const [id, told] of world.told) parts.push("told", id, ...[...told.lies].sort(byText));
    return parts.join(" ");
  }

  /** The same, but for what a bank without a seat has said. */
  nameOfSeats(world: World): string {
    const parts: (string | number)[] = [];
    for (const seat of world.seats.values()) parts.push(this.#known(seat).name);
    parts.push("|", ...[...world.links].sort(byText));
    for (const [queue, messages] of [...world.queues].sort((a, b) => byText(a[0], b[0]))) {
      if (messages.length === 0) continue;
      parts.push(queue);
      for (const bytes of messages) parts.push(this.#nameOfMessage(bytes));
    }
    return parts.join(" ");
  }

  /** Throws when a seat is no longer what it was when it was remembered. */
  demandUnchanged(): void {
    for (const [text, seat] of this.#byText) {
      invariant(
        this.#textOf(seat) === text,
        "Memory",
        `seat ${seat.id} was changed after it was remembered`,
      );
    }
  }

  /** Everything a seat's future depends on; its conduct follows from its file. */
  #textOf(seat: Seat): string {
    const { id, stopped, file, tail, wakeAt, busy, skew, machine } = seat;
    const disk = [this.#numberOf(file), this.#numberOf(tail)];
    const state = machine && { ...machine.state, decided: rowsOf(machine.state.decided) };
    const all = [id, stopped, disk, wakeAt, busy, skew, state];
    return exactText(all, (bytes) => this.#numberOf(bytes));
  }

  #known(seat: Seat): KnownSeat {
    const known = this.#seats.get(seat);
    invariant(known !== undefined, "Memory", `seat ${seat.id} is not one that is remembered`);
    return known;
  }

  #intern(seat: Seat): Seat {
    const text = this.#textOf(seat);
    const same = this.#byText.get(text);
    if (same !== undefined) return same;
    seat.shared = true;
    this.#byText.set(text, seat);
    this.#seats.set(seat, { name: this.#names.seat(seat), done: new Map() });
    return seat;
  }

  #nameOfAct(act: Act): string {
    if (act.kind === "crash") return `crash ${act.keep}`;
    if (act.kind === "run-on") return `run-on ${act.skew}`;
    if (act.kind !== "input") return act.kind;
    return this.#nameOfInput(act.input);
  }

  #nameOfInput(input: Input): string {
    if (input.kind === "frame") return `f${input.from} ${this.#numberOf(input.bytes)}`;
    if (input.kind === "instruction") return `i${this.#numberOf(input.bytes)}`;
    return "peer" in input ? `${input.kind} ${input.peer}` : input.kind;
  }

  #numberOf(bytes: Bytes): number {
    let number = this.#numberOfBytes.get(bytes);
    if (number === undefined) {
      const canonical = this.#canonical(bytes);
      number = this.#numberOfBytes.get(canonical) ?? this.#numberOfBytes.size;
      this.#numberOfBytes.set(canonical, number);
      this.#numberOfBytes.set(bytes, number);
    }
    return number;
  }

  /** One object for all byte strings of one content. */
  #canonical(bytes: Bytes): Bytes {
    const text = textOfBytes(bytes);
    const known = this.#byContent.get(text);
    if (known !== undefined) return known;
    this.#byContent.set(text, bytes);
    return bytes;
  }

  #nameOfMessage(bytes: Bytes): number {
    let name = this.#messages.get(bytes);
    if (name === undefined) {
      name = this.#names.message(bytes);
      this.#messages.set(bytes, name);
    }
    return name;
  }

  #numberOfBlock(block: Block): number {
    const key = hashKey(block.hash);
    const number = this.#blocks.get(key) ?? this.#blocks.size;
    this.#blocks.set(key, number);
    return number;
  }
}

/** The rows in use of a large table, each with its number. */
function rowsOf(index: DecidedIndex): unknown {
  const rows: unknown[] = [];
  for (const [row, decision] of index.decisions.entries()) {
    if (decision === 0) continue;
    const { keys, banks, seqs, views, refsPerRow: per } = index;
    const refs = [
      ...banks.subarray(row * per, (row + 1) * per),
      ...seqs.subarray(row * per, (row + 1) * per),
    ];
    rows.push([
      row,
      decision,
      views[row],
      keys.slice(row * HASH_BYTES, (row + 1) * HASH_BYTES),
      refs,
    ]);
  }
  return rows;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
