/** Up to this value lies this share of all. */
export interface EcdfPoint {
  readonly value: number;
  readonly share: number;
}

/**
 * Points of the empirical distribution function of `values`, out of `total` cases (those without a value
 * never come): at most about `most` of them, evenly spaced in rank, the last one always among them. Every
 * point is exactly on the function. `total` is at least the number of values.
 */
export function ecdf(values: readonly number[], total: number, most: number): readonly EcdfPoint[] {
  const sorted = Float64Array.from(values).sort();
  const step = Math.max(1, Math.ceil(sorted.length / most));
  const points: EcdfPoint[] = [];
  for (const [i, value] of sorted.entries()) {
    const isLast = i === sorted.length - 1;
    if (!isLast && ((i + 1) % step !== 0 || sorted[i + 1] === value)) continue;
    points.push({ value, share: (i + 1) / total });
  }
  return points;
}
