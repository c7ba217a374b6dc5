import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { renderGenesis } from "../../node/genesis-json.ts";
import { CommandError, badInput, EXIT } from "../exit.ts";
import { assembleResult } from "../play/assemble.ts";
import { OPEN_API_FILE } from "../live/open-api-file.ts";
import { RECORD_FOLDER } from "../live/record-folder.ts";
import { runLive, type LiveOptions } from "../live/run-live.ts";
import type { RunOutcome } from "../play/outcome.ts";
import { runSimulated } from "../simulated/run-simulated.ts";
import { createRunFolder } from "../report/output-path.ts";
import { shownFolder, writeReport, writeRunFolder } from "../report/run-folder.ts";
import { renderTables, terminalStyle } from "../report/tables.ts";
import { showProgress, type ProgressView } from "../report/progress.ts";
import type { RunResult } from "../run-result.ts";
import type { Scenario } from "../scenario.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import type { WorkloadPlan } from "../workload/plan.ts";
import type { BankEvent } from "./bank.ts";
import { chooseScenario, refused, type ScenarioChoice } from "./choose-scenario.ts";
import { listenForInterruption } from "./interruption.ts";

export interface RunOptions extends ScenarioChoice {
  readonly out?: string;
  readonly json: boolean;
  readonly record: boolean;
}

/** `daliz run`: one run of a scenario, with progress, tables at the end, and a run folder. */
export async function runScenario(name: string, options: RunOptions): Promise<void> {
  await useFastSha256();
  const scenario = chooseScenario(name, options);
  if (options.record && scenario.mode !== "live") {
    throw badInput(
      "--record: found a simulated run, allowed: a live one; a seed repeats a simulated run",
    );
  }
  if (options.record && scenario.arrangement === "shared-ledger") {
    throw badInput("--record: found arrangement shared-ledger, allowed: any other");
  }
  const plan = planWorkload(scenario);
  if (!plan.ok) throw refused([plan.error]);
  const print = (text: string): void => {
    if (!options.json) process.stdout.write(text);
  };
  const interruption = listenForInterruption();
  let folder: string | undefined;
  let result: RunResult;
  try {
    folder = createRunFolder({
      name: scenario.name,
      workingFolder: process.cwd(),
      ...(options.out === undefined ? {} : { out: options.out }),
    });
    print(introduction(scenario, plan.value));
    const view = showProgress(!options.json);
    const record = options.record ? path.join(folder, RECORD_FOLDER) : undefined;
    const openApi = scenario.openApi === null ? undefined : path.join(folder, OPEN_API_FILE);
    const setting = { scenario, plan: plan.value, recordFolder: record, openApiFile: openApi };
    const onEvent = (bank: string, event: BankEvent): void => {
      if (event.event !== "started" || event.api === undefined) return;
      print(`Open API of ${bank}: ${event.api}\n`);
    };
    const outcome = await play({ ...setting, onEvent }, folder, view, interruption.signal);
    interruption.pipeMayClose();
    print("Auditing the ledgers and writing the report ...\n");
    result = assembleResult(scenario, outcome);
    await writeFolder(folder, outcome, result);
    await interruption.check();
  } catch (error) {
    // What a run that did not end leaves behind would look like a run that did.
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    interruption.end();
  }
  if (options.json) process.stdout.write(`${JSON.stringify(result.manifest, undefined, 2)}\n`);
  print(renderTables(result, terminalStyle(process.stdout, process.env)));
  print(`\nRun folder: ${folder}\nReport:     ${path.join(folder, "report.html")}\n`);
  if (scenario.openApi !== null)
    print(
      `Open API:   ${path.join(folder, OPEN_API_FILE)} (holds the keys of the run's members)\n`,
    );
  if (options.record)
    print(`Recorded:   ${path.join(folder, RECORD_FOLDER)} (holds the keys of the run's banks)\n`);
  const broken = result.manifest.expectations.filter((expectation) => !expectation.holds);
  if (broken.length === 0) return;
  const names = broken
    .map((expectation) => `${expectation.name} (${expectation.detail})`)
    .join("; ");
  throw new CommandError(EXIT.violated, `expected and not found: ${names}`);
}

function introduction(scenario: Scenario, plan: WorkloadPlan): string {
  const { title, question, banks, labels, members, seed } = scenario;
  const commercial = members.filter((member) => member.memberClass === "commercial-bank").length;
  return [
    title,
    question,
    `${banks.length} central banks, ${commercial} commercial banks among ${members.length} members, ` +
      `${plan.swaps.length} PvP swaps, ${plan.payments.length} other payments, seed ${seed}.`,
    `Modelled, not real: ${labels.join("; ")}.`,
    "",
  ].join("\n");
}

async function play(
  setting: Pick<LiveOptions, "scenario" | "plan" | "recordFolder" | "openApiFile" | "onEvent">,
  folder: string,
  view: ProgressView,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const events = fs.openSync(path.join(folder, "events.ndjson"), "wx");
  const run = setting.scenario.mode === "live" ? runLive : runSimulated;
  try {
    return await run({
      ...setting,
      signal,
      onProgress: (progress) => view.show(progress),
      onEvent: (bank, event) => {
        setting.onEvent(bank, event);
        fs.writeSync(events, `${JSON.stringify({ bank, ...event })}\n`);
      },
    });
  } finally {
    view.end();
    fs.closeSync(events);
  }
}

async function writeFolder(folder: string, outcome: RunOutcome, result: RunResult): Promise<void> {
  fs.mkdirSync(path.join(folder, "ledgers"));
  for (const [bank, bytes] of outcome.ledgers) {
    fs.writeFileSync(path.join(folder, "ledgers", `${bank}.ledger`), bytes);
  }
  fs.writeFileSync(path.join(folder, "genesis.json"), renderGenesis(outcome.corridor.genesis));
  writeRunFolder(folder, result);
  const { renderReport } = await import("../report/html.ts");
  writeReport(folder, await renderReport(result, shownFolder(folder, process.cwd())));
}
