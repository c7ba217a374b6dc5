import type { Scenario } from "../scenario.ts";
import type { WorkloadPlan } from "../workload/plan.ts";
import { checkedRun } from "./run-simulated.ts";
import type { SimulatedRun } from "./simulated-run.ts";
import { Trace, type TraceLine } from "./trace.ts";

/**
 * A simulated run again, written down up to a time in milliseconds since its start. It is watched as the
 * first one was, because its checkers decide how long it goes on: its history is the same.
 */
export function tracedRun(
  scenario: Scenario,
  plan: WorkloadPlan,
  untilMs = Infinity,
): { readonly run: SimulatedRun; readonly lines: readonly TraceLine[] } {
  const trace = new Trace();
  const silent = { onProgress: () => undefined, onEvent: () => undefined };
  const { run } = checkedRun({ scenario, plan, ...silent }, [trace.watcher]);
  trace.watch(run.world);
  while (run.durationMs < untilMs && !run.advance(1));
  return { run, lines: trace.lines };
}
