import { setImmediate } from "node:timers/promises";
import type { AuditReport } from "../../corridor/audit/audit.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import { invariant } from "../../crypto/outcome.ts";
import { instant } from "../../node/time.ts";
import { conditionsOf } from "../checkers/run-conditions.ts";
import type { RunSuite } from "../checkers/run-suite.ts";
import { ChainSuite } from "../checkers/shared-ledger/suite.ts";
import { PropertySuite } from "../checkers/suite.ts";
import { environmentFailed } from "../exit.ts";
import type { Genesis } from "../../node/genesis.ts";
import { chainParametersOf } from "../play/judged-ledgers.ts";
import type { RunOutcome } from "../play/outcome.ts";
import { COST_NAMES } from "../costs.ts";
import type { PropertyRow } from "../run-result.ts";
import type { Scenario, Signatures } from "../scenario.ts";
import type { NettingSummary } from "./netting-desk.ts";
import { Prng } from "../sim/prng.ts";
import type { Watcher } from "../sim/world.ts";
import { SimulatedRun, type SimulatedOptions } from "./simulated-run.ts";

export interface RunSimulatedOptions extends Omit<
  SimulatedOptions,
  "watchersOf" | "onHealed" | "livenessBound"
> {
  readonly signal: AbortSignal;
}

/** What only a simulated run has to tell. */
export interface SimulatedFacts {
  readonly verifier: Verifier;
  readonly signatures: Signatures;
  readonly traceHash: string;
  readonly events: number;
  readonly modelled: readonly string[];
  readonly netting: readonly NettingSummary[] | undefined;
  /** What the checkers found, with the audit of the ledgers that the run has left. */
  readonly propertiesAfter: (audit: AuditReport) => readonly PropertyRow[];
}

export interface SimulatedOutcome extends RunOutcome {
  readonly simulated: SimulatedFacts;
}

/** How long the world runs before the program looks after its own signals and its screen. */
const SLICE_MS = 25;
const EVENTS_AT_ONCE = 256;

/** Runs a scenario in virtual time, to its end. */
export async function runSimulated(options: RunSimulatedOptions): Promise<SimulatedOutcome> {
  const { scenario, signal } = options;
  const { run, suite } = checkedRun(options);
  for (let isOver = false; !isOver;) {
    const until = performance.now() + SLICE_MS;
    while (!isOver && performance.now() < until) isOver = run.advance(EVENTS_AT_ONCE);
    await setImmediate();
    if (signal.aborted) throw environmentFailed("stopped");
  }
  suite.end();
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
      netting: run.netting,
      propertiesAfter: (audit) => {
        suite.audited(audit);
        return suite.verdicts();
      },
    },
  };
}

/**
 * A run that is watched for all properties, and by whoever else wants to look on. The caller lets it
 * happen, then ends the suite.
 */
export function checkedRun(
  options: Omit<RunSimulatedOptions, "signal">,
  watchers: readonly Watcher[] = [],
): {
  readonly run: SimulatedRun;
  readonly suite: RunSuite;
} {
  const { scenario } = options;
  const suites: RunSuite[] = [];
  const run = new SimulatedRun({
    ...options,
    watchersOf: ({ genesis }, verifier) => {
      const suite = suiteOf(scenario, genesis, verifier);
      suites.push(suite);
      return [suite.watcher, ...watchers];
    },
    onHealed: () => suites[0]?.healed(),
    livenessBound: () => suites[0]?.livenessBound() ?? instant(0),
  });
  const [suite] = suites;
  invariant(suite !== undefined, "Watched", "a run without its checkers");
  suite.begin(run.world);
  return { run, suite };
}

/** The checkers that know the scenario's arrangement. */
function suiteOf(scenario: Scenario, genesis: Genesis, verifier: Verifier): RunSuite {
  const conditions = conditionsOf(scenario);
  const parameters = chainParametersOf(scenario);
  if (parameters !== undefined) return new ChainSuite({ genesis, conditions, parameters });
  const prng = Prng.fromSeed(scenario.seed).fork("checkers");
  return new PropertySuite({ genesis, verifier, conditions, prng });
}

/** What a run in virtual time models, in sentences. */
export function modelledSentences(scenario: Scenario): readonly string[] {
  const { signatures, costs } = scenario;
  const parameters = chainParametersOf(scenario);
  const spent = COST_NAMES.filter((name) => costs[name] > 0);
  const list = spent.map((name) => `${name} ${costs[name]}`).join(", ");
  return [
    "Virtual time: all banks ran in one process, on a simulated network, disk and clock.",
    ...(parameters === undefined
      ? []
      : [
          `One ledger of all currencies: a block is final with ${parameters.chain} certificates in a ` +
            `row, and each leader leads ${parameters.term} views in a row. It is in the manner of ` +
            "HotStuff; no run is of a product or a paper.",
        ]),
    ...(scenario.arrangement === "netting"
      ? ["The netting hub does not fail; its messages take the delays of links between banks."]
      : []),
    ...(signatures === "modelled" ? ["Signatures are digests in place of Ed25519."] : []),
    spent.length === 0
      ? `Work takes no time (${COST_NAMES.length} costs are 0).`
      : `Work takes as long as the scenario says, or else as a shared machine of two cores took: ${list}.`,
    ...(costs.cores > 0 ? [] : ["Each bank has a processor of its own."]),
  ];
}
