import { describe, expect, it } from "vitest";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { expiryReturns } from "../../node/domestic/decide.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import { accountId, memberId, tagKey } from "../../node/ids.ts";
import { ORDER } from "../../node/instruction.ts";
import { DISCLOSURE, PLAIN_LINE } from "../../node/tags/definition.ts";
import { bytesNamed } from "../bytes.ts";
import { amount } from "./fixtures.ts";
import { Home } from "./home.ts";

const act = (name: string): string => hashKey(bytesNamed(name));
const LINES = [
  { line: "1.1", maxAmount: amount(600), ...PLAIN_LINE, maxUnitPrice: amount(10), quantity: 30 },
  { line: "1.2", maxAmount: amount(400), ...PLAIN_LINE },
];

const spent = (home: Home, tag: Hash) => home.books.tags.get(tagKey(tag));

describe("unit prices and pieces (TAG-12)", () => {
  const paid = (minor: number, quantity?: string): string => {
    const home = new Home();
    const tag = home.tag({ lines: LINES }, 1_000);
    const place = { tag, line: "1.1", purpose: "WORKS" };
    home.must(home.pay("treasury", "builder", 600, place));
    const facts = quantity === undefined ? {} : { quantity };
    return home.pay("builder", "cement", minor, { ...place, facts });
  };

  it.each([
    [200, "20", "done"],
    [201, "20", "TAG_UNIT_PRICE_EXCEEDED"],
    [199, "20", "done"],
    [200, undefined, "TAG_UNIT_PRICE_EXCEEDED"],
    [200, "twenty", "TAG_UNIT_PRICE_EXCEEDED"],
    [200, "020", "TAG_UNIT_PRICE_EXCEEDED"],
    [300, "30", "done"],
    [300, "31", "TAG_LINE_EXHAUSTED"],
  ])("%i for %s pieces: %s", (minor, quantity, code) => {
    expect(paid(minor, quantity)).toBe(code);
  });

  it("pieces add up over payments, and those who only pass money on buy none", () => {
    const home = new Home();
    const tag = home.tag({ lines: LINES }, 1_000);
    const place = { tag, line: "1.1", purpose: "WORKS" };
    home.must(home.pay("treasury", "builder", 600, place));
    const buy = (quantity: string) =>
      home.pay("builder", "cement", 100, { ...place, facts: { quantity } });
    expect([buy("20"), buy("11"), buy("10")]).toEqual(["done", "TAG_LINE_EXHAUSTED", "done"]);
    expect(home.has("cement")).toBe(200);
  });
});

describe("evidence (TAG-16)", () => {
  const world = () => {
    const home = new Home();
    const evidence = [{ topic: "ACT", final: 1 as const }];
    const attesters = [memberId("registry")];
    const tag = home.tag({ lines: LINES, evidence, attesters }, 1_000);
    for (const line of ["1.1", "1.2"]) {
      home.must(home.pay("treasury", "builder", 300, { tag, line, purpose: "WORKS" }));
    }
    const buy = (document: string | undefined, line = "1.2") =>
      home.pay("builder", "glass", 10, {
        tag,
        line,
        purpose: "WORKS",
        facts: { quantity: "1", ...(document === undefined ? {} : { act: document }) },
      });
    return { home, buy };
  };

  it("is stated, attested by one of the tag's attesters, still valid, and used once a line", () => {
    const { home, buy } = world();
    expect(buy(undefined)).toBe("TAG_EVIDENCE_MISSING");
    expect(buy(act("one"))).toBe("TAG_EVIDENCE_MISSING");
    home.must(home.attest("ACT", act("one"), 1, "rogue"));
    expect(buy(act("one"))).toBe("TAG_EVIDENCE_MISSING");
    home.must(home.attest("ACT", act("one"), 1, "registry", home.now));
    expect(buy(act("one"))).toBe("TAG_EVIDENCE_MISSING");
    home.must(home.attest("ACT", act("one"), 1, "registry", home.now + 1));
    expect(buy(act("one"))).toBe("done");
    expect(buy(act("one"))).toBe("TAG_EVIDENCE_REUSED");
    expect(buy(act("one"), "1.1")).toBe("done");
    expect(buy("no hash")).toBe("TAG_EVIDENCE_MISSING");
  });
});

