import { totalOf } from "../../corridor/liquidity/payment-day.ts";
import { waitedUntilMs, type SettledDay } from "../rtgs/settled-day.ts";
import { quantile } from "./quantile.ts";
import { ratio, type Ratio } from "./ratio.ts";

export const QUEUE_DELAY = {
  title: "Queue delay",
  unit: "ms",
  formula:
    "weighted: sum of v (settled - submitted) / sum of v; unweighted: the mean of settled - submitted; unsettled counted at close",
  source: "definition",
} as const;

export interface QueueDelay {
  /** Milliseconds; `null` on a day without payments. */
  readonly weightedMs: Ratio | null;
  readonly unweightedMs: Ratio | null;
  /** Payments that did not settle at their own submission. */
  readonly waited: number;
  /** Of these, in milliseconds; `null` when nothing waited. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly longestMs: number | null;
}

export function queueDelay(settled: SettledDay): QueueDelay {
  const { day, settledBy } = settled;
  const waits = waitsMs(settled);
  let [weighted, unweighted] = [0n, 0n];
  let waited = 0;
  for (let payment = 0; payment < waits.length; payment++) {
    const wait = waits[payment] as number;
    if (settledBy[payment] !== payment) waited += 1;
    if (wait === 0) continue;
    weighted += (day.values[payment] as bigint) * BigInt(wait);
    unweighted += BigInt(wait);
  }
  // Whatever waited comes after whatever did not.
  const sorted = waits.sort().subarray(waits.length - waited);
  const at = (percent: number): number | null => (waited === 0 ? null : quantile(sorted, percent));
  return {
    weightedMs: ratio(weighted, totalOf(day.values)),
    unweightedMs: ratio(unweighted, BigInt(waits.length)),
    waited,
    p50Ms: at(50),
    p95Ms: at(95),
    longestMs: at(100),
  };
}

/** By payment: from its submission until it settled, or to the close. */
export function waitsMs(settled: SettledDay): Float64Array {
  const waits = new Float64Array(settled.submittedMs.length);
  for (let payment = 0; payment < waits.length; payment++) {
    waits[payment] = waitedUntilMs(settled, payment) - (settled.submittedMs[payment] as number);
  }
  return waits;
}
