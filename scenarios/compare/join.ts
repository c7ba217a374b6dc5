import path from "node:path";
import process from "node:process";
import { PACKAGE_VERSION } from "../play/assemble.ts";
import { modelledNetwork } from "../network/modelled.ts";
import { settledTimes, type Clock } from "../measures/settle-times.ts";
import { RUN_MEASURE_NAMES, type RunMeasureName } from "../measures/run-measures.ts";
import { ecdf } from "../measures/statistics/ecdf.ts";
import {
  estimate,
  LEVEL,
  pairedDifference,
  RESAMPLES,
  RESAMPLING_SEED,
} from "../measures/statistics/paired.ts";
import type { ReasonCount } from "../measures/reasons.ts";
import {
  COMPARED_SWAP_COLUMNS,
  COMPARISON_FILES,
  EXPOSURE_COLUMNS,
  LIQUIDITY_COLUMNS,
  PARQUET,
  type ComparedSwap,
} from "../report/comparison/comparison-columns.ts";
import type {
  CaseResult,
  ComparisonManifest,
  ComparisonResult,
  PropertyCount,
  RunRow,
} from "../report/comparison/comparison-result.ts";
import { CsvFile } from "../report/csv-file.ts";
import { ParquetFile } from "../report/parquet.ts";
import type { Scenario } from "../scenario.ts";
import { Prng } from "../sim/prng.ts";
import { modelledSentences } from "../simulated/run-simulated.ts";
import { readPart } from "./part-file.ts";
import { scenarioOf, taskAt, taskCount, valuesOf, type ComparisonPlan } from "./plan.ts";
import { isBroken, type RunPart } from "./run-part.ts";

/** Points of one line of a plot: narrower than a pixel. */
const MAX_POINTS = 400;

/**
 * Joins the parts of a comparison: writes the files that have a row for each swap, bank or member of each
 * run, part by part, and returns what the rest is made of.
 */
export function joinParts(plan: ComparisonPlan, folder: string): ComparisonResult {
  const files = new RowFiles(folder);
  const cases = plan.cases.map(() => new CaseParts());
  const runs: RunRow[] = [];
  for (let index = 0; index < taskCount(plan); index++) {
    const { caseNumber, seed } = taskAt(plan, index);
    const part = readPart(folder, index);
    const { name = "", arrangement = "" } = plan.cases[caseNumber] ?? {};
    files.add(part, { run: index, case: name, seed });
    cases[caseNumber]?.add(part, seed);
    const { traceHash, events, virtualMs, values } = part;
    const facts = { traceHash, events, virtualMs, values };
    runs.push({ run: index, caseNumber, case: name, arrangement, seed, ...facts });
  }
  files.end();
  return {
    manifest: manifestOf(plan, cases, runs),
    runs,
    distributions: cases.map(({ times, swaps }) => ({
      instruction: ecdf(times.instruction, swaps, MAX_POINTS),
      ledger: ecdf(times.ledger, swaps, MAX_POINTS),
    })),
  };
}

/** Files that would not fit in memory. */
class RowFiles {
  readonly #swaps: CsvFile<ComparedSwap>;
  readonly #parquet: ParquetFile<ComparedSwap>;
  readonly #liquidity;
  readonly #exposure;

  constructor(folder: string) {
    const file = (name: string): string => path.join(folder, name);
    this.#swaps = new CsvFile(file(COMPARISON_FILES.swaps), COMPARED_SWAP_COLUMNS);
    this.#parquet = new ParquetFile(file(PARQUET), COMPARED_SWAP_COLUMNS);
    this.#liquidity = new CsvFile(file(COMPARISON_FILES.liquidity), LIQUIDITY_COLUMNS);
    this.#exposure = new CsvFile(file(COMPARISON_FILES.exposure), EXPOSURE_COLUMNS);
  }

  add(part: RunPart, of: { readonly run: number; readonly case: string; readonly seed: number }) {
    const swaps = part.swaps.map((swap) => ({ ...of, ...swap }));
    this.#swaps.write(swaps);
    this.#parquet.write(swaps);
    this.#liquidity.write(part.liquidity.map((row) => ({ ...of, ...row })));
    this.#exposure.write(part.exposure.map((row) => ({ ...of, ...row })));
  }

  end(): void {
    this.#swaps.end();
    this.#parquet.end();
    this.#liquidity.end();
    this.#exposure.end();
  }
}

