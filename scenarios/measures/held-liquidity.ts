import type { BankSummary, SwapRow } from "../run-result.ts";

/** From `timeUs` on, until the next row of the same bank, `pending` minor units are on hold there. */
export interface HeldRow {
  readonly timeUs: number;
  readonly bank: string;
  readonly currency: string;
  readonly pending: string;
  /** How many holds of swaps make it up. */
  readonly holds: number;
}

export interface HeldSummary {
  readonly bank: string;
  readonly currency: string;
  /** Minor units. */
  readonly peak: bigint;
  /** Minor units times microseconds: what was on hold, for as long as it was. */
  readonly unitMicros: bigint;
}

interface Change {
  readonly timeUs: number;
  readonly amount: bigint;
  readonly holds: number;
}

/** Money on hold for swaps as steps in time, bank by bank; changes at one time make one step. */
export function heldLiquidity(
  swaps: readonly SwapRow[],
  banks: readonly BankSummary[],
): readonly HeldRow[] {
  return banks.flatMap(({ id, currency }) => {
    const changes = changesIn(currency, swaps).sort((a, b) => a.timeUs - b.timeUs);
    const rows: HeldRow[] = [];
    let [pending, holds] = [0n, 0];
    for (const [i, change] of changes.entries()) {
      pending += change.amount;
      holds += change.holds;
      if (changes[i + 1]?.timeUs === change.timeUs) continue;
      rows.push({ timeUs: change.timeUs, bank: id, currency, pending: String(pending), holds });
    }
    return rows;
  });
}

function changesIn(currency: string, swaps: readonly SwapRow[]): Change[] {
  const changes: Change[] = [];
  for (const swap of swaps) {
    const legs = [
      [swap.sellCurrency, swap.sellAmount, swap.lockedSellUs, swap.finalSellUs],
      [swap.buyCurrency, swap.buyAmount, swap.lockedBuyUs, swap.finalBuyUs],
    ] as const;
    for (const [legCurrency, amount, lockedUs, finalUs] of legs) {
      if (legCurrency !== currency || lockedUs === 0) continue;
      changes.push({ timeUs: lockedUs, amount: BigInt(amount), holds: 1 });
      if (finalUs === 0) continue;
      const endUs = Math.max(lockedUs, finalUs);
      changes.push({ timeUs: endUs, amount: -BigInt(amount), holds: -1 });
    }
  }
  return changes;
}

/** Peak and sum over time for each bank; holds that never ended count until the last step of all. */
export function summariseHeld(rows: readonly HeldRow[]): readonly HeldSummary[] {
  const endUs = rows.reduce((latest, { timeUs }) => Math.max(latest, timeUs), 0);
  return [...Map.groupBy(rows, (row) => row.bank).values()].map((steps) => {
    let [peak, unitMicros] = [0n, 0n];
    for (const [i, step] of steps.entries()) {
      const pending = BigInt(step.pending);
      if (pending > peak) peak = pending;
      unitMicros += pending * BigInt((steps[i + 1]?.timeUs ?? endUs) - step.timeUs);
    }
    const { bank = "", currency = "" } = steps[0] ?? {};
    return { bank, currency, peak, unitMicros };
  });
}
