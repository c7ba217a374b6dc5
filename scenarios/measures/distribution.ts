import { max, mean, min } from "simple-statistics";
import { quantile } from "./quantile.ts";

/** What a table says about a list of times, in milliseconds. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly max: number;
  readonly mean: number;
}

/** `null` when there are no values. */
export function distribution(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    min: min(sorted),
    p25: quantile(sorted, 25),
    p50: quantile(sorted, 50),
    p75: quantile(sorted, 75),
    p95: quantile(sorted, 95),
    max: max(sorted),
    mean: mean(sorted),
  };
}
