import type { QueueRule } from "../../corridor/liquidity/queue-rules.ts";
import type { PropertyRow } from "../run-result.ts";
import type { DAY_KIND } from "./day-scenario.ts";

/** What `manifest.json` says of one bank's day. It holds no clock: the same inputs give the same bytes. */
export interface DayManifest {
  readonly format: "daliz-run/1";
  readonly kind: typeof DAY_KIND;
  readonly scenario: string;
  readonly title: string;
  readonly question: string;
  readonly mode: "sim";
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly modelled: readonly string[];
  /** A day has no ledgers. */
  readonly heads: readonly [];
  /** SHA-256 of `payments.csv`: tells what settled when from every other day. */
  readonly traceHash: string;
  readonly queue: QueueRule;
  readonly closeMs: number;
  readonly members: number;
  /** The files that the day was run on, as copies in its folder. */
  readonly inputs: { readonly payments: InputFile; readonly opening: InputFile };
  readonly measures: DayMeasures;
  /** Minor units. */
  readonly conservation: {
    readonly opening: string;
    readonly closing: string;
    readonly holds: boolean;
  };
  readonly properties: readonly PropertyRow[];
  readonly expectations: readonly {
    readonly name: string;
    readonly holds: boolean;
    readonly detail: string;
  }[];
  readonly document: unknown;
}

export interface InputFile {
  /** In the run folder. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The measures of `scenarios/measures/`, which say how each is defined. Amounts are minor units in decimal digits. */
export interface DayMeasures {
  readonly settled: {
    readonly payments: number;
    readonly value: string;
    readonly ofPayments: number;
    readonly ofValue: string;
    readonly byNumber: RatioRow | null;
    readonly byValue: RatioRow | null;
  };
  readonly unsettled: { readonly payments: number; readonly value: string };
  readonly delayIndicator: RatioRow | null;
  readonly queueDelay: {
    readonly weightedMs: RatioRow | null;
    readonly unweightedMs: RatioRow | null;
    readonly waited: number;
    readonly p50Ms: number | null;
    readonly p95Ms: number | null;
    readonly longestMs: number | null;
  };
  readonly maximumQueue: {
    readonly value: string;
    readonly payments: number;
    readonly atMs: number;
  };
  /** Sums over all members. */
  readonly liquidity: {
    readonly opening: string;
    readonly lowerBound: string;
    readonly upperBound: string;
    readonly maximumUsage: string;
  };
  readonly turnoverRatio: { readonly peak: RatioRow | null; readonly average: RatioRow | null };
}

/** An exact ratio, and the decimal number that it is rounded half up to. */
export interface RatioRow {
  readonly numerator: string;
  readonly denominator: string;
  readonly rounded: string;
}

/** One member's line of `liquidity.csv`, in minor units. */
export interface MemberRow {
  readonly member: string;
  readonly opening: string;
  readonly closing: string;
  readonly sent: string;
  readonly received: string;
  readonly lower_bound: string;
  readonly upper_bound: string;
  readonly maximum_usage: string;
  readonly maximum_surplus: string;
  readonly maximum_queued: string;
  readonly unsettled: number;
  readonly unsettled_value: string;
}
