import { describe, expect, it } from "vitest";
import { MAX_BANKS } from "../../node/genesis.ts";
import {
  MAX_FAULTS,
  MAX_LABELS,
  MAX_MEMBERS,
  MAX_SCENARIO_TAGS,
} from "../../scenarios/scenario-limits.ts";
import { good, load, problems } from "./fixtures.ts";

type Parts = Readonly<Record<string, unknown>>;

/** A corridor of one bank and one treasury that does nothing, with some parts replaced. */
const withParts = (parts: Parts): string =>
  JSON.stringify({
    format: "daliz-scenario/1",
    name: "bounds",
    title: "At the bound",
    question: "Is a limit what it says?",
    seed: 1,
    corridor: { byzantine: 0, crashed: 0, deltaMs: 1, ttlMs: 1 },
    banks: [{ id: "kz", name: "K", currency: "KZT" }],
    members: [{ id: "owner", bank: "kz", class: "treasury", issue: "1000000.00" }],
    workload: { kind: "listed" },
    expect: ["conservation"],
    ...parts,
  });

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const letters = (i: number): string =>
  String.fromCharCode(65 + Math.floor(i / 676), 65 + (Math.floor(i / 26) % 26), 65 + (i % 26));

const company = (i: number) => ({ id: `company-${i}`, bank: "kz", class: "company" });

const tag = (i: number) => ({
  id: `tag-${i}`,
  owner: "owner",
  kind: "budget",
  colour: "red",
  reference: `Contract ${i}`,
  purposes: ["WORKS"],
  payees: [{ account: "owner", final: true }],
  lines: [{ line: "A", max: "1.00" }],
  issue: "1.00",
  validForMs: 1,
});

describe("a scenario has at most (O4)", () => {
  it.each<readonly [what: string, limit: number, make: (count: number) => Parts]>([
    [
      "banks",
      MAX_BANKS,
      (count) => ({
        members: [],
        banks: times(count, (i) => ({ id: `bank-${i}`, name: "B", currency: letters(i) })),
      }),
    ],
    ["members", MAX_MEMBERS, (count) => ({ members: times(count, company) })],
    ["tags", MAX_SCENARIO_TAGS, (count) => ({ tags: times(count, tag) })],
    ["labels", MAX_LABELS, (count) => ({ labels: times(count, (i) => `label ${i}`) })],
    [
      "faults",
      MAX_FAULTS,
      (count) => ({
        faults: times(count, (i) => ({
          kind: "kill",
          bank: "kz",
          when: { atMs: i },
          restartAfterMs: 0,
        })),
      }),
    ],
  ])("so many %s: %i", (what, limit, make) => {
    expect(good(withParts(make(limit))).name).toBe("bounds");
    const refused = load(withParts(make(limit + 1)));
    expect(refused).toMatchObject({
      ok: false,
      error: [{ code: "limit_exceeded", path: what, found: `a list of ${limit + 1}`, what, limit }],
    });
  });
});

const AMOUNTS_REFUSED = `
  -0 -1 -0.01 +1 +0 1. .5 . 1.0.0 1,000 1,00 1'000 1_000 1e3 1E3 1e-2 1.5e2 0x10 0o17 0b1 017 00 01.00
  Infinity -Infinity NaN infinity 1.001 1.0000000 0.009 92233720368547758.08 92233720368547759
  99999999999999999999 1n 10% $5 5KZT ½ ١٢ ５ 1.00€ null true [] {} "" " 1" "1 " "1 000" "1\\n"
  "1\\u200b" "\\u202e1" "\\u00a01" "1\\u0000" __proto__ constructor
`;

describe("an amount (B9)", () => {
  const literals = (AMOUNTS_REFUSED.match(/"[^"]*"|\S+/g) ?? []).map((literal) =>
    literal.startsWith('"') ? (JSON.parse(literal) as string) : literal,
  );
  const member = (issue: unknown): string =>
    withParts({ members: [{ id: "owner", bank: "kz", class: "treasury", issue }] });
  const swap = (amount: unknown): string =>
    withParts({
      banks: ["KZT", "CNY"].map((currency) => ({
        id: currency.toLowerCase(),
        name: currency,
        currency,
      })),
      members: ["kzt", "cny"].map((bank) => ({
        id: `at-${bank}`,
        bank,
        class: "commercial-bank",
        nonResidentAt: "all",
      })),
      workload: {
        kind: "listed",
        swaps: [
          {
            atMs: 0,
            sell: { member: "at-kzt", currency: "KZT", amount },
            buy: { member: "at-cny", currency: "CNY", amount: "1.00" },
          },
        ],
      },
    });
  const DOORS = [
    ["members[0].issue", member],
    ["workload.swaps[0].sell.amount", swap],
  ] as const;

  it(`is refused in each of ${literals.length} odd forms, at every door`, () => {
    expect(literals.length).toBeGreaterThanOrEqual(55);
    for (const [path, make] of DOORS) {
      for (const literal of literals) {
        const loaded = load(make(literal));
        expect(loaded.ok ? literal : loaded.error.map((problem) => problem.path)).toEqual([path]);
      }
    }
  });

  it("is refused as a number, whatever its value", () => {
    for (const [path, make] of DOORS) {
      for (const number of [0, 1, 1.5, -1, 2 ** 53, 1e21, null, true]) {
        const loaded = load(make(number));
        expect(loaded.ok ? number : loaded.error.map((problem) => problem.path)).toEqual([path]);
      }
    }
  });

  it("may have as many decimals as its currency, up to 2^63 - 1 minor units", () => {
    for (const [literal, minor] of [
      ["0", 0n],
      ["0.5", 50n],
      ["1", 100n],
      ["1.0", 100n],
      ["1250000.00", 125_000_000n],
      ["92233720368547758.07", 2n ** 63n - 1n],
    ] as const) {
      expect(good(member(literal)).members[0]?.issue).toBe(minor);
    }
  });

  it("issued by one bank is at most 2^63 - 1 minor units in all", () => {
    const issuing = (second: string): string =>
      withParts({
        members: [
          { id: "first", bank: "kz", class: "commercial-bank", issue: "92233720368547758.06" },
          { id: "second", bank: "kz", class: "commercial-bank", issue: second },
        ],
      });
    expect(good(issuing("0.01")).members).toHaveLength(2);
    expect(problems(issuing("0.02"))).toEqual([
      expect.stringContaining("allowed: at most 2^63 - 1 minor units issued by one bank"),
    ]);
  });
});
