import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newAmounts, type PaymentDay } from "../../../corridor/liquidity/payment-day.ts";
import { QUEUE_RULES, type QueueRule } from "../../../corridor/liquidity/queue-rules.ts";
import {
  balanceSeries,
  queueSeries,
  waitQuantiles,
} from "../../../scenarios/measures/day-series.ts";
import { delayIndicator } from "../../../scenarios/measures/delay-indicator.ts";
import { intradayLiquidity } from "../../../scenarios/measures/intraday-liquidity.ts";
import { liquidityBounds } from "../../../scenarios/measures/liquidity-bounds.ts";
import { queueDelay } from "../../../scenarios/measures/queue-delay.ts";
import { maximumQueue, maximumQueued } from "../../../scenarios/measures/queue-value.ts";
import { ratio, roundRatio } from "../../../scenarios/measures/ratio.ts";
import { settledShare } from "../../../scenarios/measures/settled-share.ts";
import { turnoverRatio } from "../../../scenarios/measures/turnover-ratio.ts";
import { settledDay, type SettledDay } from "../../../scenarios/rtgs/settled-day.ts";
import { dayOf, smallDays } from "../../corridor/liquidity/days.ts";
import { holds } from "../../property.ts";

const RULES = Object.keys(QUEUE_RULES) as QueueRule[];

/** A day that a rule settled, a submission every ten milliseconds. */
function settle(day: PaymentDay, rule: QueueRule, closeMs = 1_000): SettledDay {
  const submittedMs = Float64Array.from(day.payers, (_, i) => 10 * i);
  return settledDay({ day, submittedMs, closeMs, settledBy: QUEUE_RULES[rule].settle(day) });
}

const withOpening = (day: PaymentDay, opening: PaymentDay["opening"]): PaymentDay => ({
  ...day,
  opening,
});

const days = smallDays({ members: 5, payments: 30, classes: 2 });

describe("measures of a day", () => {
  // At 0 member 0 pays 6; at 10 member 1 cannot pay 8, at 20 member 0 cannot pay 5 until member 2 has
  // paid it 4 at 30; at 40 member 2 cannot pay 9.
  const day = dayOf(
    [8n, 0n, 5n],
    [
      [0, 1, 6n],
      [1, 2, 8n],
      [0, 2, 5n],
      [2, 0, 4n],
      [2, 1, 9n],
    ],
  );
  const settled = settle(day, "fifo", 100);

  it("are those of a day that can be worked out by hand", () => {
    expect([...settled.settledBy]).toEqual([0, -1, 3, 3, -1]);
    // 5 waited 10 ms; 8 waited 90 and 9 waited 60 to the close. At most 600 + 720 + 400 + 280 + 540.
    expect(delayIndicator(settled)).toEqual({ numerator: 50n + 720n + 540n, denominator: 2_540n });
    expect(queueDelay(settled)).toEqual({
      weightedMs: { numerator: 1_310n, denominator: 32n },
      unweightedMs: { numerator: 160n, denominator: 5n },
      waited: 3,
      p50Ms: 60,
      p95Ms: 90,
      longestMs: 90,
    });
    expect(maximumQueue(settled)).toEqual({ atMs: 40, value: 17n, payments: 2 });
    expect([...maximumQueued(settled)]).toEqual([5n, 8n, 9n]);
    expect(settledShare(settled)).toEqual({
      submitted: { payments: 5, value: 32n },
      settled: { payments: 3, value: 15n },
    });
    const { lower, upper } = liquidityBounds(day);
    expect([...lower]).toEqual([7n, 0n, 0n]);
    expect([...upper]).toEqual([11n, 2n, 0n]);
    const { maximumUsage, maximumSurplus, sent, received, closing } = intradayLiquidity(settled);
    expect([...maximumUsage]).toEqual([7n, 0n, 0n]);
    expect([...maximumSurplus]).toEqual([0n, 6n, 1n]);
    expect([...sent]).toEqual([11n, 0n, 4n]);
    expect([...received]).toEqual([4n, 6n, 5n]);
    expect([...closing]).toEqual([1n, 6n, 6n]);
    // Used: 6 for 30 ms, then 7 for 70 ms, of 100 ms.
    expect(turnoverRatio(settled, 15n, maximumUsage)).toEqual({
      peak: { numerator: 15n, denominator: 7n },
      average: { numerator: 1_500n, denominator: 180n + 490n },
    });
  });

  it("are drawn as they are, and of many the peaks", () => {
    expect(queueSeries(settled, 100).map(({ value }) => value)).toEqual([0n, 8n, 13n, 8n, 17n]);
    expect(queueSeries(settled, 1).map(({ value }) => value)).toEqual([17n]);
    const [balances] = balanceSeries(settled, [0], 100);
    expect(balances).toEqual([
      { atMs: 0, value: 2n },
      { atMs: 30, value: 1n },
    ]);
    const waits = waitQuantiles(settled);
    expect([waits[0], waits[39], waits[40], waits[99]]).toEqual([0, 0, 10, 90]);
  });

  it("are none where there is nothing to measure", () => {
    const nothing = settle(dayOf([5n], []), "fifo");
    expect(delayIndicator(nothing)).toBeNull();
    expect(queueDelay(nothing)).toMatchObject({
      weightedMs: null,
      unweightedMs: null,
      p50Ms: null,
    });
    expect(maximumQueue(nothing)).toEqual({ atMs: 0, value: 0n, payments: 0 });
    expect(turnoverRatio(nothing, 0n, [0n])).toEqual({ peak: null, average: null });
    expect(waitQuantiles(nothing)).toEqual([]);
    // Submitted at the close, a payment cannot wait.
    expect(delayIndicator(settle(dayOf([0n, 0n], [[0, 1, 1n]]), "fifo", 0))).toBeNull();
  });
});

