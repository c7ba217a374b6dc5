import process from "node:process";
import { GAME_QUESTION, GAME_TITLE, HTLC_GAME } from "../report/game/game-manifest.ts";
import { openScenario, libraryNames } from "../resolve.ts";
import { scenarioSchema } from "../schema.ts";

/** `daliz list`: the scenarios that come with the program, with the question each one answers. */
export function runList(): void {
  for (const name of libraryNames()) {
    const scenario = openScenario(name);
    if (!scenario.ok) continue;
    const { title, question } = scenario.value;
    process.stdout.write(`${name}\n  ${title}\n  ${question}\n`);
  }
  process.stdout.write(`${HTLC_GAME}\n  ${GAME_TITLE}\n  ${GAME_QUESTION}\n`);
}

/** `daliz schema`: the JSON Schema of scenario files. */
export function runSchema(): void {
  process.stdout.write(`${JSON.stringify(scenarioSchema, undefined, 2)}\n`);
}
