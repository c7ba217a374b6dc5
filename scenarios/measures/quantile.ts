/**
 * The nearest-rank quantile: the smallest of the values that at least `percent` per cent of them
 * do not exceed. It is always one of the values, never something between two of them. `sorted` is
 * ascending and not empty; `percent` is a whole number from 1 to 100.
 */
export function quantile(sorted: ArrayLike<number>, percent: number): number {
  const value = sorted[quantileRank(sorted.length, percent) - 1];
  if (value === undefined) throw new RangeError("a quantile of nothing");
  return value;
}

/** The rank, from 1, of that value among `count`. Whole per cents keep the product exact. */
const quantileRank = (count: number, percent: number): number =>
  Math.max(1, Math.ceil((percent * count) / 100));
