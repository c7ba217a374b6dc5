import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PaymentDay } from "../../../corridor/liquidity/payment-day.ts";
import { QUEUE_RULES, type QueueRule } from "../../../corridor/liquidity/queue-rules.ts";
import { MAX_AMOUNT } from "../../../node/money.ts";
import { holds } from "../../property.ts";
import { dayOf, smallDays, type Paid } from "./days.ts";
import { naivelySettled } from "./naive.ts";

const RULES = Object.keys(QUEUE_RULES) as QueueRule[];
const settled = (day: PaymentDay, rule: QueueRule): readonly number[] => [
  ...QUEUE_RULES[rule].settle(day),
];

describe.each(RULES)("%s", (rule) => {
  const agrees = (day: PaymentDay): void => {
    expect(settled(day, rule)).toEqual(naivelySettled(day, rule));
  };

  it("settles what its definition settles, when it does", () => {
    const days = smallDays({ members: 5, payments: 30 });
    holds(fc.property(days, agrees), 2_000);
  });

  it("settles what its definition settles with classes", () => {
    const days = smallDays({ members: 4, payments: 30, classes: 3 });
    holds(fc.property(days, agrees), 2_000);
  });

  it("settles what its definition settles on longer days", () => {
    const days = smallDays({ members: 20, payments: 150, classes: 2 });
    holds(fc.property(days, agrees), 40);
  });

  it("settles everything at once when everybody has enough", () => {
    const day = dayOf(
      [9n, 9n, 9n],
      [
        [0, 1, 3n],
        [1, 2, 9n],
        [2, 0, 9n],
        [0, 2, 6n],
      ],
    );
    expect(settled(day, rule)).toEqual([0, 1, 2, 3]);
  });

  it("is exact to the last minor unit, up to 2^63 - 1 and in sums beyond", () => {
    const payments: readonly Paid[] = [
      [0, 1, MAX_AMOUNT],
      [1, 2, MAX_AMOUNT],
      [2, 0, 1n],
      [0, 2, 1n],
    ];
    expect(settled(dayOf([MAX_AMOUNT - 1n, 0n, 0n], payments, "any size"), rule)).toEqual(
      naivelySettled(dayOf([MAX_AMOUNT - 1n, 0n, 0n], payments, "any size"), rule),
    );
    const rich = dayOf([MAX_AMOUNT, MAX_AMOUNT, 1n], payments, "any size");
    expect(settled(rich, rule)).toEqual([0, 1, 2, 3]);
  });

  it("has nothing to do on a day without payments or members", () => {
    expect(settled(dayOf([], []), rule)).toEqual([]);
    expect(settled(dayOf([5n], []), rule)).toEqual([]);
  });
});

/** What each rule makes of the same day. */
const byRule = (day: PaymentDay): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(RULES.map((rule) => [rule, settled(day, rule)]));

describe("the rules differ", () => {
  it("in whether a payment may pass a larger one of its payer", () => {
    const day = dayOf(
      [5n, 0n],
      [
        [0, 1, 6n],
        [0, 1, 5n],
      ],
    );
    expect(byRule(day)).toEqual({
      fifo: [-1, -1],
      bypass: [-1, 1],
      "bilateral-offset": [-1, -1],
      "gridlock-resolution": [-1, -1],
    });
  });

  it("in what they do about two members who wait for each other", () => {
    const day = dayOf(
      [0n, 1n],
      [
        [0, 1, 10n],
        [1, 0, 11n],
      ],
    );
    expect(byRule(day)).toEqual({
      fifo: [-1, -1],
      bypass: [-1, -1],
      "bilateral-offset": [1, 1],
      "gridlock-resolution": [1, 1],
    });
  });

  it("in what they do about three who wait for each other", () => {
    const day = dayOf(
      [0n, 0n, 0n],
      [
        [0, 1, 10n],
        [1, 2, 10n],
        [2, 0, 10n],
      ],
    );
    expect(byRule(day)).toEqual({
      fifo: [-1, -1, -1],
      bypass: [-1, -1, -1],
      "bilateral-offset": [-1, -1, -1],
      "gridlock-resolution": [2, 2, 2],
    });
  });

  it("in whether more than the heads of two queues offset each other", () => {
    const day = dayOf(
      [0n, 0n],
      [
        [0, 1, 5n],
        [0, 1, 6n],
        [1, 0, 11n],
      ],
    );
    expect(byRule(day)["bilateral-offset"]).toEqual([-1, -1, -1]);
    expect(byRule(day)["gridlock-resolution"]).toEqual([2, 2, 2]);
  });
});

describe("bypass", () => {
  it("scans in the order of submission, across payers, and from the start after each settlement", () => {
    // Payment 3 lets 2 settle; the scan begins again and finds 0 before 1.
    const day = dayOf(
      [0n, 0n, 0n, 4n],
      [
        [1, 0, 4n],
        [2, 0, 1n],
        [0, 1, 4n],
        [3, 0, 4n],
      ],
    );
    expect(settled(day, "bypass")).toEqual([3, -1, 3, 3]);
  });
});

describe("gridlock resolution", () => {
  it("drops the last payment of a member that would end below zero, and settles the rest", () => {
    const day = dayOf(
      [0n, 0n],
      [
        [0, 1, 5n],
        [0, 1, 1n],
        [1, 0, 5n],
      ],
    );
    expect(settled(day, "gridlock-resolution")).toEqual([2, -1, 2]);
  });
});

describe("a higher class", () => {
  it("goes before what its payer has queued, and what it overtakes keeps waiting", () => {
    const day = dayOf(
      [0n, 4n],
      [
        [0, 1, 3n, 0],
        [0, 1, 4n, 1],
        [1, 0, 4n, 0],
      ],
    );
    for (const rule of RULES) expect(settled(day, rule)).toEqual([-1, 2, 2]);
  });

  it("may be overtaken by bypass, when it is too large", () => {
    const day = dayOf(
      [3n, 0n],
      [
        [0, 1, 4n, 1],
        [0, 1, 3n, 0],
      ],
    );
    expect(settled(day, "bypass")).toEqual([-1, 1]);
    expect(settled(day, "fifo")).toEqual([-1, -1]);
  });
});
