import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import type { CompareAnswer } from "../compare/compare-worker.ts";
import { hasPart, makePartsFolder, removeParts, writePart } from "../compare/part-file.ts";
import { beginPlan, demandSamePlan, sharePlan } from "../compare/plan-file.ts";
import {
  MAX_RUNS,
  planComparison,
  scenarioOf,
  taskAt,
  taskCount,
  type ComparisonPlan,
} from "../compare/plan.ts";
import { playPart } from "../compare/run-part.ts";
import { readVary } from "../compare/vary.ts";
import { badInput, environmentFailed } from "../exit.ts";
import { printable } from "../problem.ts";
import { counted } from "../report/format.ts";
import { createRunFolder } from "../report/output-path.ts";
import { showProgress } from "../report/progress.ts";
import { runPool } from "../swarm/worker-pool.ts";
import { refused } from "./choose-scenario.ts";
import { failIfBroken, finishComparison } from "./finish-comparison.ts";
import { listenForInterruption, type Interruption } from "./interruption.ts";

export interface CompareOptions {
  readonly arrangements?: string;
  readonly runs: string;
  readonly seed?: string;
  readonly set: readonly string[];
  readonly vary: readonly string[];
  readonly volatility: string;
  readonly workers?: string;
  readonly out?: string;
  readonly resume: boolean;
  /** `true` when no number is given: the environment of a Slurm array job has it. */
  readonly index?: string | true;
  readonly json: boolean;
}

const MAX_WORKERS = 256;
const MAX_VOLATILITY = 10;

/** `daliz compare`: the same workload and seeds under several arrangements, or values of a parameter. */
export async function runCompare(name: string, options: CompareOptions): Promise<void> {
  const { index, resume, json } = options;
  const workers = wholeNumber("--workers", options.workers ?? "0", 0, MAX_WORKERS);
  if (index !== undefined && resume) {
    throw badInput("compare: found --index and --resume, allowed: one of them");
  }
  const plan = planOf(name, options);
  if (index !== undefined) return playOne(plan, options, indexOf(index, plan));
  const folder = folderOf(plan, options);
  const interruption = listenForInterruption();
  try {
    if (!json) process.stdout.write(introduction(plan));
    await playAll(plan, { folder, workers, quiet: json, interruption });
    interruption.pipeMayClose();
    const result = await finishComparison(plan, folder, json);
    removeParts(folder);
    await interruption.check();
    failIfBroken(result);
  } catch (error) {
    tidyUp(plan, folder);
    throw error;
  } finally {
    interruption.end();
  }
}

