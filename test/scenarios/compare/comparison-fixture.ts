import { joinParts } from "../../../scenarios/compare/join.ts";
import { makePartsFolder, writePart } from "../../../scenarios/compare/part-file.ts";
import {
  planComparison,
  scenarioOf,
  taskAt,
  taskCount,
  type ComparisonPlan,
} from "../../../scenarios/compare/plan.ts";
import { playPart, type RunPart } from "../../../scenarios/compare/run-part.ts";
import { renderProblem } from "../../../scenarios/problem.ts";

/** Two cases of a small scenario that differ in how far apart the banks are, seven runs each. */
export function smallPlan(): ComparisonPlan {
  const plan = planComparison({
    scenario: "bilateral",
    arrangements: [],
    runs: 7,
    seed: "1",
    sets: ["workload.swaps.count=3"],
    vary: [{ path: "network.topology", values: ["single-site", "six-capitals"] }],
    volatility: 0.1,
  });
  if (!plan.ok) throw new Error(plan.error.map(renderProblem).join("\n"));
  return plan.value;
}

/** Plays all runs of a plan into a folder and joins them; `change` may put something else in a part's place. */
export function playedComparison(
  folder: string,
  plan: ComparisonPlan,
  change: (part: RunPart, index: number) => RunPart = (part) => part,
) {
  makePartsFolder(folder);
  for (let index = 0; index < taskCount(plan); index++) {
    const part = playPart(scenarioOf(plan, taskAt(plan, index)), plan.volatility);
    writePart(folder, index, change(part, index));
  }
  return joinParts(plan, folder);
}
