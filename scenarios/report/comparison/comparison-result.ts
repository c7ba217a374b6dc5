import type { EcdfPoint } from "../../measures/statistics/ecdf.ts";
import type { Difference, Estimate } from "../../measures/statistics/paired.ts";
import type { RunMeasureName, RunValues } from "../../measures/run-measures.ts";
import type { Clock } from "../../measures/settle-times.ts";

/** What a comparison comes to: the source of its tables, files, plots and page. */
export interface ComparisonResult {
  readonly manifest: ComparisonManifest;
  readonly runs: readonly RunRow[];
  /** For each case, in order, the distribution of settle times over all its runs. */
  readonly distributions: readonly Readonly<Record<Clock, readonly EcdfPoint[]>>[];
}

export interface ComparisonManifest {
  readonly format: "daliz-comparison/1";
  readonly scenario: string;
  readonly title: string;
  readonly question: string;
  readonly signatures: "real" | "modelled";
  /** How the user named the scenario, and what was put over it in every case. */
  readonly asked: { readonly scenario: string; readonly sets: readonly string[] };
  readonly runs: number;
  readonly firstSeed: number;
  /** Paths of the parameters that are varied. */
  readonly paths: readonly string[];
  readonly volatility: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly modelled: readonly string[];
  readonly statistics: {
    readonly method: string;
    readonly resamples: number;
    readonly level: number;
    readonly seed: number;
  };
  /** The first one is what the others are compared with. */
  readonly cases: readonly CaseResult[];
  /** The scenario of the first run, after every `--set`. */
  readonly document: unknown;
}

export interface CaseResult {
  readonly name: string;
  readonly arrangement: string;
  /** The value of each varied parameter, in the order of `paths`. */
  readonly values: readonly string[];
  /** Swaps of all runs together. */
  readonly swaps: number;
  readonly estimates: Readonly<Record<RunMeasureName, Estimate | null>>;
  /** Against the first case; of that one itself `null`. */
  readonly differences: Readonly<Record<RunMeasureName, Difference | null>> | null;
  readonly properties: readonly PropertyCount[];
  /** Why swaps did not settle, over all runs, the most frequent first. */
  readonly reasons: readonly {
    readonly outcome: string;
    readonly reason: string;
    readonly count: number;
  }[];
}

/** What the checkers say of a property over the runs of a case. */
export interface PropertyCount {
  readonly name: string;
  readonly meaning: string;
  readonly held: number;
  /** Broken though the arrangement promises it, with so many faults or without any: a failure. */
  readonly violated: number;
  /** Broken where the arrangement is known not to promise it. */
  readonly documented: number;
  /** Broken with more faults than that. */
  readonly beyondBudget: number;
  /** The first run in which it was broken. */
  readonly example: { readonly seed: number; readonly detail: string } | null;
}

/** In how many runs of a case the property was seen broken, whatever that means. */
export const brokenRuns = ({ violated, documented, beyondBudget }: PropertyCount): number =>
  violated + documented + beyondBudget;

/** One run of one case. */
export interface RunRow {
  readonly run: number;
  readonly caseNumber: number;
  readonly case: string;
  readonly arrangement: string;
  readonly seed: number;
  readonly traceHash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly values: RunValues;
}
