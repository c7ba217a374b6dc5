import { createHash } from "node:crypto";
import { hashKey } from "../../crypto/hash.ts";
import type { BankMachine } from "../../corridor/bank-state.ts";
import type { CorridorEntry, EntryRef } from "../../corridor/entries.ts";
import { parseMessage } from "../../corridor/messages.ts";
import { OWN_BLOCK, parseLedgerFile, LEDGER_MAGIC } from "../../node/ledger/record.ts";
import { parseFullBlock, parsePublicBlock, type Block } from "../../node/ledger/block.ts";
import { toMs } from "../../node/time.ts";
import { concatBytes } from "../../crypto/bytes.ts";
import { demandLiveness, heal, isUp } from "./drive.ts";
import { entriesOf } from "./kit.ts";
import type { Move, Seat, World } from "./world.ts";

/** What may go wrong, once, at any point of a schedule. */
export type Fault = "lose" | "repeat" | "crash" | "wake";

export interface Exploration {
  /** Different states met. */
  readonly states: number;
  /** Different ways through them, from the start to an end. */
  readonly schedules: bigint;
  /** States in which nothing was left to do but wait; each was healed and run to its end. */
  readonly ends: number;
  /** Outcomes of the swap over all ends, as the honest banks' ledgers say. */
  readonly outcomes: ReadonlyMap<string, number>;
}

export interface Scope {
  readonly faults: readonly Fault[];
  /** How many faults one schedule may have. */
  readonly budget: number;
  /** Only this seat, or what it sends, fails; the HEADS after its restart are prompt. Any if absent. */
  readonly faulty?: string;
  /** What does not wait for its turn at the other seats: their disks, or also what they tell each other. */
  readonly prompt?: "disks" | "others";
}

/**
 * Tries every order of everything that can happen from `start` on, with at most `budget` faults.
 * States that differ only in the order in which the same blocks came, or in which of several valid
 * certificates a bank chose, are tried once.
 */
