import { expect, it } from "vitest";
import { assembleResult } from "../../../scenarios/play/assemble.ts";
import { openScenario } from "../../../scenarios/resolve.ts";
import { runSimulated } from "../../../scenarios/simulated/run-simulated.ts";
import { drawFaults } from "../../../scenarios/swarm/draw-faults.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";

const SEEDS = 14;

/**
 * Crashes, losses, partitions and wrong clocks drawn from a seed, around tagged swaps, a freeze and what
 * comes back: whatever happens, no tag is lost, stripped or spent outside its purpose. The audit decides
 * every entry of every ledger again, and adds every tag up.
 */
it.each(["tagged-crash", "freeze-in-mid-swap"])(
  `no crash loses a tag, strips it or misspends it: %s, ${SEEDS} seeds`,
  async (name) => {
    const opened = openScenario(name, [
      "mode=sim",
      "signatures=modelled",
      "faults=[]",
      "expect=[conservation, tag-stays-home]",
    ]);
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const scenario = drawFaults(opened.value, seed);
      const plan = planWorkload(scenario);
      if (!plan.ok) throw new Error("no plan");
      const outcome = await runSimulated({
        scenario,
        plan: plan.value,
        signal: new AbortController().signal,
        onProgress: () => undefined,
        onEvent: () => undefined,
      });
      const { manifest, swaps } = assembleResult(scenario, outcome);
      const failed = manifest.expectations.filter(({ holds }) => !holds);
      expect(failed, `seed ${seed}`).toEqual([]);
      expect(manifest.audit.findings, `seed ${seed}`).toEqual([]);
      for (const tag of manifest.tags ?? []) {
        const { issued, held, released, returned } = tag;
        expect(BigInt(issued), `seed ${seed}`).toBe(
          BigInt(held) + BigInt(released) + BigInt(returned),
        );
        for (const line of tag.lines) {
          expect(BigInt(line.released)).toBeLessThanOrEqual(BigInt(line.paidIn));
          expect(BigInt(line.paidIn)).toBeLessThanOrEqual(BigInt(line.maxAmount));
        }
      }
      for (const { outcome: how } of swaps) outcomes.set(how, (outcomes.get(how) ?? 0) + 1);
    }
    expect(outcomes.get("settled") ?? 0).toBeGreaterThan(0);
    expect((outcomes.get("voided") ?? 0) + (outcomes.get("rejected") ?? 0)).toBeGreaterThan(0);
  },
);
