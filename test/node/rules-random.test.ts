import fc from "fast-check";
import { expect, it } from "vitest";
import { unreachable } from "../../crypto/outcome.ts";
import type { RuleRecord } from "../../node/rules/rule-set.ts";
import { ANY_TAG } from "../../node/rules/scope.ts";
import { holds } from "../property.ts";
import { amount } from "./fixtures.ts";
import { Home } from "./home.ts";

const DAY_MS = 86_400_000;
const PARTIES = ["steppe", "tulip", "builder", "cement"] as const;
const CLASS_OF = { steppe: 1, tulip: 1, builder: 4, cement: 4 } as const;
const CODES = ["red", "blue"] as const;
const FUNDS = 10_000;

/** What a payment of these tests is made of. */
interface Payment {
  readonly payer: (typeof PARTIES)[number];
  readonly payee: (typeof PARTIES)[number];
  readonly minor: number;
  readonly code: string | null;
  readonly waitMs: number;
}

/** A rule in words that the model understands, and the record that the bank does. */
interface Drawn {
  readonly ask:
    "limit" | "balance" | "sum" | "count" | "require" | "allowed" | "forbid" | "weekday";
  readonly limit: number;
  readonly byPayee: boolean;
  readonly payerClass: 0 | 1 | 4;
  readonly above: number | null;
  readonly when: string | null;
  readonly flag: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  ask: fc.constantFrom(
    "limit",
    "balance",
    "sum",
    "count",
    "require",
    "allowed",
    "forbid",
    "weekday",
  ),
  limit: fc.oneof(fc.nat(8), fc.nat(300)),
  byPayee: fc.boolean(),
  payerClass: fc.constantFrom(0, 1, 4),
  above: fc.option(fc.nat(100)),
  when: fc.option(fc.constantFrom(...CODES)),
  flag: fc.boolean(),
});

const payment: fc.Arbitrary<Payment> = fc.record({
  payer: fc.constantFrom(...PARTIES),
  payee: fc.constantFrom(...PARTIES),
  minor: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 300 })),
  code: fc.option(fc.constantFrom(...CODES, "green")),
  waitMs: fc.constantFrom(0, 1, DAY_MS / 2, DAY_MS),
});

const minorLimit = (limit: number) => ({ unit: 0 as const, amount: amount(limit) });

function checkOf({ ask, limit, byPayee }: Drawn): RuleRecord["check"] {
  const by = byPayee ? 2 : 1;
  const total = { kind: 8, by, fact: null, period: 1, limit: minorLimit(limit) } as const;
  switch (ask) {
    case "limit":
      return { kind: 6, limit: minorLimit(limit) };
    case "balance":
      return { kind: 7, limit: minorLimit(FUNDS + limit) };
    case "sum":
      return { ...total, measure: 1 };
    case "count":
      return { ...total, measure: 2 };
    case "require":
      return { kind: 1, facts: ["code"] };
    case "allowed":
      return { kind: 2, fact: "code", allowed: ["red", "green"], refused: ["green"] };
    case "weekday":
      // Odd masks leave days out; Monday is bit 0.
      return { kind: 10, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, weekdays: limit & 127 };
    case "forbid":
      return { kind: 12 };
    default:
      return unreachable(ask);
  }
}

const recordOf = (rule: Drawn, i: number): RuleRecord => ({
  id: `R-${i}`,
  code: "LIMIT_TX",
  verdict: rule.flag ? 2 : 1,
  basis: 3,
  scope: {
    channels: 1 << 2,
    border: 0,
    tags: ANY_TAG,
    payerClasses: rule.payerClass === 0 ? 0 : 1 << (rule.payerClass - 1),
    payeeClasses: 0,
    payerResidence: 0,
    payeeResidence: 0,
    above: rule.above === null ? null : minorLimit(rule.above),
    when: rule.when === null ? [] : [{ name: "code", values: [rule.when] }],
    unless: [],
  },
  check: checkOf(rule),
});

/** The rules in the simplest words: a list of what was paid, looked through from the start each time. */
class Model {
  readonly #rules: readonly Drawn[];
  readonly #paid: (Payment & { readonly day: number })[] = [];

