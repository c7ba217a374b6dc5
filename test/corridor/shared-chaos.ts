import { usualParameters, type ChainRule } from "../../corridor/shared-ledger/state.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { isUp, type Seat } from "../../scenarios/sim/seat.ts";
import { SharedWorld } from "./shared-kit.ts";

const CROWDS = [2, 3, 4, 6, 7] as const;

/** Everything a seed decides before the first move; printed when the run fails. */
export interface SharedPlan {
  readonly seed: number;
  readonly n: (typeof CROWDS)[number];
  readonly chain: ChainRule;
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly reorder: boolean;
  readonly mostDelayUs: number;
  readonly moves: number;
}

export function sharedPlanOf(seed: number): SharedPlan {
  const prng = Prng.fromSeed(seed).fork("plan");
  return {
    seed,
    n: prng.pick(CROWDS),
    chain: prng.pick([2, 3] as const),
    lossPercent: prng.pick([0, 0, 2, 10]),
    duplicatePercent: prng.pick([0, 5]),
    reorder: prng.int(0, 1) === 1,
    mostDelayUs: prng.pick([20_000, 60_000, 400_000]),
    moves: prng.pick([20, 40]),
  };
}

/** First a phase in which anything goes, then healing, after which every swap must be closed everywhere. */
export function playSharedChaos(plan: SharedPlan): SharedWorld {
  const { seed, n, chain, lossPercent, duplicatePercent, reorder, mostDelayUs, moves } = plan;
  const prng = Prng.fromSeed(seed).fork("moves");
  const wire = {
    duplicatePercent,
    reorder,
    delayUs: (_from: number, _to: number, draw: Prng) => draw.int(5_000, mostDelay.us),
  };
  const mostDelay = { us: 20_000 };
  const shared = new SharedWorld(SHAPES[n], { parameters: usualParameters(chain), wire, seed });
  shared.found();
  mostDelay.us = mostDelayUs;
  shared.wire.lossPercent = lossPercent;
  const { world } = shared;
  const deals: { readonly banks: readonly [number, number]; readonly commitment: string }[] = [];
  for (let i = 0; i < moves; i++) {
    shared.runFor(prng.int(1, 200));
    const seat = prng.pick(world.seats);
    switch (prng.int(0, 6)) {
      case 0:
        if (isUp(seat)) world.crash(seat, prng.int(0, seat.disk.tail?.length ?? 0));
        break;
      case 1:
      case 2:
        for (const down of world.seats) if (!isUp(down)) shared.start(down);
        break;
      case 3: {
        const others = world.seats.filter((other) => other !== seat);
        world.fabric.partition([seat], others, prng.int(0, 1) === 1, prng.int(50, 1_500) * 1000);
        break;
      }
      default: {
        if (!isUp(seat)) break;
        const to = prng.pick(world.seats.filter((other) => other !== seat)).config.self;
        const banks = [seat.config.self as number, to as number] as const;
        const amount = BigInt(prng.pick([10, 40_000]));
        const lifeMs = prng.pick([400, 3_000, 60_000]);
        deals.push({ banks, commitment: shared.swap(...banks, amount, lifeMs) });
      }
    }
    shared.demandSafe();
  }
  mostDelay.us = 20_000;
  shared.wire.lossPercent = 0;
  for (const down of world.seats) if (!isUp(down)) shared.start(down);
  world.fabric.heal();
  shared.runFor(120_000);
  shared.demandSafe();
  for (const one of world.seats) demandQuiet(one);
  demandSameLedgers(world.seats);
  return shared;
}

function demandQuiet(seat: Seat): void {
  const state = seat.validator?.state;
  if (state === undefined || state.phase !== "running") {
    throw new Error(`${seat.id} is ${state?.phase ?? seat.stopped ?? "down"}`);
  }
  if (state.swaps.size > 0) throw new Error(`${seat.id} has ${state.swaps.size} open swaps`);
  if (state.pool.waiting.size > 0) throw new Error(`${seat.id}: ${state.pool.waiting.size} wait`);
}

function demandSameLedgers(seats: readonly Seat[]): void {
  const states = seats.map((seat) => {
    const { height, root } = seat.validator?.state.ledger ?? {};
    return `${height} ${root?.join(",")}`;
  });
  if (new Set(states).size > 1) throw new Error(`the ledgers differ: ${states.join(" | ")}`);
}
