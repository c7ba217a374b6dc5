import { densityNormal } from "vega-statistics";
import { integrate } from "../numeric/integrate.ts";
import { positiveRanges, type Range } from "../numeric/positive-ranges.ts";
import type { HtlcGame } from "./parameters.ts";
import { chanceBelow, meanAbove, meanBelow, priceAt } from "./price-process.ts";

/** What two rational traders do for one agreed price. Values in token a, each at the time of its decision. */
export interface GameOutcome {
  readonly agreed: number;
  /** Alice reveals her secret if the price is above this then; 0: always. */
  readonly revealAbove: number;
  /** Bob locks if the price is in one of these ranges then. */
  readonly lockWithin: readonly Range[];
  /** What starting is worth to each of them, less what not starting is. */
  readonly gainA: number;
  readonly gainB: number;
  readonly starts: boolean;
  /** Probability that the swap completes once it has started; NaN if it is not started, or never can complete. */
  readonly successRate: number;
}

/** Of probabilities and of values relative to the agreed price. */
const TOLERANCE = 1e-10;

/**
 * Solves, from its end, the game of Xu, Ackerer and Dubovitskaya, "A Game-Theoretic Analysis of
 * Cross-Chain Atomic Swaps with HTLCs" (ICDCS 2021, arXiv 2011.11325), for the agreed price P*.
 * P is the price of token b, F, f and E its distribution, density and partial means (price-process.ts).
 *
 * t1: Alice locks P* on ledger a, or keeps it. t2 = t1 + tauA: Bob locks one token b, or keeps it.
 * t3 = t2 + tauB: Alice reveals her secret, gets token b after tauB, and Bob P* after tauEpsilon + tauA;
 * or both get theirs back, Bob after 2 tauB, Alice after tauEpsilon + 2 tauA.
 *
 * - k = P* exp((rA - mu) tauB - rA (tauEpsilon + 2 tauA)) / (1 + alphaA): Alice reveals above it;
 * - U_B(p) = exp(-rB tauB) [(1 - F(k)) (1 + alphaB) P* exp(-rB (tauEpsilon + tauA))
 *     + E[X; X < k] exp(2 (mu - rB) tauB)]: Bob locks where it exceeds p;
 * - U_2A(p) = exp(-rA tauB) [(1 + alphaA) E[X; X > k] exp((mu - rA) tauB)
 *     + F(k) P* exp(-rA (tauEpsilon + 2 tauA))];
 * - U_A = exp(-rA tauA) [integral of f U_2A where Bob locks
 *     + Pr(he does not) P* exp(-rA (tauB + tauEpsilon + 2 tauA))]: Alice starts if it exceeds P*;
 * - success rate: integral of f (1 - F(k)) where Bob locks.
 *
 * With a collateral Q, which each deposits at t1, what moves when is taken from the authors' published
 * simulation; the equations are derived here from it, by the same steps. Bob's Q is back tauA after t3
 * if he locked; if not, Alice has both then. Alice's Q is back, or with Bob, tauEpsilon + tauA after t3,
 * as she reveals or not. So the bracket of U_2A gains (1 - F) Q exp(-rA (tauEpsilon + tauA)), that of U_B
 * Q exp(-rB tauA) + F Q exp(-rB (tauEpsilon + tauA)), Alice's value where Bob does not lock
 * 2 Q exp(-rA (tauA + tauB)), and k becomes
 * max(0, P* exp(-rA (tauEpsilon + 2 tauA)) - Q exp(-rA (tauEpsilon + tauA))) exp((rA - mu) tauB) / (1 + alphaA).
 * Both have to start: U_A > P* + Q, and U_B at t1, which is exp(-rB tauA) E[max(U_B, p)], above P + Q.
 * Their simulation differs twice: Bob reckons with the k of no collateral, and does not discount at t1.
 */
export function playGame(game: HtlcGame, agreed: number): GameOutcome {
  const { rA, rB, tauA, price, collateral } = game;
  const k = revealAbove(game, agreed);
  const lockWithin = rangesOfLock(game, agreed, k);
  const toT2 = { from: price, hours: tauA };
  const spread = game.sigma * Math.sqrt(tauA);
  const ends = ([from, to]: Range): Range => [zOf(game, from), zOf(game, to)];
  /** The integral of `f` times a value of the price, where Bob locks. */
  const where = (value: (p: number) => number, scale: number): number => {
    let sum = 0;
    for (const range of lockWithin) {
      const [from, to] = ends(range);
      const within: Range = [Math.max(from, -MOST_Z), Math.min(to, MOST_Z + spread)];
      const weighed = (z: number): number => densityNormal(z) * value(priceAt(game, toT2, z));
      sum += integrate(weighed, within, TOLERANCE * scale);
    }
    return sum;
  };
  let [locks, kept] = [0, 0];
  for (const [from, to] of lockWithin) {
    locks += chanceBelow(game, toT2, to) - chanceBelow(game, toT2, from);
    kept += meanBelow(game, toT2, to) - meanBelow(game, toT2, from);
  }
  const mean = meanBelow(game, toT2, Infinity);
  const scale = agreed + collateral;
  const a =
    where((p) => valueOfLockA(game, agreed, k, p), scale) + (1 - locks) * stoppedA(game, agreed);
  const b = where((p) => valueOfLockB(game, agreed, k, p), scale) + mean - kept;
  const gainA = Math.exp(-rA * tauA) * a - agreed - collateral;
  const gainB = Math.exp(-rB * tauA) * b - price - collateral;
  const starts = gainA > 0 && (collateral === 0 || gainB > 0);
  const toT3 = (p: number) => ({ from: p, hours: game.tauB });
  return {
    agreed,
    revealAbove: k,
    lockWithin,
    gainA,
    gainB,
    starts,
    successRate:
      starts && lockWithin.length > 0
        ? Math.min(
            1,
            where((p) => 1 - chanceBelow(game, toT3(p), k), 1),
          )
        : NaN,
  };
}

