import { invariant } from "../../crypto/outcome.ts";
import { totalOf, newAmounts, type PaymentDay } from "../../corridor/liquidity/payment-day.ts";
import { liquidityBounds } from "../measures/liquidity-bounds.ts";
import type { GeneratedDay } from "../rtgs/day-scenario.ts";
import { Prng } from "../sim/prng.ts";
import { drawWeight, MEDIAN_WEIGHT } from "./weights.ts";

/** What is drawn for a day, in words; printed with every output. */
export const GENERATED_DAY_MODELLED =
  "Payments are drawn from the seed: their times as a Poisson process with the day's profile, their values about log-normal, payer and payee each in proportion to 1/n for the n-th member; each opens with a share of what it needs to pay at once.";

/** A day's two files, as CSV. */
export interface GeneratedFiles {
  readonly payments: string;
  readonly opening: string;
}

/**
 * Draws the payments of a day, in the order of their times, and what its members open with. Times,
 * members and values have streams of their own.
 */
export function generateDay(
  { seed, closeMs }: { readonly seed: number; readonly closeMs: number },
  generated: GeneratedDay,
): GeneratedFiles {
  const prng = Prng.fromSeed(seed).fork("rtgs-day");
  const timesMs = drawTimes(generated, closeMs, prng.fork("times"));
  const day = drawPayments(generated, prng);
  const percent = BigInt(generated.liquidityPercent);
  const opening = Array.from(liquidityBounds(day).upper, (upper, member) => {
    return `member-${member + 1},${(upper * percent) / 100n}\n`;
  });
  const payments = Array.from(timesMs, (timeMs, i) => {
    const [payer, payee] = [(day.payers[i] as number) + 1, (day.payees[i] as number) + 1];
    return `p-${i + 1},${timeMs},member-${payer},member-${payee},${day.values[i]}\n`;
  });
  return {
    payments: `id,time_ms,sender,receiver,value\n${payments.join("")}`,
    opening: `member,amount\n${opening.join("")}`,
  };
}

/** So many arrivals of a Poisson process are as many independent times, put in order. */
function drawTimes({ payments, profile }: GeneratedDay, closeMs: number, prng: Prng): Float64Array {
  const busy = cumulative(profile);
  const startOf = (slice: number): number => Math.floor((closeMs / profile.length) * slice);
  const timesMs = new Float64Array(payments);
  for (let i = 0; i < payments; i++) {
    const slice = drawIndex(busy, prng);
    const [start, end] = [startOf(slice), startOf(slice + 1)];
    timesMs[i] = prng.int(start, Math.max(start, end - 1));
  }
  return timesMs.sort((a, b) => a - b);
}

function drawPayments({ members, payments, medianValue }: GeneratedDay, prng: Prng): PaymentDay {
  const [parties, amounts] = [prng.fork("members"), prng.fork("values")];
  const busy = cumulative(Array.from({ length: members }, (_, i) => Math.ceil(BUSIEST / (i + 1))));
  const payers = new Int32Array(payments);
  const payees = new Int32Array(payments);
  const values: bigint[] = [];
  for (let i = 0; i < payments; i++) {
    let [payer, payee] = [0, 0];
    // Both again, so that nobody pays more than it receives but by chance.
    while (payer === payee) [payer, payee] = [drawIndex(busy, parties), drawIndex(busy, parties)];
    payers[i] = payer;
    payees[i] = payee;
    const value = (BigInt(medianValue) * drawWeight(amounts)) / MEDIAN_WEIGHT;
    values.push(value > 0n ? value : 1n);
  }
  const opening = newAmounts(members, totalOf(values));
  return { opening, payers, payees, values, classes: new Uint8Array(payments) };
}

/** The weight of the first of all members; that of the last of ten thousand is 100. */
const BUSIEST = 1_000_000;

const cumulative = (weights: readonly number[]): readonly number[] => {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
};

/** An index, each as likely as its weight; by binary search in the sums of weights. */
function drawIndex(sums: readonly number[], prng: Prng): number {
  const last = sums.at(-1);
  invariant(last !== undefined && last > 0, "PrngRange", "nothing to draw");
  const drawn = prng.int(0, last - 1);
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > drawn) high = middle;
    else low = middle + 1;
  }
  return low;
}
