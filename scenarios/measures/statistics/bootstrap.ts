import { mean } from "simple-statistics";
import { cumulativeNormal, quantileNormal } from "vega-statistics";
import { invariant } from "../../../crypto/outcome.ts";
import type { Prng } from "../../sim/prng.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Samples drawn from the sample. */
  readonly resamples: number;
  /** Share of all such intervals that hold the true mean, such as 0.95. */
  readonly level: number;
  readonly prng: Prng;
}

/**
 * The confidence interval of a mean by the bootstrap with bias correction and acceleration, BCa (Efron,
 * "Better Bootstrap Confidence Intervals", JASA 1987). Values that are all the same give an interval
 * without width. There are at least two values. (Libraries that are alive offer the percentile interval
 * only, with a generator that cannot be handed in.)
 */
export function bootstrapMean(values: readonly number[], options: BootstrapOptions): Interval {
  const { resamples, level, prng } = options;
  invariant(values.length >= 2, "Bootstrap", `${values.length} values`);
  const observed = mean([...values]);
  if (values.every((value) => value === values[0])) return { low: observed, high: observed };
  const means = Float64Array.from({ length: resamples }, () => meanOfResample(values, prng));
  means.sort();
  const bias = quantileNormal(shareBelow(means, observed, 0.5 / resamples));
  const acceleration = accelerationOf(values);
  const at = (share: number): number => {
    const z = bias + quantileNormal(share);
    const corrected = cumulativeNormal(bias + z / (1 - acceleration * z));
    const rank = Math.min(resamples - 1, Math.max(0, Math.ceil(corrected * resamples) - 1));
    return means[rank] ?? observed;
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

function meanOfResample(values: readonly number[], prng: Prng): number {
  const last = values.length - 1;
  let sum = 0;
  for (let i = 0; i <= last; i++) sum += values[prng.int(0, last)] ?? 0;
  return sum / values.length;
}

/** The share of means below the observed one, equal ones counted half, and kept from 0 and 1. */
function shareBelow(means: Float64Array, observed: number, least: number): number {
  let halves = 0;
  for (const value of means) halves += value < observed ? 2 : Number(value === observed);
  return Math.min(1 - least, Math.max(least, halves / (2 * means.length)));
}

/** From the jackknife: for a mean, a sixth of the skewness over the root of the number of values. */
function accelerationOf(values: readonly number[]): number {
  const centre = mean([...values]);
  let [squares, cubes] = [0, 0];
  for (const value of values) {
    squares += (value - centre) ** 2;
    cubes += (value - centre) ** 3;
  }
  return cubes / (6 * squares ** 1.5);
}
