import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantViolation } from "../../../crypto/outcome.ts";
import { nextXoshiro128, Prng, type XoshiroState } from "../../../scenarios/sim/prng.ts";
import { holds } from "../../property.ts";

const times = <T>(count: number, draw: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => draw(i));

const seeds = fc.nat(Number.MAX_SAFE_INTEGER);

/** How far the counts lie from what is expected of each (Pearson's chi-squared). */
function chiSquared(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, i) => {
    const wanted = expected[i] as number;
    return sum + (count - wanted) ** 2 / wanted;
  }, 0);
}

/** What fair draws exceed once in a thousand times, by degrees of freedom (any table of chi-squared). */
const ONE_IN_1000 = { 2: 13.82, 3: 16.27, 5: 20.52, 15: 37.7, 23: 49.73 } as const;

const even = (count: number, kinds: number): readonly number[] => times(kinds, () => count / kinds);

function tally(kinds: number, draws: readonly number[]): readonly number[] {
  const counts = times(kinds, () => 0);
  for (const drawn of draws) counts[drawn] = (counts[drawn] as number) + 1;
  return counts;
}

describe("xoshiro128** 1.1", () => {
  it.each<{ readonly state: XoshiroState; readonly expected: readonly number[] }>([
    // As the generators of rust-random/rngs (rand_xoshiro) pin the reference implementation.
    {
      state: [1, 2, 3, 4],
      expected: [
        11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
        4258142804,
      ],
    },
    // Printed by prng.di.unimi.it/xoshiro128starstar.c for words with high bits.
    {
      state: [2654435769, 608135816, 3084996962, 3735928559],
      expected: [
        2463954730, 5524658, 74256371, 1905451993, 3123413897, 314453775, 1263677054, 1531511215,
        693760292, 1307612896,
      ],
    },
    {
      state: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      expected: [
        4294962679, 4294962679, 4292019319, 2943360, 1509943680, 246671744, 2681405836, 4051244843,
        1053453815, 832600121,
      ],
    },
  ])("state $state gives the published words", ({ state, expected }) => {
    expect(times(expected.length, () => nextXoshiro128(state))).toEqual(expected);
  });
});

describe("a stream", () => {
  // Pinned by a second implementation: xoshiro128** whose state is the first 16 bytes, big-endian, of
  // SHA-256("corridor/prng/v1" 0x00 "42"), and of SHA-256(that digest "swaps") and so on for forks.
  it("is decided by the seed, and stays what it is", () => {
    const first = Prng.fromSeed(42);
    const again = Prng.fromSeed(42);
    expect(times(100, () => first.u32())).toEqual(times(100, () => again.u32()));
    const pinned = [979593328, 2883478071, 1710314415, 4142571746];
    const root = Prng.fromSeed(42);
    expect(times(4, () => root.u32())).toEqual(pinned);
    const pinnedFork = [2301573259, 4180904387, 1763388846, 401270345];
    const fork = root.fork("swaps").fork("members");
    expect(times(4, () => fork.u32())).toEqual(pinnedFork);
  });

  it("is another one for each seed and name", () => {
    const words = new Set<string>();
    const note = (prng: Prng): void => void words.add(times(4, () => prng.u32()).join());
    for (let seed = 0; seed < 1000; seed++) note(Prng.fromSeed(seed));
    const root = Prng.fromSeed(0);
    for (let i = 0; i < 1000; i++) note(root.fork(`name ${i}`));
    note(root.fork(""));
    note(root.fork("ab"));
    note(root.fork("a").fork("b"));
    note(Prng.fromSeed(Number.MAX_SAFE_INTEGER));
    expect(words.size).toBe(2004);
  });

  it("is not shifted by draws from its parent or from other forks", () => {
    const property = fc.property(seeds, fc.string(), fc.nat(50), (seed, name, before) => {
      const root = Prng.fromSeed(seed);
      times(before, () => root.u32());
      const other = root.fork(`${name} too`);
      times(before, () => other.u32());
      const fork = root.fork(name);
      const drawn = times(20, () => {
        root.u32();
        other.u32();
        return fork.u32();
      });
      const alone = Prng.fromSeed(seed).fork(name);
      expect(drawn).toEqual(times(20, () => alone.u32()));
    });
    holds(property, 100);
  });

  it("does not move with its parent or a sister: pairs of draws are even", () => {
    const root = Prng.fromSeed(7);
    const a = root.fork("a");
    const b = root.fork("b");
    for (const [one, two] of [
      [a, b],
      [root, a],
    ] as const) {
      const pairs = times(16_000, () => (one.u32() >>> 30) * 4 + (two.u32() >>> 30));
      expect(chiSquared(tally(16, pairs), even(16_000, 16))).toBeLessThan(ONE_IN_1000[15]);
    }
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])("seed %d is refused", (seed) => {
    expect(() => Prng.fromSeed(seed)).toThrow(InvariantViolation);
  });
});

