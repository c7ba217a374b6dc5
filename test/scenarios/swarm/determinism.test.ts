import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { openScenario } from "../../../scenarios/resolve.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { checkedRun } from "../../../scenarios/simulated/run-simulated.ts";
import { drawFaults } from "../../../scenarios/swarm/draw-faults.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";

const GOLDEN = join(import.meta.dirname, "../../golden/trace-hashes.json");
const SEEDS = [1, 2, 3, 17, 58, 123, 4_294_967_296, 9_007_199_254_740_991];

function drawn(seed: number, sets: readonly string[] = []): Scenario {
  const scenario = openScenario("swarm", sets);
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.error));
  return drawFaults(scenario.value, seed);
}

/** The history of a run in one hash, and how each of its swaps ended. */
function played(scenario: Scenario) {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const silent = { onProgress: () => undefined, onEvent: () => undefined };
  const { run } = checkedRun({ scenario, plan: plan.value, ...silent });
  while (!run.advance(4_096));
  const outcomes = run.recorder.swaps.map(({ plan: { id }, finals, refusal }) => {
    const ends = [...finals].map(([bank, { outcome, view }]) => `${bank} ${outcome} ${view}`);
    return [id, ...ends.toSorted(), refusal?.code ?? ""].join(" ");
  });
  return { traceHash: run.world.traceHash(), outcomes, endedAt: run.durationMs };
}

describe("P15 Determinism", () => {
  it.each(SEEDS)("seed %i lives through the same history twice", (seed) => {
    expect(played(drawn(seed))).toEqual(played(drawn(seed)));
  });

  it("other seeds live through other histories", () => {
    const hashes = SEEDS.map((seed) => played(drawn(seed)).traceHash);
    expect(new Set(hashes).size).toBe(SEEDS.length);
  });

  /** Recorded once: the same on every machine and every version of Node.js. `FORMAT_UPDATE=1` records anew. */
  it("histories are those that were recorded", () => {
    const found = Object.fromEntries(
      SEEDS.map((seed) => [String(seed), played(drawn(seed)).traceHash]),
    );
    if (process.env["FORMAT_UPDATE"] === "1") {
      writeFileSync(GOLDEN, `${JSON.stringify(found, undefined, 2)}\n`);
    }
    expect(found).toEqual(JSON.parse(readFileSync(GOLDEN, "utf8")));
  });

  it.each([1, 2, 3, 17])(
    "seed %i decides the same with real and with modelled signatures",
    (seed) => {
      const real = played(drawn(seed, ["signatures=real"]));
      const modelled = played(drawn(seed));
      expect(real.outcomes).toEqual(modelled.outcomes);
      expect(real.endedAt).toBe(modelled.endedAt);
      expect(real.traceHash).not.toBe(modelled.traceHash);
    },
  );
});
