import { settleBilateralOffset } from "./bilateral-offset.ts";
import { settleBypass } from "./bypass.ts";
import { settleFifo } from "./fifo.ts";
import { settleGridlockResolution } from "./gridlock-resolution.ts";
import type { PaymentDay, SettledBy } from "./payment-day.ts";

/** The rules by which payments wait for funds, and what each of them does. */
export const QUEUE_RULES = {
  fifo: {
    settle: settleFifo,
    meaning: "Only the head of each payer's queue may settle.",
  },
  bypass: {
    settle: settleBypass,
    meaning:
      "The first payment in the queue that its payer can afford settles; then the queue is scanned again.",
  },
  "bilateral-offset": {
    settle: settleBilateralOffset,
    meaning:
      "As fifo; when stuck, heads that pay each other's payer settle together if both can pay the difference.",
  },
  "gridlock-resolution": {
    settle: settleGridlockResolution,
    meaning:
      "As fifo; when stuck, all that is queued settles together, less last payments of members that would end below zero.",
  },
} as const satisfies Readonly<
  Record<string, { readonly settle: (day: PaymentDay) => SettledBy; readonly meaning: string }>
>;

export type QueueRule = keyof typeof QUEUE_RULES;
