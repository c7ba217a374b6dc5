import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashKey } from "../../crypto/hash.ts";
import { dayOf, monthOf, weekdayOf, yearOf } from "../../node/calendar.ts";
import { memberId } from "../../node/ids.ts";
import { MAX_TOTALS } from "../../node/limits.ts";
import { MEMBER_CLASS, type MemberClassName } from "../../node/members.ts";
import type { TotalRule } from "../../node/rules/families/total.ts";
import {
  encodeRuleSet,
  parseRuleSet,
  type RuleCheck,
  type RuleRecord,
} from "../../node/rules/rule-set.ts";
import { ANY_TAG, type Scope } from "../../node/rules/scope.ts";
import { PLAIN_LINE } from "../../node/tags/definition.ts";
import { bytesNamed } from "../bytes.ts";
import { holds } from "../property.ts";
import { amount } from "./fixtures.ts";
import { FOREVER, Home } from "./home.ts";

const DAY_MS = 86_400_000;
const ANYTHING: Scope = {
  channels: 0b1100,
  border: 0,
  tags: ANY_TAG,
  payerClasses: 0,
  payeeClasses: 0,
  payerResidence: 0,
  payeeResidence: 0,
  above: null,
  when: [],
  unless: [],
};

const rule = (check: RuleCheck, change: Partial<RuleRecord> = {}): RuleRecord => ({
  id: "R-1",
  code: "LIMIT_TX",
  verdict: 1,
  basis: 3,
  scope: ANYTHING,
  check,
  ...change,
});

type AttestedCheck = Extract<RuleCheck, { readonly kind: 9 }>;

const FORBID: RuleCheck = { kind: 12 };
const minor = (n: number) => ({ unit: 0, amount: amount(n) }) as const;
const cents = (n: number) => ({ unit: 1, amount: amount(n) }) as const;
const bits = (...classes: readonly MemberClassName[]) =>
  classes.reduce((mask, name) => mask | (1 << (MEMBER_CLASS[name] - 1)), 0);

/** A bank with money and these rules. */
function bankWith(...rules: readonly RuleRecord[]): Home {
  const home = new Home();
  home.rules({ rules });
  home.must(home.issue("steppe", 100_000_000));
  home.must(home.issue("treasury", 100_000_000));
  return home;
}

const REFUSED = "LIMIT_TX";

describe("what a rule of a set is about", () => {
  const scoped = (scope: Partial<Scope>) =>
    bankWith(rule(FORBID, { scope: { ...ANYTHING, ...scope } }));
  const pay = (home: Home, payee = "tulip", facts = {}) =>
    home.pay("steppe", payee, 500, { facts });

  it("channels", () => {
    expect(pay(scoped({ channels: 0b100 }))).toBe(REFUSED);
    expect(pay(scoped({ channels: 0b1000 }))).toBe("done");
    expect(scoped({ channels: 0b1000 }).hold("s", "steppe", "lotus", 5)).toBe(REFUSED);
    expect(scoped({ channels: 0b100 }).hold("s", "steppe", "lotus", 5)).toBe("done");
  });

  it("the border: a swap, or a party from abroad", () => {
    expect(pay(scoped({ border: 1 }))).toBe(REFUSED);
    expect(pay(scoped({ border: 1 }), "lotus")).toBe("done");
    expect(pay(scoped({ border: 2 }))).toBe("done");
    expect(pay(scoped({ border: 2 }), "lotus")).toBe(REFUSED);
    expect(scoped({ border: 1 }).hold("s", "steppe", "lotus", 5)).toBe("done");
    expect(scoped({ border: 2 }).hold("s", "steppe", "lotus", 5)).toBe(REFUSED);
  });

  it("tags by their kind", () => {
    const paid = (tags: number, tagged: boolean) => {
      const home = scoped({ tags });
      if (!tagged) return pay(home);
      const lines = [{ ...PLAIN_LINE, line: "A", maxAmount: amount(100) }];
      const tag = home.tag({ kind: 3, lines }, 100);
      return home.pay("treasury", "builder", 5, { tag, line: "A", purpose: "WORKS" });
    };
    expect([paid(0b1, false), paid(0b111110, false)]).toEqual([REFUSED, "done"]);
    expect([paid(0b1000, true), paid(0b110111, true)]).toEqual([REFUSED, "done"]);
  });

  it("classes and residence of the parties", () => {
    const of = (scope: Partial<Scope>, payee: string) => pay(scoped(scope), payee);
    expect(of({ payeeClasses: bits("company") }, "builder")).toBe(REFUSED);
    expect(of({ payeeClasses: bits("company") }, "tulip")).toBe("done");
    expect(of({ payerClasses: bits("commercial-bank", "treasury") }, "tulip")).toBe(REFUSED);
    expect(of({ payerClasses: bits("company") }, "tulip")).toBe("done");
    expect(of({ payeeResidence: 2 }, "lotus")).toBe(REFUSED);
    expect(of({ payeeResidence: 2 }, "tulip")).toBe("done");
    expect(of({ payerResidence: 1 }, "lotus")).toBe(REFUSED);
    expect(of({ payerResidence: 2 }, "lotus")).toBe("done");
  });

  it("amounts above a limit, in minor units or US cents at the day's rate", () => {
    expect(pay(scoped({ above: minor(499) }))).toBe(REFUSED);
    expect(pay(scoped({ above: minor(500) }))).toBe("done");
    // 500 minor units are worth one cent.
    expect(pay(scoped({ above: cents(0) }))).toBe(REFUSED);
    expect(pay(scoped({ above: cents(1) }))).toBe("done");
  });

  it("facts: all of one list, none of the other", () => {
    const when = [{ name: "channel", values: ["card", "atm"] }];
    const unless = [{ name: "wages", values: [] }];
    expect(pay(scoped({ when }))).toBe("done");
    expect(pay(scoped({ when }), "tulip", { channel: "qr" })).toBe("done");
    expect(pay(scoped({ when }), "tulip", { channel: "atm" })).toBe(REFUSED);
    expect(pay(scoped({ when, unless }), "tulip", { channel: "atm", wages: "x" })).toBe("done");
    const twice = [...when, { name: "pin", values: [] }];
    expect(pay(scoped({ when: twice }), "tulip", { channel: "atm" })).toBe("done");
  });
});

