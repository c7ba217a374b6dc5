import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { businessMicros } from "../../../scenarios/measures/business-time.ts";
import { settledWithin } from "../../../scenarios/measures/settled-within.ts";
import type { SwapRow } from "../../../scenarios/run-result.ts";
import { holds } from "../../property.ts";
import { inventRun } from "../run-fixture.ts";

const HOUR_US = 3_600_000_000;
const at = (text: string): number => Date.parse(text) * 1000;

describe("business time", () => {
  it.each([
    ["Thursday to Friday", "2026-10-01T12:00:00Z", "2026-10-02T12:00:00Z", 24],
    ["Friday evening to Monday morning", "2026-10-02T18:00:00Z", "2026-10-05T06:00:00Z", 12],
    ["a weekend", "2026-10-03T00:00:00Z", "2026-10-05T00:00:00Z", 0],
    ["within a Saturday", "2026-10-03T01:00:00Z", "2026-10-03T02:00:00Z", 0],
    ["a week", "2026-10-01T12:00:00Z", "2026-10-08T12:00:00Z", 120],
    ["no time", "2026-10-01T12:00:00Z", "2026-10-01T12:00:00Z", 0],
  ])("%s", (_, from, to, hours) => {
    expect(businessMicros(at(from), at(to))).toBe(hours * HOUR_US);
  });

  it("is the hours of an interval that stand on Monday to Friday", () => {
    const from = fc.integer({ min: 490_000, max: 500_000 });
    const property = fc.property(from, fc.nat(400), (hour, length) => {
      let count = 0;
      for (let i = hour; i < hour + length; i++) {
        const day = new Date(i * 3_600_000).getUTCDay();
        if (day !== 0 && day !== 6) count++;
      }
      expect(businessMicros(hour * HOUR_US, (hour + length) * HOUR_US)).toBe(count * HOUR_US);
    });
    holds(property, 200);
  });
});

describe("the share of swaps settled in time", () => {
  const [swap] = inventRun({ swaps: 1 }).swaps;
  if (swap === undefined) throw new Error("the fixture has a swap");
  const settledAfter = (ms: number, from = "2026-10-01T12:00:00Z"): SwapRow => {
    const initiatedUs = at(from);
    const finalUs = initiatedUs + ms * 1000;
    const final = { finalSellUs: finalUs, finalBuyUs: initiatedUs + 1000 };
    return { ...swap, outcome: "settled", initiatedUs, ...final, processMs: ms };
  };

  it("counts an hour and a business day from the decision, limits included", () => {
    const [hour, day] = [3_600_000, 86_400_000];
    const swaps = [hour, hour + 1, day, day + 1].map((ms) => settledAfter(ms));
    expect(settledWithin(swaps)).toEqual({ hour: 1 / 4, businessDay: 3 / 4 });
    const overWeekend = settledAfter(3 * day, "2026-10-02T12:00:00Z");
    expect(settledWithin([overWeekend])).toEqual({ hour: 0, businessDay: 1 });
  });

  it("counts swaps that do not settle into the whole", () => {
    const voided: SwapRow = { ...settledAfter(1), outcome: "voided", processMs: null };
    expect(settledWithin([settledAfter(1), voided])).toEqual({ hour: 0.5, businessDay: 0.5 });
    expect(settledWithin([])).toBeNull();
  });
});
