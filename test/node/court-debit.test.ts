import { expect, it } from "vitest";
import { accountId, memberId } from "../../node/ids.ts";
import { ORDER } from "../../node/instruction.ts";
import { PLAIN_LINE } from "../../node/tags/definition.ts";
import type { Hash } from "../../crypto/hash.ts";
import { amount } from "./fixtures.ts";
import { Home } from "./home.ts";

const debit = (
  home: Home,
  by: string,
  parts: {
    readonly from?: string;
    readonly to?: string;
    readonly minor: number;
    readonly tag?: Hash;
  },
): string => {
  const { from = "steppe", to = "tulip", minor, tag = null } = parts;
  const parties = { account: accountId(from), payee: accountId(to) };
  const order = { kind: ORDER.courtDebit, ...parties, tag, amount: amount(minor), case: "2-17" };
  return home.order(by, order);
};

function funded(): Home {
  const home = new Home();
  home.rules({});
  home.must(home.issue("steppe", 100));
  return home;
}

it("a court debit takes untagged money, all of it at most, from whoever owes it", () => {
  const home = funded();
  expect(debit(home, "bailiff", { minor: 101 })).toBe("FUNDS_INSUFFICIENT");
  expect(debit(home, "bailiff", { minor: 0 })).toBe("AMOUNT_INVALID");
  expect(debit(home, "bailiff", { minor: 5, to: "steppe" })).toBe("TERMS_INVALID");
  expect(debit(home, "bailiff", { minor: 5, from: "nobody" })).toBe("MEMBER_NOT_CONNECTED");
  expect(debit(home, "bailiff", { minor: 100 })).toBe("done");
  expect([home.has("steppe"), home.has("tulip")]).toEqual([0, 100]);
});

it("is ordered by enforcement alone: not by the creditor, the debtor, an auditor or a register", () => {
  const home = funded();
  for (const by of ["tulip", "steppe", "treasury", "registry"]) {
    expect(debit(home, by, { minor: 1 }), by).toBe("CLASS_FORBIDDEN");
  }
  for (const by of ["auditor", "monitor"]) {
    expect(debit(home, by, { minor: 1 }), by).toBe("ROLE_READ_ONLY");
  }
  expect(home.has("steppe")).toBe(100);
});

it("takes no tagged money, whoever holds it", () => {
  const home = funded();
  const lines = [{ ...PLAIN_LINE, line: "A", maxAmount: amount(50) }];
  const tag = home.tag({ fundOwner: memberId("steppe"), lines }, 50);
  expect(debit(home, "bailiff", { minor: 1, tag })).toBe("TAG_PAYEE_NOT_ALLOWED");
  expect(debit(home, "bailiff", { minor: 1, tag, to: "builder" })).toBe("TAG_PAYEE_NOT_ALLOWED");
  expect(home.has("steppe", tag)).toBe(50);
});
