import { describe, expect, it } from "vitest";
import { Chaos, planOf } from "./chaos.ts";
import { demandNobodyFramed } from "./chaos-audit.ts";

const RUNS = 24;

describe("an audit of a corridor in which a bank lies (I18 Evidence) (B14)", () => {
  it.each(["twins", "forger"] as const)("blames the liar (%s), and never an honest bank", (lie) => {
    let caught = 0;
    let runs = 0;
    for (let seed = 1; runs < RUNS; seed++) {
      const plan = planOf(seed);
      if (plan.lie !== lie) continue;
      runs++;
      const chaos = new Chaos(plan);
      chaos.anythingGoes();
      const { world } = chaos;
      try {
        const found = demandNobodyFramed(world, chaos.ledgersOfLiar());
        if (found.length > 0) caught++;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    // Twins that were told the same wrote the same: not every run leaves a trace.
    expect(caught).toBeGreaterThan(0);
  });
});
