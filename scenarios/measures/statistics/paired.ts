import { mean } from "simple-statistics";
import type { Prng } from "../../sim/prng.ts";
import { bootstrapMean, type Interval } from "./bootstrap.ts";

/** How often a sample is drawn again, and how often an interval is to hold the truth. */
export const RESAMPLES = 2_000;
export const LEVEL = 0.95;

/** The seed of all resampling: the same runs always give the same intervals. */
export const RESAMPLING_SEED = 1;

/**
 * Below this many runs nothing is said about a difference: that all of five have one sign happens by
 * chance in 6 % of cases, and a bootstrap would then never see zero.
 */
export const LEAST_RUNS = 6;

export const VERDICTS = {
  higher: "The interval of the difference lies above zero.",
  lower: "The interval of the difference lies below zero.",
  "no difference": "The interval of the difference contains zero: none is shown.",
  "too few runs": `Of fewer than ${LEAST_RUNS} runs nothing is said.`,
} as const;
export type Verdict = keyof typeof VERDICTS;

/** A measure's mean over runs; the interval is `null` where there are too few. */
export interface Estimate {
  readonly runs: number;
  readonly mean: number;
  readonly interval: Interval | null;
}

export interface Difference extends Estimate {
  readonly verdict: Verdict;
}

/** The mean of a measure over the runs that have it; `null` if none has. */
export function estimate(values: readonly (number | null)[], prng: Prng): Estimate | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const interval =
    known.length < LEAST_RUNS
      ? null
      : bootstrapMean(known, { resamples: RESAMPLES, level: LEVEL, prng });
  return { runs: known.length, mean: mean(known), interval };
}

/**
 * How much higher a measure is than in the base case, run by run of the same seed (common random numbers):
 * the mean of the differences and its interval. A difference whose interval contains zero is none. Runs
 * in which one of the two has no value are left out; `null` if that are all.
 */
export function pairedDifference(
  base: readonly (number | null)[],
  other: readonly (number | null)[],
  prng: Prng,
): Difference | null {
  const differences = other.map((value, i) => {
    const before = base[i] ?? null;
    return value === null || before === null ? null : value - before;
  });
  const found = estimate(differences, prng);
  return found === null ? null : { ...found, verdict: verdictOf(found.interval) };
}

function verdictOf(interval: Interval | null): Verdict {
  if (interval === null) return "too few runs";
  if (interval.low > 0) return "higher";
  return interval.high < 0 ? "lower" : "no difference";
}