describe("region and depth (TAG-13, TAG-14)", () => {
  it("a payee is registered in a region of the tag", () => {
    const home = new Home();
    const attesters = [memberId("registry")];
    const tag = home.tag({ lines: LINES, regions: [71, 75], attesters }, 1_000);
    const pay = () => home.pay("treasury", "builder", 10, { tag, line: "1.2", purpose: "WORKS" });
    expect(pay()).toBe("TAG_REGION");
    home.must(home.attest("REGION", "builder", 73));
    expect(pay()).toBe("TAG_REGION");
    home.must(home.attest("REGION", "builder", 75));
    expect(pay()).toBe("done");
  });

  it("a circle of payments ends", () => {
    const home = new Home();
    const payees = ["builder", "cement"].map((name) => ({
      account: accountId(name),
      final: 0 as const,
    }));
    const tag = home.tag({ lines: LINES, payees, maxDepth: 3 }, 1_000);
    const place = { tag, line: "1.2", purpose: "WORKS" };
    const pay = (from: string, to: string) => home.pay(from, to, 100, place);
    expect(pay("treasury", "builder")).toBe("done");
    expect(pay("builder", "cement")).toBe("done");
    expect(pay("cement", "builder")).toBe("done");
    expect(pay("builder", "cement")).toBe("TAG_DEPTH_EXCEEDED");
    // Nobody else holds any: cement's way back does not count any longer.
    expect(spent(home, tag)?.depths.has(accountId("cement"))).toBe(false);
  });
});

describe("contracts of the supply chain (TAG-15)", () => {
  const world = (disclosure: 1 | 2) => {
    const home = new Home();
    const tag = home.tag({ lines: LINES, disclosure }, 1_000);
    const agree = (from: string, to: string, minor: number, line = "1.2") =>
      home.order(from, {
        kind: ORDER.contract,
        tag,
        payee: accountId(to),
        line,
        amount: amount(minor),
        document: bytesNamed("contract"),
      });
    const pay = (from: string, to: string, minor: number) =>
      home.pay(from, to, minor, { tag, line: "1.2", purpose: "WORKS" });
    return { home, tag, agree, pay };
  };

  it("enforced: money follows disclosed contracts only, up to their amounts", () => {
    const { agree, pay } = world(DISCLOSURE.enforce);
    expect(pay("treasury", "builder", 100)).toBe("CHAIN_UNDISCLOSED");
    expect(agree("treasury", "builder", 401)).toBe("TAG_LINE_EXHAUSTED");
    expect(agree("treasury", "builder", 250)).toBe("done");
    expect(agree("treasury", "builder", 151)).toBe("TAG_LINE_EXHAUSTED");
    expect(agree("treasury", "builder", 150)).toBe("done");
    expect(agree("treasury", "cars", 1)).toBe("TAG_PAYEE_NOT_ALLOWED");
    expect(agree("cars", "cement", 1)).toBe("TAG_PAYEE_NOT_ALLOWED");
    expect(agree("builder", "cement", 1, "9.9")).toBe("TAG_LINE_NOT_IN_ESTIMATE");
    expect(pay("treasury", "builder", 400)).toBe("done");
    expect(agree("builder", "cement", 50)).toBe("done");
    expect(pay("builder", "cement", 51)).toBe("CHAIN_UNDISCLOSED");
    expect(pay("builder", "cement", 50)).toBe("done");
  });

  it("warned: the payment passes and is noted", () => {
    const { home, pay } = world(DISCLOSURE.warn);
    expect(pay("treasury", "builder", 100)).toBe("done");
    expect(home.last.map(({ rule, code }) => `${rule} ${code}`)).toEqual([
      "TAG-15 CHAIN_UNDISCLOSED",
    ]);
  });
});

