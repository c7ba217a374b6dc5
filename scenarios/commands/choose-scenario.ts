import { badInput, type CommandError } from "../exit.ts";
import { renderProblem, type ScenarioProblem } from "../problem.ts";
import { openScenario } from "../resolve.ts";
import type { Scenario } from "../scenario.ts";

/** The options of a command with which a user changes a scenario. */
export interface ScenarioChoice {
  readonly mode?: string;
  readonly arrangement?: string;
  readonly seed?: string;
  readonly set: readonly string[];
}

/** Opens the scenario that a user named, with what its options put over the file. */
export function chooseScenario(name: string, choice: ScenarioChoice): Scenario {
  const { mode, arrangement, seed } = choice;
  const sets = [...choice.set];
  if (mode !== undefined) sets.push(`mode=${mode}`);
  if (arrangement !== undefined) sets.push(`arrangement=${arrangement}`);
  if (seed !== undefined) sets.push(`seed=${seed}`);
  const scenario = openScenario(name, sets);
  if (!scenario.ok) throw refused(scenario.error);
  return scenario.value;
}

export const refused = (problems: readonly ScenarioProblem[]): CommandError =>
  badInput(problems.map(renderProblem).join("\n"));
