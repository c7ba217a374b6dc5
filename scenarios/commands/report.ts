import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { badInput } from "../exit.ts";
import { printable } from "../problem.ts";
import { renderReport } from "../report/html.ts";
import { readRunFolder, shownFolder, writeReport } from "../report/run-folder.ts";

/** `daliz report`: builds `report.html` of a run folder again. */
export async function runReport(folder: string): Promise<void> {
  const place = path.resolve(folder);
  if (!fs.existsSync(place)) throw badInput(`${printable(folder)}: no such run folder`);
  const result = readRunFolder(place);
  const file = writeReport(place, await renderReport(result, shownFolder(place, process.cwd())));
  process.stdout.write(`${file}\n`);
}
