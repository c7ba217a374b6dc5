import { fromMs, instant, toMs } from "../../node/time.ts";
import { recordOf } from "./chronicle.ts";
import { demand } from "./conduct.ts";
import {
  DELTA_MS,
  foundingSubmissions,
  SHAPES,
  testCorridor,
  TTL_MS,
  type CorridorShape,
  type TestCorridor,
} from "./kit.ts";
import { linkName, World, type Seat } from "./world.ts";

/** Delivers, syncs and flushes in a fixed order until nothing is left but timers. */
export function settle(world: World): void {
  for (let round = 0; round < 10_000; round++) if (!settleOnce(world)) return;
  demand(false, "Liveness", "messages go on for ever");
}

function settleOnce(world: World): boolean {
  let moved = false;
  for (const [queue, messages] of world.queues) {
    while (messages.length > 0) {
      world.do({ kind: "deliver", queue, index: 0 });
      moved = true;
    }
  }
  for (const seat of world.seats.values()) {
    if (isUp(seat) && seat.busy) {
      world.do({ kind: "idle", seat: seat.id });
      moved = true;
    }
    if (isUp(seat) && seat.tail.length > 0) {
      world.do({ kind: "durable", seat: seat.id });
      moved = true;
    }
  }
  return moved;
}

/**
 * One message delay: what is under way arrives, disks and processors take no time, and timers that have
 * become due meanwhile fire first.
 */
export function passDelay(world: World): void {
  world.now = instant(world.now + DELTA_MS * 1000);
  for (const seat of world.seats.values()) {
    if (isUp(seat) && (seat.wakeAt ?? Infinity) <= world.now)
      world.do({ kind: "wake", seat: seat.id });
    flushSeat(world, seat);
  }
  for (const [queue, messages] of world.queues) {
    const { length } = messages;
    for (let i = 0; i < length; i++) world.do({ kind: "deliver", queue, index: 0 });
  }
  for (const seat of world.seats.values()) flushSeat(world, seat);
}

/** Blocks are made and synced at once. */
export function flushSeat(world: World, seat: Seat): void {
  while (isUp(seat) && (seat.busy || seat.tail.length > 0)) {
    world.do({ kind: seat.busy ? "idle" : "durable", seat: seat.id });
  }
}

export const isUp = (seat: Seat): boolean =>
  seat.machine !== undefined && seat.stopped === undefined;

/** The seat whose timer is due first by the world's clock. */
export function nextToWake(world: World): Seat | undefined {
  let first: Seat | undefined;
  const at = (seat: Seat): number => (seat.wakeAt ?? Infinity) - seat.skew;
  for (const seat of world.seats.values()) {
    if (isUp(seat) && at(seat) < (first === undefined ? Infinity : at(first))) first = seat;
  }
  return first;
}

/** Lets everything happen in the order in which it is due, up to a time, in milliseconds. */
export function runUntil(world: World, untilMs: number): void {
  settle(world);
  while (wakeNext(world, untilMs)) settle(world);
  world.now = instant(Math.max(world.now, fromMs(untilMs)));
}

function wakeNext(world: World, untilMs: number): boolean {
  const seat = nextToWake(world);
  if (seat === undefined || ((seat.wakeAt ?? 0) - seat.skew) / 1000 > untilMs) return false;
  world.do({ kind: "wake", seat: seat.id });
  return true;
}

const hasOpenSwap = (seat: Seat): boolean => (seat.machine?.state.swaps.size ?? 0) > 0;

export const runFor = (world: World, ms: number): void => runUntil(world, toMs(world.now) + ms);

