import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { badInput } from "../exit.ts";
import { renderMermaid, renderTrace, type TraceLine } from "../simulated/trace.ts";
import { tracedRun } from "../simulated/traced-run.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { chooseScenario, refused, type ScenarioChoice } from "./choose-scenario.ts";

export interface ReplayOptions extends Omit<ScenarioChoice, "mode"> {
  /** Milliseconds since the start of the run. */
  readonly until?: string;
  readonly swap?: string;
  readonly mermaid: boolean;
}

/** `daliz replay`: a simulated run again, written down for a person to read. */
export async function runReplay(name: string, options: ReplayOptions): Promise<void> {
  await useFastSha256();
  const scenario = chooseScenario(name, { ...options, mode: "sim" });
  const plan = planWorkload(scenario);
  if (!plan.ok) throw refused([plan.error]);
  const untilMs = millisecondsOf(options.until);
  const { run, lines: all } = tracedRun(scenario, plan.value, untilMs);
  const lines = all.filter(isAsked(options, run.startedAt + untilMs * 1000));
  const banks = run.world.seats.map((seat) => seat.id);
  const text = options.mermaid ? renderMermaid(lines, banks) : renderTrace(lines, run.startedAt);
  process.stdout.write(`${text}\n`);
  if (options.mermaid) return;
  process.stdout.write(
    `${run.world.events} events, trace hash ${run.world.traceHash()}; simulated, signatures ${scenario.signatures}\n`,
  );
}

function isAsked({ swap }: ReplayOptions, until: number): (line: TraceLine) => boolean {
  return ({ at, swaps }) =>
    at <= until &&
    (swap === undefined || swaps.some((sid) => swap.startsWith(sid) || sid.startsWith(swap)));
}

function millisecondsOf(text: string | undefined): number {
  if (text === undefined) return Infinity;
  if (!/^[0-9]{1,12}$/.test(text)) {
    throw badInput(`--until ${text}: want whole milliseconds since the start of the run`);
  }
  return Number(text);
}