/** What the runs of one case have in common, as far as a mean is not enough. */
class CaseParts {
  readonly times: Readonly<Record<Clock, number[]>> = { instruction: [], ledger: [] };
  readonly properties = new Map<string, Tally>();
  readonly reasons = new Map<string, { outcome: string; reason: string; count: number }>();
  swaps = 0;

  add({ swaps, properties, reasons }: RunPart, seed: number): void {
    this.swaps += swaps.length;
    for (const clock of ["instruction", "ledger"] as const) {
      for (const ms of settledTimes(swaps, clock)) this.times[clock].push(ms);
    }
    for (const row of properties) this.#count(row, seed);
    for (const reason of reasons) this.#explain(reason);
  }

  #count({ name, meaning, verdict, detail }: RunPart["properties"][number], seed: number): void {
    const tally = this.properties.get(name) ?? newTally(meaning);
    this.properties.set(name, tally);
    if (verdict === "holds") tally.held++;
    if (verdict === "violated") tally.violated++;
    if (verdict === "documented") tally.documented++;
    if (verdict === "beyond budget") tally.beyondBudget++;
    if (isBroken(verdict)) tally.example ??= { seed, detail };
  }

  #explain({ outcome, reason, count }: ReasonCount): void {
    const key = JSON.stringify([outcome, reason]);
    const known = this.reasons.get(key);
    if (known === undefined) this.reasons.set(key, { outcome, reason, count });
    else known.count += count;
  }
}

interface Tally {
  readonly meaning: string;
  held: number;
  violated: number;
  documented: number;
  beyondBudget: number;
  example: PropertyCount["example"];
}

const newTally = (meaning: string): Tally => ({
  meaning,
  held: 0,
  violated: 0,
  documented: 0,
  beyondBudget: 0,
  example: null,
});

function manifestOf(
  plan: ComparisonPlan,
  parts: readonly CaseParts[],
  runs: readonly RunRow[],
): ComparisonManifest {
  const scenario = scenarioOf(plan, taskAt(plan, 0));
  return {
    format: "daliz-comparison/1",
    scenario: scenario.name,
    title: scenario.title,
    question: scenario.question,
    signatures: scenario.signatures,
    asked: { scenario: plan.scenario, sets: plan.sets },
    runs: plan.runs,
    firstSeed: plan.firstSeed,
    paths: plan.paths,
    volatility: plan.volatility,
    versions: { daliz: PACKAGE_VERSION, node: process.versions.node },
    modelled: [
      ...new Set(plan.cases.flatMap((_, i) => modelledOf(scenarioOf(plan, taskAt(plan, i))))),
      `The free option is reckoned with a volatility of ${plan.volatility} a year: an assumption.`,
    ],
    statistics: {
      method: "bootstrap of the mean over seeds, BCa intervals; differences paired by seed",
      resamples: RESAMPLES,
      level: LEVEL,
      seed: RESAMPLING_SEED,
    },
    cases: plan.cases.map((_, i) => caseResult(plan, i, parts[i] ?? new CaseParts(), runs)),
    document: scenario.document,
  };
}

const modelledOf = (scenario: Scenario): readonly string[] => [
  ...scenario.labels,
  ...modelledNetwork(scenario.network),
  ...modelledSentences(scenario),
];

function caseResult(
  plan: ComparisonPlan,
  place: number,
  { swaps, properties, reasons }: CaseParts,
  runs: readonly RunRow[],
): CaseResult {
  const one = plan.cases[place];
  if (one === undefined) throw new TypeError(`no case ${place}`);
  const valuesAt = (caseNumber: number, name: RunMeasureName) =>
    runs.filter((run) => run.caseNumber === caseNumber).map(({ values }) => values[name]);
  const measured = <T>(of: (name: RunMeasureName, prng: Prng) => T) =>
    Object.fromEntries(
      RUN_MEASURE_NAMES.map((name) => [name, of(name, resampling(name))]),
    ) as Record<RunMeasureName, T>;
  return {
    name: one.name,
    arrangement: one.arrangement,
    values: valuesOf(one),
    swaps,
    estimates: measured((name, prng) => estimate(valuesAt(place, name), prng)),
    differences:
      place === 0
        ? null
        : measured((name, prng) =>
            pairedDifference(valuesAt(0, name), valuesAt(place, name), prng.fork("difference")),
          ),
    properties: [...properties].map(([name, tally]) => ({
      name,
      ...tally,
    })),
    reasons: [...reasons.values()].sort((a, b) => b.count - a.count),
  };
}

/** The same draws for every case: equal runs have equal intervals, whatever cases stand beside them. */
const resampling = (measure: string): Prng => Prng.fromSeed(RESAMPLING_SEED).fork(measure);
