import type { Expectation } from "../scenario.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
import type { Findings } from "./problems.ts";

/** An expectation about what the scenario does not have would always hold, so it is a mistake. */
export function checkExpect(
  draft: Draft<ScenarioDocument>,
  findings: Findings,
): readonly Expectation[] {
  const expected = (draft.expect ?? []).filter((expectation) => expectation !== undefined);
  const swaps = [hasSwaps(draft), "a workload with swaps"] as const;
  const needs: Readonly<Partial<Record<Expectation, readonly [isThere: boolean, what: string]>>> = {
    "tag-stays-home": [hasItems(draft, "tags"), "a tag"],
    "unaffected-swaps-settle-in-view-0": [hasItems(draft, "faults"), "a fault"],
    "rejections-as-listed": [listsRejections(draft), "a listed workload"],
    "all-swaps-settle": swaps,
    "all-holds-voided": swaps,
  };
  for (const [i, expectation] of (draft.expect ?? []).entries()) {
    const need = expectation && needs[expectation];
    if (need === undefined || need[0]) continue;
    findings.invalid(["expect", i], `only with ${need[1]}: without, it says nothing`);
  }
  if (expected.includes("all-swaps-settle") && expected.includes("all-holds-voided")) {
    const allowed = "not both: a swap that settles voids no hold";
    findings.invalid(["expect"], allowed, "all-swaps-settle and all-holds-voided");
  }
  return expected;
}

/** Whether the workload has swaps; one that was refused may have. */
export function hasSwaps({ workload }: Draft<ScenarioDocument>): boolean {
  if (workload?.kind === undefined) return true;
  if (!("swaps" in workload)) return false;
  const swaps: unknown = workload.swaps;
  return !Array.isArray(swaps) || swaps.length > 0;
}

/** Some generated workloads list what they try, too. */
const listsRejections = ({ workload }: Draft<ScenarioDocument>): boolean =>
  workload?.kind !== "generated" || ["procurement", "meals", "vat"].some((key) => key in workload);

const hasItems = (draft: Draft<ScenarioDocument>, key: "tags" | "faults"): boolean =>
  key in draft && (draft[key] === undefined || draft[key].length > 0);
