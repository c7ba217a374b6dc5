import { convertFloor, type Amount } from "../../node/money.ts";
import { crossRate, USD } from "../rates.ts";
import type { Scenario } from "../scenario.ts";
import type { PlannedLeg, PlannedSwap } from "./plan.ts";

/**
 * What a swap is worth in US cents at the scenario's rates, rounded down: the value of what is sold,
 * or of what is bought where the sold currency has no rate. For tables only; no money moves by it.
 */
export function usdCentsOf(
  { legs }: Pick<PlannedSwap, "legs">,
  scenario: Pick<Scenario, "banks" | "rates">,
): Amount | undefined {
  return valueOf(legs[0], scenario) ?? valueOf(legs[1], scenario);
}

function valueOf(
  { currency, amount }: Pick<PlannedLeg, "currency" | "amount">,
  { banks, rates }: Pick<Scenario, "banks" | "rates">,
): Amount | undefined {
  const bank = banks.find((bank) => bank.currency.code === currency);
  if (bank === undefined || rates === null) return undefined;
  const rate = crossRate(rates, bank.currency, USD);
  return rate === undefined ? undefined : convertFloor(amount, rate);
}
