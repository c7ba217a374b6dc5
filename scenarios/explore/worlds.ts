import { parseHex } from "../../crypto/bytes.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { Hash } from "../../crypto/hash.ts";
import { headHash } from "../../corridor/logs.ts";
import { leaderByFormula } from "../checkers/justification.ts";
import {
  fixedCorridor,
  SHAPES,
  type CorridorShape,
  type FixedCorridor,
  type Signatures,
} from "./corridor.ts";
import { swapSubmission, agreeSwap, ringLegs } from "./agreed-swaps.ts";
import { foundedWorld, sidKeys } from "./drive.ts";
import { liarAt, type Liar } from "./liar.ts";
import { NO_FAULTS, type Scope } from "./search.ts";
import type { World } from "./world.ts";

/** A small corridor to be explored to the last state, within bounds. */
export interface ExploreWorld {
  readonly name: string;
  readonly title: string;
  /** Complete within a CI run; the others are for `--budget`. */
  readonly small: boolean;
  /** More lies than the corridor withstands: a violation is what is to be found. */
  readonly beyondBounds: boolean;
  readonly banks: CorridorShape;
  /** The banks of the legs of each swap. */
  readonly swaps: readonly (readonly number[])[];
  readonly liar?: number;
  readonly scope: Omit<Scope, "liar">;
}

const world = (
  name: string,
  title: string,
  given: Pick<ExploreWorld, "banks" | "swaps"> &
    Partial<Omit<ExploreWorld, "scope">> & { readonly scope: Partial<Scope> },
): ExploreWorld => {
  const scope = { orders: "all", ...NO_FAULTS, ...given.scope } as const;
  return { name, title, small: true, beyondBounds: false, ...given, scope };
};

const ANY_FAULT = { crashes: 1, losses: 1, repeats: 1, timers: 1, together: 1 } as const;
const ANY_TWO = { crashes: 2, losses: 2, repeats: 2, timers: 2, together: 2 } as const;
const ONE_SWAP = [[1, 2]] as const;
const TWO_SWAPS = [
  [1, 2],
  [2, 1],
] as const;

export const WORLDS: readonly ExploreWorld[] = [
  world("two-banks", "n = 2, one swap, any two faults, in every order", {
    banks: SHAPES[2],
    swaps: ONE_SWAP,
    scope: ANY_TWO,
  }),
  world("two-banks-two-swaps", "n = 2, two swaps, any fault, in every order", {
    banks: SHAPES[2],
    swaps: TWO_SWAPS,
    scope: ANY_FAULT,
  }),
  world("three-banks-in-order", "n = 3, one swap, no faults, in every order", {
    banks: SHAPES[3],
    swaps: ONE_SWAP,
    scope: {},
  }),
  world("three-banks", "n = 3, one swap, any fault and one delay", {
    banks: SHAPES[3],
    swaps: ONE_SWAP,
    scope: { ...ANY_FAULT, orders: "prompt", delays: 1 },
  }),
  world("four-banks-one-liar", "n = 4, one swap, bank 4 lies and leads the one slow view", {
    banks: SHAPES[4],
    swaps: ONE_SWAP,
    liar: 4,
    scope: { orders: "prompt", slow: ["1>2"], faulty: ["3"], timers: 1, lies: 2, views: 1 },
  }),
  world("four-banks-two-swaps", "n = 4, two swaps, any fault and one delay", {
    small: false,
    banks: SHAPES[4],
    swaps: TWO_SWAPS,
    scope: { ...ANY_FAULT, orders: "prompt", delays: 1 },
  }),
  world("four-banks-two-slow-views", "n = 4, one swap, bank 4 lies, two slow views", {
    small: false,
    banks: SHAPES[4],
    swaps: ONE_SWAP,
    liar: 4,
    scope: { orders: "prompt", crashes: 1, timers: 4, delays: 1, lies: 4, views: 2 },
  }),
  world("three-banks-in-every-order", "n = 3, one swap, any fault, in every order", {
    small: false,
    banks: SHAPES[3],
    swaps: ONE_SWAP,
    scope: ANY_FAULT,
  }),
  world("three-banks-one-liar", "n = 3 withstands no liar: bank 3 lies, and P2 is violated", {
    small: false,
    beyondBounds: true,
    banks: SHAPES[3],
    swaps: [[1, 3]],
    liar: 3,
    scope: { orders: "prompt", timers: 1, delays: 1, lies: 3, views: 1, safetyOnly: true },
  }),
];

