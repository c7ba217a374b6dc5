import { HTLC_GAME } from "../report/game/game-manifest.ts";
import { isDay } from "../resolve.ts";
import { chooseAnyScenario } from "./choose-scenario.ts";
import type { RunOptions } from "./run.ts";

/** `daliz run`: one run of a scenario, of a corridor of banks or of one bank's day. */
export async function runAny(name: string, options: RunOptions): Promise<void> {
  if (name === HTLC_GAME) {
    const { runHtlcGame } = await import("./run-htlc-game.ts");
    return runHtlcGame(options);
  }
  const scenario = chooseAnyScenario(name, options);
  if (isDay(scenario)) {
    const { runDayScenario } = await import("./run-day.ts");
    await runDayScenario(scenario, options);
    return;
  }
  const { runScenario } = await import("./run.ts");
  await runScenario(name, options);
}
