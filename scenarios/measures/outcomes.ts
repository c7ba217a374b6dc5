import type { SwapRow } from "../run-result.ts";

export type Outcome = SwapRow["outcome"];

/** What can become of a swap, with its meaning. */
export const OUTCOMES: Readonly<Record<Outcome, string>> = {
  settled: "both legs were paid",
  voided: "neither leg was paid: what had been held was given back",
  split: "one leg was paid and the other was not, as the arrangement allows",
  rejected: "a bank turned the instruction down, so nothing was held",
  unresolved: "no outcome was known when the run ended",
};

/** How many swaps came to each outcome. */
export function countOutcomes(swaps: readonly SwapRow[]): Readonly<Record<Outcome, number>> {
  const counts = { settled: 0, voided: 0, split: 0, rejected: 0, unresolved: 0 };
  for (const swap of swaps) counts[swap.outcome] += 1;
  return counts;
}
