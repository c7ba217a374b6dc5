import type { BankSummary, SwapRow } from "../run-result.ts";
import type { Arrangement } from "../scenario.ts";
import { sumSpells, type Spell } from "./spells.ts";

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

/** Money that one member has paid for good while what it is for is neither final nor certain. */
export interface RiskSpell extends Spell {
  readonly member: string;
  readonly currency: string;
  /** Still so when the run ended. */
  readonly isOpen: boolean;
}

/**
 * E(t), the sum over swaps of what was paid irrevocably while the other leg was neither final nor certain
 * (protocols.md 2.4; Herstatt risk: CPSS, "Settlement Risk in Foreign Exchange Transactions", 1996). Of
 * gross legs that is the first leg from its payment to that of the second; under `htlc` the leg that was
 * claimed of a swap that ended split. Where one decision fixes both legs before any is paid, it is 0 at all
 * times. What was never answered counts until the last settlement of the run.
 */
export function principalAtRisk(
  swaps: readonly SwapRow[],
  banks: readonly BankSummary[],
): readonly PrincipalAtRisk[] {
  const endUs = swaps.reduce((last, s) => Math.max(last, s.finalSellUs, s.finalBuyUs), 0);
  const spells = swaps.flatMap((swap) => riskSpells(swap, endUs));
  return banks.flatMap(({ currency }) => {
    const own = spells.filter((spell) => spell.currency === currency);
    return own.length === 0 ? [] : [{ currency, ...sumSpells(own), left: leftOf(own) }];
  });
}

/** What of such money was never answered. */
export const leftOf = (spells: readonly Pick<RiskSpell, "isOpen" | "amount">[]): bigint =>
  spells.reduce((sum, { isOpen, amount }) => (isOpen ? sum + amount : sum), 0n);

/** From when on the other leg of a settled swap is certain although it is not paid yet. */
const CERTAIN_FROM: Readonly<Record<Arrangement, "decision" | "payment">> = {
  certified: "decision",
  "shared-ledger": "decision",
  "two-phase": "decision",
  netting: "decision",
  // The secret is shown by then, and whoever has it can claim.
  htlc: "decision",
  gross: "payment",
};

/** The spells of one swap; `endUs` is when the run ended. */
export function riskSpells(swap: SwapRow, endUs: number): readonly RiskSpell[] {
  const { outcome, arrangement, finalSellUs: sellUs, finalBuyUs: buyUs } = swap;
  const isSplit = outcome === "split";
  const isLate = outcome === "settled" && certainFrom(arrangement) === "payment";
  if (!isSplit && !isLate) return [];
  // A lock that is over ends later than any claim: of a split swap the leg that was final first was paid.
  const isBuy = sellUs === 0 || (buyUs > 0 && buyUs < sellUs);
  const paid = isBuy
    ? { member: swap.counterparty, currency: swap.buyCurrency, amount: BigInt(swap.buyAmount) }
    : { member: swap.payer, currency: swap.sellCurrency, amount: BigInt(swap.sellAmount) };
  const fromUs = isBuy ? buyUs : sellUs;
  const toUs = isSplit ? endUs : Math.max(sellUs, buyUs);
  return fromUs === toUs && !isSplit ? [] : [{ ...paid, fromUs, toUs, isOpen: isSplit }];
}

const certainFrom = (arrangement: string): "decision" | "payment" =>
  CERTAIN_FROM[arrangement as Arrangement] ?? "payment";
