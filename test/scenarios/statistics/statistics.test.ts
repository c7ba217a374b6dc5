import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../../scenarios/sim/prng.ts";
import { bootstrapMean } from "../../../scenarios/measures/statistics/bootstrap.ts";
import { ecdf } from "../../../scenarios/measures/statistics/ecdf.ts";
import {
  estimate,
  LEAST_RUNS,
  pairedDifference,
} from "../../../scenarios/measures/statistics/paired.ts";
import { holds } from "../../property.ts";

const prng = (name: string): Prng => Prng.fromSeed(1).fork(name);
const uniform = (of: Prng): number => (of.u32() + 0.5) / 2 ** 32;
const exponential = (of: Prng): number => -Math.log(uniform(of));
const normal = (of: Prng): number =>
  Math.sqrt(-2 * Math.log(uniform(of))) * Math.cos(2 * Math.PI * uniform(of));

const OPTIONS = { resamples: 600, level: 0.95 };

/** How often an interval from `size` draws holds the true mean. */
function coverage(draw: (of: Prng) => number, truth: number, size: number): number {
  const draws = prng("draws");
  let held = 0;
  for (let i = 0; i < 400; i++) {
    const sample = Array.from({ length: size }, () => draw(draws));
    const { low, high } = bootstrapMean(sample, { ...OPTIONS, prng: prng(`resample ${i}`) });
    if (low <= truth && truth <= high) held++;
  }
  return held / 400;
}

describe("the bootstrap interval of a mean", () => {
  it.each([
    ["normal values", normal, 0, 20],
    ["skewed values", exponential, 1, 30],
  ])("holds the truth about as often as it says, for %s", (_, draw, truth, size) => {
    const share = coverage(draw, truth, size);
    expect(share).toBeGreaterThan(0.89);
    expect(share).toBeLessThan(0.98);
  });

  it("is the same for the same generator, and lies around the mean within the values", () => {
    const lists = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 2,
      maxLength: 30,
    });
    const property = fc.property(lists, (values) => {
      const found = bootstrapMean(values, { ...OPTIONS, prng: prng("a") });
      expect(bootstrapMean(values, { ...OPTIONS, prng: prng("a") })).toEqual(found);
      const slack = 1e-9 * Math.max(...values.map(Math.abs));
      expect(found.low).toBeLessThanOrEqual(found.high);
      expect(found.low).toBeGreaterThanOrEqual(Math.min(...values) - slack);
      expect(found.high).toBeLessThanOrEqual(Math.max(...values) + slack);
    });
    holds(property, 100);
  });

  it("moves and stretches with the values", () => {
    const draws = prng("values");
    const values = Array.from({ length: 15 }, () => exponential(draws));
    const one = bootstrapMean(values, { ...OPTIONS, prng: prng("b") });
    const moved = values.map((value) => 4 * value + 8);
    const other = bootstrapMean(moved, { ...OPTIONS, prng: prng("b") });
    expect(other.low).toBeCloseTo(4 * one.low + 8, 9);
    expect(other.high).toBeCloseTo(4 * one.high + 8, 9);
  });

  it("leans to the side on which values are spread out", () => {
    const values = [1, 1, 1, 2, 2, 2, 3, 3, 4, 30];
    const { low, high } = bootstrapMean(values, { ...OPTIONS, prng: prng("c") });
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(high - mean).toBeGreaterThan(1.5 * (mean - low));
  });

  it("has no width when all values are the same", () => {
    expect(bootstrapMean([3, 3, 3], { ...OPTIONS, prng: prng("d") })).toEqual({ low: 3, high: 3 });
  });

  it("of one value is a bug", () => {
    expect(() => bootstrapMean([3], { ...OPTIONS, prng: prng("e") })).toThrow("Bootstrap");
  });
});

describe("a difference between two cases", () => {
  const runs = Array.from({ length: 20 }, (_, i) => 100 + 10 * ((i * 7) % 20));

  it("that is small against the spread of the runs shows when they are paired", () => {
    const later = runs.map((ms, i) => ms + 2 + (i % 3));
    const found = pairedDifference(runs, later, prng("x"));
    expect(found).toMatchObject({ verdict: "higher", runs: 20 });
    expect(found?.mean).toBeCloseTo(2.95, 9);
    expect(pairedDifference(later, runs, prng("x"))?.verdict).toBe("lower");
  });

  it("whose interval contains zero is called no difference", () => {
    const other = runs.map((ms, i) => ms + (i % 2 === 0 ? 5 : -5));
    expect(pairedDifference(runs, other, prng("x"))?.verdict).toBe("no difference");
    expect(pairedDifference(runs, runs, prng("x"))).toMatchObject({
      mean: 0,
      interval: { low: 0, high: 0 },
      verdict: "no difference",
    });
  });

  it("is seldom seen where there is none", () => {
    const draws = prng("none");
    let seen = 0;
    for (let i = 0; i < 100; i++) {
      const [one, two] = [0, 1].map(() => Array.from({ length: 20 }, () => normal(draws)));
      const verdict = pairedDifference(one ?? [], two ?? [], prng(`${i}`))?.verdict;
      if (verdict !== "no difference") seen++;
    }
    expect(seen).toBeLessThan(13);
  });

  it("of too few runs is not judged", () => {
    const few = runs.slice(0, LEAST_RUNS - 1);
    const enough = runs.slice(0, LEAST_RUNS);
    const more = (list: readonly number[]) => list.map((ms) => ms + 1);
    expect(pairedDifference(few, more(few), prng("x"))).toEqual({
      runs: LEAST_RUNS - 1,
      mean: 1,
      interval: null,
      verdict: "too few runs",
    });
    expect(pairedDifference(enough, more(enough), prng("x"))?.verdict).toBe("higher");
  });

  it("leaves out runs in which one of them has no value", () => {
    const found = pairedDifference([1, null, 3], [2, 5, null], prng("x"));
    expect([found?.runs, found?.mean]).toEqual([1, 1]);
    expect(pairedDifference([null], [1], prng("x"))).toBeNull();
    expect(estimate([], prng("x"))).toBeNull();
  });
});

describe("the distribution function", () => {
  it("says for each of its points exactly which share of all cases is not above it", () => {
    const lists = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 });
    const property = fc.property(lists, fc.nat(50), fc.integer({ min: 1, max: 60 }), (...drawn) => {
      const [values, missing, most] = drawn;
      const total = values.length + missing;
      const points = ecdf(values, total, most);
      for (const { value, share } of points) {
        expect(share).toBe(values.filter((other) => other <= value).length / total);
      }
      expect(points.length).toBeLessThanOrEqual(most + 1);
      const last = points.at(-1);
      if (values.length > 0)
        expect(last).toEqual({ value: Math.max(...values), share: values.length / total });
      else expect(points).toEqual([]);
    });
    holds(property, 200);
  });
});
