import { dayAmounts } from "../../corridor/liquidity/payment-day.ts";
import type { SettledDay } from "../rtgs/settled-day.ts";
import { ratio, type Ratio } from "./ratio.ts";

export const TURNOVER_RATIO = {
  title: "Turnover ratio",
  unit: "times",
  formula:
    "value settled / liquidity used; peak: the sum over members of the maximum usage of each; average: the mean over time, from the first submission to the close, of what all members use",
  source: "Leinonen and Soramäki, Bank of Finland Discussion Papers 16/1999",
} as const;

/** How often a unit of used liquidity was turned over; `null` when none was used. */
export interface TurnoverRatio {
  readonly peak: Ratio | null;
  readonly average: Ratio | null;
}

export function turnoverRatio(
  settled: SettledDay,
  value: bigint,
  maximumUsage: Iterable<bigint>,
): TurnoverRatio {
  let peak = 0n;
  for (const usage of maximumUsage) peak += usage;
  const { unitMs, lengthMs } = usageOverTime(settled);
  return { peak: ratio(value, peak), average: ratio(value * lengthMs, unitMs) };
}

/** What all members use of their own, which is what they have sent less what they have received, times time. */
function usageOverTime({ day, submittedMs, closeMs, settlements }: SettledDay) {
  const { payments, starts } = settlements;
  const net = dayAmounts(day, day.opening.length);
  const firstMs = submittedMs[0] ?? closeMs;
  let [used, unitMs, sinceMs] = [0n, 0n, firstMs];
  for (let submission = 0; submission < submittedMs.length; submission++) {
    const atMs = submittedMs[submission] as number;
    if (atMs > sinceMs) unitMs += used * BigInt(atMs - sinceMs);
    sinceMs = atMs;
    for (let i = starts[submission] as number; i < (starts[submission + 1] as number); i++) {
      const payment = payments[i] as number;
      const value = day.values[payment] as bigint;
      move(day.payers[payment] as number, value);
      move(day.payees[payment] as number, -value);
    }
  }
  return { unitMs: unitMs + used * BigInt(closeMs - sinceMs), lengthMs: BigInt(closeMs - firstMs) };

  function move(member: number, value: bigint): void {
    const before = net[member] as bigint;
    const after = before + value;
    net[member] = after;
    used += positive(after) - positive(before);
  }
}

const positive = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