describe("verdicts", () => {
  it("the first rule of the set that rejects decides; flags before it are forgotten", () => {
    const flag = rule(FORBID, { id: "F-1", verdict: 2, code: "KZ_SPLITTING_SUSPECTED" });
    const home = bankWith(flag, rule(FORBID, { id: "R-2", code: "SANCTIONS_HIT" }), rule(FORBID));
    expect(home.pay("steppe", "tulip", 5)).toBe("SANCTIONS_HIT");
    expect(home.last.map(({ rule }) => rule)).toEqual(["R-2"]);
  });

  it("a flag lets the payment pass, and its entry names the rule", () => {
    const home = bankWith(rule(FORBID, { id: "F-1", verdict: 2, code: "KZ_SPLITTING_SUSPECTED" }));
    expect(home.pay("steppe", "tulip", 5)).toBe("done");
    expect(home.last).toEqual([
      {
        code: "KZ_SPLITTING_SUSPECTED",
        rule: "F-1",
        found: "transfer by steppe",
        allowed: "nothing of this kind",
      },
    ]);
  });

  it("a bank's rules stand between those about tags and those about funds", () => {
    const home = bankWith(rule(FORBID));
    expect(home.pay("steppe", "nobody", 5)).toBe("MEMBER_NOT_CONNECTED");
    expect(home.pay("builder", "tulip", 5)).toBe(REFUSED);
  });
});

