import type { HtlcGame } from "../../../scenarios/measures/htlc-game/parameters.ts";

/** Nodes of the two price moves: the answer is good to about two parts in a thousand. */
const NODES = 900;
const REACH = 7;

interface Node {
  readonly z: number;
  readonly weight: number;
}

const nodes: readonly Node[] = Array.from({ length: NODES }, (_, i) => {
  const step = (2 * REACH) / NODES;
  const z = -REACH + (i + 0.5) * step;
  return { z, weight: (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * step };
});

/** Money that one of the two gets, in token a, that many hours after the start. */
interface Payment {
  readonly amount: number;
  readonly at: number;
}

export interface Solved {
  readonly starts: boolean;
  readonly success: number;
  readonly gainA: number;
  readonly gainB: number;
}

/**
 * The game again, without any of its equations: both price moves are cut into many small steps, every
 * way it can go is a list of dated payments, and each player takes the branch worth more at its time.
 */
export function bruteForce(game: HtlcGame, agreed: number): Solved {
  const { alphaA, alphaB, rA, rB, mu, sigma, tauA, tauB, tauEpsilon, price, collateral } = game;
  const [t2, t3] = [tauA, tauA + tauB];
  const now = (rate: number, payments: readonly Payment[]): number =>
    payments.reduce((sum, { amount, at }) => sum + amount * Math.exp(-rate * at), 0);
  const moved = (from: number, hours: number, z: number): number =>
    from * Math.exp((mu - sigma ** 2 / 2) * hours + sigma * Math.sqrt(hours) * z);
  const tokenB = (p: number, hours: number): number => p * Math.exp(mu * hours);
  const seen = t3 + tauEpsilon + tauA;

  const revealedA = (p: number): number =>
    now(rA, [
      { amount: (1 + alphaA) * tokenB(p, tauB), at: t3 + tauB },
      { amount: collateral, at: seen },
    ]);
  const withdrawnA = now(rA, [{ amount: agreed, at: t3 + tauEpsilon + 2 * tauA }]);
  const revealedB = now(rB, [
    { amount: (1 + alphaB) * agreed, at: seen },
    { amount: collateral, at: t3 + tauA },
  ]);
  const withdrawnB = (p: number): number =>
    now(rB, [
      { amount: tokenB(p, 2 * tauB), at: t3 + 2 * tauB },
      { amount: collateral, at: seen },
      { amount: collateral, at: t3 + tauA },
    ]);
  const refusedA = now(rA, [
    { amount: agreed, at: t2 + tauB + tauEpsilon + 2 * tauA },
    { amount: 2 * collateral, at: t3 + tauA },
  ]);

  let [valueA, valueB, success] = [0, 0, 0];
  for (const first of nodes) {
    const p2 = moved(price, tauA, first.z);
    let [a, b, reveals] = [0, 0, 0];
    for (const second of nodes) {
      const p3 = moved(p2, tauB, second.z);
      const isRevealed = revealedA(p3) > withdrawnA;
      a += second.weight * (isRevealed ? revealedA(p3) : withdrawnA);
      b += second.weight * (isRevealed ? revealedB : withdrawnB(p3));
      if (isRevealed) reveals += second.weight;
    }
    const refusedB = now(rB, [{ amount: p2, at: t2 }]);
    const isLocked = b > refusedB;
    valueA += first.weight * (isLocked ? a : refusedA);
    valueB += first.weight * (isLocked ? b : refusedB);
    if (isLocked) success += first.weight * reveals;
  }
  const [gainA, gainB] = [valueA - agreed - collateral, valueB - price - collateral];
  return { starts: gainA > 0 && (collateral === 0 || gainB > 0), success, gainA, gainB };
}
