import process from "node:process";
import { publishedSchema } from "../published-schema.ts";
import { GAME_QUESTION, GAME_TITLE, HTLC_GAME } from "../report/game/game-manifest.ts";
import { libraryNames, openAnyScenario } from "../resolve.ts";

/** `daliz list`: the scenarios that come with the program, with the question each one answers. */
export function runList(): void {
  for (const name of libraryNames()) {
    const scenario = openAnyScenario(name);
    if (!scenario.ok) continue;
    const { title, question } = scenario.value;
    process.stdout.write(`${name}\n  ${title}\n  ${question}\n`);
  }
  process.stdout.write(`${HTLC_GAME}\n  ${GAME_TITLE}\n  ${GAME_QUESTION}\n`);
}

/** `daliz schema`: the JSON Schema of scenario files. */
export function runSchema(): void {
  process.stdout.write(`${JSON.stringify(publishedSchema, undefined, 2)}\n`);
}