describe("families", () => {
  const verdicts = (check: RuleCheck, ...facts: readonly Readonly<Record<string, string>>[]) =>
    facts.map((stated) => bankWith(rule(check)).pay("steppe", "tulip", 500, { facts: stated }));

  it("require: each fact is stated", () => {
    const check: RuleCheck = { kind: 1, facts: ["originator", "purpose"] };
    expect(verdicts(check, {}, { originator: "A" })).toEqual([REFUSED, REFUSED]);
    const home = bankWith(rule(check));
    const more = { purpose: "GOODS", facts: { originator: "A" } };
    expect(home.pay("steppe", "tulip", 5, more)).toBe("done");
  });

  it("codes: on the one list, not on the other", () => {
    const listed: RuleCheck = { kind: 2, fact: "pop", allowed: ["GDE", "GDI"], refused: [] };
    expect(verdicts(listed, { pop: "GDE" }, { pop: "GDS" }, {})).toEqual([
      "done",
      REFUSED,
      REFUSED,
    ]);
    const retired: RuleCheck = { kind: 2, fact: "pop", allowed: [], refused: ["GDS"] };
    expect(verdicts(retired, { pop: "GDE" }, { pop: "GDS" }, {})).toEqual([
      "done",
      REFUSED,
      "done",
    ]);
  });

  it("eknp: residency of both parties, currency and purpose", () => {
    const check: RuleCheck = { kind: 3, fact: "eknp", purposes: ["710"] };
    const pay = (eknp: string, payee = "lotus") =>
      bankWith(rule(check)).pay("steppe", payee, 5, { facts: { eknp } });
    expect(pay("EKNP 1424KZT710")).toBe("done");
    expect(pay("EKNP 1424KZT710", "tulip")).toBe(REFUSED);
    expect(pay("EKNP 1414KZT710", "tulip")).toBe("done");
    for (const wrong of [
      "EKNP 2424KZT710",
      "EKNP 1424USD710",
      "EKNP 1424KZT711",
      "EKNP 1424KZT7101",
      "EKNP1424KZT710",
      "eknp 1424KZT710",
    ]) {
      expect(pay(wrong), wrong).toBe(REFUSED);
    }
  });

  it("iban: country, form and check digits", () => {
    const check: RuleCheck = { kind: 4, fact: "iban", country: "AE" };
    const ibans = [
      "AE070331234567890123456",
      "AE070331234567890123457",
      "SA0380000000608010167519",
      "AE07 0331",
      "ae070331234567890123456",
    ].map((iban) => ({ iban }));
    expect(verdicts(check, ...ibans)).toEqual(["done", REFUSED, REFUSED, REFUSED, REFUSED]);
  });

  it("screen: accounts and facts, however they are written", () => {
    const check: RuleCheck = { kind: 5, names: ["Evil Corp. 7"], facts: ["beneficiary"] };
    const [hit, near] = ["EVIL-corp7", "evil corp 8"].map((beneficiary) => ({ beneficiary }));
    expect(verdicts(check, hit ?? {}, near ?? {}, {})).toEqual([REFUSED, "done", "done"]);
    const home = bankWith(rule({ kind: 5, names: ["Tu Lip"], facts: [] }));
    expect(home.pay("steppe", "tulip", 5)).toBe(REFUSED);
  });

  it("limit: on both sides of the bound, exactly at any rate", () => {
    const pay = (check: RuleCheck, n: number, usd = { minor: amount(500), cents: amount(1) }) => {
      const home = bankWith();
      home.rules({ rules: [rule(check)], usd });
      return home.pay("steppe", "tulip", n);
    };
    expect([499, 500, 501].map((n) => pay({ kind: 6, limit: minor(500) }, n))).toEqual([
      "done",
      "done",
      REFUSED,
    ]);
    const rate = { minor: amount(47_513), cents: amount(100) };
    // 1,000 cents are 475,130 minor units.
    expect([475_130, 475_131].map((n) => pay({ kind: 6, limit: cents(1_000) }, n, rate))).toEqual([
      "done",
      REFUSED,
    ]);
  });

  it("balance: what the payee would have, money under holds included", () => {
    const home = bankWith(
      rule(
        { kind: 7, limit: minor(100) },
        { scope: { ...ANYTHING, payeeClasses: bits("individual") } },
      ),
    );
    expect([60, 41, 40, 1].map((n) => home.pay("steppe", "parent", n))).toEqual([
      "done",
      REFUSED,
      "done",
      REFUSED,
    ]);
    home.must(home.pay("parent", "tulip", 1));
    expect(home.pay("steppe", "parent", 1)).toBe("done");
  });

  it("attested: wanted or not, by whom, with which value, for how long", () => {
    const check = (change: Partial<AttestedCheck> = {}) =>
      rule({
        kind: 9,
        topic: "TIER",
        subject: 2,
        fact: null,
        by: [memberId("registry")],
        least: 1,
        most: 2,
        wanted: 1,
        ...change,
      });
    const pay = (home: Home, facts = {}) => home.pay("steppe", "tulip", 5, { facts });
    const home = bankWith(check());
    expect(pay(home)).toBe(REFUSED);
    for (const [value, by, until, code] of [
      [1, "rogue", FOREVER, REFUSED],
      [0, "registry", FOREVER, REFUSED],
      [1, "registry", FOREVER, "done"],
      [2, "registry", FOREVER, "done"],
      [3, "registry", FOREVER, REFUSED],
      [1, "registry", home.now, REFUSED],
      [1, "registry", home.now + 1, "done"],
    ] as const) {
      home.must(home.attest("TIER", "tulip", value, by, until));
      expect(pay(home), `${value} by ${by}`).toBe(code);
    }
    const barred = bankWith(check({ wanted: 0, topic: "FRAUD", subject: 1 }));
    expect(pay(barred)).toBe("done");
    barred.must(barred.attest("FRAUD", "steppe"));
    expect(pay(barred)).toBe(REFUSED);
    const document = hashKey(bytesNamed("deed"));
    const byFact = bankWith(check({ subject: 3, fact: "deed" }));
    byFact.must(byFact.attest("TIER", document));
    expect([pay(byFact), pay(byFact, { deed: document }), pay(byFact, { deed: "ab" })]).toEqual([
      REFUSED,
      "done",
      REFUSED,
    ]);
  });

  it("calendar: from a time, up to another, on days of the bank's own week", () => {
    const home = new Home();
    const monday = home.now;
    const [fromMs, toMs] = [monday, monday + 7 * DAY_MS];
    const at = (timeMs: number, weekdays: number) => {
      const bank = bankWith(rule({ kind: 10, fromMs, toMs, weekdays }));
      bank.now = timeMs;
      return bank.pay("steppe", "tulip", 5);
    };
    expect(at(monday, 1)).toBe("done");
    expect(at(monday - 1, 127)).toBe(REFUSED);
    expect(at(toMs - 1, 127)).toBe("done");
    expect(at(toMs, 127)).toBe(REFUSED);
    expect(at(monday, 0b1111110)).toBe(REFUSED);
    // Tuesday begins at 19:00 UTC: the bank is five hours ahead.
    expect(at(monday + 19 * 3_600_000 - 1, 1)).toBe("done");
    expect(at(monday + 19 * 3_600_000, 1)).toBe(REFUSED);
    expect(at(monday + 19 * 3_600_000, 2)).toBe("done");
  });

  it("deadline: the stated time has not come", () => {
    const home = bankWith(rule({ kind: 11, fact: "qr-expiry" }));
    const pay = (end: string) => home.pay("steppe", "tulip", 5, { facts: { "qr-expiry": end } });
    expect(pay(`${home.now + 1}`)).toBe("done");
    expect(pay(`${home.now}`)).toBe(REFUSED);
    expect(pay("tomorrow")).toBe(REFUSED);
    expect(home.pay("steppe", "tulip", 5)).toBe(REFUSED);
  });

  it("returning: whoever paid a tagged import sells currency for plain money", () => {
    const home = bankWith(
      rule({ kind: 13, withinMs: 1_000 }, { scope: { ...ANYTHING, channels: 0b1000 } }),
    );
    const lines = [{ ...PLAIN_LINE, line: "A", maxAmount: amount(100), importable: 1 as const }];
    const tag = home.tag({ fundOwner: memberId("tulip"), lines, borderMode: 2 }, 100);
    const facts = { line: "A", purpose: "WORKS" };
    expect(home.hold("in", "steppe", "tulip", 5)).toBe("done");
    home.must(home.hold("out", "tulip", "lotus", 50, { tag, facts, supplier: "mill" }));
    expect(home.hold("in 2", "steppe", "tulip", 5)).toBe("done");
    home.resolve("out", "POST");
    home.now += 1_000;
    expect(home.hold("in 3", "steppe", "tulip", 5)).toBe(REFUSED);
    home.now += 1;
    expect(home.hold("in 3", "steppe", "tulip", 5)).toBe("done");
  });
});