export interface Prepared {
  readonly start: World;
  readonly scope: Scope;
}

/** The world in its first state: every bank founded, the swaps submitted, the first blocks not durable. */
export function prepare(plan: ExploreWorld, signatures: Signatures): Prepared {
  const corridor = fixedCorridor(plan.banks, signatures);
  const { liar } = plan;
  if (liar === undefined)
    return { start: submitted(plan, foundedWorld(corridor), FIRST_NUMBER), scope: plan.scope };
  for (let number = FIRST_NUMBER; ; number++) {
    invariant(number < LAST_NUMBER, "Leader", `no swap makes bank ${liar} the first leader`);
    const { world: founded, lying } = withLiar(corridor, liar);
    const start = submitted(plan, founded, number);
    if (firstLeader(start, plan) === liar) return { start, scope: { ...plan.scope, liar: lying } };
  }
}

/** Swaps of different numbers have different leaders. */
const FIRST_NUMBER = 10;
const LAST_NUMBER = 100;

function submitted(plan: ExploreWorld, start: World, number: number): World {
  for (const [i, banks] of plan.swaps.entries()) {
    const swap = agreeSwap(start.corridor, { number: number + i, legs: ringLegs(banks) });
    start.do({ kind: "submit", seat: `${banks[0]}`, bytes: swapSubmission(swap) });
  }
  for (const id of start.seats.keys()) start.do({ kind: "idle", seat: id });
  start.forgetPast();
  return start;
}

/** Takes a bank's seat away; the others are told that their links to it are up. */
function withLiar(corridor: FixedCorridor, bank: number): { world: World; lying: Liar } {
  const founded = foundedWorld(corridor);
  const id = `${bank}`;
  const log = founded.seat(id).machine?.state.logs.get(bank);
  invariant(log !== undefined, "KnownBank", `bank ${bank}`);
  const lying = liarAt(bank, { seq: log.linked, head: headHash(log).slice() as Hash });
  founded.do({ kind: "crash", seat: id, keep: 0 });
  founded.seats.delete(id);
  for (const other of founded.seats.keys()) founded.greet(other, bank);
  return { world: founded, lying };
}

/** Who leads view 1 of the first swap. */
function firstLeader(start: World, plan: ExploreWorld): number {
  const later = start.clone();
  later.do({ kind: "durable", seat: `${plan.swaps[0]?.[0]}` });
  const [sid] = sidKeys(later);
  const bytes = sid === undefined ? undefined : parseHex(sid);
  invariant(bytes !== undefined, "Announced", "the first block announces the swap");
  return leaderByFormula(bytes as Hash, 1, later.corridor.genesis);
}

/** The bounds of a world in one line. */
export function renderBounds({ scope, liar }: ExploreWorld): string {
  const { crashes, losses, repeats, timers, delays, lies, together, orders, views, slow, faulty } =
    scope;
  const upTo = (count: number, one: string, many: string): readonly string[] =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  const faults = [
    ...upTo(
      crashes,
      "crash (before or after what is appended is durable)",
      "crashes (before or after what is appended is durable)",
    ),
    ...upTo(losses, "message lost", "messages lost"),
    ...upTo(repeats, "message repeated", "messages repeated"),
    ...upTo(timers, "timer that fires early", "timers that fire early"),
  ];
  const most =
    together === undefined || faults.length < 2 ? "" : `, at most ${together} of them together`;
  return [
    orders === "all" ? "every order of deliveries and fsyncs" : "deliveries and fsyncs at once",
    ...(orders === "all"
      ? []
      : upTo(delays, "link or disk held up for any time", "links or disks held up for any time")),
    ...(slow === undefined ? [] : [`${slow.join(", ")} held up from the start, for any time`]),
    faults.length === 0 ? "no faults" : `up to ${faults.join(", ")}${most}`,
    ...(faulty === undefined ? [] : [`crashes and timers at bank ${faulty.join(", ")} only`]),
    ...(liar === undefined ? [] : [`bank ${liar} shows up to ${lies} lies`]),
    ...(views === undefined ? [] : [`timers up to view ${views}`]),
  ].join("; ");
}