describe("freezes (TAG-11)", () => {
  it("stop what is left, are lifted by who placed them, and outlast the tag's end", () => {
    const home = new Home();
    const tag = home.tag({ lines: LINES }, 1_000);
    const pay = (from: string, to: string) =>
      home.pay(from, to, 10, { tag, line: "1.2", purpose: "WORKS" });
    const freeze = (kind: 10 | 11, by: string, account: string | null, file = "case 7") =>
      home.order(by, {
        kind,
        tag,
        account: account === null ? null : accountId(account),
        case: file,
      });
    home.must(home.pay("treasury", "builder", 100, { tag, line: "1.2", purpose: "WORKS" }));
    expect(freeze(ORDER.freeze, "treasury", null)).toBe("CLASS_FORBIDDEN");
    expect(freeze(ORDER.freeze, "monitor", null)).toBe("ROLE_READ_ONLY");
    expect(freeze(ORDER.freeze, "auditor", "builder")).toBe("done");
    expect(freeze(ORDER.freeze, "auditor", "builder")).toBe("TAG_FROZEN");
    expect(pay("builder", "glass")).toBe("TAG_FROZEN");
    const giveBack = { kind: ORDER.returnTag, tag, amount: amount(10) } as const;
    expect(home.order("builder", giveBack)).toBe("TAG_FROZEN");
    expect(pay("treasury", "builder")).toBe("done");
    expect(freeze(ORDER.unfreeze, "auditor", "builder", "case 8")).toBe("TAG_NOT_FROZEN");
    expect(freeze(ORDER.unfreeze, "auditor", null)).toBe("TAG_NOT_FROZEN");
    home.now += 1_000_000_000;
    const payers = () =>
      expiryReturns(home.books, home.now).map((entry) => ("payer" in entry ? entry.payer : ""));
    expect(payers()).toEqual(["treasury"]);
    expect(freeze(ORDER.unfreeze, "auditor", "builder")).toBe("done");
    expect(payers()).toEqual(["treasury", "builder"]);
    for (const entry of expiryReturns(home.books, home.now)) applyEntry(home.books, entry);
    expect(spent(home, tag)).toMatchObject({ issued: 1_000n, held: 0n, returned: 1_000n });
  });
});

describe("what returns frees its line", () => {
  it("so that it can be paid in again", () => {
    const home = new Home();
    const tag = home.tag({ lines: LINES }, 1_000);
    const place = { tag, line: "1.2", purpose: "WORKS" };
    home.must(home.pay("treasury", "builder", 400, place));
    expect(home.pay("treasury", "builder", 1, place)).toBe("TAG_LINE_EXHAUSTED");
    home.must(home.order("builder", { kind: ORDER.returnTag, tag, amount: amount(30) }));
    expect(home.pay("builder", "glass", 371, place)).toBe("TAG_LINE_EXHAUSTED");
    expect(home.pay("treasury", "builder", 31, place)).toBe("TAG_LINE_EXHAUSTED");
    expect(home.pay("treasury", "builder", 30, place)).toBe("done");
    expect(home.has("treasury")).toBe(30);
  });
});

describe("channels of tagged money (TAG-5)", () => {
  it.each([
    ["card", "TAG_CARD_FORBIDDEN"],
    ["atm", "TAG_CASHOUT_FORBIDDEN"],
    ["crypto", "TAG_CRYPTO_FORBIDDEN"],
    ["counter", "done"],
  ])("by %s: %s", (channel, code) => {
    const home = new Home();
    const tag = home.tag({ lines: LINES }, 1_000);
    const place = { tag, line: "1.2", purpose: "WORKS", facts: { channel } };
    expect(home.pay("treasury", "builder", 10, place)).toBe(code);
  });

  it("a voucher can be tapped as a card, and does not give cash", () => {
    const home = new Home();
    const tag = home.tag({ lines: LINES, kind: 3 }, 1_000);
    const by = (channel: string) =>
      home.pay("treasury", "builder", 10, {
        tag,
        line: "1.2",
        purpose: "WORKS",
        facts: { channel },
      });
    expect([by("card"), by("atm")]).toEqual(["done", "TAG_CASHOUT_FORBIDDEN"]);
  });
});