describe("totals", () => {
  const total = (change: Partial<TotalRule>): RuleCheck => ({
    kind: 8,
    measure: 1,
    by: 1,
    fact: null,
    period: 1,
    limit: minor(100),
    ...change,
  });

  it("of a day end with the bank's day", () => {
    const home = bankWith(rule(total({})));
    const pay = (n: number) => home.pay("steppe", "tulip", n);
    expect([pay(60), pay(41), pay(40), pay(1)]).toEqual(["done", REFUSED, "done", REFUSED]);
    home.now += 19 * 3_600_000 - 1;
    expect(pay(1)).toBe(REFUSED);
    home.now += 1;
    expect(pay(100)).toBe("done");
  });

  it.each([
    [2 as const, Date.UTC(2026, 0, 31, 18, 59, 59, 999), Date.UTC(2026, 0, 31, 19)],
    [3 as const, Date.UTC(2026, 11, 31, 18, 59, 59, 999), Date.UTC(2026, 11, 31, 19)],
  ])("of period %i end with it", (period, last, first) => {
    const home = bankWith(rule(total({ period })));
    home.must(home.pay("steppe", "tulip", 100));
    home.now = last;
    expect(home.pay("steppe", "tulip", 1)).toBe(REFUSED);
    home.now = first;
    expect(home.pay("steppe", "tulip", 1)).toBe("done");
  });

  it("are kept by payer, payee and fact apart, and count when asked to", () => {
    const pair = bankWith(rule(total({ by: 3 })));
    expect(["tulip", "builder", "tulip"].map((to) => pair.pay("steppe", to, 60))).toEqual([
      "done",
      "done",
      REFUSED,
    ]);
    const meals = bankWith(rule(total({ by: 0, fact: "child", measure: 2, limit: minor(1) })));
    const eat = (child?: string) =>
      meals.pay("steppe", "tulip", 5, { facts: child === undefined ? {} : { child } });
    expect([eat("a"), eat("b"), eat("a"), eat()]).toEqual(["done", "done", REFUSED, REFUSED]);
    meals.now += DAY_MS;
    expect(eat("a")).toBe("done");
  });

  it("a voided hold counts no longer, a rejected payment never did", () => {
    const home = bankWith(rule(total({})));
    const hold = (sid: string, n: number) => home.hold(sid, "steppe", "lotus", n);
    expect([hold("a", 60), hold("b", 60)]).toEqual(["done", REFUSED]);
    home.resolve("a", "UNHOLD");
    expect(home.books.totals.size).toBe(0);
    expect(hold("c", 100)).toBe("done");
    home.now += DAY_MS;
    expect(hold("d", 10)).toBe("done");
    home.resolve("c", "UNHOLD");
    expect([...home.books.totals.values()].map(({ sum }) => sum)).toEqual([10n]);
  });

  it("a flag about a total counts on", () => {
    const home = bankWith(rule(total({ by: 3, period: 2 }), { verdict: 2 }));
    const flags = [60, 60, 60].map((n) => {
      home.must(home.pay("steppe", "lotus", n));
      return home.last.map(({ found }) => found);
    });
    expect(flags).toEqual([[], ["120 with this payment"], ["180 with this payment"]]);
  });

  it("are bounded", () => {
    const home = bankWith(rule(total({ by: 0, fact: "nonce" })));
    for (let i = home.books.totals.size; i < MAX_TOTALS; i++) {
      home.books.totals.set(`filled ${i}`, { period: 0, sum: 1n });
    }
    expect(home.pay("steppe", "tulip", 5, { facts: { nonce: "new" } })).toBe(REFUSED);
    home.books.totals.delete("filled 1");
    expect(home.pay("steppe", "tulip", 5, { facts: { nonce: "new" } })).toBe("done");
  });
});