describe("whole numbers", () => {
  const bounds = fc
    .tuple(fc.maxSafeInteger(), fc.maxSafeInteger())
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .filter(([min, max]) => max - min < Number.MAX_SAFE_INTEGER);

  it("lie within the bounds, however wide", () => {
    const property = fc.property(seeds, bounds, (seed, [min, max]) => {
      const prng = Prng.fromSeed(seed);
      for (const drawn of times(20, () => prng.int(min, max))) {
        expect(Number.isSafeInteger(drawn) && drawn >= min && drawn <= max).toBe(true);
      }
    });
    holds(property, 300);
  });

  it("of any size lie within the bounds", () => {
    const wide = fc.tuple(fc.bigInt(), fc.bigInt()).map(([a, b]) => (a < b ? [a, b] : [b, a]));
    const property = fc.property(seeds, wide, (seed, [min = 0n, max = 0n]) => {
      const drawn = Prng.fromSeed(seed).bigInt(min, max);
      expect(drawn >= min && drawn <= max).toBe(true);
    });
    holds(property, 300);
  });

  // 3 x 2^30 and 3 x 2^51 values: the remainder of whole words would favour the first third by half.
  it.each([
    ["6 values", 6, (prng: Prng) => prng.int(-2, 3) + 2],
    ["3 x 2^30 values", 3, (prng: Prng) => Math.floor(prng.int(0, 3 * 2 ** 30 - 1) / 2 ** 30)],
    ["2^32 values", 16, (prng: Prng) => prng.int(0, 2 ** 32 - 1) >>> 28],
    ["3 x 2^51 values", 3, (prng: Prng) => Math.floor(prng.int(0, 3 * 2 ** 51 - 1) / 2 ** 51)],
    ["2^53 values, low bits", 16, (prng: Prng) => prng.int(0, 2 ** 53 - 1) % 16],
    ["6 large values", 6, (prng: Prng) => Number(prng.bigInt(1n, 6n)) - 1],
    ["3 x 2^62 values", 3, (prng: Prng) => Number(prng.bigInt(0n, 3n * 2n ** 62n - 1n) >> 62n)],
    ["2^64 values", 16, (prng: Prng) => Number(prng.bigInt(0n, 2n ** 64n - 1n) >> 60n)],
  ] as const)("%s are equally likely", (name, kinds, draw) => {
    const prng = Prng.fromSeed(2026).fork(name);
    const count = 30_000;
    const counts = tally(
      kinds,
      times(count, () => draw(prng)),
    );
    const limit = ONE_IN_1000[(kinds - 1) as keyof typeof ONE_IN_1000];
    expect(chiSquared(counts, even(count, kinds))).toBeLessThan(limit);
  });

  it("a range of one value has that value; an empty or inexact one is refused", () => {
    const prng = Prng.fromSeed(1);
    expect(prng.int(5, 5)).toBe(5);
    expect(prng.bigInt(-5n, -5n)).toBe(-5n);
    for (const [min, max] of [
      [1, 0],
      [0, 0.5],
      [0, 2 ** 53],
      [-(2 ** 53) + 1, 2 ** 53 - 1],
      [Number.NaN, 1],
    ] as const) {
      expect(() => prng.int(min, max)).toThrow(InvariantViolation);
    }
    expect(() => prng.bigInt(1n, 0n)).toThrow(InvariantViolation);
  });
});

describe("choices", () => {
  it("a weighted pick follows the weights, and never takes weight zero", () => {
    const prng = Prng.fromSeed(3);
    const weights = [5n, 0n, 1n, 10n ** 18n * 0n, 3n, 1n];
    const count = 20_000;
    const items = weights.map((weight, item) => ({ weight, item }));
    const picked = times(count, () => prng.pickWeighted(items, ({ weight }) => weight).item);
    const counts = tally(weights.length, picked);
    expect([counts[1], counts[3]]).toEqual([0, 0]);
    const [a, b, c, d] = [counts[0], counts[2], counts[4], counts[5]] as number[];
    const expected = [0.5, 0.1, 0.3, 0.1].map((share) => share * count);
    expect(chiSquared([a, b, c, d] as number[], expected)).toBeLessThan(ONE_IN_1000[3]);
  });

  it("weights of any size count: one of 2^80 against one of 1", () => {
    const prng = Prng.fromSeed(4);
    const picked = times(100, () => prng.pickWeighted([1n, 2n ** 80n], (weight) => weight));
    expect(new Set(picked)).toEqual(new Set([2n ** 80n]));
  });

  it("a shuffle keeps the items and leaves the array alone", () => {
    const property = fc.property(seeds, fc.array(fc.nat(9)), (seed, items) => {
      const before = [...items];
      const shuffled = Prng.fromSeed(seed).shuffle(items);
      expect(items).toEqual(before);
      expect(shuffled.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b));
    });
    holds(property, 200);
  });

  it("each order of a shuffle is equally likely", () => {
    const prng = Prng.fromSeed(5);
    const counts = new Map<string, number>();
    const count = 24_000;
    for (let i = 0; i < count; i++) {
      const order = prng.shuffle(["a", "b", "c", "d"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquared([...counts.values()], even(count, 24))).toBeLessThan(ONE_IN_1000[23]);
  });

  it("there is nothing to pick from nothing, or by no weight", () => {
    const prng = Prng.fromSeed(6);
    expect(prng.shuffle([])).toEqual([]);
    expect(() => prng.pick([])).toThrow(InvariantViolation);
    expect(() => prng.pickWeighted([], () => 1n)).toThrow(InvariantViolation);
    expect(() => prng.pickWeighted(["a"], () => 0n)).toThrow(InvariantViolation);
    expect(() => prng.pickWeighted(["a", "b"], (item) => (item === "a" ? -1n : 2n))).toThrow(
      InvariantViolation,
    );
  });
});
