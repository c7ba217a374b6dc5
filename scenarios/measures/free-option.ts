import { cumulativeNormal } from "vega-statistics";

const BASIS_POINTS = 10_000;
const MS_PER_YEAR = 365 * 86_400_000;

/**
 * What it is worth to be the last who may still withdraw from a swap at today's price, in basis points of
 * the notional: an option at the money, free of charge. With N the normal distribution function, sigma the
 * volatility of the rate per square root of a year and T the window in years it is
 * `10 000 (2 N(sigma sqrt(T) / 2) - 1)`: Black and Scholes (1973) with no interest and no drift.
 * `volatility` is a fraction (0.1 for 10 % a year), at least 0; `windowMs` is how long the choice stays
 * open, at least 0.
 */
export const freeOptionBasisPoints = (volatility: number, windowMs: number): number =>
  BASIS_POINTS * (2 * cumulativeNormal((volatility * Math.sqrt(windowMs / MS_PER_YEAR)) / 2) - 1);
