import type { Prng } from "../sim/prng.ts";

const UNIT_BITS = 16;
const UNIT = 1 << UNIT_BITS;

/** Uniform draws in one about normal one: their sum has a variance of 1 (Irwin and Hall). */
const SUMMED = 12;

/** The exponent of a weight lies within 1.5 times half of `SUMMED` around zero. */
const LARGEST_EXPONENT = 9;

/** The median of what is drawn. */
export const MEDIAN_WEIGHT = 1n << BigInt(UNIT_BITS + LARGEST_EXPONENT);

/**
 * 2^x for an about normal x of mean 0 and standard deviation 1.5, in whole numbers: between two whole
 * exponents the power runs straight.
 */
export function drawWeight(prng: Prng): bigint {
  let sum = 0;
  for (let i = 0; i < SUMMED; i++) sum += prng.int(0, UNIT);
  const exponent = Math.floor(((sum - (SUMMED / 2) * UNIT) * 3) / 2);
  const mantissa = UNIT + (exponent & (UNIT - 1));
  return BigInt(mantissa) << BigInt((exponent >> UNIT_BITS) + LARGEST_EXPONENT);
}
