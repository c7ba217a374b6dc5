import type { BankSummary, SwapRow } from "../run-result.ts";

/** The swaps of two currencies, whichever of them was sold. */
export interface PairSwaps {
  /** Such as `KZT/CNY`: the currency of the bank with the lower number first. */
  readonly name: string;
  readonly first: string;
  readonly second: string;
  readonly swaps: readonly SwapRow[];
}

/** Groups swaps by their two currencies, in the order of the banks. */
export function currencyPairs(
  swaps: readonly SwapRow[],
  banks: readonly BankSummary[],
): readonly PairSwaps[] {
  const rank = new Map(banks.map((bank) => [bank.currency, bank.number]));
  const rankOf = (currency: string): number => rank.get(currency) ?? Number.MAX_SAFE_INTEGER;
  const order = (a: string, b: string): number =>
    rankOf(a) - rankOf(b) || (a < b ? -1 : Number(a > b));

  const pairs = new Map<string, PairSwaps & { readonly swaps: SwapRow[] }>();
  for (const swap of swaps) {
    const [first = "", second = ""] = [swap.sellCurrency, swap.buyCurrency].sort(order);
    const name = `${first}/${second}`;
    const pair = pairs.get(name);
    if (pair === undefined) pairs.set(name, { name, first, second, swaps: [swap] });
    else pair.swaps.push(swap);
  }
  return [...pairs.values()].sort((a, b) => order(a.first, b.first) || order(a.second, b.second));
}
