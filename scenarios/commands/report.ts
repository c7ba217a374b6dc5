import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { badInput } from "../exit.ts";
import { printable } from "../problem.ts";
import { renderReport } from "../report/html.ts";
import { isDayFolder } from "../report/day/day-folder.ts";
import { readRunFolder, shownFolder, writeReport } from "../report/run-folder.ts";

/** `daliz report`: builds `report.html` of a run folder again. */
export async function runReport(folder: string): Promise<void> {
  const place = path.resolve(folder);
  if (!fs.existsSync(place)) throw badInput(`${printable(folder)}: no such run folder`);
  if (isDayFolder(place)) return reportDay(place);
  const result = readRunFolder(place);
  const file = writeReport(place, await renderReport(result, shownFolder(place, process.cwd())));
  process.stdout.write(`${file}\n`);
}

/** The same for the folder of one bank's day, which is settled again from the copies of its input. */
async function reportDay(place: string): Promise<void> {
  const { readSettledDay } = await import("../report/day/read-settled-day.ts");
  const { renderDayReport } = await import("../report/day/day-page.ts");
  const page = await renderDayReport(readSettledDay(place), shownFolder(place, process.cwd()));
  process.stdout.write(`${writeReport(place, page)}\n`);
}
