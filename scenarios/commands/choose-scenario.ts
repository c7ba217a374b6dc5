import { badInput, type CommandError } from "../exit.ts";
import { renderProblem, type ScenarioProblem } from "../problem.ts";
import type { Outcome } from "../../crypto/outcome.ts";
import { openAnyScenario, openScenario } from "../resolve.ts";
import type { DayScenario } from "../rtgs/day-scenario.ts";
import type { Scenario } from "../scenario.ts";

/** The options of a command with which a user changes a scenario. */
export interface ScenarioChoice {
  readonly mode?: string;
  readonly arrangement?: string;
  readonly seed?: string;
  readonly set: readonly string[];
}

/** Opens the scenario that a user named, with what its options put over the file. */
export const chooseScenario = (name: string, choice: ScenarioChoice): Scenario =>
  opened(openScenario(name, setsOf(choice)));

/** The same for a scenario of any kind. */
export const chooseAnyScenario = (name: string, choice: ScenarioChoice): Scenario | DayScenario =>
  opened(openAnyScenario(name, setsOf(choice)));

function opened<T>(scenario: Outcome<T, readonly ScenarioProblem[]>): T {
  if (!scenario.ok) throw refused(scenario.error);
  return scenario.value;
}

function setsOf({ mode, arrangement, seed, set }: ScenarioChoice): readonly string[] {
  const sets = [...set];
  if (mode !== undefined) sets.push(`mode=${mode}`);
  if (arrangement !== undefined) sets.push(`arrangement=${arrangement}`);
  if (seed !== undefined) sets.push(`seed=${seed}`);
  return sets;
}

export const refused = (problems: readonly ScenarioProblem[]): CommandError =>
  badInput(problems.map(renderProblem).join("\n"));
