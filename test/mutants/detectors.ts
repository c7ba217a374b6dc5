import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { renderProblem } from "../../scenarios/problem.ts";
import { openScenario } from "../../scenarios/resolve.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { checkedRun } from "../../scenarios/simulated/run-simulated.ts";
import { drawFaults } from "../../scenarios/swarm/draw-faults.ts";
import { planWorkload } from "../../scenarios/workload/plan-workload.ts";
import { Chaos, planOf } from "../corridor/chaos.ts";
import type { Finding } from "./detection.ts";
import type { DetectorName } from "./mutant.ts";
import { runTests } from "./plain-tests.ts";

/** Seeds that a world is given to show a bug, and that show nothing without one. */
const SEEDS = { chaos: 60, swarm: 16 } as const;

/** Looks for a bug; nothing when all that should hold does. */
export function detect(name: DetectorName): Promise<Finding | undefined> | Finding | undefined {
  switch (name) {
    case "chaos":
      return firstOf(SEEDS.chaos, chaos);
    case "swarm":
      return firstOf(SEEDS.swarm, swarm());
    default:
      return testFile(name);
  }
}

function firstOf(count: number, run: (seed: number) => string | undefined): Finding | undefined {
  for (let seed = 1; seed <= count; seed++) {
    const what = run(seed);
    if (what !== undefined) return { what, where: `seed ${seed}` };
  }
  return undefined;
}

/** Schedules of single moves, among two to seven banks of which one may lie. */
function chaos(seed: number): string | undefined {
  const world = new Chaos(planOf(seed));
  return violationIn(() => {
    world.anythingGoes();
    world.endWell();
    return undefined;
  });
}

/** The scenario `swarm` in virtual time, with what the seed draws on top, watched for P1 to P14. */
function swarm(): (seed: number) => string | undefined {
  const opened = openScenario("swarm");
  if (!opened.ok) throw new Error(opened.error.map(renderProblem).join("\n"));
  return (seed) => violationIn(() => violatedIn(drawFaults(opened.value, seed)));
}

function violatedIn(scenario: Scenario): string | undefined {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(renderProblem(plan.error));
  const { run, suite } = checkedRun({
    scenario,
    plan: plan.value,
    onProgress: () => undefined,
    onEvent: () => undefined,
  });
  while (!run.advance(EVENTS_AT_ONCE)) {
    const { events } = run.world;
    if (events > MAX_EVENTS) return `Liveness: no end after ${events} events`;
  }
  suite.end();
  const violated = suite.verdicts().find(({ verdict }) => verdict === "violated");
  return violated === undefined ? undefined : `${violated.name}: ${violated.detail}`;
}

const EVENTS_AT_ONCE = 4_096;

/** A run of four swaps has about a thousand events. */
const MAX_EVENTS = 50_000;

/** The judges throw what they find; so do the program's own assertions. */
function violationIn(run: () => string | undefined): string | undefined {
  try {
    return run();
  } catch (error) {
    if (isBroken(error) || !(error instanceof Error)) throw error;
    return error.message;
  }
}

/** A test file, on plain Node. */
async function testFile(name: string): Promise<Finding | undefined> {
  const path = resolve("test", `${name}.test.ts`);
  await import(pathToFileURL(path).href);
  const failed = await runTests(path);
  if (failed === undefined) return undefined;
  const { title, error } = failed;
  if (isBroken(error)) throw error;
  return { what: error instanceof Error ? error.message : String(error), where: title };
}

/** A mutant that is no program catches itself. */
const isBroken = (error: unknown): boolean =>
  error instanceof SyntaxError || error instanceof ReferenceError;
