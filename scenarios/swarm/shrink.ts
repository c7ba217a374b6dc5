import { NO_NETWORK } from "../network/network.ts";
import type { Scenario } from "../scenario.ts";
import { judge, type SeedResult } from "./campaign.ts";

/** Runs that a search for a smaller counterexample may take. */
const MAX_RUNS = 400;

export interface Counterexample {
  readonly scenario: Scenario;
  readonly result: SeedResult;
  /** Runs that it took to make it this small. */
  readonly runs: number;
}

/**
 * Makes a failing scenario as small as it gets by leaving things out while the same property stays
 * violated: whole faults, then what the wire does, then swaps from the end.
 */
export function shrink(failing: Scenario, result: SeedResult): Counterexample {
  const property = result.violated[0]?.name;
  let smallest: Counterexample = { scenario: failing, result, runs: 0 };
  for (let left = [...simpler(failing)]; left.length > 0 && smallest.runs < MAX_RUNS;) {
    const [candidate, ...others] = left as [Scenario, ...Scenario[]];
    const again = judge(candidate);
    const runs = smallest.runs + 1;
    const isStillWrong = again.violated.some(({ name }) => name === property);
    smallest = isStillWrong ? { scenario: candidate, result: again, runs } : { ...smallest, runs };
    left = isStillWrong ? [...simpler(candidate)] : others;
  }
  return smallest;
}

/** Scenarios with one thing less, the greatest savings first. */
function* simpler(scenario: Scenario): Generator<Scenario> {
  const { faults, network, workload } = scenario;
  for (const i of faults.keys()) {
    yield { ...scenario, faults: faults.filter((_, k) => k !== i) };
  }
  const { topology, model } = network;
  const calm = { ...NO_NETWORK, topology, model };
  if (JSON.stringify(network) !== JSON.stringify(calm)) yield { ...scenario, network: calm };
  if (model !== "constant") yield { ...scenario, network: { ...network, model: "constant" } };
  if (workload.kind === "generated" && workload.swaps !== null && workload.swaps.count > 1) {
    const swaps = { ...workload.swaps, count: workload.swaps.count - 1 };
    yield { ...scenario, workload: { ...workload, swaps } };
  }
}
