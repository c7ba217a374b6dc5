import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { badInput, CommandError, EXIT } from "../exit.ts";
import { renderMermaid, renderTrace, type TraceLine } from "../simulated/trace.ts";
import { tracedRun } from "../simulated/traced-run.ts";
import { asSets, describeFault, quoted } from "../swarm/as-sets.ts";
import type { Scenario } from "../scenario.ts";
import { drawFaults } from "../swarm/draw-faults.ts";
import { judgeSeeds } from "../swarm/seed-pool.ts";
import type { SeedAnswer } from "../swarm/seed-worker.ts";
import { shrink, type Counterexample } from "../swarm/shrink.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { chooseScenario, type ScenarioChoice } from "./choose-scenario.ts";
import { listenForInterruption } from "./interruption.ts";

export interface ExploreSeedsOptions extends Omit<ScenarioChoice, "mode" | "seed"> {
  /** Such as `1..1000`. */
  readonly seeds: string;
  readonly json: boolean;
}

/** Lines of a counterexample that fit a screen; the whole of it is in the replay. */
const MAX_LINES = 40;

/** `daliz explore <scenario> --seeds A..B`: draws faults for each seed and looks for a broken promise. */
export async function runExploreSeeds(name: string, options: ExploreSeedsOptions): Promise<void> {
  const { from, to } = seedsOf(options.seeds);
  await useFastSha256();
  const { arrangement } = options;
  const chosen = arrangement === undefined ? [] : [`arrangement=${arrangement}`];
  const sets = ["mode=sim", ...options.set, ...chosen];
  const scenario = chooseScenario(name, { ...options, mode: "sim" });
  const totals = new Totals();
  const failures: SeedAnswer[] = [];
  const interruption = listenForInterruption();
  try {
    await judgeSeeds({
      work: { scenario: name, sets },
      from,
      to,
      signal: interruption.signal,
      onAnswer: (answer) => {
        if ("error" in answer || answer.result.violated.length > 0) failures.push(answer);
        totals.add(answer);
        if (!options.json) showProgress(totals, to - from + 1);
      },
    });
    await interruption.check();
  } finally {
    interruption.end();
  }
  const [first] = failures.toSorted((a, b) => a.seed - b.seed);
  const summary = totals.render(scenario, from, to);
  if (options.json)
    print(JSON.stringify({ signatures: scenario.signatures, totals, failures }, undefined, 2));
  else print(summary);
  if (first === undefined) return;
  if ("error" in first) throw new CommandError(EXIT.violated, `seed ${first.seed}: ${first.error}`);
  const smallest = shrink(drawFaults(scenario, first.seed), first.result);
  if (!options.json) print(renderCounterexample(name, options, smallest));
  const [violated] = first.result.violated;
  throw new CommandError(EXIT.violated, `seed ${first.seed}: ${violated?.name} is violated`);
}

class Totals {
  seeds = 0;
  events = 0;
  settled = 0;
  voided = 0;
  failed = 0;

  add(answer: SeedAnswer): void {
    this.seeds++;
    if ("error" in answer) {
      this.failed++;
      return;
    }
    const { events, settled, voided, violated } = answer.result;
    this.events += events;
    this.settled += settled;
    this.voided += voided;
    if (violated.length > 0) this.failed++;
  }

  render({ name, signatures }: Scenario, from: number, to: number): string {
    const { seeds, events, settled, voided, failed } = this;
    const verdict = failed === 0 ? "no violation" : `${failed} with a violation`;
    return (
      `${name}: ${verdict} in ${seeds} runs (seeds ${from} to ${to}), ${events.toLocaleString("en-GB")} events; ` +
      `${settled} swaps settled, ${voided} voided. Simulated, signatures ${signatures}.`
    );
  }
}

function seedsOf(text: string): { readonly from: number; readonly to: number } {
  const match = /^([0-9]{1,15})\.\.([0-9]{1,15})$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || from > to) {
    throw badInput(`--seeds ${text}: want two whole numbers, the smaller first, such as 1..1000`);
  }
  return { from, to };
}

function showProgress({ seeds, failed }: Totals, of: number): void {
  if (!process.stderr.isTTY) return;
  const end = seeds === of ? "\n" : "";
  process.stderr.write(`\r${seeds} of ${of} seeds, ${failed} with a violation${end}`);
}

/** What went wrong, in the fewest faults, with the way there and the command that goes it again. */
function renderCounterexample(
  name: string,
  { set, arrangement }: ExploreSeedsOptions,
  { scenario, result, runs: smaller }: Counterexample,
): string {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new TypeError("a workload that was run cannot be planned");
  const { run, lines } = tracedRun(scenario, plan.value);
  const [violation] = result.violations;
  const cause = violation === undefined ? [] : lines.filter(({ at }) => at <= violation.at);
  const shown = cause.filter(isTelling).slice(-MAX_LINES);
  const sets = [...set, ...asSets(scenario)].map((text) => `--set ${quoted(text)}`).join(" ");
  const chosen = arrangement === undefined ? "" : ` --arrangement ${arrangement}`;
  return [
    "",
    `Smallest counterexample (${smaller} runs to find it), seed ${scenario.seed}:`,
    ...result.violated.map(
      ({ name: property, meaning, detail }) => `  ${property} ${meaning}\n     ${detail}`,
    ),
    "Faults:",
    ...(scenario.faults.length === 0
      ? ["  none"]
      : scenario.faults.map((f) => `  ${describeFault(f)}`)),
    `Schedule, up to the violation (last ${shown.length} lines):`,
    renderTrace(shown, run.startedAt),
    "As a sequence diagram:",
    "```mermaid",
    renderMermaid(
      shown,
      run.world.seats.map(({ id }) => id),
    ),
    "```",
    "Replay:",
    `  npm run daliz -- replay ${name} --seed ${scenario.seed}${chosen} ${sets}`,
  ].join("\n");
}

/** Heads and empty blocks tell nothing about how a promise was broken. */
const isTelling = ({ text }: TraceLine): boolean =>
  !text.startsWith("HEADS") && !text.endsWith("nothing for others");

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
