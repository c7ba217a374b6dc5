import type { BankSummary, SwapRow } from "../run-result.ts";

/** What members had paid for good and not yet been answered for, in one currency. */
export interface PrincipalAtRisk {
  readonly currency: string;
  /** The most at one time, in minor units. */
  readonly peak: bigint;
  /** Minor units times microseconds: the integral of the amount over time. */
  readonly unitMicros: bigint;
  /** Still unanswered when the run ended, in minor units: lost, or to be answered later. */
  readonly left: bigint;
}

/**
 * E(t), the sum over swaps of what was paid irrevocably while the other leg was neither final nor certain
 * (protocols.md 2.4). Of gross legs that is the first leg from its payment to that of the second; under
 * `htlc` the leg that was claimed of a swap that ended split. Where one decision fixes both legs before any
 * is paid, it is 0 at all times. What was never answered counts until the last event of the run.
 */
export function principalAtRisk(
  swaps: readonly SwapRow[],
  banks: readonly BankSummary[],
): readonly PrincipalAtRisk[] {
  const endUs = swaps.reduce((last, s) => Math.max(last, s.finalSellUs, s.finalBuyUs), 0);
  const exposures = swaps.flatMap((swap) => exposureOf(swap, endUs));
  return banks.flatMap(({ currency }) => {
    const own = exposures.filter((exposure) => exposure.currency === currency);
    if (own.length === 0) return [];
    const changes = own
      .flatMap(({ amount, fromUs, toUs }) => [
        { atUs: fromUs, amount },
        { atUs: toUs, amount: -amount },
      ])
      .sort((a, b) => a.atUs - b.atUs || Number(a.amount - b.amount));
    let [now, peak, unitMicros] = [0n, 0n, 0n];
    for (const [i, { atUs, amount }] of changes.entries()) {
      now += amount;
      if (now > peak) peak = now;
      unitMicros += now * BigInt((changes[i + 1]?.atUs ?? atUs) - atUs);
    }
    const left = own.reduce((sum, { amount, isOpen }) => sum + (isOpen ? amount : 0n), 0n);
    return [{ currency, peak, unitMicros, left }];
  });
}

interface Exposure {
  readonly currency: string;
  readonly amount: bigint;
  readonly fromUs: number;
  readonly toUs: number;
  readonly isOpen: boolean;
}

function exposureOf(swap: SwapRow, endUs: number): readonly Exposure[] {
  const isSplit = swap.outcome === "split";
  if (!isSplit && (swap.arrangement !== "gross" || swap.outcome !== "settled")) return [];
  const { finalSellUs: sellUs, finalBuyUs: buyUs } = swap;
  // A lock that is over ends later than any claim: of a split swap the leg that was final first was paid.
  const isBuy = sellUs === 0 || (buyUs > 0 && buyUs < sellUs);
  const fromUs = isBuy ? buyUs : sellUs;
  const currency = isBuy ? swap.buyCurrency : swap.sellCurrency;
  const amount = BigInt(isBuy ? swap.buyAmount : swap.sellAmount);
  const toUs = isSplit ? endUs : Math.max(sellUs, buyUs);
  return [{ currency, amount, fromUs, toUs, isOpen: isSplit }];
}
