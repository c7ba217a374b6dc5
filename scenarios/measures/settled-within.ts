import type { SwapRow } from "../run-result.ts";
import { businessMicros } from "./business-time.ts";

const HOUR_MS = 3_600_000;
const DAY_US = 86_400_000_000;

/** The shares of a run's swaps that the targets of the G20 for the end of 2027 are about. */
export interface SettledWithin {
  /** Target for wholesale payments: 75 %. */
  readonly hour: number;
  /** Target: all. 24 hours, Saturdays and Sundays (UTC) not counted; holidays are. */
  readonly businessDay: number;
}

/**
 * Shares of all swaps of the workload that are settled, on the instruction clock, within one hour and
 * within one business day; those that never settle are in the whole. `null` without swaps.
 */
export function settledWithin(swaps: readonly SwapRow[]): SettledWithin | null {
  if (swaps.length === 0) return null;
  let [hour, businessDay] = [0, 0];
  for (const { outcome, processMs, initiatedUs, finalSellUs, finalBuyUs } of swaps) {
    if (outcome !== "settled" || processMs === null) continue;
    const finalUs = Math.max(finalSellUs, finalBuyUs);
    if (processMs <= HOUR_MS) hour++;
    if (businessMicros(initiatedUs, finalUs) <= DAY_US) businessDay++;
  }
  return { hour: hour / swaps.length, businessDay: businessDay / swaps.length };
}
