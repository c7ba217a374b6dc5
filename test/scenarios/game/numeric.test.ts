import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freeOptionBasisPoints } from "../../../scenarios/measures/free-option.ts";
import {
  chanceBelow,
  meanAbove,
  meanBelow,
  priceAt,
} from "../../../scenarios/measures/htlc-game/price-process.ts";
import { integrate } from "../../../scenarios/measures/numeric/integrate.ts";
import { positiveRanges, topOf } from "../../../scenarios/measures/numeric/positive-ranges.ts";
import { holds } from "../../property.ts";

const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
const steps = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);

describe("integrate", () => {
  it.each([
    ["a polynomial", (x: number) => x ** 3 - 2 * x, [-1, 3], 12],
    ["a sine", Math.sin, [0, Math.PI], 2],
    ["a bell", normalDensity, [-38, 38], 1],
    [
      "a step that is no panel's end",
      (x: number) => Number(x > Math.SQRT1_2),
      [0, 1],
      1 - Math.SQRT1_2,
    ],
    ["a steep slope", (x: number) => 1 / (1 + Math.exp(-1e5 * (x - 0.3))), [0, 1], 0.7],
    ["nothing", Math.exp, [1, 1], 0],
    ["a range that ends before it begins", Math.exp, [2, 1], 0],
  ])("finds the area under %s", (_, f, [from = 0, to = 0], area) => {
    expect(Math.abs(integrate(f, [from, to], 1e-10) - area)).toBeLessThan(1e-9);
  });
});

describe("positiveRanges", () => {
  it("finds where a wave is above zero", () => {
    const ranges = positiveRanges(Math.sin, steps(1, 12, 40));
    const ends = ranges.flat().map((x) => x.toFixed(9));
    expect(ends).toEqual([1, Math.PI, 2 * Math.PI, 3 * Math.PI].map((x) => x.toFixed(9)));
  });

  it("finds a range and a gap that lie between two points", () => {
    const peak = (x: number): number => 1e-4 - (x - 0.505) ** 2;
    const [range] = positiveRanges(peak, steps(0, 1, 20));
    expect(range?.map((x) => x.toFixed(6))).toEqual(["0.495000", "0.515000"]);
    const gap = positiveRanges((x) => -peak(x), steps(0, 1, 20));
    expect(gap.flat().map((x) => x.toFixed(6))).toEqual([
      "0.000000",
      "0.495000",
      "0.515000",
      "1.000000",
    ]);
  });

  it("finds nothing where nothing is above zero, and everything where all is", () => {
    expect(positiveRanges(() => -1, steps(0, 1, 5))).toEqual([]);
    expect(positiveRanges(() => 0, steps(0, 1, 5))).toEqual([]);
    expect(positiveRanges(() => 1, steps(0, 1, 5))).toEqual([[0, 1]]);
    expect(positiveRanges(() => 1, [])).toEqual([]);
  });

  it("finds the roots of any cubic with roots far enough apart", () => {
    const roots = fc.tuple(
      fc.double({ min: -3, max: -1.1, noNaN: true }),
      fc.double({ min: -0.9, max: 0.9, noNaN: true }),
      fc.double({ min: 1.1, max: 3, noNaN: true }),
    );
    const property = fc.property(roots, ([a, b, c]) => {
      const cubic = (x: number): number => (x - a) * (x - b) * (x - c);
      const found = positiveRanges(cubic, steps(-4, 4, 100)).flat();
      for (const [i, root] of [a, b, c, 4].entries()) expect(found[i]).toBeCloseTo(root, 9);
    });
    holds(property, 200);
  });
});

it("topOf finds the top of a peak", () => {
  expect(topOf((x) => -((x - 0.7) ** 2), 0, 3)).toBeCloseTo(0.7, 7);
});

describe("the price", () => {
  const process = { mu: 0.03, sigma: 0.4 };
  const later = { from: 1.7, hours: 2.5 };
  const price = (z: number): number => priceAt(process, later, z);
  const limit = 1.9;

  it("has the chances and partial means that its median and scatter imply", () => {
    const isBelow = (z: number): number => Number(price(z) < limit) * normalDensity(z);
    const below = integrate(isBelow, [-12, 12], 1e-9);
    const mean = integrate((z) => isBelow(z) * price(z), [-12, 12], 1e-9);
    expect(chanceBelow(process, later, limit)).toBeCloseTo(below, 7);
    expect(meanBelow(process, later, limit)).toBeCloseTo(mean, 7);
  });

  it("has partial means that add up to what drift alone makes of it", () => {
    const all = meanBelow(process, later, limit) + meanAbove(process, later, limit);
    expect(all).toBeCloseTo(1.7 * Math.exp(0.03 * 2.5), 12);
  });

  it("is never below nothing", () => {
    expect(chanceBelow(process, later, 0)).toBe(0);
    expect(meanBelow(process, later, 0)).toBe(0);
    expect(chanceBelow(process, later, Infinity)).toBe(1);
  });
});

describe("the free option", () => {
  it("is worth what an option at the money pays on average", () => {
    const [volatility, days] = [0.12, 30];
    const scatter = volatility * Math.sqrt(days / 365);
    const pays = (z: number): number =>
      Math.max(0, Math.exp(-(scatter ** 2) / 2 + scatter * z) - 1) * normalDensity(z);
    const mean = integrate(pays, [-12, 12], 1e-12);
    expect(freeOptionBasisPoints(volatility, days * 86_400_000)).toBeCloseTo(10_000 * mean, 5);
  });

  it.each([
    [0.1, 0, 0],
    [0, 86_400_000, 0],
    [0.1, 1_000, 0.071],
    [0.1, 86_400_000, 20.88],
    [0.2, 86_400_000, 41.76],
  ])("at %d a year for %d ms is %d basis points", (volatility, windowMs, value) => {
    expect(freeOptionBasisPoints(volatility, windowMs)).toBeCloseTo(value, 2);
  });
});
