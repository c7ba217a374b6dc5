import type { Spell } from "./spells.ts";

/** One leg of a swap as its ledger has it. Times in microseconds, 0 where it did not happen. */
export interface LegEnd {
  readonly member: string;
  readonly currency: string;
  readonly amount: bigint;
  /** `null`: neither by the end of the run. */
  readonly outcome: "settled" | "voided" | null;
  readonly finalUs: number;
  /** When the bank knew the outcome for certain. */
  readonly decidedUs: number;
}

export interface RiskSetting {
  /** Whether a known outcome of one leg fixes the other, as a certificate does. */
  readonly decisionBinds: boolean;
  readonly endUs: number;
}

/** Money that a member has paid for good while it may still not get what it is for. */
export interface RiskSpell extends Spell {
  readonly member: string;
  readonly currency: string;
  /** At the end of the run it still had not come, or never could: the other leg was voided. */
  readonly isLost: boolean;
}

/**
 * Principal at risk (Herstatt risk; CPSS, "Settlement Risk in Foreign Exchange Transactions", 1996): what
 * a member has paid finally while its counter-leg is not final. E_i(t) = sum of the amounts of such legs of
 * member i at t; the measures are its maximum and its integral over time. Where a decision binds, a leg
 * counts as final from the decision on, settled or not yet.
 */
export function riskSpells(
  [one, two]: readonly [LegEnd, LegEnd],
  setting: RiskSetting,
): readonly RiskSpell[] {
  return [spellOf(one, two, setting), spellOf(two, one, setting)].filter(
    (spell) => spell !== undefined,
  );
}

function spellOf(
  paid: LegEnd,
  counter: LegEnd,
  { decisionBinds, endUs }: RiskSetting,
): RiskSpell | undefined {
  if (paid.outcome !== "settled") return undefined;
  const { member, currency, amount, finalUs: fromUs } = paid;
  const arrives = counter.outcome === "settled" ? counter.finalUs : Infinity;
  const known = [paid.decidedUs, counter.decidedUs].filter((us) => us > 0);
  const bound = decisionBinds && counter.outcome !== "voided" ? Math.min(...known) : Infinity;
  const securedUs = Math.min(arrives, bound);
  if (securedUs <= fromUs) return undefined;
  const isLost = securedUs === Infinity;
  return { member, currency, amount, fromUs, toUs: isLost ? endUs : securedUs, isLost };
}
