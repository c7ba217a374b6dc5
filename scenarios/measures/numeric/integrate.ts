/** Halvings of an interval: a width of 10^-15 of the whole is the end of double precision. */
const MAX_DEPTH = 50;

/** Panels to begin with: a narrow peak between the first few points would not be seen. */
const FIRST_PANELS = 64;

/**
 * The integral of a function that is bounded and has finitely many bends, by adaptive Simpson panels:
 * a panel is halved until its two halves agree with it within its share of `tolerance` (absolute).
 */
export function integrate(
  f: (x: number) => number,
  [from, to]: readonly [number, number],
  tolerance: number,
): number {
  if (!(from < to)) return 0;
  const width = (to - from) / FIRST_PANELS;
  let sum = 0;
  for (let i = 0; i < FIRST_PANELS; i++) {
    const left = from + i * width;
    const panel = panelOf(f, { x: left, y: f(left) }, { x: left + width, y: f(left + width) });
    sum += refined(f, panel, tolerance / FIRST_PANELS, MAX_DEPTH);
  }
  return sum;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Panel {
  readonly left: Point;
  readonly middle: Point;
  readonly right: Point;
  readonly area: number;
}

function panelOf(f: (x: number) => number, left: Point, right: Point): Panel {
  const x = (left.x + right.x) / 2;
  const middle = { x, y: f(x) };
  return {
    left,
    middle,
    right,
    area: ((right.x - left.x) / 6) * (left.y + 4 * middle.y + right.y),
  };
}

function refined(
  f: (x: number) => number,
  { left, middle, right, area }: Panel,
  tolerance: number,
  depth: number,
): number {
  const first = panelOf(f, left, middle);
  const second = panelOf(f, middle, right);
  const error = first.area + second.area - area;
  // Halving divides Simpson's error by 16, so that 15 parts of it show as the difference.
  if (depth === 0 || Math.abs(error) <= 15 * tolerance) {
    return first.area + second.area + error / 15;
  }
  return refined(f, first, tolerance / 2, depth - 1) + refined(f, second, tolerance / 2, depth - 1);
}
