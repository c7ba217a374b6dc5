import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { playAdjusted } from "../../../scenarios/measures/htlc-game/adjusted-rate.ts";
import { gameCurves, likeliest } from "../../../scenarios/measures/htlc-game/curves.ts";
import {
  GAME_PARAMETERS,
  type HtlcGame,
} from "../../../scenarios/measures/htlc-game/parameters.ts";
import { playGame, valueOfLockB } from "../../../scenarios/measures/htlc-game/withdrawal-game.ts";
import { holds } from "../../property.ts";
import { bruteForce } from "./brute-force.ts";
import { gridPrice, PUBLISHED, PUBLISHED_ADJUSTED } from "./published.ts";

const DEFAULTS = Object.fromEntries(
  Object.entries(GAME_PARAMETERS).map(([name, { default: value }]) => [name, value]),
) as HtlcGame;

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Games within a few times the paper's numbers, with a price of 1 so that agreed prices are relative. */
const games: fc.Arbitrary<HtlcGame> = fc.record({
  alphaA: between(0, 0.8),
  alphaB: between(0, 0.8),
  rA: between(0, 0.03),
  rB: between(0, 0.03),
  mu: between(-0.01, 0.01),
  sigma: between(0.01, 0.4),
  tauA: between(0.2, 8),
  tauB: between(0.2, 8),
  tauEpsilon: between(0, 3),
  price: fc.constant(1),
  collateral: fc.oneof(fc.constant(0), between(0, 0.5)),
});

describe("the withdrawal game", () => {
  it.each([1.6, 2, 2.4])("at %d comes to what brute force finds", (agreed) => {
    const [found, brute] = [playGame(DEFAULTS, agreed), bruteForce(DEFAULTS, agreed)];
    expect(found.starts).toBe(brute.starts);
    expect(Math.abs(found.successRate - brute.success)).toBeLessThan(0.005);
    expect(Math.abs(found.gainA - brute.gainA)).toBeLessThan(0.004);
    expect(Math.abs(found.gainB - brute.gainB)).toBeLessThan(0.004);
  });

  it("has known values at the highlighted prices", () => {
    const rates = [1.6, 2, 2.4].map((agreed) => playGame(DEFAULTS, agreed).successRate);
    expect(rates.map((rate) => rate.toFixed(4))).toEqual(["0.3892", "0.7143", "0.6247"]);
  });

  it("comes to what brute force finds, whatever its parameters and with collateral", () => {
    const property = fc.property(games, between(0.6, 1.6), (game, agreed) => {
      const [found, brute] = [playGame(game, agreed), bruteForce(game, agreed)];
      expect(Math.abs(found.gainA - brute.gainA)).toBeLessThan(0.004);
      expect(Math.abs(found.gainB - brute.gainB)).toBeLessThan(0.004);
      if (Number.isNaN(found.successRate)) return;
      expect(Math.abs(found.successRate - brute.success)).toBeLessThan(0.01);
    });
    holds(property, 8);
  });

  const plain = PUBLISHED.filter(({ collateral }) => collateral === 0);
  it.each(plain)("draws the published line of $name", ({ sigma, points }) => {
    const game = { ...DEFAULTS, sigma };
    for (const { agreed, success } of points) {
      expect(Math.abs(playGame(game, agreed).successRate - success)).toBeLessThan(0.0005);
    }
    const drawn = points.map(({ agreed }) => agreed.toFixed(4));
    const started = Array.from({ length: 50 }, (_, i) => gridPrice(i)).filter(
      (agreed) => playGame(game, agreed).starts,
    );
    expect(started.map((agreed) => agreed.toFixed(4))).toEqual(drawn);
  });

  const secured = PUBLISHED.filter(({ collateral }) => collateral > 0);
  it.each(secured)("is near the published line of $name", ({ collateral, points }) => {
    // Not on it: there Bob reckons with the threshold of no collateral.
    const game = { ...DEFAULTS, collateral };
    const rates = points.flatMap(({ agreed, success }) => {
      const { successRate } = playGame(game, agreed);
      return Number.isNaN(successRate) ? [] : [successRate - success];
    });
    expect(rates.length).toBeGreaterThan(points.length - 3);
    expect(Math.max(...rates)).toBeLessThan(0.004);
    expect(Math.min(...rates)).toBeGreaterThan(-0.0005);
  });

  it("does not depend on the unit of money", () => {
    const property = fc.property(
      games,
      between(0.5, 2),
      between(0.01, 100),
      (game, agreed, unit) => {
        const one = playGame(game, agreed);
        const { price, collateral } = game;
        const scaled = { ...game, price: price * unit, collateral: collateral * unit };
        const other = playGame(scaled, agreed * unit);
        if (Math.abs(one.gainA) < 1e-9 || Math.abs(one.gainB) < 1e-9) return;
        expect(other.starts).toBe(one.starts);
        expect(other.gainA / unit).toBeCloseTo(one.gainA, 7);
        if (!Number.isNaN(one.successRate))
          expect(other.successRate).toBeCloseTo(one.successRate, 7);
      },
    );
    holds(property, 100);
  });

  it("lets Bob lock exactly where that is worth more to him, and rates lie between 0 and 1", () => {
    const property = fc.property(games, between(0.5, 2), (game, agreed) => {
      const { lockWithin, revealAbove: k, successRate } = playGame(game, agreed);
      const worth = (p: number): number => valueOfLockB(game, agreed, k, p) - p;
      for (const [i, [from, to]] of lockWithin.entries()) {
        expect(from).toBeLessThan(to);
        const inside = from === 0 ? to / 2 : Math.sqrt(from * to);
        expect(worth(inside)).toBeGreaterThan(0);
        if (from > 0) expect(worth(from * 0.9999)).toBeLessThan(1e-9);
        expect(worth(to * 1.0001)).toBeLessThan(1e-9);
        expect(to).toBeLessThanOrEqual(lockWithin[i + 1]?.[0] ?? Infinity);
      }
      if (Number.isNaN(successRate)) return;
      expect(successRate).toBeGreaterThanOrEqual(0);
      expect(successRate).toBeLessThanOrEqual(1);
    });
    holds(property, 200);
  });
});

