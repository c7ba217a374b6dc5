import path from "node:path";
import { hasPart } from "../compare/part-file.ts";
import { isComplete, readPlan } from "../compare/plan-file.ts";
import { isUnchanged, taskCount } from "../compare/plan.ts";
import { badInput } from "../exit.ts";
import { printable } from "../problem.ts";
import { failIfBroken, finishComparison } from "./finish-comparison.ts";

/** Missing runs that are named; the rest are counted. */
const NAMED = 20;

/** `daliz merge`: joins the runs of a comparison that were made one by one with `--index`. */
export async function runMerge(given: string, { json }: { readonly json: boolean }): Promise<void> {
  const folder = path.resolve(given);
  const plan = readPlan(folder);
  if (isComplete(folder)) {
    throw badInput(`${printable(given)}: found a comparison that is joined already`);
  }
  const total = taskCount(plan);
  const missing = Array.from({ length: total }, (_, i) => i).filter((i) => !hasPart(folder, i));
  if (missing.length > 0) {
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : "";
    const which = `${missing.slice(0, NAMED).join(", ")}${more}`;
    throw badInput(
      `${printable(given)}: found ${missing.length} of ${total} runs missing: ${which}`,
    );
  }
  if (!isUnchanged(plan)) {
    throw badInput(`${printable(plan.scenario)}: it has changed since the runs were made`);
  }
  failIfBroken(await finishComparison(plan, folder, json));
}
