import fs from "node:fs";
import path from "node:path";
import { RUN_MEASURE_NAMES } from "../../measures/run-measures.ts";
import { CODEBOOK_COLUMNS, codebookOf } from "../columns.ts";
import { renderCsv } from "../csv.ts";
import { writeReport } from "../run-folder.ts";
import { PLOTS, renderJson, writeNew, writePlots } from "../write-files.ts";
import {
  COMPARED_SWAP_COLUMNS,
  COMPARISON_FILES,
  ESTIMATE_COLUMNS,
  EXPOSURE_COLUMNS,
  flatRun,
  LIQUIDITY_COLUMNS,
  PARQUET,
  runColumns,
  type EstimateRow,
} from "./comparison-columns.ts";
import { comparisonPlots, renderComparisonPage } from "./comparison-page.ts";
import type { ComparisonManifest, ComparisonResult } from "./comparison-result.ts";

/** Takes away what a join that was stopped has left: it has no manifest, and would be in the way of the next. */
export function clearUnfinished(folder: string): void {
  const files = [...Object.values(COMPARISON_FILES), PARQUET, CODEBOOK, PLOTS];
  for (const name of files) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
}

/**
 * Writes what a comparison comes to beside the rows of its runs, which are there already: tables, codebook,
 * plots, report and, last of all, the manifest: a folder that has one is complete.
 */
export async function writeComparison(folder: string, result: ComparisonResult): Promise<void> {
  const { manifest, runs } = result;
  const write = (name: string, content: string): void => writeNew(path.join(folder, name), content);
  const columns = runColumns(manifest);
  const flat = runs.map((run) => flatRun(manifest, run));
  const book = codebookOf([
    [COMPARISON_FILES.runs, columns],
    [COMPARISON_FILES.estimates, ESTIMATE_COLUMNS],
    [COMPARISON_FILES.swaps, COMPARED_SWAP_COLUMNS],
    [COMPARISON_FILES.liquidity, LIQUIDITY_COLUMNS],
    [COMPARISON_FILES.exposure, EXPOSURE_COLUMNS],
  ]);
  write(COMPARISON_FILES.runs, renderCsv(flat, columns));
  write(COMPARISON_FILES.estimates, renderCsv(estimateRows(manifest), ESTIMATE_COLUMNS));
  write(CODEBOOK, renderCsv(book, CODEBOOK_COLUMNS));
  await writePlots(folder, comparisonPlots(result));
  writeReport(folder, await renderComparisonPage(result));
  write("manifest.json", renderJson(manifest));
}

const CODEBOOK = "codebook.csv";

const estimateRows = ({ cases }: ComparisonManifest): readonly EstimateRow[] =>
  RUN_MEASURE_NAMES.flatMap((measure) =>
    cases.map(({ name, estimates, differences }) => {
      const found = estimates[measure];
      const difference = differences?.[measure] ?? null;
      return {
        measure,
        case: name,
        runs: found?.runs ?? 0,
        mean: found?.mean ?? null,
        low: found?.interval?.low ?? null,
        high: found?.interval?.high ?? null,
        difference: difference?.mean ?? null,
        differenceLow: difference?.interval?.low ?? null,
        differenceHigh: difference?.interval?.high ?? null,
        verdict: difference?.verdict ?? "",
      };
    }),
  );
