import { describe, expect, it } from "vitest";
import { untilMs } from "../../../corridor/htlc/timelocks.ts";
import { playPart } from "../../../scenarios/compare/run-part.ts";
import { optionWindowMs } from "../../../scenarios/measures/option-window.ts";
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

const HTLC = "arrangements={ htlc: { deltaMaxMs: 400, epsilonMs: 50 } }";

describe("how long the last who may withdraw can wait", () => {
  it.each([
    ["certified", ["corridor.ttlMs=5000"], 5_000],
    ["htlc", [HTLC], 1_800],
    ["shared-ledger", [], null],
    ["gross", [], null],
  ])("under %s", (arrangement, sets, windowMs) => {
    const scenario = scenarioOf("bilateral", `arrangement=${arrangement}`, ...sets);
    expect(optionWindowMs(scenario)).toBe(windowMs);
  });

  it("under htlc is until the longer lock ends", () => {
    const params = { deltaMaxMs: 400, epsilonMs: 50 };
    const scenario = scenarioOf("bilateral", "arrangement=htlc", HTLC);
    const legBanks = scenario.banks.map(({ number }) => number);
    expect(untilMs({ legBanks, createdMs: 0, params }, 0)).toBe(optionWindowMs(scenario));
  });
});

describe("under every arrangement", () => {
  const atRisk = (arrangement: string) =>
    playPart(scenarioOf("bilateral", "workload.swaps.count=3", `arrangement=${arrangement}`), 0.1)
      .values;

  it.each(["certified", "shared-ledger", "htlc", "two-phase", "netting"])(
    "%s settles the same swaps and puts no principal at risk when nothing goes wrong",
    (arrangement) => {
      expect(atRisk(arrangement)).toMatchObject({ settled: 3, split: 0, atRiskPeakDollars: 0 });
    },
  );

  it("gross legs put principal at risk although all is paid in the end (mbridge.md, Q5)", () => {
    const { settled, split, atRiskPeakDollars, lostDollars } = atRisk("gross");
    expect([settled, split, lostDollars]).toEqual([3, 0, 0]);
    expect(atRiskPeakDollars).toBeGreaterThan(0);
  });
});
