import { isDay } from "../resolve.ts";
import { chooseAnyScenario } from "./choose-scenario.ts";
import type { RunOptions } from "./run.ts";

/** `daliz run`: one run of a scenario, of a corridor of banks or of one bank's day. */
export async function runAny(name: string, options: RunOptions): Promise<void> {
  const scenario = chooseAnyScenario(name, options);
  if (isDay(scenario)) {
    const { runDayScenario } = await import("./run-day.ts");
    await runDayScenario(scenario, options);
    return;
  }
  const { runScenario } = await import("./run.ts");
  await runScenario(name, options);
}