function planOf(name: string, options: CompareOptions): ComparisonPlan {
  const vary = options.vary.map((text) => {
    const read = readVary(text);
    if (!read.ok) throw badInput(read.error);
    return read.value;
  });
  const paths = vary.map(({ path: varied }) => varied);
  if (new Set(paths).size < paths.length) {
    throw badInput("--vary: found one path twice, allowed: each once, with all its values");
  }
  const { arrangements, seed } = options;
  const plan = planComparison({
    scenario: name,
    arrangements: arrangements === undefined ? [] : arrangements.split(",").map((a) => a.trim()),
    runs: wholeNumber("--runs", options.runs, 1, MAX_RUNS),
    seed,
    sets: options.set,
    vary,
    volatility: volatilityOf(options.volatility),
  });
  if (!plan.ok) throw refused(plan.error);
  return plan.value;
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^[0-9]{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw badInput(
    `${option}: found ${printable(JSON.stringify(text))}, allowed: a whole number from ${least} to ${most}`,
  );
}

function volatilityOf(text: string): number {
  const value = Number(text);
  if (/^[0-9]{1,2}(\.[0-9]{1,9})?$/.test(text) && value <= MAX_VOLATILITY) return value;
  throw badInput(
    `--volatility: found ${printable(JSON.stringify(text))}, allowed: a fraction from 0 to ${MAX_VOLATILITY}, such as 0.1 for 10 % a year`,
  );
}

/** A new folder for a new comparison, or the one that is to be gone on with. */
function folderOf(plan: ComparisonPlan, { out, resume }: CompareOptions): string {
  if (resume) {
    if (out === undefined) throw badInput("--resume: say with --out which folder to go on in");
    const folder = path.resolve(out);
    demandSamePlan(folder, plan, out);
    makePartsFolder(folder);
    return folder;
  }
  const name = `compare-${scenarioOf(plan, taskAt(plan, 0)).name}`;
  const folder = createRunFolder({ name, workingFolder: process.cwd(), out });
  beginPlan(folder, plan);
  makePartsFolder(folder);
  return folder;
}

interface Setting {
  readonly folder: string;
  /** 0: one for each processor. */
  readonly workers: number;
  readonly quiet: boolean;
  readonly interruption: Interruption;
}

/** Plays every run whose part is not there yet. */
async function playAll(plan: ComparisonPlan, setting: Setting): Promise<void> {
  const { folder, workers, quiet, interruption } = setting;
  const total = taskCount(plan);
  const missing = Array.from({ length: total }, (_, i) => i).filter((i) => !hasPart(folder, i));
  const view = showProgress(!quiet, "runs");
  let done = total - missing.length;
  let failed: string | undefined;
  const stop = new AbortController();
  const signal = AbortSignal.any([interruption.signal, stop.signal]);
  try {
    await runPool<number, CompareAnswer>({
      script: new URL("../compare/compare-worker.ts", import.meta.url),
      work: { plan, folder },
      count: missing.length,
      taskAt: (place) => missing[place] ?? 0,
      ahead: 1,
      workers: workers === 0 ? undefined : workers,
      signal,
      onAnswer: (answer) => {
        const { seed, caseNumber } = taskAt(plan, answer.index);
        const which = `${plan.cases[caseNumber]?.name ?? ""}, seed ${seed}`;
        if ("error" in answer) {
          failed ??= `${which}: ${answer.error}`;
          stop.abort();
          return;
        }
        done++;
        const line = `${which}: ${answer.settled} of ${answer.swaps} swaps settled`;
        view.show({ phase: "running", done, total, line });
      },
    });
  } finally {
    view.end();
  }
  if (failed !== undefined) throw environmentFailed(failed);
  try {
    await interruption.check();
  } catch {
    const what = `stopped after ${done} of ${total} runs`;
    throw environmentFailed(`${what}; the same command with --resume --out ${folder} goes on`);
  }
}

/** `--index`: one run of the comparison, by its number, into a folder that many such commands share. */
async function playOne(
  plan: ComparisonPlan,
  { out, json }: CompareOptions,
  index: number,
): Promise<void> {
  if (out === undefined) throw badInput("--index: say with --out which folder the runs share");
  await useFastSha256();
  const folder = path.resolve(out);
  sharePlan(folder, plan, out);
  makePartsFolder(folder);
  const task = taskAt(plan, index);
  if (!hasPart(folder, index)) {
    writePart(folder, index, playPart(scenarioOf(plan, task), plan.volatility));
  }
  const text = `run ${index} of ${taskCount(plan)}: ${plan.cases[task.caseNumber]?.name ?? ""}, seed ${task.seed}\n`;
  process.stdout.write(json ? `${JSON.stringify({ index, folder })}\n` : text);
}

const SLURM_INDEX = "SLURM_ARRAY_TASK_ID";

function indexOf(given: string | true, plan: ComparisonPlan): number {
  const text = given === true ? process.env[SLURM_INDEX] : given;
  if (text === undefined) {
    throw badInput(`--index: found no number and no ${SLURM_INDEX}, allowed: one of them`);
  }
  return wholeNumber("--index", text, 0, taskCount(plan) - 1);
}

function introduction(plan: ComparisonPlan): string {
  const { title, question } = scenarioOf(plan, taskAt(plan, 0));
  const { cases, runs } = plan;
  const what = `${counted(cases.length, "case")}, ${counted(runs, "run")} of each, in virtual time`;
  return `${title}\n${question}\n${what}\n\n`;
}

/** A folder without any run that is done would only be in the way. */
function tidyUp(plan: ComparisonPlan, folder: string): void {
  for (let index = 0; index < taskCount(plan); index++) if (hasPart(folder, index)) return;
  if (!fs.existsSync(path.join(folder, "manifest.json"))) {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
