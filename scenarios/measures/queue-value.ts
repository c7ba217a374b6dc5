import { dayAmounts, type Amounts } from "../../corridor/liquidity/payment-day.ts";
import type { SettledDay } from "../rtgs/settled-day.ts";

export const QUEUE_VALUE = {
  title: "Maximum queue value",
  unit: "minor units",
  formula: "the largest sum of v over all payments submitted and not settled, at one time",
  source: "CPSS, Real-time gross settlement systems, 1997, section III.4",
} as const;

/** What is queued from one time on. */
export interface QueueLevel {
  readonly atMs: number;
  readonly value: bigint;
  readonly payments: number;
}

/** What is queued after each submission and all that it let settle, all payers together. */
export function* queueLevels({ day, submittedMs, settlements }: SettledDay): Generator<QueueLevel> {
  let [value, payments] = [0n, 0];
  for (let submission = 0; submission < submittedMs.length; submission++) {
    const end = settlements.starts[submission + 1] as number;
    value += day.values[submission] as bigint;
    payments += 1;
    for (let i = settlements.starts[submission] as number; i < end; i++) {
      value -= day.values[settlements.payments[i] as number] as bigint;
      payments -= 1;
    }
    yield { atMs: submittedMs[submission] as number, value, payments };
  }
}

/** The largest of these, and the first if there are several. */
export function maximumQueue(settled: SettledDay): QueueLevel {
  let maximum: QueueLevel = { atMs: 0, value: 0n, payments: 0 };
  for (const level of queueLevels(settled)) if (level.value > maximum.value) maximum = level;
  return maximum;
}

/** By member: the most that it had queued at one time. */
export function maximumQueued({ day, settlements }: SettledDay): Amounts {
  const members = day.opening.length;
  const queued = dayAmounts(day, members);
  const most = dayAmounts(day, members);
  for (let submission = 0; submission < day.payers.length; submission++) {
    const end = settlements.starts[submission + 1] as number;
    const payer = day.payers[submission] as number;
    queued[payer] = (queued[payer] as bigint) + (day.values[submission] as bigint);
    for (let i = settlements.starts[submission] as number; i < end; i++) {
      const payment = settlements.payments[i] as number;
      const member = day.payers[payment] as number;
      queued[member] = (queued[member] as bigint) - (day.values[payment] as bigint);
    }
    const left = queued[payer];
    if (left > (most[payer] as bigint)) most[payer] = left;
  }
  return most;
}
