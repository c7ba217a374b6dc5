import { checkedRun } from "../../../scenarios/simulated/run-simulated.ts";
import type { RunSuite } from "../../../scenarios/checkers/run-suite.ts";
import type { SimulatedRun } from "../../../scenarios/simulated/simulated-run.ts";
import { renderProblem } from "../../../scenarios/problem.ts";
import { openScenario } from "../../../scenarios/resolve.ts";
import type { Fault, Scenario } from "../../../scenarios/scenario.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";

export interface Played {
  readonly scenario: Scenario;
  readonly run: SimulatedRun;
  readonly suite: RunSuite;
}

export interface PlayOptions {
  readonly sets?: readonly string[];
  readonly faults?: readonly Fault[];
}

/** A scenario of the library in virtual time with modelled signatures, before anything has happened. */
export function setUp(name: string, { sets = [], faults }: PlayOptions = {}): Played {
  const opened = openScenario(name, ["mode=sim", "signatures=modelled", ...sets]);
  if (!opened.ok) throw new Error(opened.error.map(renderProblem).join("\n"));
  const scenario = faults === undefined ? opened.value : { ...opened.value, faults };
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(renderProblem(plan.error));
  const checked = checkedRun({
    scenario,
    plan: plan.value,
    onProgress: () => undefined,
    onEvent: () => undefined,
  });
  return { scenario, ...checked };
}

/** Lets it happen, to its end; the checkers have not yet said what they say then. */
export function play(name: string, options: PlayOptions = {}): Played {
  const played = setUp(name, options);
  while (!played.run.advance(1_000));
  return played;
}

/** What the checkers say after the end, but for P13, which takes an audit, and P15, which takes two runs. */
export function failed({ suite }: Played): readonly string[] {
  suite.end();
  return suite
    .verdicts()
    .filter(({ verdict }) => verdict !== "holds")
    .filter(({ name }) => name !== "P13" && name !== "P15")
    .map(({ name, verdict, detail }) => `${name} ${verdict}: ${detail}`);
}
