import { describe, expect, it } from "vitest";
import { credit } from "../../node/accounts/books.ts";
import { accountId as account, memberId, tagKey } from "../../node/ids.ts";
import { MAX_OPEN_HOLDS_PER_MEMBER, MAX_TAGS } from "../../node/limits.ts";
import { MAX_AMOUNT, type Amount } from "../../node/money.ts";
import { decideMovement } from "../../node/rules/order.ts";
import type { Movement } from "../../node/rules/rule.ts";
import { newTag } from "../../node/tags/tag.ts";
import { amount, net, PROGRAMME, ROAD } from "./fixtures.ts";
import {
  books,
  definition,
  PASSING,
  ROAD_ID,
  spoilt,
  UNKNOWN_TAG,
  type Base,
} from "./rules-fixtures.ts";

describe("a movement that keeps every rule passes, at the bound of each", () => {
  it.each(Object.keys(PASSING) as Base[])("%s", (base) => {
    expect(spoilt(base, {})).toBe("passes");
  });
});

describe("one step beyond a bound, the rule refuses with its code (B12)", () => {
  it.each<[string, Base, Partial<Movement>, string]>([
    ["unknown payer", "transfer", { payer: account("nobody") }, "MEMBER-1 MEMBER_NOT_CONNECTED"],
    ["unknown payee", "transfer", { payee: account("nobody") }, "MEMBER-1 MEMBER_NOT_CONNECTED"],
    ["unknown payee abroad", "swap", { payee: account("nobody") }, "MEMBER-1 MEMBER_NOT_CONNECTED"],
    ["nothing paid", "transfer", { amount: amount(0) }, "MEMBER-4 AMOUNT_INVALID"],
    ["nothing issued", "issue", { amount: amount(0) }, "MEMBER-4 AMOUNT_INVALID"],
    ["nothing returned", "return-tag", { amount: amount(0) }, "MEMBER-4 AMOUNT_INVALID"],
    ["one unit paid", "transfer", { amount: amount(1) }, "passes"],
    ["payer pays itself", "transfer", { payee: account("bank-a") }, "MEMBER-4 TERMS_INVALID"],
    ["payer swaps with itself", "swap", { payee: account("bank-a") }, "MEMBER-4 TERMS_INVALID"],
    ["owner gives back to itself", "return-tag", { payer: account("treasury") }, "passes"],
    [
      "company issues",
      "issue",
      { payer: account("builder"), amount: amount(10) },
      "MEMBER-2 CLASS_FORBIDDEN",
    ],
    ["operator redeems", "redeem", { payer: account("canteen") }, "MEMBER-2 CLASS_FORBIDDEN"],
    ["treasury issues", "issue", { payer: account("treasury"), amount: amount(30) }, "passes"],
    [
      "non-resident issues",
      "issue",
      { payer: account("abroad"), amount: amount(1) },
      "MEMBER-2 MINT_FORBIDDEN",
    ],
    [
      "non-resident redeems",
      "redeem",
      { payer: account("abroad"), amount: amount(1) },
      "MEMBER-2 MINT_FORBIDDEN",
    ],
    [
      "treasury swaps",
      "swap",
      { payer: account("treasury"), payee: account("bank-a") },
      "MEMBER-3 CLASS_FORBIDDEN",
    ],
    ["company swaps", "swap", { payer: account("builder") }, "MEMBER-3 CLASS_FORBIDDEN"],
    [
      "company defines",
      "define-tag",
      { payer: account("builder"), ...definition({ fundOwner: memberId("builder") }) },
      "TAG-10 CLASS_FORBIDDEN",
    ],
    [
      "treasury defines",
      "define-tag",
      { payer: account("treasury"), ...definition({ fundOwner: memberId("treasury") }) },
      "passes",
    ],
    [
      "another's definition",
      "define-tag",
      definition({ fundOwner: memberId("treasury") }),
      "TAG-1 TAG_OWNER_ONLY",
    ],
    [
      "non-resident defines",
      "define-tag",
      { payer: account("abroad"), ...definition({ fundOwner: memberId("abroad") }) },
      "TAG-1 TAG_OWNER_ONLY",
    ],
    [
      "defined already",
      "define-tag",
      { payer: account("treasury"), definition: { id: ROAD_ID, value: ROAD, net } },
      "TAG-1 TAG_EXISTS",
    ],
    [
      "validity of no length",
      "define-tag",
      definition({ validFromMs: 2_000 }),
      "TAG-1 TAG_DEFINITION_INVALID",
    ],
    ["validity of one millisecond", "define-tag", definition({ validFromMs: 1_999 }), "passes"],
    ["validity that is over", "define-tag", { timeMs: 2_000 }, "TAG-1 TAG_DEFINITION_INVALID"],
    ["validity that ends next", "define-tag", { timeMs: 1_999 }, "passes"],
    [
      "a line twice",
      "define-tag",
      definition({ lines: [...PROGRAMME.lines, ...PROGRAMME.lines] }),
      "TAG-1 TAG_DEFINITION_INVALID",
    ],
    [
      "a payee twice",
      "define-tag",
      definition({ payees: [...PROGRAMME.payees, { account: account("builder"), final: 1 }] }),
      "TAG-1 TAG_DEFINITION_INVALID",
    ],
    ["unknown tag paid", "tagged transfer", { tag: UNKNOWN_TAG }, "TAG-2 TAG_UNKNOWN"],
    ["unknown tag swapped", "swap", { tag: UNKNOWN_TAG }, "TAG-2 TAG_UNKNOWN"],
    ["unknown tag issued", "issue-tag", { tag: UNKNOWN_TAG }, "TAG-2 TAG_UNKNOWN"],
    ["unknown tag returned", "return-tag", { tag: UNKNOWN_TAG, payee: null }, "TAG-2 TAG_UNKNOWN"],
    ["another's tag issued", "issue-tag", { payer: account("bank-a") }, "TAG-3 TAG_OWNER_ONLY"],
    ["first moment of a tag", "tagged transfer", { timeMs: 0 }, "passes"],
    ["last moment of a tag", "tagged transfer", { timeMs: 999 }, "passes"],
    ["a tag's end", "tagged transfer", { timeMs: 1_000 }, "TAG-4 TAG_EXPIRED"],
    ["money under an ended tag", "issue-tag", { timeMs: 1_000 }, "TAG-4 TAG_EXPIRED"],
    ["return after a tag's end", "return-tag", { timeMs: 1_000 }, "passes"],
    [
      "tagged money redeemed",
      "redeem",
      { payer: account("treasury"), tag: ROAD_ID, amount: amount(20) },
      "TAG-5 TAG_REDEEM_FORBIDDEN",
    ],
    ["tagged money swapped", "swap", { tag: ROAD_ID }, "KZ-9 TAG_EXPORT_FORBIDDEN"],
    [
      "tagged money to a non-resident",
      "tagged transfer",
      { payee: account("abroad") },
      "KZ-9 TAG_EXPORT_FORBIDDEN",
    ],
    ["untagged money to a non-resident", "transfer", { payee: account("abroad") }, "passes"],
    [
      "payee outside the definition",
      "tagged transfer",
      { payee: account("bank-b") },
      "TAG-6 TAG_PAYEE_NOT_ALLOWED",
    ],
    ["another purpose", "tagged transfer", { purpose: "TRAVEL" }, "TAG-7 TAG_PURPOSE_MISMATCH"],
    ["no purpose", "tagged transfer", { purpose: null }, "TAG-7 TAG_PURPOSE_MISMATCH"],
    ["another line", "tagged transfer", { line: "C" }, "TAG-8 TAG_LINE_NOT_IN_ESTIMATE"],
    ["no line", "tagged transfer", { line: null }, "TAG-8 TAG_LINE_NOT_IN_ESTIMATE"],
    ["untagged money needs neither", "transfer", { line: null, purpose: null }, "passes"],
    [
      "more than was received",
      "tagged transfer",
      { amount: amount(21) },
      "TAG-9 TAG_LINE_EXHAUSTED",
    ],
    [
      "under a line of which nothing was received",
      "tagged transfer",
      { line: "B", amount: amount(1) },
      "TAG-9 TAG_LINE_EXHAUSTED",
    ],
    [
      "more than the line has left",
      "owner's transfer",
      { amount: amount(41) },
      "TAG-9 TAG_LINE_EXHAUSTED",
    ],
    [
      "what the line has left, without funds",
      "owner's transfer",
      { amount: amount(40) },
      "FUNDS-2 FUNDS_INSUFFICIENT",
    ],
    ["a swap at its expiry", "swap", { timeMs: 501 }, "PVP-1 PVP_EXPIRED"],
    ["a swap without expiry", "swap", { expiryMs: null }, "passes"],
    ["more than the reserves", "issue", { amount: amount(41) }, "FUNDS-1 RESERVES_INSUFFICIENT"],
    ["more than is held", "transfer", { amount: amount(51) }, "FUNDS-2 FUNDS_INSUFFICIENT"],
    ["more redeemed than is held", "redeem", { amount: amount(51) }, "FUNDS-2 FUNDS_INSUFFICIENT"],
    ["more swapped than is held", "swap", { amount: amount(51) }, "FUNDS-2 FUNDS_INSUFFICIENT"],
    [
      "more put under a tag than is held",
      "issue-tag",
      { amount: amount(51) },
      "FUNDS-2 FUNDS_INSUFFICIENT",
    ],
    [
      "more returned than is held",
      "return-tag",
      { amount: amount(21) },
      "FUNDS-2 FUNDS_INSUFFICIENT",
    ],
    ["the largest amount", "transfer", { amount: MAX_AMOUNT }, "FUNDS-2 FUNDS_INSUFFICIENT"],
  ])("%s (%s)", (_, base, change, expected) => {
    expect(spoilt(base, change)).toBe(expected);
  });

  it("the budget of open holds (B11)", () => {
    const on = books();
    on.openHolds.set(memberId("bank-a"), MAX_OPEN_HOLDS_PER_MEMBER - 1);
    expect(spoilt("swap", {}, on)).toBe("passes");
    on.openHolds.set(memberId("bank-a"), MAX_OPEN_HOLDS_PER_MEMBER);
    expect(spoilt("swap", {}, on)).toBe("LIMIT-1 HOLD_BUDGET");
    expect(spoilt("transfer", {}, on)).toBe("passes");
  });

  it("the number of tags", () => {
    const on = books();
    const some = newTag(ROAD_ID, ROAD);
    for (let i = on.tags.size; i < MAX_TAGS - 1; i++) on.tags.set(`tag ${i}`, some);
    expect(spoilt("define-tag", {}, on)).toBe("passes");
    on.tags.set("the last", some);
    expect(spoilt("define-tag", {}, on)).toBe("TAG-1 TAG_DEFINITION_INVALID");
  });

  it("all money outstanding, so that no balance ever exceeds 2^63 - 1", () => {
    const on = books();
    for (const name of ["bank-a", "bank-b"]) {
      const member = on.members.get(memberId(name));
      if (member !== undefined) member.reserves = MAX_AMOUNT;
    }
    const left = (MAX_AMOUNT - on.issued + on.redeemed) as Amount;
    expect(spoilt("issue", { amount: left }, on)).toBe("passes");
    expect(spoilt("issue", { amount: (left + 1n) as Amount }, on)).toBe("LIMIT-2 LIMIT_BALANCE");
    on.issued += left;
    credit(on, account("bank-a"), null, left);
    expect(spoilt("issue", { payer: account("bank-b"), amount: amount(1) }, on)).toBe(
      "LIMIT-2 LIMIT_BALANCE",
    );
    on.redeemed += 1n;
    expect(spoilt("issue", { payer: account("bank-b"), amount: amount(1) }, on)).toBe("passes");
  });

  it("a member with no reserves left, or an owner with nothing under the tag", () => {
    const on = books();
    const member = on.members.get(memberId("bank-a"));
    if (member !== undefined) member.reserves = amount(0);
    expect(spoilt("issue", { amount: amount(1) }, on)).toBe("FUNDS-1 RESERVES_INSUFFICIENT");
    on.balances.delete(`treasury ${tagKey(ROAD_ID)}`);
    expect(spoilt("owner's transfer", { amount: amount(1) }, on)).toBe(
      "FUNDS-2 FUNDS_INSUFFICIENT",
    );
  });

  it("a refusal says what was found and what would have passed", () => {
    const movement = { ...PASSING.transfer, amount: amount(51) };
    expect(decideMovement(books(), movement)).toEqual({
      ok: false,
      error: {
        code: "FUNDS_INSUFFICIENT",
        rule: "FUNDS-2",
        found: "51 of untagged money",
        allowed: "at most 50",
      },
    });
  });
});