describe("split payments (VAT-1)", () => {
  const world = () => {
    const home = new Home();
    home.rules({ vatBasisPoints: 1_600 });
    const vat = home.tag(
      {
        kind: 2,
        purposes: ["VAT"],
        payees: ["builder", "cement"]
          .map((name) => ({ account: accountId(name), final: 0 as 0 | 1 }))
          .concat({ account: accountId("treasury"), final: 1 }),
        lines: [{ line: "VAT", maxAmount: amount(1_000), ...PLAIN_LINE }],
      },
      0,
    );
    const budget = home.tag({ lines: LINES }, 1_000);
    const facts = (net: number, part: number, tag = vat) => ({
      net: `${net}`,
      vat: `${part}`,
      "vat-tag": hashKey(tag),
    });
    return { home, vat, budget, facts };
  };

  it("from untagged money: the VAT part can only go to the budget or to another registered payee", () => {
    const { home, vat, facts } = world();
    home.must(home.issue("steppe", 1_000));
    expect(home.pay("steppe", "cement", 232, { facts: facts(200, 32) })).toBe("done");
    expect([home.has("cement"), home.has("cement", vat)]).toEqual([200, 32]);
    const spend = (payee: string, minor: number, purpose = "VAT") =>
      home.pay("cement", payee, minor, { tag: vat, line: "VAT", purpose });
    expect(spend("cars", 10)).toBe("VAT_PAYEE_NOT_REGISTERED");
    expect(spend("builder", 10, "GOODS")).toBe("VAT_TAG_MISUSE");
    expect(spend("builder", 10)).toBe("done");
    expect(spend("treasury", 22)).toBe("done");
    expect(home.has("treasury")).toBe(22);
    expect(spent(home, vat)).toMatchObject({ issued: 32n, held: 10n, released: 22n });
  });

  it("from a budget tag: net is released, VAT is retagged, both count as spent under the line", () => {
    const { home, vat, budget, facts } = world();
    const place = { tag: budget, line: "1.2", purpose: "WORKS" };
    home.must(home.pay("treasury", "builder", 400, place));
    expect(home.pay("builder", "cement", 232, { ...place, facts: facts(200, 32) })).toBe("done");
    expect([home.has("cement"), home.has("cement", vat), home.has("builder", budget)]).toEqual([
      200, 32, 168,
    ]);
    expect(spent(home, budget)).toMatchObject({ issued: 1_000n, held: 768n, released: 232n });
    // A payee in the middle of the chain gets the net part under the budget tag.
    expect(
      home.pay("treasury", "builder", 116, { ...place, line: "1.1", facts: facts(100, 16) }),
    ).toBe("done");
    expect([home.has("builder", budget), home.has("builder", vat)]).toEqual([268, 16]);
    expect(spent(home, budget)).toMatchObject({ held: 752n, released: 248n });
  });

  it.each([
    [232, 200, 32, "done"],
    [232, 199, 33, "done"],
    [232, 201, 31, "done"],
    [232, 198, 34, "VAT_SPLIT_MISMATCH"],
    [232, 202, 30, "VAT_SPLIT_MISMATCH"],
    [233, 200, 32, "VAT_SPLIT_MISMATCH"],
  ])("%i as net %i and VAT %i: %s", (gross, net, part, code) => {
    const { home, facts } = world();
    home.must(home.issue("steppe", 1_000));
    expect(home.pay("steppe", "cement", gross, { facts: facts(net, part) })).toBe(code);
  });

  it("needs a registered payee and a VAT tag", () => {
    const { home, facts, budget } = world();
    home.must(home.issue("steppe", 1_000));
    expect(home.pay("steppe", "cars", 232, { facts: facts(200, 32) })).toBe(
      "VAT_PAYEE_NOT_REGISTERED",
    );
    expect(home.pay("steppe", "cement", 232, { facts: facts(200, 32, budget) })).toBe(
      "VAT_TAG_MISUSE",
    );
    expect(home.pay("steppe", "cement", 232, { facts: { "vat-tag": "none" } })).toBe(
      "VAT_SPLIT_MISMATCH",
    );
  });
});

