import { InvariantViolation, unreachable } from "../../crypto/outcome.ts";
import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { LEDGER_MAGIC, OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { toMs } from "../../node/time.ts";
import { Violation } from "../checkers/conduct.ts";
import { demandLiveness, heal } from "./drive.ts";
import type { Liar } from "./liar.ts";
import { Memory } from "./memory.ts";
import type { Move } from "./moves.ts";
import { isUp, type Seat } from "./seat.ts";
import type { World } from "./world.ts";

/** How often each thing may go wrong in one schedule, at any point of it. */
export interface Faults {
  /** A bank crashes: before, while, or after what it appended became durable. It restarts later. */
  readonly crashes: number;
  /** A message is lost. */
  readonly losses: number;
  /** A message arrives twice. */
  readonly repeats: number;
  /** A bank's next timer fires, however much is still under way to it. */
  readonly timers: number;
  /** A link or a disk is held up, from one point of the schedule to any later one. */
  readonly delays: number;
  /** The lying bank shows one block to one bank. */
  readonly lies: number;
}

export const NO_FAULTS: Faults = {
  crashes: 0,
  losses: 0,
  repeats: 0,
  timers: 0,
  delays: 0,
  lies: 0,
};

export interface Scope extends Faults {
  /**
   * `all`: every order of deliveries and fsyncs. `prompt`: they happen at once, in a fixed order, but for
   * what is held up; lies are told when nothing else is under way.
   */
  readonly orders: "all" | "prompt";
  /** How many faults one schedule may have, delays and lies not counted, where that is fewer. */
  readonly together?: number;
  /** Timers fire only at banks that have entered fewer views than this, of every swap. Any if absent. */
  readonly views?: number;
  /** Only these seats crash, and have timers that fire early. Any if absent. */
  readonly faulty?: readonly string[];
  /** Links that are held up from the start, to any later point. */
  readonly slow?: readonly string[];
  readonly liar?: Liar;
  /** Beyond what a corridor withstands nothing is promised of healing: ends are only counted. */
  readonly safetyOnly?: boolean;
}

/** A step of a schedule. */
export type Choice =
  | Move
  /** What is held up: "1>2" is a link, "1" a disk. */
  | { readonly kind: "hold" | "release"; readonly what: string }
  | { readonly kind: "lie"; readonly what: string; readonly to: string };

export interface Exploration {
  /** Different states met. */
  readonly states: number;
  /** Steps from one state to another that were tried. */
  readonly steps: number;
  /** States in which nothing was left to do but wait; each was healed and run to its end. */
  readonly ends: number;
  /** Outcomes of the swaps over all ends, as the honest banks' ledgers say. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Whether that was all. */
  readonly complete: boolean;
  readonly violation: Counterexample | undefined;
}

export interface Counterexample {
  readonly choices: readonly Choice[];
  readonly message: string;
}

interface Path {
  readonly choice: Choice;
  readonly before: Path | undefined;
}

interface Open {
  readonly world: World;
  readonly left: Faults;
  /** Links and disks that are held up. */
  readonly held: readonly string[];
  readonly path: Path | undefined;
}

/**
 * Tries every order of everything that can happen from `start` on, under the bounds of `scope`, until
 * all is tried, something is wrong, or `goOn` says no. Every state is checked by the world itself; every
 * end is healed, and must then come to one outcome in time.
 */
export function explore(
  start: World,
  scope: Scope,
  goOn: (states: number) => boolean = () => true,
): Exploration {
  const first = start.clone();
  first.forgetPast();
  const memory = new Memory(
    first.corridor,
    new Set(scope.liar === undefined ? [] : [scope.liar.bank]),
  );
  memory.adopt(first);
  const seen = new Map<string, Faults[]>();
  const ends = new Set<string>();
  const outcomes = new Map<string, number>();
  const stack: Open[] = [{ world: first, left: scope, held: scope.slow ?? [], path: undefined }];
  seen.set(memory.nameOfWorld(first), [scope]);
  let steps = 0;
  const result = (violation?: Counterexample): Exploration => ({
    states: seen.size,
    steps,
    ends: ends.size,
    outcomes,
    complete: violation === undefined && stack.length === 0,
    violation,
  });
  for (;;) {
    if (!goOn(seen.size)) return result();
    const open = stack.pop();
    if (open === undefined) return result();
    const regular = regularChoices(open, scope);
    if (regular.length === 0) {
      // Whoever lied is silent from here on, so what it said no longer counts.
      const name = memory.nameOfSeats(open.world);
      if (!ends.has(name)) {
        ends.add(name);
        const end = attempt(() => endOf(open.world, scope));
        if (!end.ok) return result({ choices: choicesOf(open.path), message: end.message });
        outcomes.set(end.value, (outcomes.get(end.value) ?? 0) + 1);
      }
    }
    const wrong = faultyChoices(open, regular, scope);
    // What is pushed last is tried first. Without faults first, states are first met with as many faults
    // left as can be; where a violation is there to be found, faults first find it sooner.
    const choices = scope.safetyOnly === true ? [...regular, ...wrong] : [...wrong, ...regular];
    for (const choice of choices) {
      const world = open.world.clone();
      world.forgetPast();
      steps++;
      const path = { choice, before: open.path };
      const done = attempt(() => take(world, choice, scope));
      if (!done.ok) return result({ choices: choicesOf(path), message: done.message });
      const left = after(open.left, choice);
      const held = heldAfter(open.held, choice, world);
      const name = `${memory.nameOfWorld(world)} ${held.join(" ")}`;
      const before = seen.get(name);
      // Whatever can happen with fewer faults left can happen with more.
      if (before?.some((other) => isAtLeast(other, left)) === true) continue;
      seen.set(name, [...(before ?? []).filter((other) => !isAtLeast(left, other)), left]);
      stack.push({ world, left, held, path });
    }
  }
}

/** Takes one step and what follows it at once; throws a `Violation`. */
export function take(world: World, choice: Choice, scope: Scope): void {
  if (choice.kind === "lie") {
    const bytes = scope.liar?.say(world, choice.what, choice.to);
    if (bytes !== undefined) world.inject(scope.liar?.bank ?? 0, choice.to, bytes);
  } else if (!("what" in choice)) world.do(choice);
  if (choice.kind === "restart") {
    for (const id of world.seats.keys()) world.do({ kind: "link", a: choice.seat, b: id });
    if (scope.liar !== undefined) world.greet(choice.seat, scope.liar.bank);
  }
  settleAtOnce(world);
}

/** A driver feeds `idle` as soon as no input is at hand. */
function settleAtOnce(world: World): void {
  for (const id of world.seats.keys()) {
    while (isUp(world.seat(id)) && world.seat(id).busy) world.do({ kind: "idle", seat: id });
  }
}

/** What goes on without any fault; nothing at an end. */
function regularChoices({ world, left, held }: Open, { orders }: Scope): readonly Choice[] {
  const restarts: Choice[] = [];
  const moves: Choice[] = [];
  for (const seat of world.seats.values()) {
    if (seat.machine === undefined) restarts.push({ kind: "restart", seat: seat.id });
    else if (seat.tail.length > 0) moves.push({ kind: "durable", seat: seat.id });
  }
  for (const [queue, messages] of [...world.queues].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    // Links keep the order of messages (TCP), so only the oldest can arrive.
    if (messages.length > 0) moves.push({ kind: "deliver", queue, index: 0 });
  }
  if (orders === "all") return [...restarts, ...moves];
  const choices = [...restarts, ...held.map((what) => ({ kind: "release", what }) as const)];
  const next = moves.find((move) => !held.includes(placeOf(move)));
  if (next === undefined) return choices;
  if (left.delays > 0) choices.push({ kind: "hold", what: placeOf(next) });
  return [...choices, next];
}

const placeOf = (choice: Choice): string =>
  "queue" in choice ? choice.queue : "seat" in choice ? choice.seat : "";

/** A link that broke, or the disk of a bank that crashed, is no longer held up. */
function heldAfter(held: readonly string[], choice: Choice, world: World): readonly string[] {
  if (choice.kind === "release") return held.filter((what) => what !== choice.what);
  const all =
    choice.kind === "hold" ? [...held, choice.what].sort((a, b) => (a < b ? -1 : 1)) : held;
  return all.filter(
    (what) => world.queues.has(what) || world.seats.get(what)?.machine !== undefined,
  );
}

function faultyChoices(open: Open, regular: readonly Choice[], scope: Scope): readonly Choice[] {
  const { world, left } = open;
  const choices: Choice[] = [];
  if (left.lies > 0 && scope.liar !== undefined && !regular.some(isPrompt)) {
    for (const seat of world.seats.values()) {
      if (!isUp(seat)) continue;
      for (const what of scope.liar.lies(world, seat.id)) {
        choices.push({ kind: "lie", what, to: seat.id });
      }
    }
  }
  const { faulty, together = Infinity } = scope;
  if (spent(scope, left) >= together) return choices;
  for (const [queue, messages] of world.queues) {
    if (messages.length === 0) continue;
    if (left.losses > 0) choices.push({ kind: "lose", queue, index: 0 });
    if (left.repeats > 0) choices.push({ kind: "repeat", queue, index: 0 });
  }
  for (const seat of world.seats.values()) {
    if (!isUp(seat)) continue;
    if (faulty?.includes(seat.id) === false) continue;
    if (left.timers > 0 && isBelow(seat, scope.views))
      choices.push({ kind: "run-on", seat: seat.id });
    if (left.crashes === 0) continue;
    for (const keep of survivors(seat.tail)) choices.push({ kind: "crash", seat: seat.id, keep });
  }
  return choices;
}

/** How much of what was appended may survive: nothing, the copies before the own block, everything. */
function survivors(tail: Bytes): readonly number[] {
  if (tail.length === 0) return [0];
  const { records } = parseLedgerFile(concatBytes(LEDGER_MAGIC, tail));
  const own = records.find(({ kind }) => kind === OWN_BLOCK);
  const before = own === undefined ? 0 : own.offset - LEDGER_MAGIC.length;
  return [...new Set([0, before, tail.length])];
}

const spent = (scope: Faults, left: Faults): number =>
  KINDS.reduce((sum, kind) => sum + scope[kind] - left[kind], 0);

const KINDS = ["crashes", "losses", "repeats", "timers"] as const;

const isPrompt = (choice: Choice): boolean =>
  choice.kind === "deliver" || choice.kind === "durable";

const isBelow = ({ machine }: Seat, views = Infinity): boolean =>
  [...(machine?.state.swaps.values() ?? [])].every((swap) => swap.view < views);

const isAtLeast = (one: Faults, other: Faults): boolean =>
  KINDS.every((kind) => one[kind] >= other[kind]) &&
  one.delays >= other.delays &&
  one.lies >= other.lies;

function after(left: Faults, choice: Choice): Faults {
  switch (choice.kind) {
    case "lose":
      return { ...left, losses: left.losses - 1 };
    case "repeat":
      return { ...left, repeats: left.repeats - 1 };
    case "crash":
      return { ...left, crashes: left.crashes - 1 };
    case "run-on":
      return { ...left, timers: left.timers - 1 };
    case "hold":
      return { ...left, delays: left.delays - 1 };
    case "lie":
      return { ...left, lies: left.lies - 1 };
    case "release":
    case "deliver":
    case "durable":
    case "restart":
    case "idle":
    case "wake":
    case "link":
    case "unlink":
    case "submit":
    case "inject":
      return left;
    default:
      return unreachable(choice);
  }
}

/** What comes of a world in which nothing more goes wrong. */
export function endOf(world: World, { safetyOnly }: Scope): string {
  return safetyOnly === true ? outcomeSoFar(world) : outcomeOf(world.cloneForOnce());
}

/** Heals the world, demands an outcome in time, and names it. */
function outcomeOf(world: World): string {
  heal(world);
  demandLiveness(world, toMs(world.now));
  return outcomeSoFar(world);
}

function outcomeSoFar(world: World): string {
  const names = [...world.outcomes.values()].map((d) => (d === 1 ? "COMMIT" : "ABORT"));
  return names.toSorted((a, b) => (a < b ? -1 : 1)).join(" ") || "none";
}

type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A property that does not hold is a result; any other error is a bug of the explorer. */
export function attempt<T>(act: () => T): Attempt<T> {
  try {
    return { ok: true, value: act() };
  } catch (error) {
    if (!(error instanceof Violation) && !(error instanceof InvariantViolation)) throw error;
    return { ok: false, message: error.message };
  }
}

function choicesOf(path: Path | undefined): readonly Choice[] {
  const choices: Choice[] = [];
  for (let step = path; step !== undefined; step = step.before) choices.push(step.choice);
  return choices.toReversed();
}
