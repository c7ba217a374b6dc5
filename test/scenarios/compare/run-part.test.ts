import { describe, expect, it } from "vitest";
import { playPart } from "../../../scenarios/compare/run-part.ts";
import { openScenario } from "../../../scenarios/resolve.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";

function scenarioOf(name: string, ...sets: string[]): Scenario {
  const scenario = openScenario(name, ["mode=sim", "signatures=modelled", ...sets]);
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.error));
  return scenario.value;
}

describe("one run of a comparison", () => {
  const part = playPart(scenarioOf("bilateral", "workload.swaps.count=4"), 0.1);

  it("is measured, and puts no principal at risk under certified commit", () => {
    const { values, swaps, exposure, liquidity } = part;
    expect([swaps.length, values.settled, values.violated]).toEqual([4, 4, 0]);
    expect(exposure).toEqual([]);
    expect(values).toMatchObject({ atRiskPeakDollars: 0, atRiskDollarHours: 0, lostDollars: 0 });
    // Two banks: both LOCK, both vote, both settle; some of it shares a block.
    expect(values.signatures).toBeGreaterThanOrEqual(2);
    expect(values.flushes).toBeGreaterThanOrEqual(2);
    expect(values.messages).toBeGreaterThan(2);
    expect(liquidity.map(({ currency }) => currency)).toEqual(["KZT", "CNY"]);
    const sold = swaps.flatMap((swap) => [
      [swap.sellCurrency, BigInt(swap.sellAmount)] as const,
      [swap.buyCurrency, BigInt(swap.buyAmount)] as const,
    ]);
    for (const { currency, peak } of liquidity) {
      const amounts = sold.flatMap(([of, amount]) => (of === currency ? [amount] : []));
      expect(BigInt(peak)).toBeGreaterThan(0n);
      expect(BigInt(peak)).toBeLessThanOrEqual(amounts.reduce((a, b) => a + b));
    }
  });

  it("is the same every time, and another one under another seed", () => {
    expect(playPart(scenarioOf("bilateral", "workload.swaps.count=4"), 0.1)).toEqual(part);
    const other = playPart(scenarioOf("bilateral", "workload.swaps.count=4", "seed=5"), 0.1);
    expect(other.traceHash).not.toBe(part.traceHash);
  });

  it("counts the swaps that are given up, and why, and what was held until then", () => {
    const { values, reasons, properties } = playPart(scenarioOf("expiry"), 0.1);
    expect(values.settled).toBe(0);
    expect(values.voided).toBeGreaterThan(0);
    expect(reasons[0]).toMatchObject({ outcome: "voided", reason: "PVP_EXPIRED" });
    expect(values.ledgerP50).toBeNull();
    expect(values.heldMean).toBeGreaterThan(1_000);
    // Without rates nothing can be said in dollars.
    expect(values.heldDollarHours).toBeNull();
    expect(properties.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  });
});
