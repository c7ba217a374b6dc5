import { createHash } from "node:crypto";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { badInput } from "../exit.ts";
import { oneOf } from "../load/words.ts";
import { printable, quote, wholeFile, type ScenarioProblem } from "../problem.ts";
import { openScenario } from "../resolve.ts";
import { ARRANGEMENTS, type Scenario } from "../scenario.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import type { Vary } from "./vary.ts";

/** Runs of one case: beyond that an interval hardly narrows. */
export const MAX_RUNS = 1_000;

/** Cases of one comparison: arrangements times values. */
export const MAX_CASES = 200;

/** Swaps of all runs together: each is a row of a file. */
export const MAX_ROWS = 5_000_000;

/** What one case is run with. Only what differs from case to case is in it. */
export interface ComparisonCase {
  readonly name: string;
  readonly arrangement: string;
  /** Path and value of each parameter that is varied, in the order of the plan. */
  readonly varied: readonly string[];
  /** Of the scenario as this case has it: tells a changed file from the one that was begun with. */
  readonly hash: string;
}

/** All runs of a comparison. Two equal plans give equal results. */
export interface ComparisonPlan {
  readonly format: "daliz-comparison-plan/1";
  /** As the user named it. */
  readonly scenario: string;
  readonly sets: readonly string[];
  readonly paths: readonly string[];
  readonly cases: readonly ComparisonCase[];
  /** Of each case: seeds `firstSeed`, `firstSeed` + 1, ... */
  readonly runs: number;
  readonly firstSeed: number;
  readonly volatility: number;
}

export interface PlanRequest {
  readonly scenario: string;
  /** The scenario's own if there are none. */
  readonly arrangements: readonly string[];
  readonly runs: number;
  readonly seed: string | undefined;
  readonly sets: readonly string[];
  readonly vary: readonly Vary[];
  readonly volatility: number;
}

/** What every compared run begins with: virtual time, and signatures that only cost what real ones do. */
const COMMON_SETS = ["mode=sim", "signatures=modelled"];

/** Checks that every case can be run, and lists them: each arrangement with each combination of values. */
export function planComparison(
  request: PlanRequest,
): Outcome<ComparisonPlan, readonly ScenarioProblem[]> {
  const { runs, vary, volatility, seed } = request;
  const seedSets = seed === undefined ? [] : [`seed=${seed}`];
  const sets = [...COMMON_SETS, ...request.sets, ...seedSets];
  const opened = openScenario(request.scenario, sets);
  if (!opened.ok) return opened;
  const arrangements =
    request.arrangements.length === 0 ? [opened.value.arrangement] : request.arrangements;
  const problems = arrangements.flatMap((name) => {
    const isKnown = (ARRANGEMENTS as readonly string[]).includes(name);
    return isKnown ? [] : [refusal("--arrangements", quote(name), oneOf(ARRANGEMENTS, name))];
  });
  const combinations = combine(vary);
  const count = arrangements.length * combinations.length;
  if (new Set(arrangements).size < arrangements.length) {
    problems.push(refusal("--arrangements", "one of them twice", "each of them once"));
  }
  if (count > MAX_CASES) problems.push(limit(`${count} cases`, "cases", MAX_CASES));
  if (problems.length > 0) return reject(problems);
  const cases: ComparisonCase[] = [];
  let rows = 0;
  for (const arrangement of arrangements) {
    for (const varied of combinations) {
      const own = setsOf({ arrangement, varied });
      const scenario = openScenario(request.scenario, [...sets, ...own]);
      if (!scenario.ok) return reject(scenario.error);
      const workload = planWorkload(scenario.value);
      if (!workload.ok) return reject([workload.error]);
      rows += workload.value.swaps.length * runs;
      const name = nameOf(arrangement, varied, arrangements.length > 1);
      cases.push({ name, arrangement, varied, hash: hashOf(scenario.value) });
    }
  }
  if (rows > MAX_ROWS) return reject([limit(`${rows} swaps in all runs`, "swaps", MAX_ROWS)]);
  const firstSeed = opened.value.seed;
  if (firstSeed > Number.MAX_SAFE_INTEGER - (runs - 1)) {
    return reject([refusal("--seed", String(firstSeed), `less, so that ${runs} seeds follow it`)]);
  }
  return ok({
    format: "daliz-comparison-plan/1",
    scenario: request.scenario,
    sets: [...COMMON_SETS, ...request.sets],
    paths: vary.map(({ path }) => path),
    cases,
    runs,
    firstSeed,
    volatility,
  });
}

/** One run of a plan. Runs of one seed stand beside each other. */
export interface ComparisonTask {
  readonly index: number;
  readonly caseNumber: number;
  readonly seed: number;
}

export const taskCount = ({ cases, runs }: ComparisonPlan): number => cases.length * runs;

export function taskAt({ cases, firstSeed }: ComparisonPlan, index: number): ComparisonTask {
  const caseNumber = index % cases.length;
  return { index, caseNumber, seed: firstSeed + Math.floor(index / cases.length) };
}

/** The scenario of one run; it could be opened when the plan was made. */
export function scenarioOf(plan: ComparisonPlan, { caseNumber, seed }: ComparisonTask): Scenario {
  const chosen = plan.cases[caseNumber];
  if (chosen === undefined) throw new TypeError(`no case ${caseNumber}`);
  const sets = [...plan.sets, ...setsOf(chosen), `seed=${seed}`];
  const scenario = openScenario(plan.scenario, sets);
  if (!scenario.ok) throw badInput(`${printable(plan.scenario)} cannot be opened any more`);
  return scenario.value;
}

/** Whether the scenario is still what it was when the plan was made. */
export function isUnchanged(plan: ComparisonPlan): boolean {
  const [first] = plan.cases;
  return first?.hash === hashOf(scenarioOf(plan, taskAt(plan, 0)));
}

const setsOf = ({ arrangement, varied }: Pick<ComparisonCase, "arrangement" | "varied">) => [
  `arrangement=${arrangement}`,
  ...varied,
];

/** Each value of the first with each of the second, and so on: `path=value` each. */
const combine = (vary: readonly Vary[]): readonly (readonly string[])[] =>
  vary.reduce<readonly (readonly string[])[]>(
    (lists, { path, values }) =>
      lists.flatMap((list) => values.map((value) => [...list, `${path}=${value}`])),
    [[]],
  );

/** What tells a case from the others: the last step of a path is enough to see which one. */
function nameOf(arrangement: string, varied: readonly string[], withArrangement: boolean): string {
  const words = varied.map((set) => {
    const [path = "", value = ""] = cut(set);
    return `${path.slice(path.lastIndexOf(".") + 1)} ${printable(value)}`;
  });
  return (withArrangement || words.length === 0 ? [arrangement, ...words] : words).join(", ");
}

const cut = (set: string): readonly string[] => {
  const equals = set.indexOf("=");
  return [set.slice(0, equals), set.slice(equals + 1)];
};

/** The value of each varied parameter in a case. */
export const valuesOf = ({ varied }: ComparisonCase): readonly string[] =>
  varied.map((set) => cut(set)[1] ?? "");

const hashOf = ({ document }: Scenario): string =>
  createHash("sha256").update(JSON.stringify(document)).digest("hex");

const refusal = (option: string, found: string, allowed: string): ScenarioProblem => ({
  code: "scenario_invalid",
  ...wholeFile(option),
  found,
  allowed,
});

const limit = (found: string, what: string, most: number): ScenarioProblem => ({
  code: "limit_exceeded",
  ...wholeFile("comparison"),
  found,
  allowed: `at most ${most}`,
  what,
  limit: most,
});
