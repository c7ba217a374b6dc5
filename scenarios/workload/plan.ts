import type { Amount } from "../../node/money.ts";
import type { ExpectedCode } from "../home.ts";
import type { OrderAction } from "../scenario.ts";

/** What a scenario's workload asks for, before anybody has signed anything. Times count from the start of the run. */
export interface WorkloadPlan {
  readonly swaps: readonly PlannedSwap[];
  readonly payments: readonly PlannedPayment[];
}

/** One leg: `payer` pays `amount` of `currency` to `payee`; both hold accounts at the bank of the currency. */
export interface PlannedLeg {
  readonly bank: string;
  readonly currency: string;
  readonly payer: string;
  readonly payee: string;
  readonly amount: Amount;
}

export interface PlannedSwap {
  /** `swap-1`, `swap-2`, ... in order of time. */
  readonly id: string;
  /** When the first member decides to trade: the instruction clock starts. */
  readonly initiatedMs: number;
  /** Modelled compliance screening by both members, between initiation and submission. */
  readonly screeningMs: number;
  /** Sold and bought currency, such as `KZT/CNY`. */
  readonly pair: string;
  /** Leg 0 is what the initiating member sells; leg 1 is what it buys. */
  readonly legs: readonly [PlannedLeg, PlannedLeg];
  /** Leg 0 is to be paid from this tag's column; null for untagged money. */
  readonly tag: string | null;
  /** Border facts of the terms, as `name=value`. */
  readonly facts: readonly string[];
}

export interface PlannedPayment {
  readonly id: string;
  readonly atMs: number;
  /** An `order` pays nobody: its payee is its payer. */
  readonly kind: "domestic" | "tagged" | "one-way" | "order";
  readonly bank: string;
  readonly payer: string;
  readonly payee: string;
  readonly amount: Amount;
  readonly tag: string | null;
  readonly line: string | null;
  readonly purpose: string | null;
  /** What the payment says of itself, as `name=value`. */
  readonly facts: readonly string[];
  /** What an `order` asks for. */
  readonly action: OrderAction | null;
  /** In which way the payment diverts money; `null` for an honest one. */
  readonly diversion: string | null;
  readonly expected: ExpectedCode;
}