describe("a swap that is not started", () => {
  it.each([
    ["the agreed price is far below the price", { agreed: 1 }],
    ["the agreed price is far above the price", { agreed: 3 }],
    ["nobody gains by a swap", { agreed: 2, alphaA: 0, alphaB: 0 }],
    ["the price scatters so much that Bob never locks", { agreed: 2, sigma: 2 }],
    ["both would lose a collateral beyond what a swap is worth", { agreed: 2, collateral: 10 }],
  ])("has no success rate: %s", (_, { agreed, ...changed }) => {
    const { starts, successRate } = playGame({ ...DEFAULTS, ...changed }, agreed);
    expect(starts).toBe(false);
    expect(successRate).toBeNaN();
  });

  it("has no range in which Bob locks, where the price scatters too much", () => {
    expect(playGame({ ...DEFAULTS, sigma: 2 }, 2).lockWithin).toEqual([]);
  });

  it("Alice reveals at any price once her collateral is more than what she would have back", () => {
    expect(playGame({ ...DEFAULTS, collateral: 1 }, 1).revealAbove).toBe(0);
    expect(playGame({ ...DEFAULTS, collateral: 0.9 }, 1).revealAbove).toBeGreaterThan(0);
  });
});

describe("what moves the success rate (mbridge.md, Q6)", () => {
  const near = between(0.95, 1.1);

  it("more volatility lowers it at agreed prices near the price, and at its best", () => {
    const property = fc.property(
      near,
      between(0.02, 0.15),
      between(1.05, 1.5),
      (part, sigma, by) => {
        const agreed = part * DEFAULTS.price;
        const calm = playGame({ ...DEFAULTS, sigma }, agreed);
        const wild = playGame({ ...DEFAULTS, sigma: sigma * by }, agreed);
        if (calm.starts && wild.starts) expect(wild.successRate).toBeLessThan(calm.successRate);
      },
    );
    holds(property, 150);
    const bests = [0.05, 0.1, 0.15].map((sigma) => bestOf({ ...DEFAULTS, sigma }));
    expect(bests).toEqual(bests.toSorted((a, b) => b - a));
    expect(new Set(bests).size).toBe(3);
  });

  it("more collateral raises it", () => {
    const property = fc.property(
      between(0.8, 1.2),
      between(0, 0.2),
      between(0.005, 0.2),
      (...drawn) => {
        const [part, collateral, more] = drawn;
        const agreed = part * DEFAULTS.price;
        const less = playGame({ ...DEFAULTS, collateral }, agreed);
        const secured = playGame({ ...DEFAULTS, collateral: collateral + more }, agreed);
        if (less.starts && secured.starts) {
          expect(secured.successRate).toBeGreaterThan(less.successRate);
        }
      },
    );
    holds(property, 150);
  });

  it("a rate that follows the price raises it, at the paper's volatility", () => {
    const property = fc.property(between(0.7, 1.3), between(0.1, 0.2), (part, sigma) => {
      const agreed = part * DEFAULTS.price;
      const fixed = playGame({ ...DEFAULTS, sigma }, agreed);
      const adjusted = playAdjusted({ ...DEFAULTS, sigma }, agreed);
      expect(adjusted.starts).toBe(true);
      if (fixed.starts) expect(adjusted.successRate).toBeGreaterThan(fixed.successRate);
    });
    holds(property, 150);
  });

  it("not at half of that volatility: there Bob locks so little that Alice withdraws more often", () => {
    const calm = { ...DEFAULTS, sigma: 0.05 };
    expect(playAdjusted(calm, 2).successRate).toBeLessThan(playGame(calm, 2).successRate);
  });

  function bestOf(game: HtlcGame): number {
    const agreed = Array.from({ length: 50 }, (_, i) => gridPrice(i));
    const setting = { name: "", game, rate: "fixed" as const };
    const [curve] = gameCurves({ settings: [setting], agreed, highlighted: [] });
    return curve === undefined ? NaN : (likeliest(curve)?.successRate ?? NaN);
  }
});

