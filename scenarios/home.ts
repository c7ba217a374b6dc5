import type { Amount } from "../node/money.ts";
import type { DurationMs } from "../node/time.ts";
import type { RuleCode } from "../node/rules/codes.ts";

/** How much of its tags a run uses: an experiment's treatment and its controls. */
export const TAGGINGS = {
  full: "Tags as the file defines them.",
  "no-evidence": "Tags that ask for no documents.",
  none: "The same payments from plain money.",
} as const;
export type Tagging = keyof typeof TAGGINGS;

/** The calendar of a run. */
export interface ScenarioClock {
  /** When the banks' clocks begin, in milliseconds since the Unix epoch; `null` for the present. */
  readonly startMs: number | null;
  /** In live runs, how many times as fast the clocks run; simulated runs need no haste. */
  readonly pace: number;
}

/** The classes of members through which others reach the platform. */
export const ORGANISATION_CLASSES: ReadonlySet<string> = new Set([
  "commercial-bank",
  "payment-organisation",
  "microfinance",
]);

/** What a listed item is expected to come to: a code, nothing (it passes), or either (`any`). */
export type ExpectedCode = RuleCode | "any" | null;

/** Ways to divert money that agents of a generated workload try. */
export const DIVERSIONS = ["dead-souls", "fictitious-works", "price-inflation"] as const;
export type Diversion = (typeof DIVERSIONS)[number];

/** Purchases along the supply chain of a tag, some of them diverted. */
export interface GeneratedProcurement {
  readonly purchases: number;
  /** Of a hundred purchases, how many are diverted in each way. */
  readonly diversions: Readonly<Record<Diversion, number>>;
  /** By how many per cent an inflated price is above the estimate's. */
  readonly inflationPercent: number;
  /** Of a hundred honest purchases, how many are tried before their act is attested, and given up. */
  readonly lateActsPercent: number;
}

/** School meals paid by vouchers, day by day. */
export interface GeneratedMeals {
  readonly children: number;
  readonly days: number;
  readonly price: Amount;
  /** Of a hundred child-days, how many children are absent, and tap nevertheless. */
  readonly absentPercent: number;
  /** Of a hundred meals, how many are tapped for a second time. */
  readonly secondPercent: number;
}

/** Invoices of exporters, the VAT in them, and its refund. */
export interface GeneratedVat {
  readonly invoices: number;
  /** Invoices are spread over this many days. */
  readonly days: number;
  readonly gross: Amount;
  /** Of a hundred invoices, how many are paid inside the scheme. */
  readonly insidePercent: number;
  /** Of a hundred traders' invoices, after how many the trader disappears with what he can take. */
  readonly missingPercent: number;
  /** Days from a claim to its refund, from and to: outside the scheme, and inside. */
  readonly refundDaysOutside: readonly [number, number];
  readonly refundDaysInside: readonly [number, number];
}

/** What a generated workload of a bank at home consists of. */
export interface GeneratedHome {
  readonly procurement: GeneratedProcurement | null;
  readonly meals: GeneratedMeals | null;
  readonly vat: GeneratedVat | null;
}

export const DAY_MS = 86_400_000 as DurationMs;