export function explore(start: World, scope: Scope): Exploration {
  const { faults, budget } = scope;
  const seen = new Set<string>();
  const ends = new Set<string>();
  const outcomes = new Map<string, number>();
  const followers = new Map<string, string[]>();
  const origin = digestOf(start, budget);
  const stack = [{ world: start, left: budget, name: origin }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { world, left, name } = top;
    const next: string[] = [];
    followers.set(name, next);
    const regular = regularMoves(world);
    const wrong = left === 0 ? [] : faults.flatMap((fault) => faultyMoves(world, fault, scope));
    if (regular.length === 0) {
      const end = digestOf(world, 0);
      if (!ends.has(end)) {
        ends.add(end);
        const outcome = outcomeOf(world.clone());
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    for (const [list, after] of [
      [regular, left],
      [wrong, left - 1],
    ] as const) {
      for (const move of list) {
        const copy = world.clone();
        doWithIdle(copy, move, scope);
        const digest = digestOf(copy, after);
        next.push(digest);
        if (seen.has(digest)) continue;
        seen.add(digest);
        stack.push({ world: copy, left: after, name: digest });
      }
    }
  }
  return { states: seen.size, schedules: waysFrom(origin, followers), ends: ends.size, outcomes };
}

/** The number of ways from a state to an end; a state that leads back to itself is no new way. */
function waysFrom(origin: string, followers: ReadonlyMap<string, readonly string[]>): bigint {
  const ways = new Map<string, bigint>();
  const path: string[] = [origin];
  for (let name = path.at(-1); name !== undefined; name = path.at(-1)) {
    const next = followers.get(name) ?? [];
    const open = next.filter((other) => !ways.has(other));
    if (!ways.has(name)) {
      ways.set(name, 0n);
      path.push(...open);
      if (open.length > 0) continue;
    }
    path.pop();
    const sum = next.reduce((total, other) => total + (ways.get(other) ?? 0n), 0n);
    ways.set(name, next.length === 0 ? 1n : sum);
  }
  return ways.get(origin) ?? 0n;
}

/** A driver feeds `idle` as soon as no input is at hand; a restarted bank is linked again. */
function doWithIdle(world: World, move: Move, { faulty, prompt }: Scope): void {
  world.do(move);
  if (move.kind === "restart") {
    for (const { id } of world.seats.values()) {
      world.do({ kind: "link", a: move.seat, b: id });
      if (faulty === undefined || id === move.seat) continue;
      world.do({ kind: "deliver", queue: `${id}>${move.seat}`, index: 0 });
      world.do({ kind: "deliver", queue: `${move.seat}>${id}`, index: 0 });
    }
  }
  const isPrompt = (seat: string): boolean => prompt !== undefined && seat !== faulty;
  for (let moved = true; moved;) {
    moved = false;
    for (const seat of world.seats.values()) {
      while (isUp(seat) && (seat.busy || (isPrompt(seat.id) && seat.tail.length > 0))) {
        world.do({ kind: seat.busy ? "idle" : "durable", seat: seat.id });
      }
    }
    for (const [queue, messages] of prompt === "others" ? world.queues : []) {
      if (!queue.split(">").every(isPrompt) || messages.length === 0) continue;
      world.do({ kind: "deliver", queue, index: 0 });
      moved = true;
    }
  }
}

function regularMoves(world: World): readonly Move[] {
  const moves: Move[] = [];
  for (const [queue, messages] of world.queues) {
    if (messages.length > 0) moves.push({ kind: "deliver", queue, index: 0 });
  }
  for (const seat of world.seats.values()) {
    if (seat.machine === undefined) moves.push({ kind: "restart", seat: seat.id });
    else if (seat.tail.length > 0) moves.push({ kind: "durable", seat: seat.id });
  }
  return moves;
}

function faultyMoves(world: World, fault: Fault, { faulty }: Scope): readonly Move[] {
  const fails = (seat: string): boolean => faulty === undefined || seat === faulty;
  const seats = [...world.seats.values()].filter((seat) => isUp(seat) && fails(seat.id));
  switch (fault) {
    case "lose":
    case "repeat":
      return [...world.queues]
        .filter(([queue, messages]) => messages.length > 0 && fails(queue.split(">")[0] ?? ""))
        .map(([queue]) => ({ kind: fault, queue, index: 0 }));
    case "crash":
      return seats.flatMap(({ id, tail }) => {
        const none = { kind: "crash", seat: id, keep: 0 } as const;
        return tail.length === 0 ? [none] : [none, { ...none, keep: tail.length }];
      });
    case "wake":
      return seats.map(({ id }) => ({ kind: "wake", seat: id }));
    default:
      return fault satisfies never;
  }
}

function outcomeOf(world: World): string {
  heal(world);
  demandLiveness(world, toMs(world.now));
  return (
    [...world.outcomes.values()].map((d) => (d === 1 ? "COMMIT" : "ABORT")).join(" ") || "none"
  );
}

/** A state in a few bytes. Equal digests mean equal futures, up to the choices named above. */
function digestOf(world: World, left: number): string {
  const parts: unknown[] = [left, world.now, [...world.links].toSorted()];
  for (const seat of world.seats.values()) parts.push(seatParts(seat));
  for (const [queue, messages] of [...world.queues].toSorted(byName)) {
    if (messages.length > 0) parts.push([queue, messages.map(nameOfMessage)]);
  }
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

function seatParts(seat: Seat): unknown {
  const { machine } = seat;
  const parts: unknown[] = [seat.id, seat.stopped, seat.wakeAt, seat.busy, recordNames(seat.file)];
  parts.push(recordNames(concatBytes(LEDGER_MAGIC, seat.tail)));
  if (machine !== undefined) parts.push(machineParts(machine));
  return parts;
}

function machineParts({ state }: BankMachine): unknown {
  const { books, logs, swaps, deadlines, flight, pending } = state;
  return [
    state.phase,
    [...books.balances].map(([key, b]) => `${key}=${b.posted}+${b.pending}`).toSorted(),
    [...logs.values()].map((log) => [
      log.linked,
      [...log.beyond.keys()].toSorted((a, b) => a - b),
      log.branches.map((b) => hashKey(b.block.hash)).toSorted(),
    ]),
    [...swaps.values()].map(swapParts).toSorted(),
    [...state.offers.keys()].toSorted(),
    [...state.convicted].toSorted((a, b) => a - b),
    deadlines.heap.map(({ at, deadline }) => `${at} ${JSON.stringify(deadline)}`).toSorted(),
    state.wakeAt,
    [...state.answered].toSorted((a, b) => a - b),
    state.queued.length,
    [...state.fetches].map(([bank, f]) => [bank, f.peer, f.target, f.requested, f.since]),
    [...state.wanted].map(([key, at]) => `${key} ${at}`).toSorted(),
    state.owed.map((owed) => `${owed.asker} ${hashKey(owed.sid)}`).toSorted(),
    pending.map((group) => group.corridor.map(nameOfEntry)),
    state.unwritten.map(({ block }) => nameOfBlock(block)).toSorted(),
    flight?.own === undefined ? flight !== undefined : nameOfBlock(flight.own.block),
  ];
}

type OpenSwap = BankMachine["state"]["swaps"] extends Map<string, infer S> ? S : never;

function swapParts(swap: OpenSwap): string {
  const places = (refs: readonly EntryRef[]): readonly string[] =>
    refs.map((ref) => `${ref.bank}/${ref.seq}/${ref.index}`);
  const authors = (box: ReadonlyMap<number, unknown>): readonly number[] =>
    [...box.keys()].toSorted((a, b) => a - b);
  return JSON.stringify([
    swap.key,
    swap.announcement !== undefined,
    swap.early.map(({ author, entry }) => `${author} ${nameOfEntry(entry)}`).toSorted(),
    swap.terms?.instructions.length ?? -1,
    [swap.view, swap.wantedView, swap.voted, swap.refused, swap.unsealed, swap.closedDurably],
    [swap.locked, swap.led, swap.accepted, swap.confirmed, swap.closed],
    swap.lock ?? null,
    swap.locks.map(places),
    swap.participantRefused,
    authors(swap.votes),
    swap.statuses.map(({ author, entry }) => `${author} ${nameOfEntry(entry)}`).toSorted(),
    swap.leads.map(({ author, entry }) => `${author} ${nameOfEntry(entry)}`).toSorted(),
    [...swap.accepts].map(([key, box]) => `${key} ${authors(box).join(",")}`).toSorted(),
    [...swap.confirms].map(([key, box]) => `${key} ${authors(box).join(",")}`).toSorted(),
    swap.certificate === undefined ? null : [swap.certificate.view, swap.certificate.decision],
  ]);
}

/** The blocks of a ledger file: its own in order, the copies as a set. */
function recordNames(file: Uint8Array): unknown {
  const own: string[] = [];
  const copies: string[] = [];
  for (const { kind, payload } of parseLedgerFile(file).records) {
    const name = nameOfBytes(payload, () => {
      const block = kind === OWN_BLOCK ? parseFullBlock(payload) : parsePublicBlock(payload);
      return block.ok ? nameOfBlock(block.value) : "";
    });
    (kind === OWN_BLOCK ? own : copies).push(name);
  }
  return [own, copies.toSorted()];
}

const namesOfBytes = new Map<string, string>();

/** Names by the first bytes of a block, which hold the hashes of all the others. */
function nameOfBytes(bytes: Uint8Array, nameOf: () => string): string {
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 240)).toString(
    "latin1",
  );
  const known = namesOfBytes.get(key);
  if (known !== undefined) return known;
  const name = nameOf();
  namesOfBytes.set(key, name);
  return name;
}

function nameOfBlock(block: Block): string {
  const { bank, seq } = block.header;
  return `${bank}/${seq} ${entriesOf(block).map(nameOfEntry).join(" ")}`;
}

function nameOfEntry(entry: CorridorEntry): string {
  const fields: unknown[] = [entry.kind];
  if ("sid" in entry) fields.push(hashKey(entry.sid).slice(0, 8));
  if ("leg" in entry) fields.push(entry.leg);
  if ("view" in entry) fields.push(entry.view);
  if ("decision" in entry) fields.push(entry.decision);
  if ("locks" in entry) fields.push(entry.locks === null, entry.lock?.view, entry.lock?.decision);
  if ("certificate" in entry) fields.push(entry.certificate.view, entry.certificate.decision);
  if ("statuses" in entry)
    fields.push(entry.statuses.map((ref) => ref.bank).toSorted((a, b) => a - b));
  return fields.join(":");
}

const nameOfMessage = (bytes: Uint8Array): string =>
  nameOfBytes(bytes, () => describeMessage(bytes));

function describeMessage(bytes: Uint8Array): string {
  const parsed = parseMessage(bytes);
  if (!parsed.ok) return parsed.error.code;
  const { value: message } = parsed;
  if (message.kind === "push") return nameOfBlock(message.block);
  if (message.kind === "heads") {
    return `heads ${message.heads.map((head) => `${head.bank}/${head.seq}`).join(" ")}`;
  }
  if (message.kind === "get") return `get ${message.bank} ${message.from} ${message.to}`;
  return `${message.kind} ${createHash("sha256").update(bytes).digest("base64")}`;
}

const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
  a[0] < b[0] ? -1 : 1;
