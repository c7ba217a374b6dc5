import fs from "node:fs";
import path from "node:path";
import { badInput, environmentFailed } from "../exit.ts";
import { heldLiquidity } from "../measures/held-liquidity.ts";
import { printable } from "../problem.ts";
import type { Manifest, RunResult, SwapDiagram } from "../run-result.ts";
import {
  codebook,
  CODEBOOK_COLUMNS,
  HELD_COLUMNS,
  PAYMENT_COLUMNS,
  SWAP_COLUMNS,
  TABLE_FILES,
  type Columns,
} from "./columns.ts";
import { parseCsv, renderCsv } from "./csv.ts";
import { DIAGRAM_SCHEMA, MANIFEST_SCHEMA } from "./file-schemas.ts";
import { renderParquet } from "./parquet.ts";
import { readChecked, readText } from "./read-json.ts";
import { renderJson, writeNew } from "./write-files.ts";

/** The files of a run folder that this project's commands read back. */
const FILES = {
  manifest: "manifest.json",
  diagram: "diagram.json",
  report: "report.html",
} as const;

/**
 * Writes everything of a result but its report into the folder of a run: `manifest.json`, the tables
 * as CSV (`swaps` also as Parquet), `codebook.csv`, and `diagram.json` when there is one. A file that
 * is there already is never overwritten.
 */
export function writeRunFolder(folder: string, result: RunResult): void {
  const { manifest, swaps, payments, diagram } = result;
  const write = (file: string, content: string | Uint8Array): void =>
    writeNew(path.join(folder, file), content);
  const held = heldLiquidity(swaps, manifest.banks);
  write(TABLE_FILES.swaps, renderCsv(swaps, SWAP_COLUMNS));
  write("swaps.parquet", renderParquet(swaps, SWAP_COLUMNS));
  write(TABLE_FILES.payments, renderCsv(payments, PAYMENT_COLUMNS));
  write(TABLE_FILES.liquidity, renderCsv(held, HELD_COLUMNS));
  write("codebook.csv", renderCsv(codebook(), CODEBOOK_COLUMNS));
  if (diagram !== null) write(FILES.diagram, renderJson(diagram));
  // Last: a folder with a manifest is complete.
  write(FILES.manifest, renderJson(manifest));
}

/** Writes `report.html`, in place of an older one when there is one; returns its path. */
export function writeReport(folder: string, html: string): string {
  const file = path.join(folder, FILES.report);
  const fresh = `${file}.${process.pid}.tmp`;
  writeNew(fresh, html);
  try {
    fs.renameSync(fresh, file);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw environmentFailed(`${printable(file)}: ${(error as Error).message}`);
  }
  return file;
}

/** How a reader who stands in `workingFolder` names a run folder; its own name when it is elsewhere. */
export function shownFolder(folder: string, workingFolder: string): string {
  const relative = path.relative(workingFolder, folder);
  const isInside = relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  return isInside ? relative : path.basename(folder);
}

/** Reads a run folder back; throws a `CommandError` that names the file and the place. */
export function readRunFolder(folder: string): RunResult {
  const manifest = readChecked(folder, FILES.manifest, MANIFEST_SCHEMA) as Manifest;
  return {
    manifest,
    swaps: readTable(folder, TABLE_FILES.swaps, SWAP_COLUMNS),
    payments: readTable(folder, TABLE_FILES.payments, PAYMENT_COLUMNS),
    diagram: fs.existsSync(path.join(folder, FILES.diagram))
      ? (readChecked(folder, FILES.diagram, DIAGRAM_SCHEMA) as SwapDiagram)
      : null,
  };
}

function readTable<Row extends object>(
  folder: string,
  file: string,
  columns: Columns<Row>,
): readonly Row[] {
  const rows = parseCsv<Row>(readText(folder, file), columns);
  if (rows.ok) return rows.value;
  const { record, column, found, allowed } = rows.error;
  const place = record === 0 ? "" : `, record ${record}${column === "" ? "" : `, ${column}`}`;
  throw badInput(
    `table_invalid: ${printable(path.join(folder, file))}${place}: found ${printable(found)}, allowed: ${allowed}`,
  );
}