describe("the border (KZ-9, BORDER-1)", () => {
  const importing = (mode: 1 | 2 | 3) => {
    const home = new Home();
    const lines = [
      { ...PLAIN_LINE, line: "R", maxAmount: amount(500), importable: 1 as const },
      ...LINES,
    ];
    const owner = memberId("steppe");
    const tag = home.tag(
      { fundOwner: owner, lines, borderMode: mode, countries: ["CN"], purposes: ["RAILS"] },
      1_000,
    );
    const facts = { line: "R", purpose: "RAILS", country: "CN" };
    const hold = (sid: string, minor: number, change: Parameters<Home["hold"]>[4] = {}) =>
      home.hold(sid, "steppe", "lotus", minor, { tag, facts, supplier: "rolling-mill", ...change });
    return { home, tag, facts, hold };
  };

  it("DENY: never", () => {
    expect(importing(1).hold("a", 100)).toBe("TAG_EXPORT_FORBIDDEN");
  });

  it("FINAL_IMPORT: to the supplier, from a listed country, under an importable line, in time", () => {
    const { home, tag, facts, hold } = importing(2);
    expect(hold("a", 100, { supplier: "steppe" })).toBe("TAG_EXPORT_FORBIDDEN");
    expect(hold("a", 100, { facts: { ...facts, country: "XX" } })).toBe("TAG_EXPORT_FORBIDDEN");
    expect(hold("a", 100, { facts: { ...facts, line: "1.2" } })).toBe("TAG_EXPORT_FORBIDDEN");
    expect(hold("a", 100, { facts: { ...facts, line: "9" } })).toBe("TAG_LINE_NOT_IN_ESTIMATE");
    expect(hold("a", 100, { facts: { ...facts, purpose: "CARS" } })).toBe("TAG_PURPOSE_MISMATCH");
    expect(hold("a", 501)).toBe("TAG_LINE_EXHAUSTED");
    const end = home.books.tags.get(tagKey(tag))?.definition.validToMs ?? 0;
    expect(hold("a", 100, { expiryMs: end + 1 })).toBe("TAG_EXPORT_FORBIDDEN");
    expect(hold("a", 100, { expiryMs: end })).toBe("done");
    home.resolve("a", "POST");
    expect(home.has("lotus")).toBe(100);
    expect(spent(home, tag)).toMatchObject({ held: 900n, released: 100n });
  });

  it("a void gives tag, line, document and sums back exactly", () => {
    const { home, tag, hold } = importing(2);
    const before = JSON.stringify(snapshot(home, tag));
    expect(hold("a", 400)).toBe("done");
    expect(hold("b", 101)).toBe("TAG_LINE_EXHAUSTED");
    expect(hold("b", 100)).toBe("done");
    home.resolve("a", "UNHOLD");
    home.resolve("b", "UNHOLD");
    expect(JSON.stringify(snapshot(home, tag))).toBe(before);
  });

  it("a freeze does not stop what is locked; it binds what comes back", () => {
    const { home, tag, hold } = importing(2);
    expect([hold("a", 100), hold("b", 100)]).toEqual(["done", "done"]);
    home.must(home.order("auditor", { kind: ORDER.freeze, tag, account: null, case: "case 1" }));
    home.resolve("a", "POST");
    home.resolve("b", "UNHOLD");
    expect(spent(home, tag)).toMatchObject({ held: 900n, released: 100n });
    expect(hold("c", 100)).toBe("TAG_FROZEN");
  });

  it("CARRY: the foreign bank's tag takes over", () => {
    const { home, facts, hold } = importing(3);
    expect(hold("a", 100)).toBe("TAG_EXPORT_FORBIDDEN");
    expect(hold("a", 100, { facts: { ...facts, carry: "ab" } })).toBe("done");
    home.resolve("a", "POST");

    const abroad = new Home();
    const payees = [{ account: accountId("builder"), final: 0 as const }];
    const mirror = abroad.tag({ payees, lines: LINES, purposes: ["RAILS"] }, 0);
    abroad.must(abroad.issue("steppe", 1_000));
    const carry = { carry: hashKey(mirror), line: "1.2" };
    const hold2 = (payee: string, minor: number, stated = carry) =>
      abroad.hold("m", "steppe", payee, minor, { facts: stated });
    expect(hold2("builder", 10, { ...carry, carry: act("none") })).toBe("TAG_UNKNOWN");
    expect(hold2("cars", 10)).toBe("TAG_PAYEE_NOT_ALLOWED");
    expect(hold2("builder", 401)).toBe("TAG_LINE_EXHAUSTED");
    expect(hold2("builder", 400)).toBe("done");
    abroad.resolve("m", "UNHOLD");
    expect(abroad.has("steppe")).toBe(1_000);
    expect(hold2("builder", 400)).toBe("done");
    abroad.resolve("m", "POST");
    expect([abroad.has("builder"), abroad.has("builder", mirror)]).toEqual([0, 400]);
    expect(spent(abroad, mirror)).toMatchObject({ issued: 400n, held: 400n });
  });
});

describe("attestations", () => {
  it("are stated by attesters only, who can take them back", () => {
    const home = new Home();
    expect(home.attest("VAT", "cement", 1, "steppe")).toBe("CLASS_FORBIDDEN");
    expect(home.attest("VAT", "cement", 1, "registry")).toBe("done");
    expect(home.attest("VAT", "cement", 1, "registry", 0)).toBe("done");
    expect(home.books.attestations.size).toBe(1);
  });
});

function snapshot(home: Home, tag: Hash): unknown {
  const { lines, lineHoldings, holders, depths, usedEvidence, held, released } =
    spent(home, tag) ?? {};
  const numbers = [held, released].map(String);
  const estimate = [...(lines ?? [])].map(([line, part]) => [
    line,
    ...Object.values(part).map(String),
  ]);
  const balances = [...home.books.balances.values()].map((b) => [
    b.account,
    b.tag,
    `${b.posted}`,
    `${b.pending}`,
  ]);
  return [
    numbers,
    estimate,
    [...(lineHoldings ?? [])].map(String),
    [...(holders ?? [])],
    [...(depths ?? [])],
    [...(usedEvidence ?? [])],
    balances,
  ];
}