describe("a rule set as bytes", () => {
  it("comes back, and other bytes are refused", () => {
    const record = {
      currency: "KZT",
      usd: { minor: amount(51_234), cents: amount(100) },
      offsetMinutes: 300,
      vatBasisPoints: 1_600,
      rules: [rule(FORBID), rule({ kind: 6, limit: cents(5) })],
    };
    const parsed = parseRuleSet(encodeRuleSet(record));
    expect(parsed.ok && parsed.value.rules.map(({ record: same }) => same)).toEqual(record.rules);
    expect(parseRuleSet(bytesNamed("no rules")).ok).toBe(false);
  });
});

describe("the calendar", () => {
  it("agrees with the platform's on any day of eight hundred years", () => {
    holds(
      fc.property(fc.integer({ min: 0, max: 290_000 }), fc.nat(840), (day, offset) => {
        const date = new Date(day * DAY_MS);
        const timeMs = Math.max(0, day * DAY_MS - offset * 60_000);
        if (timeMs > 0) expect(dayOf(timeMs, offset)).toBe(day);
        expect(weekdayOf(day)).toBe((date.getUTCDay() + 6) % 7);
        expect(monthOf(day)).toBe(date.getUTCFullYear() * 12 + date.getUTCMonth());
        expect(yearOf(day)).toBe(date.getUTCFullYear());
      }),
      500,
    );
  });
});