/** Beyond so many standard deviations the normal density is zero in double precision. */
const MOST_Z = 38;

/** How far a price at t2 is from its median there, in standard deviations. */
const zOf = ({ price, mu, sigma, tauA }: HtlcGame, p: number): number =>
  (Math.log(p / price) - (mu - (sigma * sigma) / 2) * tauA) / (sigma * Math.sqrt(tauA));

/** What Alice gets back at t3 by withdrawing, less the collateral that she gets back by revealing, as a price. */
export function revealAbove(game: HtlcGame, agreed: number): number {
  const { alphaA, rA, mu, tauA, tauB, tauEpsilon, collateral } = game;
  const forgone =
    agreed * Math.exp(-rA * (tauEpsilon + 2 * tauA)) -
    collateral * Math.exp(-rA * (tauEpsilon + tauA));
  return (Math.max(0, forgone) * Math.exp((rA - mu) * tauB)) / (1 + alphaA);
}

/** U_B: what locking is worth to Bob at t2, when the price is p. */
export function valueOfLockB(game: HtlcGame, agreed: number, k: number, p: number): number {
  const { alphaB, rB, mu, tauA, tauB, tauEpsilon, collateral } = game;
  const later = { from: p, hours: tauB };
  const stops = chanceBelow(game, later, k);
  const paid = Math.exp(-rB * (tauEpsilon + tauA));
  return (
    Math.exp(-rB * tauB) *
    ((1 - stops) * (1 + alphaB) * agreed * paid +
      meanBelow(game, later, k) * Math.exp(2 * (mu - rB) * tauB) +
      collateral * (Math.exp(-rB * tauA) + stops * paid))
  );
}

/** U_2A: what it is worth to Alice at t2 that Bob locks, when the price is p. */
function valueOfLockA(game: HtlcGame, agreed: number, k: number, p: number): number {
  const { alphaA, rA, mu, tauA, tauB, tauEpsilon, collateral } = game;
  const later = { from: p, hours: tauB };
  const stops = chanceBelow(game, later, k);
  return (
    Math.exp(-rA * tauB) *
    ((1 + alphaA) * meanAbove(game, later, k) * Math.exp((mu - rA) * tauB) +
      (1 - stops) * collateral * Math.exp(-rA * (tauEpsilon + tauA)) +
      stops * agreed * Math.exp(-rA * (tauEpsilon + 2 * tauA)))
  );
}

/** What it is worth to Alice at t2 that Bob does not lock. */
const stoppedA = ({ rA, tauA, tauB, tauEpsilon, collateral }: HtlcGame, agreed: number): number =>
  agreed * Math.exp(-rA * (tauB + tauEpsilon + 2 * tauA)) +
  2 * collateral * Math.exp(-rA * (tauA + tauB));

/** Prices at t2 at which Bob locks: his value there changes around k, over a few standard deviations. */
function rangesOfLock(game: HtlcGame, agreed: number, k: number): readonly Range[] {
  const { sigma, tauA, tauB, price, collateral } = game;
  const excess = (logPrice: number): number => {
    const p = Math.exp(logPrice);
    return valueOfLockB(game, agreed, k, p) / p - 1 - INDIFFERENT;
  };
  const spread = sigma * Math.sqrt(tauB);
  const marks = [k, price, agreed, collateral].filter((mark) => mark > 0).map(Math.log);
  const beyond = MARGIN + MOST_Z * sigma * Math.sqrt(tauA);
  const low = Math.min(...marks) - beyond;
  const high = Math.max(...marks) + beyond;
  const points = spaced(low, high, COARSE_POINTS);
  if (k > 0) {
    const centre = Math.log(k);
    points.push(...spaced(centre - FINE_Z * spread, centre + FINE_Z * spread, FINE_POINTS));
  }
  points.sort((a, b) => a - b);
  return positiveRanges(excess, points).map(([from, to]) => [
    from === points[0] ? 0 : Math.exp(from),
    to === points.at(-1) ? Infinity : Math.exp(to),
  ]);
}

/** Less than this is rounding: Bob locks only if that is worth more. */
const INDIFFERENT = 1e-12;

/** Powers of e beyond the prices that mean something in the game. */
const MARGIN = 20;
const COARSE_POINTS = 400;
const FINE_Z = 12;
const FINE_POINTS = 800;

const spaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