describe("the game with an adjusted rate", () => {
  it("has the published success rate, at every agreed price", () => {
    for (const agreed of [0.2, 1, 2, 9]) {
      const { successRate } = playAdjusted(DEFAULTS, agreed);
      expect(Math.abs(successRate - PUBLISHED_ADJUSTED)).toBeLessThan(0.0005);
    }
  });

  it("lets Bob lock the amount that is best for him", () => {
    const { y, gainB } = playAdjusted(DEFAULTS, 1);
    // Locking y at price 1 is locking one token at price y, apart from keeping it.
    const k = playAdjusted(DEFAULTS, 1).revealAbove;
    const worth = (amount: number): number => valueOfLockB(DEFAULTS, 1, k, amount) - amount;
    expect(Math.exp(-DEFAULTS.rB * DEFAULTS.tauA) * worth(y)).toBeCloseTo(gainB, 12);
    for (const other of [0.5, 0.8, 0.99, 1.01, 1.2, 2]) {
      expect(worth(other * y)).toBeLessThan(worth(y));
    }
  });

  it("is not started where Bob would take all the gain", () => {
    expect(playAdjusted({ ...DEFAULTS, sigma: 0.02 }, 2).successRate).toBeNaN();
  });

  it("never completes where Bob never locks", () => {
    const { lockWithin, successRate } = playAdjusted({ ...DEFAULTS, sigma: 0.4 }, 2);
    expect(lockWithin).toEqual([]);
    expect(successRate).toBeNaN();
  });
});
