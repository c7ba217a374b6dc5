import path from "node:path";
import process from "node:process";
import { joinParts } from "../compare/join.ts";
import type { ComparisonPlan } from "../compare/plan.ts";
import { CommandError, EXIT } from "../exit.ts";
import { clearUnfinished, writeComparison } from "../report/comparison/comparison-folder.ts";
import type { ComparisonResult } from "../report/comparison/comparison-result.ts";
import { renderComparisonTables } from "../report/comparison/comparison-tables.ts";
import { renderJson } from "../report/write-files.ts";

/** Joins the runs of a comparison, writes its files, and prints what it came to. */
export async function finishComparison(
  plan: ComparisonPlan,
  folder: string,
  json: boolean,
): Promise<ComparisonResult> {
  clearUnfinished(folder);
  const result = joinParts(plan, folder);
  await writeComparison(folder, result);
  if (json) process.stdout.write(renderJson(result.manifest));
  else {
    process.stdout.write(renderComparisonTables(result));
    const report = path.join(folder, "report.html");
    process.stdout.write(`\nRun folder: ${folder}\nReport:     ${report}\n`);
  }
  return result;
}

/** A property that an arrangement promises, broken with faults it is built for, is a failure. */
export function failIfBroken({ manifest }: ComparisonResult): void {
  for (const { name, properties } of manifest.cases) {
    const broken = properties.find(({ violated }) => violated > 0);
    if (broken === undefined) continue;
    const { seed = 0, detail = "" } = broken.example ?? {};
    throw new CommandError(
      EXIT.violated,
      `${name}: ${broken.name} is violated in ${broken.violated} runs, first with seed ${seed}: ${detail}`,
    );
  }
}
