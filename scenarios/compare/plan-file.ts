import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { badInput, environmentFailed } from "../exit.ts";
import { printable } from "../problem.ts";
import { readChecked } from "../report/read-json.ts";
import { renderJson, writeNew } from "../report/write-files.ts";
import type { ComparisonPlan } from "./plan.ts";
import { PLAN_SCHEMA } from "./part-schemas.ts";

const PLAN = "plan.json";
const MANIFEST = "manifest.json";

export const isComplete = (folder: string): boolean => fs.existsSync(path.join(folder, MANIFEST));

/** Puts the plan into a folder that has none yet. */
export const beginPlan = (folder: string, plan: ComparisonPlan): void =>
  writeNew(path.join(folder, PLAN), renderJson(plan));

/** The plan of a folder; throws a `CommandError` if it has none, or one that is not sound. */
export const readPlan = (folder: string): ComparisonPlan =>
  readChecked(folder, PLAN, PLAN_SCHEMA) as ComparisonPlan;

/** Refuses to go on in a folder that was begun with another plan, or that is finished. */
export function demandSamePlan(folder: string, plan: ComparisonPlan, asked: string): void {
  if (JSON.stringify(readPlan(folder)) !== JSON.stringify(plan)) {
    throw badInput(
      `--out ${printable(asked)}: found a comparison of another scenario, case, seed or number of runs; ` +
        "allowed: the very command that began it",
    );
  }
  if (isComplete(folder)) {
    throw badInput(
      `--out ${printable(asked)}: found a comparison that is complete, allowed: one to go on with`,
    );
  }
}

/**
 * The same for the tasks of a job that may all begin at once: the first one puts the plan there, whole, and
 * the others find it.
 */
export function sharePlan(folder: string, plan: ComparisonPlan, asked: string): void {
  const file = path.join(folder, PLAN);
  const fresh = `${file}.${randomUUID()}.tmp`;
  try {
    fs.mkdirSync(folder, { recursive: true });
    if (!fs.existsSync(file) && fs.readdirSync(folder).some((name) => !name.startsWith(PLAN))) {
      throw badInput(`path_refused: ${printable(asked)}: it holds something that is no comparison`);
    }
    fs.writeFileSync(fresh, renderJson(plan), { flag: "wx" });
    try {
      fs.linkSync(fresh, file);
    } finally {
      fs.rmSync(fresh, { force: true });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== "EEXIST") throw environmentFailed(`${printable(asked)}: ${printable(message)}`);
  }
  demandSamePlan(folder, plan, asked);
}
