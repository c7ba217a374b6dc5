import { bigUint } from "../crypto/canonical-layout.ts";
import type { Layout } from "../crypto/canonical-layout.ts";
import { MAX_UINT } from "../crypto/canonical-value.ts";
import { invariant, InvariantViolation, ok, reject, type Outcome } from "../crypto/outcome.ts";

/** An amount of money in minor units (tiyn, fen, cents, satang, fils, halala): 0 to 2^63 - 1. */
export type Amount = bigint & { readonly __brand: "Amount" };

/** An ISO 4217 code: three capitals. */
export type CurrencyCode = string & { readonly __brand: "CurrencyCode" };

export interface Currency {
  readonly code: CurrencyCode;
  /** Decimal places of the major unit, 0 to 6 (ISO 4217); all six currencies of the corridor have 2. */
  readonly decimals: number;
}

export const MAX_AMOUNT = MAX_UINT as Amount;
export const ZERO = 0n as Amount;
export const CURRENCY_PATTERN = /^[A-Z]{3}$/;

export const amountLayout = bigUint as Layout<Amount>;

export interface AmountRejection {
  readonly code: "amount_invalid";
  readonly found: string;
  readonly why: string;
}

/**
 * Parses a decimal string of major units, such as "1250000.00", exactly. Refused: signs, exponents,
 * separators, more decimals than the currency has, and amounts above 2^63 - 1 minor units.
 */
export function parseAmount(
  found: string,
  decimals: number,
  currency: string,
): Outcome<Amount, AmountRejection> {
  const refuse = (why: string): Outcome<Amount, AmountRejection> =>
    reject({ code: "amount_invalid", found: found.slice(0, 40), why });
  const match = /^(0|[1-9][0-9]{0,18})(?:\.([0-9]+))?$/.exec(found);
  if (match === null) {
    return refuse(
      `want digits with at most ${decimals} decimals, such as "1250.00", not a sign, exponent or separator`,
    );
  }
  const [, whole = "0", fraction = ""] = match;
  if (fraction.length > decimals) {
    return refuse(`${currency} has ${decimals} decimals, found ${fraction.length}`);
  }
  const minor = BigInt(whole + fraction.padEnd(decimals, "0"));
  if (minor > MAX_AMOUNT) return refuse(`the largest amount is 2^63 - 1 minor units`);
  return ok(minor as Amount);
}

/** Renders minor units as major units with all decimals, such as "1250000.00". */
export function renderAmount(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The sum, or `undefined` when it would exceed 2^63 - 1. */
export function addAmounts(a: Amount, b: Amount): Amount | undefined {
  const sum = a + b;
  return sum <= MAX_AMOUNT ? (sum as Amount) : undefined;
}

/** The difference; the caller has checked that it is not negative. */
export function subtractAmounts(a: Amount, b: Amount): Amount {
  const difference = a - b;
  if (difference < 0n) throw new InvariantViolation("NonNegative", `${a} - ${b}`);
  return difference as Amount;
}

/** An exact ratio: `numerator` minor units of the bought currency for `denominator` of the sold one. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Converts and rounds down: in favour of the side that pays out. */
export function convertFloor(amount: Amount, rate: Rate): Amount {
  invariant(rate.denominator > 0n && rate.numerator >= 0n, "ExactRate", "ratio of positives");
  return ((amount * rate.numerator) / rate.denominator) as Amount;
}

/** Converts and rounds up: in favour of the side that receives. */
export function convertCeil(amount: Amount, rate: Rate): Amount {
  invariant(rate.denominator > 0n && rate.numerator >= 0n, "ExactRate", "ratio of positives");
  return ((amount * rate.numerator + rate.denominator - 1n) / rate.denominator) as Amount;
}
