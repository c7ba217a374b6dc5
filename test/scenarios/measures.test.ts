import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyPairs } from "../../scenarios/measures/currency-pairs.ts";
import { distribution } from "../../scenarios/measures/distribution.ts";
import { heldLiquidity, summariseHeld } from "../../scenarios/measures/held-liquidity.ts";
import { countOutcomes } from "../../scenarios/measures/outcomes.ts";
import { paymentsByKind } from "../../scenarios/measures/payments.ts";
import { quantile } from "../../scenarios/measures/quantile.ts";
import { countReasons } from "../../scenarios/measures/reasons.ts";
import { settleTimes } from "../../scenarios/measures/settle-times.ts";
import { settledValue } from "../../scenarios/measures/settled-value.ts";
import { holds } from "../property.ts";
import { inventRun } from "./run-fixture.ts";

const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), {
  minLength: 1,
  maxLength: 60,
});
const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);

describe("quantile", () => {
  it("is the smallest value that at least so many per cent of the values do not exceed", () => {
    const property = fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
      const found = quantile(sorted(list), percent);
      const reaches = (limit: number): boolean =>
        100 * list.filter((value) => value <= limit).length >= percent * list.length;
      expect(list).toContain(found);
      expect(reaches(found)).toBe(true);
      const smaller = list.filter((value) => value < found);
      expect(smaller.some(reaches)).toBe(false);
    });
    holds(property, 500);
  });

  it.each([
    [[5], 50, 5],
    [[1, 2], 50, 1],
    [[1, 2, 3], 50, 2],
    [[1, 2, 3, 4], 95, 4],
    [Array.from({ length: 20 }, (_, i) => i + 1), 95, 19],
    [Array.from({ length: 100 }, (_, i) => i + 1), 1, 1],
    [Array.from({ length: 100 }, (_, i) => i + 1), 100, 100],
  ])("of %j at %i per cent is %d", (list, percent, expected) => {
    expect(quantile(list, percent)).toBe(expected);
  });

  it("of nothing is a bug", () => {
    expect(() => quantile([], 50)).toThrow(RangeError);
  });
});

describe("distribution", () => {
  it("does not depend on the order and lies between the extremes", () => {
    const property = fc.property(values, (list) => {
      const found = distribution(list);
      expect(found).toEqual(distribution(list.toReversed()));
      expect(found?.count).toBe(list.length);
      const { min = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0, max = 0 } = found ?? {};
      const order = [min, p25, p50, p75, p95, max];
      expect(order).toEqual(sorted(order));
      expect([min, max]).toEqual([Math.min(...list), Math.max(...list)]);
    });
    holds(property, 300);
  });

  it("of nothing is null", () => {
    expect(distribution([])).toBeNull();
  });
});

