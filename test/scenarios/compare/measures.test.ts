import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { riskSpells } from "../../../scenarios/measures/principal-at-risk.ts";
import {
  measureRun,
  RUN_MEASURES,
  type RunFacts,
} from "../../../scenarios/measures/run-measures.ts";
import { sumSpells } from "../../../scenarios/measures/spells.ts";
import type { SwapRow } from "../../../scenarios/run-result.ts";
import { holds } from "../../property.ts";
import { inventRun } from "../run-fixture.ts";

describe("spells", () => {
  it("add up to what stands there, moment by moment", () => {
    const spell = fc.record({
      fromUs: fc.nat(60),
      toUs: fc.nat(60),
      amount: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    });
    const property = fc.property(fc.array(spell, { maxLength: 30 }), (spells) => {
      let [peak, unitMicros] = [0n, 0n];
      for (let us = 0; us < 60; us++) {
        const level = spells
          .filter(({ fromUs, toUs }) => fromUs <= us && us < toUs)
          .reduce((sum, { amount }) => sum + amount, 0n);
        if (level > peak) peak = level;
        unitMicros += level;
      }
      expect(sumSpells(spells)).toEqual({ peak, unitMicros });
    });
    holds(property, 200);
  });
});

describe("principal at risk", () => {
  const [invented] = inventRun({ swaps: 1 }).swaps;
  if (invented === undefined) throw new Error("the fixture has a swap");
  const swap = (changes: Partial<SwapRow>): SwapRow => ({
    ...invented,
    arrangement: "gross",
    outcome: "settled",
    payer: "halyk",
    sellCurrency: "KZT",
    sellAmount: "500",
    counterparty: "icbc",
    buyCurrency: "CNY",
    buyAmount: "7",
    finalSellUs: 10,
    finalBuyUs: 40,
    ...changes,
  });

  it("is, of gross legs, what the first payer has paid until the second has", () => {
    expect(riskSpells(swap({}), 1_000)).toEqual([
      { member: "halyk", currency: "KZT", amount: 500n, fromUs: 10, toUs: 40, isOpen: false },
    ]);
    expect(riskSpells(swap({ finalSellUs: 50 }), 1_000)).toEqual([
      { member: "icbc", currency: "CNY", amount: 7n, fromUs: 40, toUs: 50, isOpen: false },
    ]);
    expect(riskSpells(swap({ finalSellUs: 40 }), 1_000)).toEqual([]);
  });

  it.each(["certified", "shared-ledger", "two-phase", "htlc", "netting"])(
    "is nothing under %s while a decision makes both legs certain, though one is paid later",
    (arrangement) => {
      expect(riskSpells(swap({ arrangement }), 1_000)).toEqual([]);
      expect(riskSpells(swap({ arrangement, finalBuyUs: 0 }), 1_000)).toEqual([]);
    },
  );

  it.each(["htlc", "gross", "certified"])(
    "of a swap that ended split is what was paid, to the end of the run, under %s",
    (arrangement) => {
      expect(riskSpells(swap({ arrangement, outcome: "split" }), 1_000)).toEqual([
        { member: "halyk", currency: "KZT", amount: 500n, fromUs: 10, toUs: 1_000, isOpen: true },
      ]);
      const alone = swap({ arrangement, outcome: "split", finalSellUs: 0 });
      expect(riskSpells(alone, 1_000).map(({ member }) => member)).toEqual(["icbc"]);
    },
  );

  it.each<SwapRow["outcome"]>(["voided", "rejected", "unresolved"])(
    "is nothing where nothing was paid: %s",
    (outcome) => {
      expect(riskSpells(swap({ outcome }), 1_000)).toEqual([]);
    },
  );
});

describe("the measures of a run", () => {
  const work = { messages: 30, bytes: 900, signatures: 12, verifications: 40, flushes: 9 };
  const facts: RunFacts = {
    swaps: inventRun({ swaps: 60 }).swaps,
    work,
    held: { peak: 1_234_500n, unitMicros: 3_600_000_000n * 200n },
    atRisk: { peak: 0n, unitMicros: 0n },
    lostCents: 0n,
    optionWindowMs: 86_400_000,
    volatility: 0.1,
    violated: 0,
  };

  it("are what their definitions say", () => {
    const values = measureRun(facts);
    const times = facts.swaps
      .flatMap(({ settleMs }) => (settleMs === null ? [] : [settleMs]))
      .sort((a, b) => a - b);
    expect(values.settled).toBe(times.length);
    expect(values.ledgerP50).toBe(times[Math.ceil(times.length / 2) - 1]);
    expect(values.ledgerP99).toBe(times[Math.ceil(0.99 * times.length) - 1]);
    expect(values.ledgerMean).toBeCloseTo(times.reduce((a, b) => a + b) / times.length, 9);
    expect([values.messages, values.bytes, values.flushes]).toEqual([0.5, 15, 0.15]);
    expect([values.heldPeakDollars, values.heldDollarHours]).toEqual([12_345, 2]);
    expect([values.atRiskPeakDollars, values.lostDollars]).toEqual([0, 0]);
    expect(values.freeOptionBp).toBeGreaterThan(0);
    expect(values.freeOptionMostBp).toBeCloseTo(20.88, 2);
    expect(measureRun({ ...facts, optionWindowMs: null }).freeOptionMostBp).toBeNull();
  });

  it("are missing, rather than zero, where there is nothing to measure", () => {
    const values = measureRun({ ...facts, swaps: [], held: null, atRisk: null, lostCents: null });
    expect(values).toMatchObject({
      settled: 0,
      ledgerP50: null,
      instructionMean: null,
      withinHour: null,
      heldDollarHours: null,
      atRiskPeakDollars: null,
      lostDollars: null,
      messages: null,
      freeOptionBp: null,
    });
  });

  it("each have a title of their own and say what they mean", () => {
    const measures = Object.values(RUN_MEASURES);
    expect(new Set(measures.map(({ title }) => title)).size).toBe(measures.length);
    for (const { meaning } of measures) expect(meaning).toMatch(/^[A-Z0-9].{20,}\.$/);
  });
});