  constructor(rules: readonly Drawn[]) {
    this.#rules = rules;
  }

  /** The rule that refuses or `done`, and those that note it. */
  decide(p: Payment, day: number): string {
    if (p.payer === p.payee) return "MEMBER-4";
    const noted: string[] = [];
    for (const [i, rule] of this.#rules.entries()) {
      if (!this.#isAbout(rule, p) || this.#passes(rule, p, day)) continue;
      if (!rule.flag) return `R-${i}`;
      noted.push(`R-${i}`);
    }
    if (p.minor > this.#balance(p.payer)) return "FUNDS-2";
    this.#paid.push({ ...p, day });
    return `done ${noted.join(" ")}`;
  }

  #balance(of: string): number {
    return this.#paid.reduce(
      (sum, p) => sum + (p.payee === of ? p.minor : 0) - (p.payer === of ? p.minor : 0),
      FUNDS,
    );
  }

  #isAbout(rule: Drawn, { payer, minor, code }: Payment): boolean {
    return (
      (rule.payerClass === 0 || CLASS_OF[payer] === rule.payerClass) &&
      (rule.above === null || minor > rule.above) &&
      (rule.when === null || code === rule.when)
    );
  }

  #passes(rule: Drawn, p: Payment, day: number): boolean {
    const same = this.#paid.filter(
      (old) =>
        old.day === day &&
        this.#isAbout(rule, old) &&
        (rule.byPayee ? old.payee === p.payee : old.payer === p.payer),
    );
    switch (rule.ask) {
      case "limit":
        return p.minor <= rule.limit;
      case "balance":
        return this.#balance(p.payee) + p.minor <= FUNDS + rule.limit;
      case "sum":
        return same.reduce((sum, { minor }) => sum + minor, p.minor) <= rule.limit;
      case "count":
        return same.length + 1 <= rule.limit;
      case "require":
        return p.code !== null;
      case "allowed":
        return p.code === "red";
      case "weekday":
        // Day 0 was a Thursday.
        return ((rule.limit >> ((day + 3) % 7)) & 1) === 1;
      case "forbid":
        return false;
      default:
        return unreachable(rule.ask);
    }
  }
}

it("random rule sets decide random payments as a model does that looks through everything paid", () => {
  const reached = new Set<string>();
  holds(
    fc.property(
      fc.array(drawn, { maxLength: 6 }),
      fc.array(payment, { maxLength: 30, size: "max" }),
      (rules, payments) => {
        const home = new Home();
        for (const bank of ["steppe", "tulip"]) home.must(home.issue(bank, 2 * FUNDS));
        // The companies start with as much as the banks; no rule is asked about it.
        home.rules({ offsetMinutes: 0, rules: [] });
        home.must(home.pay("steppe", "builder", FUNDS));
        home.must(home.pay("tulip", "cement", FUNDS));
        home.rules({ offsetMinutes: 0, rules: rules.map(recordOf) });
        const model = new Model(rules);
        for (const p of payments) {
          home.now += p.waitMs;
          const day = Math.floor(home.now / DAY_MS);
          const wanted = model.decide(p, day);
          const facts: Record<string, string> = p.code === null ? {} : { code: p.code };
          const code = home.pay(p.payer, p.payee, p.minor, { facts });
          const said = home.last.map(({ rule }) => rule).join(" ");
          expect(code === "done" ? `done ${said}` : said).toBe(wanted);
          for (const rule of wanted.match(/R-[0-9]/g) ?? []) {
            const { ask = "", flag = false } = rules[Number(rule.slice(2))] ?? {};
            reached.add(`${ask} ${flag ? "notes" : "refuses"}`);
          }
        }
      },
    ),
    250,
  );
  const asks = ["limit", "balance", "sum", "count", "require", "allowed", "forbid", "weekday"];
  const wanted = asks.flatMap((ask) => [`${ask} notes`, `${ask} refuses`]);
  expect(wanted.filter((what) => !reached.has(what))).toEqual([]);
});