describe("measures of a run", () => {
  const { swaps, payments, manifest } = inventRun();

  it("pairs hold every swap once, in the order of the banks, in both directions", () => {
    const pairs = currencyPairs(swaps, manifest.banks);
    expect(pairs.flatMap((pair) => pair.swaps).length).toBe(swaps.length);
    expect(new Set(pairs.flatMap((pair) => pair.swaps)).size).toBe(swaps.length);
    expect(pairs.map(({ name }) => name)).toContain("KZT/CNY");
    expect(pairs.map(({ name }) => name)).not.toContain("CNY/KZT");
    const rank = (currency: string): number =>
      manifest.banks.find((bank) => bank.currency === currency)?.number ?? 0;
    const ranks = pairs.map(({ first, second }) => 100 * rank(first) + rank(second));
    expect(ranks).toEqual(sorted(ranks));
    expect(pairs.every(({ first, second }) => rank(first) < rank(second))).toBe(true);
  });

  it("outcomes and reasons add up to all swaps", () => {
    const counts = countOutcomes(swaps);
    expect(Object.values(counts).reduce((a, b) => a + b)).toBe(swaps.length);
    expect(counts.rejected).toBeGreaterThan(0);
    const reasons = countReasons(swaps, "settled");
    expect(counts.settled + reasons.reduce((sum, { count }) => sum + count, 0)).toBe(swaps.length);
    expect(reasons.map(({ count }) => -count)).toEqual(sorted(reasons.map(({ count }) => -count)));
  });

  it("only what settled counts in times and values", () => {
    const settled = swaps.filter((swap) => swap.outcome === "settled");
    const { ledger, instruction } = settleTimes(swaps);
    expect(ledger?.count).toBe(settled.length);
    expect(instruction?.max).toBe(Math.max(...settled.map((swap) => swap.processMs ?? 0)));
    const cents = settled.reduce((sum, swap) => sum + BigInt(swap.usdCents), 0n);
    expect(settledValue(swaps).usdCents).toBe(cents);
    expect(settledValue(swaps)).toEqual(settledValue(settled));
    expect(settleTimes(swaps.filter((swap) => swap.outcome !== "settled")).ledger).toBeNull();
  });

  it("money on hold at any time is what was locked and is not final", () => {
    const rows = heldLiquidity(swaps, manifest.banks);
    const legs = swaps.flatMap((swap) => [
      {
        currency: swap.sellCurrency,
        amount: swap.sellAmount,
        from: swap.lockedSellUs,
        to: swap.finalSellUs,
      },
      {
        currency: swap.buyCurrency,
        amount: swap.buyAmount,
        from: swap.lockedBuyUs,
        to: swap.finalBuyUs,
      },
    ]);
    expect(rows.length).toBeGreaterThan(100);
    for (const { timeUs, currency, pending, holds: count } of rows) {
      const held = legs.filter(
        (leg) => leg.currency === currency && leg.from > 0 && leg.from <= timeUs && timeUs < leg.to,
      );
      expect(BigInt(pending)).toBe(held.reduce((sum, leg) => sum + BigInt(leg.amount), 0n));
      expect(count).toBe(held.length);
    }
  });

  it("held amount times time is the sum over all legs, and holds without an end last to the end", () => {
    const sum = (currency: string): bigint =>
      swaps.reduce((total, swap) => {
        const sold = swap.sellCurrency === currency ? swap.finalSellUs - swap.lockedSellUs : 0;
        const bought = swap.buyCurrency === currency ? swap.finalBuyUs - swap.lockedBuyUs : 0;
        return (
          total + BigInt(swap.sellAmount) * BigInt(sold) + BigInt(swap.buyAmount) * BigInt(bought)
        );
      }, 0n);
    for (const { currency, unitMicros, peak } of summariseHeld(
      heldLiquidity(swaps, manifest.banks),
    )) {
      expect(unitMicros).toBe(sum(currency));
      expect(peak).toBeGreaterThan(0n);
    }
    const [first, second] = swaps.filter((swap) => swap.outcome === "settled");
    if (first === undefined || second === undefined) throw new Error("the fixture settles swaps");
    const open = { ...first, finalSellUs: 0, finalBuyUs: 0 };
    const rows = heldLiquidity([open, second], manifest.banks);
    const endUs = Math.max(...rows.map((row) => row.timeUs));
    const held = summariseHeld(rows.filter((row) => row.currency === open.sellCurrency));
    expect(held.length).toBe(1);
    expect(rows.findLast((row) => row.currency === open.sellCurrency)?.pending).not.toBe("0");
    expect(endUs).toBe(Math.max(second.finalSellUs, second.finalBuyUs));
  });

  it("payments by kind hold every payment once", () => {
    const kinds = paymentsByKind(payments);
    expect(kinds.reduce((sum, { count }) => sum + count, 0)).toBe(payments.length);
    for (const { kind, outcomes, times } of kinds) {
      const of = payments.filter((payment) => payment.kind === kind);
      expect(outcomes.executed).toBe(of.filter(({ outcome }) => outcome === "executed").length);
      expect(times?.count).toBe(outcomes.executed);
    }
  });
});
