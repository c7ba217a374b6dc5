import type { SwapRow } from "../run-result.ts";

/** What settled swaps moved: minor units by currency, and their value in US cents for tables. */
export interface SettledValue {
  readonly byCurrency: ReadonlyMap<string, bigint>;
  readonly usdCents: bigint;
}

/** Adds up both legs of every swap that settled. */
export function settledValue(swaps: readonly SwapRow[]): SettledValue {
  const byCurrency = new Map<string, bigint>();
  let usdCents = 0n;
  for (const swap of swaps) {
    if (swap.outcome !== "settled") continue;
    usdCents += BigInt(swap.usdCents);
    for (const [currency, amount] of [
      [swap.sellCurrency, swap.sellAmount],
      [swap.buyCurrency, swap.buyAmount],
    ] as const) {
      byCurrency.set(currency, (byCurrency.get(currency) ?? 0n) + BigInt(amount));
    }
  }
  return { byCurrency, usdCents };
}
