import type { SwapRow } from "../run-result.ts";
import { distribution, type Distribution } from "./distribution.ts";

export type Clock = "instruction" | "ledger";

/** The two clocks of a swap, with what each of them spans. */
export const CLOCKS: Readonly<Record<Clock, { readonly title: string; readonly spans: string }>> = {
  instruction: {
    title: "Instruction clock",
    spans: "from the first member's decision, with modelled screening, to final on both ledgers",
  },
  ledger: {
    title: "Ledger clock",
    spans: "from arrival at the first bank to the later of the two durable settlements",
  },
};

/** How long the swaps that settled took, in milliseconds. */
export const settleTimes = (
  swaps: readonly SwapRow[],
): Readonly<Record<Clock, Distribution | null>> => ({
  instruction: distribution(settledTimes(swaps, "instruction")),
  ledger: distribution(settledTimes(swaps, "ledger")),
});

/** The times themselves, in the order of the swaps. */
export function settledTimes(swaps: readonly SwapRow[], clock: Clock): readonly number[] {
  return swaps.flatMap((swap) => {
    const ms = settleTime(swap, clock);
    return ms === null ? [] : [ms];
  });
}

/** `null` for a swap that did not settle. */
export function settleTime(swap: SwapRow, clock: Clock): number | null {
  if (swap.outcome !== "settled") return null;
  return clock === "instruction" ? swap.processMs : swap.settleMs;
}
