import { describe, expect, it } from "vitest";
import { credit } from "../../node/accounts/books.ts";
import { accountId as account, memberId } from "../../node/ids.ts";
import { MAX_OPEN_HOLDS_PER_MEMBER } from "../../node/limits.ts";
import { MAX_AMOUNT } from "../../node/money.ts";
import { RULES } from "../../node/rules/order.ts";
import type { Movement } from "../../node/rules/rule.ts";
import { amount } from "./fixtures.ts";
import {
  books,
  definition,
  PASSING,
  ROAD_ID,
  spoilt,
  UNKNOWN_TAG,
  verdictOn,
  type Base,
} from "./rules-fixtures.ts";

describe("the order of checks", () => {
  it("is this, for ever", () => {
    expect(RULES.map(({ id }) => id).join(" ")).toBe(
      "MEMBER-1 MEMBER-4 MEMBER-5 MEMBER-2 MEMBER-3 TAG-10 TAG-1 TAG-2 TAG-3 TAG-11 TAG-4 TAG-5 " +
        "KZ-9 BORDER-1 TAG-6 TAG-7 TAG-8 TAG-9 TAG-12 TAG-13 TAG-14 TAG-15 TAG-16 VAT-1 " +
        "PVP-1 LIMIT-1 LIMIT-2 LIMIT-3 FUNDS-1 FUNDS-2",
    );
  });

  /**
   * Each chain begins with a movement in which everything is wrong and puts right one thing at a
   * time, so that every rule is seen to come before all those behind it.
   */
  const chains: Readonly<Record<Base, readonly (readonly [string, Partial<Movement>])[]>> = {
    transfer: [
      ["MEMBER-1", { payer: account("nobody"), payee: account("nobody"), amount: amount(0) }],
      ["MEMBER-4", { payer: account("builder"), payee: account("builder") }],
      ["MEMBER-4", { amount: amount(51) }],
      ["FUNDS-2", { payee: account("bank-b") }],
      ["passes", PASSING.transfer],
    ],
    issue: [
      ["MEMBER-1", { payer: account("nobody"), amount: amount(0) }],
      ["MEMBER-4", { payer: account("abroad") }],
      ["MEMBER-2", { amount: MAX_AMOUNT }],
      ["LIMIT-2", { payer: account("bank-a") }],
      ["FUNDS-1", { amount: amount(41) }],
      ["passes", PASSING.issue],
    ],
    redeem: [
      [
        "MEMBER-1",
        { payer: account("nobody"), amount: amount(0), tag: UNKNOWN_TAG, timeMs: 1_000 },
      ],
      ["MEMBER-4", { payer: account("builder") }],
      ["MEMBER-2", { amount: amount(51) }],
      ["TAG-2", { payer: account("bank-a") }],
      ["TAG-4", { tag: ROAD_ID }],
      ["TAG-5", { timeMs: 500 }],
      ["FUNDS-2", { tag: null }],
      ["passes", PASSING.redeem],
    ],
    swap: [
      [
        "MEMBER-1",
        {
          payer: account("nobody"),
          tag: UNKNOWN_TAG,
          amount: amount(0),
          timeMs: 1_000,
          expiryMs: 9,
        },
      ],
      ["MEMBER-4", { payer: account("treasury") }],
      ["MEMBER-3", { amount: amount(51) }],
      ["TAG-2", { payer: account("bank-a") }],
      ["TAG-4", { tag: ROAD_ID }],
      ["KZ-9", { timeMs: 500 }],
      ["PVP-1", { tag: null }],
      ["LIMIT-1", { expiryMs: 501 }],
      ["FUNDS-2", { payer: account("bank-b") }],
      ["passes", { payer: account("bank-b"), amount: amount(1) }],
    ],
    "tagged transfer": [
      [
        "MEMBER-1",
        {
          payee: account("nobody"),
          amount: amount(0),
          tag: UNKNOWN_TAG,
          timeMs: 1_000,
          purpose: "TRAVEL",
          line: "C",
        },
      ],
      ["MEMBER-4", { payee: account("abroad") }],
      ["TAG-2", { amount: amount(61) }],
      ["TAG-4", { tag: ROAD_ID }],
      ["KZ-9", { timeMs: 500 }],
      ["TAG-6", { payee: account("bank-b") }],
      ["TAG-7", { payee: account("canteen") }],
      ["TAG-8", { purpose: "MEALS" }],
      ["TAG-9", { line: "A" }],
      ["TAG-9", { payer: account("treasury") }],
      ["FUNDS-2", { amount: amount(40) }],
      ["passes", { amount: amount(20) }],
    ],
    "owner's transfer": [["passes", {}]],
    "define-tag": [
      [
        "MEMBER-1",
        { payer: account("nobody"), ...definition({ fundOwner: memberId("treasury") }) },
      ],
      ["TAG-10", { payer: account("builder") }],
      ["TAG-1", { payer: account("bank-a") }],
      ["passes", { payer: account("treasury") }],
    ],
    "issue-tag": [
      [
        "MEMBER-1",
        { payer: account("nobody"), amount: amount(0), tag: UNKNOWN_TAG, timeMs: 1_000 },
      ],
      ["MEMBER-4", { payer: account("bank-a") }],
      ["TAG-2", { amount: amount(51) }],
      ["TAG-3", { tag: ROAD_ID }],
      ["TAG-4", { payer: account("treasury") }],
      ["FUNDS-2", { timeMs: 500 }],
      ["passes", PASSING["issue-tag"]],
    ],
    "return-tag": [
      ["MEMBER-1", { payer: account("nobody"), amount: amount(0), tag: UNKNOWN_TAG }],
      ["MEMBER-4", { payer: account("builder") }],
      ["TAG-2", { amount: amount(21) }],
      ["FUNDS-2", { tag: ROAD_ID }],
      ["passes", PASSING["return-tag"]],
    ],
  };

  it.each(Object.entries(chains) as [Base, (typeof chains)[Base]][])("%s", (base, chain) => {
    const on = books();
    on.openHolds.set(memberId("bank-a"), MAX_OPEN_HOLDS_PER_MEMBER);
    credit(on, account("bank-b"), null, amount(1));
    let movement: Movement = PASSING[base];
    const ids = chain.map(([, change]) => {
      movement = { ...movement, ...change };
      return verdictOn(movement, on).split(" ")[0];
    });
    expect(ids).toEqual(chain.map(([id]) => id));
    const places = ids.slice(0, -1).map((id) => RULES.findIndex((rule) => rule.id === id));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  /** Rules about what these books do not have; tag-rules.test.ts sees each decide. */
  const ELSEWHERE = "MEMBER-5 TAG-11 BORDER-1 TAG-12 TAG-13 TAG-14 TAG-15 TAG-16 VAT-1 LIMIT-3";

  it("every other rule decides somewhere in the chains", () => {
    const inChains = Object.values(chains).flatMap((chain) => chain.map(([id]) => id));
    const seen = new Set([...inChains, ...ELSEWHERE.split(" ")]);
    expect(RULES.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
  });

  it("no rule changes the books", () => {
    const [before, after] = [books(), books()];
    for (const base of Object.keys(PASSING) as Base[]) spoilt(base, { amount: amount(7) }, after);
    expect(after).toEqual(before);
  });
});
