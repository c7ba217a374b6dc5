import type { PaymentDay, SettledBy } from "../../corridor/liquidity/payment-day.ts";
import { UNSETTLED } from "../../corridor/liquidity/payment-day.ts";

/** A day that a rule has settled: what every measure of it is taken of. */
export interface SettledDay {
  readonly day: PaymentDay;
  /** By payment, in the order of submission; never decreasing. */
  readonly submittedMs: Float64Array;
  readonly closeMs: number;
  readonly settledBy: SettledBy;
  /**
   * The payments that settled, by the submission that let them: those of submission i stand from
   * `starts[i]` to before `starts[i + 1]`, in the order of their own submission.
   */
  readonly settlements: { readonly payments: Int32Array; readonly starts: Int32Array };
}

export function settledDay(day: Omit<SettledDay, "settlements">): SettledDay {
  return { ...day, settlements: settlementsOf(day.settledBy) };
}

/** When a payment settled; the close for one that did not, which is how long it waited. */
export function waitedUntilMs(
  { submittedMs, settledBy, closeMs }: SettledDay,
  payment: number,
): number {
  const submission = settledBy[payment] as number;
  return submission === UNSETTLED ? closeMs : (submittedMs[submission] as number);
}

function settlementsOf(settledBy: SettledBy): SettledDay["settlements"] {
  const starts = new Int32Array(settledBy.length + 1);
  for (let payment = 0; payment < settledBy.length; payment++) {
    const submission = settledBy[payment] as number;
    if (submission !== UNSETTLED) starts[submission + 1] = (starts[submission + 1] as number) + 1;
  }
  for (let i = 1; i < starts.length; i++)
    starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const payments = new Int32Array(starts.at(-1) ?? 0);
  const next = starts.slice();
  for (let payment = 0; payment < settledBy.length; payment++) {
    const submission = settledBy[payment] as number;
    if (submission === UNSETTLED) continue;
    payments[next[submission] as number] = payment;
    next[submission] = (next[submission] as number) + 1;
  }
  return { payments, starts };
}