/** Starts what is down (but `absent`), links everything with everything, and lets messages through. */
export function heal(world: World, absent: ReadonlySet<string> = new Set()): void {
  const seats = [...world.seats.values()].filter((seat) => !absent.has(seat.id));
  for (const seat of seats) {
    if (seat.machine === undefined) world.do({ kind: "restart", seat: seat.id });
  }
  for (const [i, a] of seats.entries()) {
    for (const b of seats.slice(i + 1)) {
      if (!world.links.has(linkName(a.id, b.id))) world.do({ kind: "link", a: a.id, b: b.id });
    }
  }
}

const founded = new Map<string, World>();

/** A corridor in which every bank has its members and money, and every link is up and quiet. */
export function foundedWorld(shape: CorridorShape): World {
  const name = JSON.stringify(shape);
  let world = founded.get(name);
  if (world === undefined) {
    world = found(testCorridor(shape));
    founded.set(name, world);
  }
  const copy = world.clone();
  copy.log.length = 0;
  return copy;
}

export const foundedOf = (n: keyof typeof SHAPES): World => foundedWorld(SHAPES[n]);

function found(corridor: TestCorridor): World {
  const plans = corridor.genesis.banks.map(({ number }) => ({ id: `${number}`, bank: number }));
  const world = new World(corridor, plans);
  heal(world);
  settle(world);
  for (const { bank } of plans) {
    for (const bytes of foundingSubmissions(corridor, bank)) {
      world.do({ kind: "submit", seat: `${bank}`, bytes });
    }
  }
  settle(world);
  return world;
}

/**
 * P8 and P1': after healing at `healedMs`, every hold of an honest bank that is up is closed by
 * healedMs + T0 + the timeouts up to view V + b + c + 1, + 4 delays, V being the highest view entered.
 * One round of HEADS comes on top: it is where GST begins.
 */
export function demandLiveness(world: World, healedMs: number): void {
  const { byzantine, record } = world.corridor.genesis;
  const honest = [...world.seats.values()].filter((seat) => seat.honest && isUp(seat));
  let view = 0;
  for (const seat of honest) {
    for (const swap of seat.conduct.swaps.values()) view = Math.max(view, swap.view);
  }
  const last = view + byzantine + record.crashed + 1;
  const timeouts = 6 * DELTA_MS * (2 ** last - 1);
  const bound = healedMs + 2 * HEADS_MS + TTL_MS + timeouts + 4 * DELTA_MS;
  settle(world);
  while (honest.some(hasOpenSwap) && wakeNext(world, bound)) settle(world);
  for (const seat of honest) {
    for (const [key, state] of seat.conduct.holds) {
      demand(state !== "placed", "Liveness", `hold ${key.slice(0, 8)} of ${seat.id} is open`);
    }
    const pending = seat.machine?.state.books.holds.size ?? 0;
    demand(pending === 0, "Liveness", `${pending} holds are open at ${seat.id}`);
  }
  demandSameOutcome(world, honest);
}

const HEADS_MS = 2_000;

function demandSameOutcome(world: World, honest: readonly Seat[]): void {
  for (const [sid] of world.chronicle.swaps) {
    const { announcement } = recordOf(world.chronicle, sid);
    if (announcement === undefined) continue;
    const outcomes = honest
      .filter((seat) => announcement.legBanks.includes(seat.bank))
      .filter((seat) => seat.conduct.swaps.has(sid))
      .map((seat) => [...(seat.conduct.swaps.get(sid)?.closed.values() ?? [])].join(","));
    const open = outcomes.includes("");
    demand(!open, "Liveness", `swap ${sid.slice(0, 8)} is open at a bank taking part`);
  }
}

/** Entries of one kind that a seat's durable blocks hold about a swap, whoever may read them. */
export const outcomeAt = (world: World, seat: string, sid: string): string => {
  const closed = world.seat(seat).conduct.swaps.get(sid)?.closed;
  return closed === undefined ? "" : [...closed.values()].join(",");
};

export const sidKeys = (world: World): readonly string[] =>
  [...world.chronicle.swaps].flatMap(([sid, { announcement }]) =>
    announcement === undefined ? [] : [sid],
  );
