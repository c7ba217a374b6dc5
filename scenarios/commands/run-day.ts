import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { CommandError, badInput, EXIT } from "../exit.ts";
import { writeDayFolder } from "../report/day/day-folder.ts";
import { renderDayReport } from "../report/day/day-page.ts";
import { renderDayTables } from "../report/day/day-tables.ts";
import { counted } from "../report/format.ts";
import { createRunFolder } from "../report/output-path.ts";
import { shownFolder, writeReport } from "../report/run-folder.ts";
import { terminalStyle } from "../report/tables.ts";
import { assembleDay, INPUT_FILES, type DayResult } from "../rtgs/day-result.ts";
import type { DayScenario } from "../rtgs/day-scenario.ts";
import { runDay, type DayRun } from "../rtgs/run-day.ts";
import { generateDay } from "../workload/generated-day.ts";
import { refused } from "./choose-scenario.ts";
import { listenForInterruption } from "./interruption.ts";
import type { RunOptions } from "./run.ts";

/** `daliz run` of one bank's day: settles it, measures it, and writes its folder. */
export async function runDayScenario(scenario: DayScenario, options: RunOptions): Promise<void> {
  if (options.record) {
    throw badInput("--record: found the day of one bank, allowed: a live run; a day is simulated");
  }
  const print = (text: string): void => {
    if (!options.json) process.stdout.write(text);
  };
  const interruption = listenForInterruption();
  let folder: string | undefined;
  let result: DayResult;
  try {
    const startedAt = performance.now();
    const outcome = runDay(dayRun(scenario));
    if (!outcome.ok) throw refused(outcome.error);
    const seconds = (performance.now() - startedAt) / 1000;
    await interruption.check();
    folder = createRunFolder({
      name: scenario.name,
      workingFolder: process.cwd(),
      ...(options.out === undefined ? {} : { out: options.out }),
    });
    print(`${scenario.title}\n${scenario.question}\n`);
    const payments = counted(outcome.value.settled.settledBy.length, "payment");
    print(`Read and settled ${payments} in ${seconds.toFixed(2)} s. Measuring ...\n\n`);
    result = assembleDay(scenario, outcome.value);
    writeDayFolder(folder, result);
    writeReport(folder, await renderDayReport(result, shownFolder(folder, process.cwd())));
    await interruption.check();
  } catch (error) {
    // What a run that did not end leaves behind would look like a run that did.
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    interruption.end();
  }
  const { manifest } = result;
  if (options.json) process.stdout.write(`${JSON.stringify(manifest, undefined, 2)}\n`);
  print(renderDayTables(result, terminalStyle(process.stdout, process.env)));
  print(`\nRun folder: ${folder}\nReport:     ${path.join(folder, "report.html")}\n`);
  const broken = [
    ...manifest.properties.filter(({ verdict }) => verdict !== "holds"),
    ...manifest.expectations.filter(({ holds }) => !holds),
  ].map(({ name, detail }) => `${name} (${detail})`);
  if (broken.length === 0) return;
  throw new CommandError(EXIT.violated, `expected and not found: ${broken.join("; ")}`);
}

function dayRun({ seed, queue, closeMs, workload }: DayScenario): DayRun {
  if (workload.kind === "files") return { files: workload, queue, closeMs };
  const drawn = generateDay({ seed, closeMs }, workload);
  const file = (name: keyof typeof INPUT_FILES) => ({
    bytes: new TextEncoder().encode(drawn[name]),
    file: INPUT_FILES[name],
  });
  return { files: { payments: file("payments"), opening: file("opening") }, queue, closeMs };
}
