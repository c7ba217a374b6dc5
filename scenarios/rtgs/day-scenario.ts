import type { QueueRule } from "../../corridor/liquidity/queue-rules.ts";
import type { DayFile } from "./day-input.ts";

/** What tells the scenario of one bank's day from that of a corridor. */
export const DAY_KIND = "rtgs-day";

/** What a day can be asked to hold, with its meaning. The run fails when one does not. */
export const DAY_EXPECTATIONS = {
  conservation: "The closing balances add up to what the opening balances did.",
  "non-negative": "No balance was below zero at any time.",
  "all-payments-settle": "Every payment settles by the close.",
} as const;
export type DayExpectation = keyof typeof DAY_EXPECTATIONS;

/** A scenario of one bank's day that was read and checked; the files of payments are not read yet. */
export interface DayScenario {
  readonly kind: typeof DAY_KIND;
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly labels: readonly string[];
  readonly mode: "sim";
  readonly seed: number;
  readonly queue: QueueRule;
  /** Since the start of the day, as all times are. */
  readonly closeMs: number;
  readonly workload: DayWorkload;
  readonly expect: readonly DayExpectation[];
  /** The file's content after every `--set`, as plain JSON: what a manifest keeps. */
  readonly document: unknown;
}

export type DayWorkload =
  | { readonly kind: "files"; readonly payments: DayFile; readonly opening: DayFile }
  | ({ readonly kind: "generated" } & GeneratedDay);

/** Payments and opening balances that are drawn from the seed. */
export interface GeneratedDay {
  readonly members: number;
  readonly payments: number;
  /** How busy the day is in slices of equal length, from its start to its close. */
  readonly profile: readonly number[];
  /** Of the values of payments, in minor units. */
  readonly medianValue: number;
  /** What each member opens with, in per cent of what it needs to pay at once. */
  readonly liquidityPercent: number;
}
