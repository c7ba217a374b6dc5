import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { instant } from "../../node/time.ts";
import { badInput } from "../exit.ts";
import { SimulatedRun } from "../simulated/simulated-run.ts";
import { renderMermaid, renderTrace, Trace, type TraceLine } from "../simulated/trace.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { chooseScenario, refused, type ScenarioChoice } from "./choose-scenario.ts";

export interface ReplayOptions extends Omit<ScenarioChoice, "mode"> {
  /** Milliseconds since the start of the run. */
  readonly until?: string;
  readonly swap?: string;
  readonly mermaid: boolean;
}

const EVENTS_AT_ONCE = 4_096;

/** `daliz replay`: a simulated run again, written down for a person to read. */
export async function runReplay(name: string, options: ReplayOptions): Promise<void> {
  await useFastSha256();
  const scenario = chooseScenario(name, { ...options, mode: "sim" });
  const plan = planWorkload(scenario);
  if (!plan.ok) throw refused([plan.error]);
  const untilMs = millisecondsOf(options.until);
  const trace = new Trace();
  const run = new SimulatedRun({
    scenario,
    plan: plan.value,
    onProgress: () => undefined,
    onEvent: () => undefined,
    watchersOf: () => [trace.watcher],
    onHealed: () => undefined,
    livenessBound: () => instant(0),
  });
  trace.watch(run.world);
  while (run.durationMs < untilMs && !run.advance(EVENTS_AT_ONCE));
  const lines = trace.lines.filter(isAsked(options, run.startedAt + untilMs * 1000));
  const banks = run.world.seats.map((seat) => seat.id);
  const text = options.mermaid ? renderMermaid(lines, banks) : renderTrace(lines, run.startedAt);
  process.stdout.write(`${text}\n`);
  if (options.mermaid) return;
  process.stdout.write(`${run.world.events} events, trace hash ${run.world.traceHash()}\n`);
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
