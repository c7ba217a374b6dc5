import { topOf } from "../numeric/positive-ranges.ts";
import type { HtlcGame } from "./parameters.ts";
import { chanceBelow, meanAbove, meanBelow } from "./price-process.ts";
import { revealAbove, type GameOutcome } from "./withdrawal-game.ts";

/** Points of the first search for Bob's best amount, and how far around the threshold they reach. */
const POINTS = 1_000;
const REACH_Z = 12;
const MARGIN = 5;

/**
 * The same game when the rate follows the price (the second variation of the paper): Alice locks P*,
 * and at t2 Bob chooses how much of token b he locks, X. Alice then reveals above k / X, with k of the
 * agreed price. Everything is proportional to P*, and depends on X only through y = X p / P*, what Bob
 * locks relative to what Alice did; so there is one best y, whatever the price:
 *
 * V(y) = exp(-rB tauB) [(1 - F(kappa / y)) (1 + alphaB) exp(-rB (tauEpsilon + tauA))
 *   + y E[R; R < kappa / y] exp(2 (mu - rB) tauB)] - y,
 *
 * with kappa = k / P* and R the price tauB later relative to now. Bob locks where V is above zero at its
 * top. The success rate is 1 - F(kappa / y) there, the same for every P*; NaN if Alice does not start, or
 * Bob never locks. That y is constant, and the closed form that follows, is derived here.
 */
export function playAdjusted(game: HtlcGame, agreed: number): GameOutcome & { readonly y: number } {
  const { alphaA, rA, rB, mu, sigma, tauA, tauB, tauEpsilon } = game;
  const kappa = revealAbove(game, agreed) / agreed;
  const later = { from: 1, hours: tauB };
  const value = (logY: number): number => valueOf(game, kappa, Math.exp(logY));
  const around = REACH_Z * sigma * Math.sqrt(tauB) + MARGIN;
  const low = Math.log(kappa) - around;
  const step = (2 * around) / (POINTS - 1);
  let best = low;
  for (let i = 1; i < POINTS; i++) {
    if (value(low + i * step) > value(best)) best = low + i * step;
  }
  const y = Math.exp(topOf(value, best - step, best + step));
  const most = valueOf(game, kappa, y);
  const stops = chanceBelow(game, later, kappa / y);
  const revealed =
    (1 + alphaA) * y * meanAbove(game, later, kappa / y) * Math.exp((mu - rA) * tauB);
  const withdrawn = stops * Math.exp(-rA * (tauEpsilon + 2 * tauA));
  const locked = Math.exp(-rA * tauB) * (revealed + withdrawn);
  const kept = Math.exp(-rA * (tauB + tauEpsilon + 2 * tauA));
  const gainA = agreed * (Math.exp(-rA * tauA) * (most > 0 ? locked : kept) - 1);
  const starts = gainA > 0;
  return {
    agreed,
    revealAbove: kappa * agreed,
    lockWithin: most > 0 ? [[0, Infinity]] : [],
    gainA,
    gainB: agreed * Math.exp(-rB * tauA) * Math.max(0, most),
    starts,
    successRate: starts && most > 0 ? 1 - stops : NaN,
    y,
  };
}

/** V: what locking y is worth to Bob at t2 beyond keeping it, relative to P*. */
function valueOf(
  game: Pick<HtlcGame, "alphaB" | "rB" | "mu" | "sigma" | "tauA" | "tauB" | "tauEpsilon">,
  kappa: number,
  y: number,
): number {
  const { alphaB, rB, mu, tauA, tauB, tauEpsilon } = game;
  const later = { from: 1, hours: tauB };
  const reveals = 1 - chanceBelow(game, later, kappa / y);
  const paid = reveals * (1 + alphaB) * Math.exp(-rB * (tauEpsilon + tauA));
  const back = y * meanBelow(game, later, kappa / y) * Math.exp(2 * (mu - rB) * tauB);
  return Math.exp(-rB * tauB) * (paid + back) - y;
}
