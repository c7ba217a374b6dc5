import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { runCompare, type CompareOptions } from "../../../scenarios/commands/compare.ts";
import { runMerge } from "../../../scenarios/commands/merge.ts";
import { CommandError, EXIT } from "../../../scenarios/exit.ts";

const OPTIONS: CompareOptions = {
  runs: "2",
  set: ["workload.swaps.count=1"],
  vary: [],
  volatility: "0.1",
  resume: false,
  json: true,
};

let taken = "";

beforeEach(() => {
  taken = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-taken-"));
  fs.writeFileSync(path.join(taken, "mine.txt"), "keep me");
  onTestFinished(() => fs.rmSync(taken, { recursive: true, force: true }));
});

async function refusalOf(command: Promise<void>): Promise<string> {
  const error: unknown = await command.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CommandError)) throw new Error("it was not refused", { cause: error });
  expect(error.exitCode).toBe(EXIT.badInput);
  // Whatever was refused, what stood there is still there, and nothing else.
  expect(fs.readdirSync(taken)).toEqual(["mine.txt"]);
  return error.message;
}

it.each<readonly [string, () => Partial<CompareOptions>, string]>([
  ["a folder that is not empty", () => ({ out: taken }), "nothing is ever overwritten"],
  ["--index into somebody's folder", () => ({ index: "0", out: taken }), "holds something"],
  ["--index without a folder", () => ({ index: "0" }), "say with --out"],
  ["an index beyond the last run", () => ({ index: "2", out: "x" }), "from 0 to 1"],
  ["an index that is no number", () => ({ index: "one", out: "x" }), "--index: found"],
  ["an index that nobody names", () => ({ index: true, out: "x" }), "SLURM_ARRAY_TASK_ID"],
  ["--index and --resume", () => ({ index: "0", resume: true, out: "x" }), "one of them"],
  ["--resume without a folder", () => ({ resume: true }), "say with --out"],
  ["--resume where nothing was begun", () => ({ resume: true, out: taken }), "plan.json"],
  ["half a run", () => ({ runs: "1.5" }), "--runs: found"],
  ["too many runs", () => ({ runs: "1001" }), "from 1 to 1000"],
  ["fewer than no workers", () => ({ workers: "-1" }), "--workers: found"],
  ["a negative volatility", () => ({ volatility: "-0.1" }), "--volatility: found"],
  ["a volatility beyond all bounds", () => ({ volatility: "11" }), "--volatility: found"],
  [
    "a path twice",
    () => ({ vary: ["corridor.ttlMs=2000", "corridor.ttlMs=5000"] }),
    "one path twice",
  ],
  ["a path without values", () => ({ vary: ["corridor.ttlMs"] }), "--vary: found"],
])("daliz compare refuses %s", async (_, options, said) => {
  const message = await refusalOf(runCompare("bilateral", { ...OPTIONS, ...options() }));
  expect(message).toContain(said);
});

it.each([
  ["a folder that is no comparison", () => taken, "plan.json"],
  ["a folder that is not there", () => path.join(taken, "nowhere"), "plan.json"],
])("daliz merge refuses %s", async (_, folder, said) => {
  expect(await refusalOf(runMerge(folder(), { json: true }))).toContain(said);
});
