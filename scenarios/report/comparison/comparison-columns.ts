import { RUN_MEASURE_NAMES, RUN_MEASURES } from "../../measures/run-measures.ts";
import { VERDICTS } from "../../measures/statistics/paired.ts";
import type { SwapRow } from "../../run-result.ts";
import {
  amount,
  count,
  milliseconds,
  number,
  SWAP_COLUMNS,
  text,
  type Column,
  type Columns,
} from "../columns.ts";
import type { ComparisonManifest, RunRow } from "./comparison-result.ts";

const RUN = count("Number of the run in the comparison, from 0.");
const CASE = text("Name of the case: the arrangement, and the values that are varied.");
const SEED = number("", "The seed that decides the run's workload, delays and faults.");

/** A row of a file whose columns depend on the comparison. */
export type FlatRow = Readonly<Record<string, string | number | null>>;

/** `runs.csv`: one row for each case and seed. */
export function runColumns({ paths }: Pick<ComparisonManifest, "paths">): Columns<FlatRow> {
  const columns: Record<string, Column> = {
    run: RUN,
    case: CASE,
    arrangement: text("How legs settle."),
    seed: SEED,
  };
  for (const path of paths) columns[path] = text("Value of this parameter of the scenario.");
  columns["traceHash"] = text("Tells the run's history from every other one.");
  columns["events"] = count("How many things happened in it.");
  columns["virtualMs"] = milliseconds("How long it lasted, in virtual time.");
  for (const name of RUN_MEASURE_NAMES) {
    const { unit, meaning } = RUN_MEASURES[name];
    columns[name] = number(unit, meaning);
  }
  return columns;
}

export const flatRun = (
  { cases, paths }: Pick<ComparisonManifest, "cases" | "paths">,
  { run, caseNumber, arrangement, seed, traceHash, events, virtualMs, values, ...rest }: RunRow,
): FlatRow => ({
  run,
  case: rest.case,
  arrangement,
  seed,
  ...Object.fromEntries(paths.map((path, i) => [path, cases[caseNumber]?.values[i] ?? ""])),
  traceHash,
  events,
  virtualMs,
  ...values,
});

/** A swap of one of the runs. */
export interface ComparedSwap extends SwapRow {
  readonly run: number;
  readonly case: string;
  readonly seed: number;
}

export const COMPARED_SWAP_COLUMNS: Columns<ComparedSwap> = {
  run: RUN,
  case: CASE,
  seed: SEED,
  ...SWAP_COLUMNS,
};

export interface EstimateRow {
  readonly measure: string;
  readonly case: string;
  readonly runs: number;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly difference: number | null;
  readonly differenceLow: number | null;
  readonly differenceHigh: number | null;
  readonly verdict: string;
}

const OF_MEASURE = "that of the measure";

export const ESTIMATE_COLUMNS: Columns<EstimateRow> = {
  measure: text("A measure of runs.csv."),
  case: CASE,
  runs: count("Runs that have the measure."),
  mean: number(OF_MEASURE, "Mean over the runs."),
  low: number(OF_MEASURE, "Lower end of its 95 % interval; empty with too few runs."),
  high: number(OF_MEASURE, "Upper end of it."),
  difference: number(OF_MEASURE, "Mean over seeds of this case less the first one."),
  differenceLow: number(OF_MEASURE, "Lower end of the interval of the difference."),
  differenceHigh: number(OF_MEASURE, "Upper end of it."),
  verdict: text(
    `What that shows; empty for the first case. ${Object.entries(VERDICTS)
      .map(([word, meaning]) => `${word}: ${meaning}`)
      .join(" ")}`,
  ),
};

export interface LiquidityRow {
  readonly run: number;
  readonly case: string;
  readonly seed: number;
  readonly bank: string;
  readonly currency: string;
  readonly peak: string;
  readonly unitSeconds: string;
}

export const LIQUIDITY_COLUMNS: Columns<LiquidityRow> = {
  run: RUN,
  case: CASE,
  seed: SEED,
  bank: text("The central bank where money was on hold."),
  currency: text("Its currency."),
  peak: amount("minor units", "The most that was on hold for swaps at one time."),
  unitSeconds: amount("minor units x seconds", "What was on hold times how long, rounded down."),
};

export interface ExposureRow extends Omit<LiquidityRow, "bank"> {
  readonly member: string;
  readonly lost: string;
}

export const EXPOSURE_COLUMNS: Columns<ExposureRow> = {
  run: RUN,
  case: CASE,
  seed: SEED,
  member: text("A member that had paid finally while its counter-leg was not final."),
  currency: text("What it had paid in."),
  peak: amount("minor units", "The most of that at one time."),
  unitSeconds: amount("minor units x seconds", "That, times how long, rounded down."),
  lost: amount("minor units", "What the counter-leg never came for by the end of the run."),
};

/** The files of a comparison that are tables. */
export const COMPARISON_FILES = {
  runs: "runs.csv",
  estimates: "estimates.csv",
  swaps: "swaps.csv",
  liquidity: "liquidity.csv",
  exposure: "exposure.csv",
} as const;

/** The swaps again, for programs that read Parquet. */
export const PARQUET = "swaps.parquet";
