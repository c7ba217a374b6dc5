import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { riskSpells, type LegEnd } from "../../../scenarios/measures/risk-spells.ts";
import {
  measureRun,
  RUN_MEASURES,
  type RunFacts,
} from "../../../scenarios/measures/run-measures.ts";
import { sumSpells } from "../../../scenarios/measures/spells.ts";
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
  const leg = (changes: Partial<LegEnd>): LegEnd => ({
    member: "halyk",
    currency: "KZT",
    amount: 500n,
    outcome: "settled",
    finalUs: 10,
    decidedUs: 8,
    ...changes,
  });
  const other = (changes: Partial<LegEnd>): LegEnd =>
    leg({ member: "icbc", currency: "CNY", amount: 7n, ...changes });
  const free = { decisionBinds: false, endUs: 1_000 };
  const bound = { decisionBinds: true, endUs: 1_000 };

  it("is what the first payer has paid until the second has", () => {
    const spells = riskSpells([leg({ finalUs: 10 }), other({ finalUs: 40 })], free);
    expect(spells).toEqual([
      { member: "halyk", currency: "KZT", amount: 500n, fromUs: 10, toUs: 40, isLost: false },
    ]);
    const turned = riskSpells([leg({ finalUs: 50 }), other({ finalUs: 40 })], free);
    expect(turned.map(({ member, fromUs, toUs }) => [member, fromUs, toUs])).toEqual([
      ["icbc", 40, 50],
    ]);
  });

  it("is nothing where a decision binds both legs, though one is slow or gone", () => {
    expect(riskSpells([leg({}), other({ finalUs: 900 })], bound)).toEqual([]);
    const gone = other({ outcome: null, finalUs: 0, decidedUs: 0 });
    expect(riskSpells([leg({}), gone], bound)).toEqual([]);
  });

  it("is lost when the other leg is voided, whatever was decided", () => {
    for (const setting of [free, bound]) {
      const spells = riskSpells([leg({}), other({ outcome: "voided" })], setting);
      expect(spells).toEqual([
        { member: "halyk", currency: "KZT", amount: 500n, fromUs: 10, toUs: 1_000, isLost: true },
      ]);
    }
  });

  it("lasts to the end of the run when the other leg never comes", () => {
    const gone = other({ outcome: null, finalUs: 0, decidedUs: 0 });
    const [spell] = riskSpells([leg({}), gone], free);
    expect([spell?.toUs, spell?.isLost]).toEqual([1_000, true]);
  });

  it("is nothing when both are paid at once, or neither is", () => {
    expect(riskSpells([leg({}), other({})], free)).toEqual([]);
    const voided = [leg({ outcome: "voided" }), other({ outcome: "voided" })] as const;
    expect(riskSpells(voided, free)).toEqual([]);
  });
});

describe("the measures of a run", () => {
  const work = { messages: 30, bytes: 900, signatures: 12, verifications: 40, flushes: 9 };
  const facts: RunFacts = {
    swaps: inventRun({ swaps: 60 }).swaps,
    work,
    held: { peak: 1_234_500n, unitMicros: 3_600_000_000n * 200n },
    atRisk: { peak: 0n, unitMicros: 0n },
    lostCents: 0n,
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
