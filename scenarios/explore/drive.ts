import { fromMs, instant, toMs } from "../../node/time.ts";
import { demand } from "../checkers/conduct.ts";
import { DELTA_MS, TTL_MS, type FixedCorridor } from "./corridor.ts";
import { foundingSubmissions } from "./agreed-swaps.ts";
import { isUp, type Seat } from "./seat.ts";
import { linkName, World } from "./world.ts";

/** Delivers, syncs and flushes in a fixed order until nothing is left but timers. */
export function settle(world: World): void {
  for (let round = 0; round < 10_000; round++) if (!settleOnce(world)) return;
  demand(false, "Liveness", "messages go on for ever");
}

function settleOnce(world: World): boolean {
  let moved = false;
  for (const queue of world.queues.keys()) {
    while ((world.queues.get(queue)?.length ?? 0) > 0) {
      world.do({ kind: "deliver", queue, index: 0 });
      moved = true;
    }
  }
  for (const id of world.seats.keys()) {
    const busy = world.seat(id);
    if (isUp(busy) && busy.busy) {
      world.do({ kind: "idle", seat: id });
      moved = true;
    }
    const writing = world.seat(id);
    if (isUp(writing) && writing.tail.length > 0) {
      world.do({ kind: "durable", seat: id });
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
  for (const [id, seat] of world.seats) {
    if (isUp(seat) && (seat.wakeAt ?? Infinity) <= world.now) world.do({ kind: "wake", seat: id });
    flushSeat(world, id);
  }
  const underWay = new Map([...world.queues].map(([queue, { length }]) => [queue, length]));
  for (const [queue, count] of underWay) {
    for (let i = 0; i < count; i++) world.do({ kind: "deliver", queue, index: 0 });
  }
  for (const id of world.seats.keys()) flushSeat(world, id);
}

/** Blocks are made and synced at once. */
export function flushSeat(world: World, id: string): void {
  for (;;) {
    const seat = world.seat(id);
    if (!isUp(seat) || (!seat.busy && seat.tail.length === 0)) return;
    world.do({ kind: seat.busy ? "idle" : "durable", seat: id });
  }
}

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
  const seats = [...world.seats.keys()].filter((id) => !absent.has(id));
  for (const seat of seats) {
    if (world.seat(seat).machine === undefined) world.do({ kind: "restart", seat });
  }
  for (const [i, a] of seats.entries()) {
    for (const b of seats.slice(i + 1)) {
      if (!world.links.has(linkName(a, b))) world.do({ kind: "link", a, b });
    }
  }
}

const founded = new Map<FixedCorridor, World>();

/** The corridor with members and money at every bank, every link up, and all quiet. */
export function foundedWorld(corridor: FixedCorridor): World {
  const world = founded.get(corridor) ?? found(corridor);
  founded.set(corridor, world);
  const copy = world.clone();
  copy.forgetPast();
  return copy;
}

function found(corridor: FixedCorridor): World {
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
  const ids = [...world.seats.values()]
    .filter((seat) => seat.honest && isUp(seat))
    .map(({ id }) => id);
  const honestNow = (): readonly Seat[] => ids.map((id) => world.seat(id));
  let view = 0;
  for (const seat of honestNow()) {
    for (const swap of seat.conduct.swaps.values()) view = Math.max(view, swap.view);
  }
  const last = view + byzantine + record.crashed + 1;
  const timeouts = 6 * DELTA_MS * (2 ** last - 1);
  const bound = healedMs + 2 * HEADS_MS + TTL_MS + timeouts + 4 * DELTA_MS;
  settle(world);
  while (honestNow().some(hasOpenSwap) && wakeNext(world, bound)) settle(world);
  const honest = honestNow();
  for (const seat of honest) {
    for (const [key, state] of seat.conduct.holds) {
      demand(state !== "placed", "Liveness", `hold ${key.slice(0, 8)} of ${seat.id} is open`);
    }
    const pending = seat.machine?.state.books.holds.size ?? 0;
    demand(pending === 0, "Liveness", `${pending} holds are open at ${seat.id}`);
  }
  demandSameOutcome(world, honestNow());
}

const HEADS_MS = 2_000;

function demandSameOutcome(world: World, honest: readonly Seat[]): void {
  for (const [sid, { announced }] of world.chronicle.swaps) {
    const isOpen = honest.some(
      ({ bank, conduct }) =>
        announced?.legBanks.includes(bank) === true &&
        conduct.swaps.has(sid) &&
        conduct.swaps.get(sid)?.outcome === undefined,
    );
    demand(!isOpen, "Liveness", `swap ${sid.slice(0, 8)} is open at a bank taking part`);
  }
}

/** The outcome of a swap that a seat's durable blocks say; empty while it is open there. */
export const outcomeAt = (world: World, seat: string, sid: string): string =>
  `${world.seat(seat).conduct.swaps.get(sid)?.outcome ?? ""}`;

export const sidKeys = (world: World): readonly string[] =>
  [...world.chronicle.swaps].flatMap(([sid, { announced }]) =>
    announced === undefined ? [] : [sid],
  );
