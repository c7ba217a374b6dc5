import {
  RUN_MEASURE_NAMES,
  RUN_MEASURES,
  type RunMeasureName,
} from "../../measures/run-measures.ts";
import { LEAST_RUNS } from "../../measures/statistics/paired.ts";
import { counted, oneLine } from "../format.ts";
import { grid, WIDTH, wrap } from "../terminal-grid.ts";
import {
  brokenRuns,
  type CaseResult,
  type ComparisonManifest,
  type ComparisonResult,
} from "./comparison-result.ts";
import { estimateText, measureText } from "./measure-text.ts";

/** Measures that stand beside each other, with short heads. */
export const TABLES: readonly {
  readonly title: string;
  readonly columns: readonly (readonly [measure: RunMeasureName, head: string])[];
}[] = [
  {
    title: "Swaps of a run",
    columns: [
      ["settled", "settled"],
      ["voided", "voided"],
      ["split", "split"],
      ["rejected", "rejected"],
      ["unresolved", "unresolved"],
    ],
  },
  {
    title: "Time to settle, ledger clock",
    columns: [
      ["ledgerP50", "p50"],
      ["ledgerP95", "p95"],
      ["ledgerMean", "mean"],
    ],
  },
  {
    title: "Time to settle, instruction clock",
    columns: [
      ["instructionP50", "p50"],
      ["instructionP95", "p95"],
      ["instructionMean", "mean"],
    ],
  },
  {
    title: "Share of swaps settled in time (targets of the G20)",
    columns: [
      ["withinHour", "within an hour"],
      ["withinBusinessDay", "within a business day"],
    ],
  },
  {
    title: "Liquidity",
    columns: [
      ["heldMean", "hold of a swap"],
      ["heldDollarHours", "USD held x hours"],
      ["heldPeakDollars", "USD held at once"],
    ],
  },
  {
    title: "Risk",
    columns: [
      ["atRiskPeakDollars", "USD at risk, most"],
      ["atRiskDollarHours", "USD at risk x hours"],
      ["lostDollars", "USD never answered"],
    ],
  },
  {
    title: "Free option of the last who may withdraw, in basis points",
    columns: [
      ["freeOptionBp", "as it went"],
      ["freeOptionMostBp", "at most"],
    ],
  },
  {
    title: "Work per swap",
    columns: [
      ["messages", "messages"],
      ["bytes", "bytes"],
      ["signatures", "signatures"],
      ["flushes", "flushes"],
    ],
  },
];

/** Cases and differences that fit a screen; the files have all. */
const MAX_CASE_ROWS = 30;
const MAX_DIFFERENCE_ROWS = 40;

/** What a comparison came to, as text of at most 100 columns. */
export function renderComparisonTables({ manifest }: ComparisonResult): string {
  const { cases } = manifest;
  const shown = cases.slice(0, MAX_CASE_ROWS);
  const parts = [heading(manifest)];
  for (const { title, columns } of TABLES) {
    if (shown.every(({ estimates }) => columns.every(([name]) => estimates[name] === null)))
      continue;
    const body = grid(
      [["Case", "left", 24], ...columns.map(([, head]) => [head, "right", 25] as const)],
      shown.map(({ name, estimates }) => [
        name,
        ...columns.map(([measure]) => estimateText(measure, estimates[measure])),
      ]),
    );
    parts.push(`${title}\n${body}`);
  }
  if (shown.length < cases.length) {
    parts.push(`${cases.length - shown.length} more cases in estimates.csv`);
  }
  parts.push(differenceTable(manifest), propertyTable(cases));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function heading(manifest: ComparisonManifest): string {
  const { title, cases, runs, firstSeed, signatures, statistics, modelled } = manifest;
  const { level, resamples } = statistics;
  const seeds = runs === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed} to ${firstSeed + runs - 1}`;
  const intervals =
    runs < LEAST_RUNS
      ? `Fewer than ${LEAST_RUNS} runs: no intervals, and nothing is said about differences.`
      : `In brackets: ${100 * level} % intervals over the seeds, bootstrap with ${resamples} resamples.`;
  const lines = [
    ...wrap(oneLine(title), WIDTH),
    `${counted(cases.length, "case")}, ${counted(runs, "run")} each (${seeds}), virtual time, signatures ${signatures}`,
    intervals,
    "A simulation, not money. Modelled or counterfactual:",
  ];
  for (const label of modelled) {
    const [first = "", ...rest] = wrap(oneLine(label), WIDTH - 4);
    lines.push(`  - ${first}`, ...rest.map((line) => `    ${line}`));
  }
  return lines.join("\n");
}

/** Differences that are shown by their intervals; what is not in the table is no difference. */
function differenceTable({ cases, runs }: ComparisonManifest): string {
  const [base, ...others] = cases;
  if (base === undefined || others.length === 0 || runs < LEAST_RUNS) return "";
  const rows = others.flatMap(({ name, differences }) =>
    RUN_MEASURE_NAMES.flatMap((measure) => {
      const found = differences?.[measure] ?? null;
      if (found === null || found.verdict === "no difference") return [];
      const [low, high] = [found.interval?.low ?? null, found.interval?.high ?? null];
      const ends = `[${measureText(measure, low)}, ${measureText(measure, high)}]`;
      const words = [name, RUN_MEASURES[measure].title, found.verdict];
      return [[...words, measureText(measure, found.mean), ends]];
    }),
  );
  const title = `Differences to ${base.name}, seed by seed (what is not listed is no difference)`;
  if (rows.length === 0) return `${title}\nnone`;
  const body = grid(
    [
      ["Case", "left", 24],
      ["Measure", "left", 29],
      ["", "left"],
      ["by", "right"],
      ["interval", "right"],
    ],
    rows.slice(0, MAX_DIFFERENCE_ROWS),
  );
  const left = rows.length - MAX_DIFFERENCE_ROWS;
  return `${title}\n${body}${left > 0 ? `\nand ${left} more in estimates.csv` : ""}`;
}

/** Properties that were broken in any run. */
function propertyTable(cases: readonly CaseResult[]): string {
  const rows = cases.flatMap(({ name, properties }) =>
    properties.flatMap((row) => {
      const { name: property, violated, documented, example } = row;
      if (brokenRuns(row) === 0) return [];
      const how = violated > 0 ? "VIOLATED" : documented > 0 ? "not promised" : "beyond budget";
      const where = `seed ${example?.seed ?? ""}: ${example?.detail ?? ""}`;
      return [[name, property, how, String(brokenRuns(row)), where]];
    }),
  );
  if (rows.length === 0) return "No property was violated in any run.";
  const body = grid(
    [
      ["Case", "left", 20],
      ["", "left", 4],
      ["Broken", "left", 14],
      ["Runs", "right", 5],
      ["First", "left", 47],
    ],
    rows,
  );
  return `Properties that were broken\n${body}`;
}
