import fs from "node:fs";
import path from "node:path";
import { badInput } from "../exit.ts";
import { printable } from "../problem.ts";
import { renderReport } from "../report/html.ts";
import { userFolder } from "../report/output-path.ts";
import { readRunFolder, shownFolder, writeReport } from "../report/run-folder.ts";

export interface ReportOptions {
  /** A run folder, relative to where the user stands. */
  readonly folder: string;
}

/** `daliz report`: builds `report.html` of a run folder again. */
export async function runReport({ folder }: ReportOptions): Promise<void> {
  const place = path.resolve(userFolder(), folder);
  if (!fs.existsSync(place)) throw badInput(`${printable(folder)}: no such run folder`);
  const result = readRunFolder(place);
  const file = writeReport(place, await renderReport(result, shownFolder(place, userFolder())));
  process.stdout.write(`${file}\n`);
}
