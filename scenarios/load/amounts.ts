import { parseAmount, ZERO, type Amount, type Currency } from "../../node/money.ts";
import type { Path } from "../problem.ts";
import type { Findings } from "./problems.ts";

interface Money {
  readonly code: string;
  readonly decimals: number;
}

/** An amount of the currency in minor units; what is wrong with it is noted. */
export function readAmount(
  found: string | undefined,
  currency: Money | Currency | undefined,
  path: Path,
  findings: Findings,
): Amount | undefined {
  if (found === undefined || currency === undefined) return undefined;
  const amount = parseAmount(found, currency.decimals, currency.code);
  if (amount.ok) return amount.value;
  findings.invalid(path, `an amount in ${currency.code}: ${amount.error.why}`);
  return undefined;
}

/** The same for what must be above zero. */
export function readPositiveAmount(
  found: string | undefined,
  currency: Money | Currency | undefined,
  path: Path,
  findings: Findings,
): Amount | undefined {
  const amount = readAmount(found, currency, path, findings);
  if (amount !== ZERO) return amount;
  findings.invalid(path, "more than zero");
  return undefined;
}