describe.each(RULES)("with %s", (rule) => {
  it("rho lies between 0 and 1, and is 0 with the upper bound of liquidity", () => {
    const property = fc.property(days, (day) => {
      const rho = delayIndicator(settle(day, rule));
      if (rho !== null) {
        expect(rho.numerator >= 0n && rho.numerator <= rho.denominator).toBe(true);
      }
      const ample = settle(withOpening(day, liquidityBounds(day).upper), rule);
      expect([...ample.settledBy]).toEqual([...ample.settledBy.keys()]);
      expect(delayIndicator(ample)?.numerator ?? 0n).toBe(0n);
    });
    holds(property, 200);
  });

  it("nobody uses more than it opened with, and what it sent and received is what it has", () => {
    const property = fc.property(days, (day) => {
      const { maximumUsage, sent, received, closing } = intradayLiquidity(settle(day, rule));
      for (const [member, opening] of day.opening.entries()) {
        expect(maximumUsage[member]).toBeLessThanOrEqual(opening);
        expect(closing[member]).toBe(opening - (sent[member] ?? 0n) + (received[member] ?? 0n));
      }
    });
    holds(property, 200);
  });

  it("the queue at the close is what did not settle, and never larger than its maximum", () => {
    const property = fc.property(days, (day) => {
      const settled = settle(day, rule);
      const { submitted, settled: paid } = settledShare(settled);
      const last = queueSeries(settled, 1e6).at(-1);
      expect(last?.value ?? 0n).toBe(submitted.value - paid.value);
      expect(maximumQueue(settled).value).toBeGreaterThanOrEqual(last?.value ?? 0n);
    });
    holds(property, 200);
  });
});

describe("liquidity bounds", () => {
  it("are the least with which all settles by the close by gridlock resolution, and at once", () => {
    const single = smallDays({ members: 5, payments: 30 });
    const property = fc.property(single, (day) => {
      const { lower, upper } = liquidityBounds(day);
      const net = settle(withOpening(day, lower), "gridlock-resolution");
      expect(net.settledBy.includes(-1)).toBe(false);
      for (const bound of [lower, upper]) {
        const rule = bound === lower ? "gridlock-resolution" : "fifo";
        const poorer = [...bound].findIndex((amount) => amount > 0n);
        if (poorer === -1) continue;
        const less = newAmounts(bound.length, 1n);
        for (const [i, amount] of bound.entries()) less[i] = i === poorer ? amount - 1n : amount;
        const short = settle(withOpening(day, less), rule);
        const all = [...short.settledBy].every((by, i) => (bound === lower ? by >= 0 : by === i));
        expect(all).toBe(false);
      }
    });
    holds(property, 200);
  });
});

describe("a ratio", () => {
  it.each([
    [1n, 3n, 3, "0.333"],
    [2n, 3n, 3, "0.667"],
    [1n, 2n, 0, "1"],
    [1n, 8n, 2, "0.13"],
    [0n, 7n, 2, "0.00"],
    [10n ** 30n, 10n ** 30n - 1n, 6, "1.000000"],
    [123n, 1n, 0, "123"],
  ])("%s / %s to %s decimals is %s, rounded half up", (numerator, denominator, decimals, text) => {
    expect(roundRatio({ numerator, denominator }, decimals)).toBe(text);
  });

  it("of nothing is none", () => {
    expect(ratio(0n, 0n)).toBeNull();
    expect(ratio(0n, 2n)).toEqual({ numerator: 0n, denominator: 2n });
  });
});
