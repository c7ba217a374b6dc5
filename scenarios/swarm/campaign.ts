import type { Violation } from "../checkers/checker.ts";
import type { PropertyRow } from "../run-result.ts";
import type { Scenario } from "../scenario.ts";
import { checkedRun } from "../simulated/run-simulated.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { drawFaults } from "./draw-faults.ts";

/** What one seed came to. */
export interface SeedResult {
  readonly seed: number;
  readonly events: number;
  readonly settled: number;
  readonly voided: number;
  readonly traceHash: string;
  /** Properties that did not hold though the faults were within what the corridor withstands. */
  readonly violated: readonly PropertyRow[];
  readonly violations: readonly Violation[];
}

/** Runs the scenario once as it stands and judges it by all properties. */
export function judge(scenario: Scenario): SeedResult {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new TypeError(`the workload of ${scenario.name} cannot be planned`);
  const { run, suite } = checkedRun({
    scenario,
    plan: plan.value,
    onProgress: () => undefined,
    onEvent: () => undefined,
  });
  run.advance(Infinity);
  suite.end();
  const outcomes = run.recorder.swaps.map(({ finals }) => [...finals.values()][0]?.outcome);
  return {
    seed: scenario.seed,
    events: run.world.events,
    settled: outcomes.filter((outcome) => outcome === "settled").length,
    voided: outcomes.filter((outcome) => outcome === "voided").length,
    traceHash: run.world.traceHash(),
    violated: suite.verdicts().filter(({ verdict }) => verdict === "violated"),
    violations: suite.violations,
  };
}

/** Runs the scenario with the faults that one seed draws. */
export const judgeSeed = (scenario: Scenario, seed: number): SeedResult =>
  judge(drawFaults(scenario, seed));
