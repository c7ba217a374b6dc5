import { bisect } from "simple-statistics";

/** From, to. A range that is positive from the first point on begins there; likewise at the end. */
export type Range = readonly [from: number, to: number];

/** How near a root is approached, in units of `x`, and the halvings that takes at most. */
const ROOT_WIDTH = 1e-12;
const MAX_HALVINGS = 200;

/** Steps of the search for the top of a peak: each leaves 0.62 of the width. */
const PEAK_STEPS = 60;

/**
 * Where a continuous function is above zero, within ascending points at which it is looked at first.
 * Sign changes between neighbouring points are bracketed and bisected. A peak that stays below zero at
 * every point, or a dip that stays above, is followed to its top, so that a range narrower than the
 * distance of the points is found too.
 */
export function positiveRanges(f: (x: number) => number, points: readonly number[]): Range[] {
  const looked = withExtremes(
    f,
    points.map((x) => ({ x, y: f(x) })),
  );
  const ranges: Range[] = [];
  let from: number | undefined;
  for (const [i, { x, y }] of looked.entries()) {
    const before = looked[i - 1];
    if (y > 0 && from === undefined) from = before === undefined ? x : rootOf(f, before.x, x);
    if (y <= 0 && from !== undefined && before !== undefined) {
      ranges.push([from, rootOf(f, before.x, x)]);
      from = undefined;
    }
  }
  const last = looked.at(-1);
  if (from !== undefined && last !== undefined) ranges.push([from, last.x]);
  return ranges;
}

const rootOf = (f: (x: number) => number, from: number, to: number): number =>
  bisect(f, from, to, MAX_HALVINGS, ROOT_WIDTH);

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Adds the tops of peaks and the bottoms of dips that lie on the other side of zero. */
function withExtremes(f: (x: number) => number, points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (before === undefined || after === undefined) return [point];
    const side = point.y > 0 ? -1 : 1;
    const [fromBefore, fromAfter] = [side * (point.y - before.y), side * (point.y - after.y)];
    // Between its neighbours a smooth peak rises by less than it has risen from them.
    const mayReachZero =
      fromBefore >= 0 && fromAfter >= 0 && side * point.y + Math.max(fromBefore, fromAfter) > 0;
    if (!mayReachZero) return [point];
    const top = topOf((x) => side * f(x), before.x, after.x);
    if (side * f(top) <= 0 || top === point.x) return [point];
    const extreme = { x: top, y: f(top) };
    return top < point.x ? [extreme, point] : [point, extreme];
  });
}

/** Golden-section search for the highest point of a single peak. */
export function topOf(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  for (let i = 0; i < PEAK_STEPS; i++) {
    if (atLeft >= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
