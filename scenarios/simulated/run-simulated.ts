import { setImmediate } from "node:timers/promises";
import type { Verifier } from "../../crypto/ed25519.ts";
import { environmentFailed } from "../exit.ts";
import type { LiveOutcome } from "../live/run-live.ts";
import { COST_NAMES } from "../costs.ts";
import type { Scenario, Signatures } from "../scenario.ts";
import { SimulatedRun, type SimulatedOptions } from "./simulated-run.ts";

export interface RunSimulatedOptions extends Omit<SimulatedOptions, "watchersOf"> {
  readonly signal: AbortSignal;
}

/** What only a simulated run has to tell. */
export interface SimulatedFacts {
  readonly verifier: Verifier;
  readonly signatures: Signatures;
  readonly traceHash: string;
  readonly events: number;
  readonly modelled: readonly string[];
}

export interface SimulatedOutcome extends LiveOutcome {
  readonly simulated: SimulatedFacts;
}

/** How long the world runs before the program looks after its own signals and its screen. */
const SLICE_MS = 25;
const EVENTS_AT_ONCE = 256;

/** Runs a scenario in virtual time, to its end. */
export async function runSimulated(options: RunSimulatedOptions): Promise<SimulatedOutcome> {
  const { scenario, signal } = options;
  const run = new SimulatedRun({ ...options, watchersOf: () => [] });
  for (let isOver = false; !isOver;) {
    const until = performance.now() + SLICE_MS;
    while (!isOver && performance.now() < until) isOver = run.advance(EVENTS_AT_ONCE);
    await setImmediate();
    if (signal.aborted) throw environmentFailed("stopped");
  }
  const { corridor, recorder, faults, connectedMs, durationMs, verifier, world } = run;
  return {
    corridor,
    recorder,
    ledgers: run.ledgers(),
    faults,
    connectedMs,
    durationMs,
    startedAt: new Date(run.startedAt / 1000).toISOString(),
    simulated: {
      verifier,
      signatures: scenario.signatures,
      traceHash: world.traceHash(),
      events: world.events,
      modelled: modelledSentences(scenario),
    },
  };
}

function modelledSentences({ signatures, costs }: Scenario): readonly string[] {
  const spent = COST_NAMES.filter((name) => costs[name] > 0);
  const list = spent.map((name) => `${name} ${costs[name]}`).join(", ");
  return [
    "Virtual time: all banks ran in one process, on a simulated network, disk and clock.",
    ...(signatures === "modelled" ? ["Signatures are digests in place of Ed25519."] : []),
    spent.length === 0
      ? `Work takes no time (${COST_NAMES.length} costs are 0).`
      : `Work takes as long as the scenario says: ${list}.`,
    ...(costs.cores > 0 ? [] : ["Each bank has a processor of its own."]),
  ];
}
