import { describe, expect, it } from "vitest";
import { FITTED } from "../../scenarios/costs.ts";
import { NO_NETWORK } from "../../scenarios/network/network.ts";
import { scenarioSchema } from "../../scenarios/schema.ts";
import {
  edit,
  FILE,
  GENERATED,
  good,
  HOME,
  LISTED,
  load,
  problems,
  AT_HOME,
  RULE_FILE,
  SIMULATED,
} from "./fixtures.ts";

const PLAIN_LINE = { maxUnitPrice: null, quantity: null, importable: false };

describe("a good file", () => {
  it("becomes a scenario with amounts in minor units and every name resolved", () => {
    const scenario = good(GENERATED);
    expect(scenario).toMatchObject({
      name: "good",
      question: "Does a good file load? It should.",
      labels: ["generated", "counterfactual-kz"],
      mode: "live",
      signatures: "real",
      arrangement: "certified",
      seed: 42,
      corridor: { byzantine: 0, crashed: 1, deltaMs: 250, ttlMs: 10_000 },
      banks: [
        { number: 1, id: "kz", name: "Bank of K", currency: { code: "KZT", decimals: 2 } },
        { number: 2, id: "cn", currency: { code: "CNY", decimals: 2 } },
        { number: 3, id: "hk", currency: { code: "HKD", decimals: 2 } },
      ],
      rates: { file: "fx-usd-daily.csv", date: "2026-09-29" },
      expect: ["conservation", "tag-stays-home"],
    });
    expect(scenario.members.slice(0, 4)).toEqual([
      {
        id: "steppe",
        name: "Steppe Bank",
        bank: "kz",
        memberClass: "commercial-bank",
        reserves: 90_000n,
        issue: 50_000n,
        through: null,
        connected: true,
        nonResidentAt: ["cn", "hk"],
      },
      {
        id: "lotus",
        name: "lotus",
        bank: "cn",
        memberClass: "commercial-bank",
        reserves: 5_000n,
        issue: 5_000n,
        through: null,
        connected: true,
        nonResidentAt: ["kz", "hk"],
      },
      expect.objectContaining({ id: "treasury-kz", reserves: 30_000n, nonResidentAt: [] }),
      expect.objectContaining({ id: "builder", reserves: 0n, issue: 0n }),
    ]);
    expect(scenario.tags).toEqual([
      {
        id: "school-12",
        bank: "kz",
        owner: "treasury-kz",
        kind: "budget",
        colour: "red",
        reference: "Contract 12",
        purposes: ["CONSTRUCTION", "REPAIR"],
        payees: [
          { account: "builder", final: false },
          { account: "cement", final: true },
        ],
        lines: [
          { ...PLAIN_LINE, line: "1.1", max: 20_000n },
          { ...PLAIN_LINE, line: "1.2", max: 10_000n },
        ],
        issue: 30_000n,
        validForMs: 600_000,
        borderMode: "DENY",
        countries: [],
        maxDepth: 16,
        disclosure: "none",
        evidence: [],
        attesters: [],
        regions: [],
      },
    ]);
    expect(scenario.workload).toEqual({
      kind: "generated",
      durationMs: 15_000,
      screeningMs: [50, 400],
      swaps: {
        count: 17,
        totalUsd: 225_000n,
        pairs: [{ first: scenario.banks[0], second: scenario.banks[1], share: 100 }],
      },
      domesticPayments: 6,
      taggedPayments: 2,
      oneWayPayments: 6,
      procurement: null,
      meals: null,
      vat: null,
    });
    expect(scenario.faults).toEqual([
      {
        kind: "kill",
        bank: "hk",
        when: { kind: "settled-share", percent: 50 },
        restartAfterMs: null,
      },
      {
        kind: "kill",
        bank: "cn",
        when: { kind: "step", step: "locked", count: 3 },
        restartAfterMs: 1500,
      },
      { kind: "kill", bank: "kz", when: { kind: "at", atMs: 100 }, restartAfterMs: 0 },
    ]);
  });

  it("may list its swaps and payments", () => {
    const { workload, faults } = good(LISTED);
    expect(workload).toEqual({
      kind: "listed",
      swaps: [
        {
          atMs: 0,
          sell: { member: "steppe", bank: "kz", currency: "KZT", amount: 10_000n },
          buy: { member: "lotus", bank: "cn", currency: "CNY", amount: 150n },
          tag: null,
          deliverTo: null,
          facts: [],
          rejected: null,
        },
        {
          atMs: 500,
          sell: { member: "steppe", bank: "kz", currency: "KZT", amount: 1_000n },
          buy: { member: "lotus", bank: "cn", currency: "CNY", amount: 15n },
          tag: "school-12",
          deliverTo: null,
          facts: [],
          rejected: "TAG_EXPORT_FORBIDDEN",
        },
      ],
      payments: [
        {
          atMs: 100,
          bank: "kz",
          payer: "steppe",
          payee: "lotus",
          amount: 500n,
          tag: null,
          line: null,
          purpose: null,
          facts: [],
          diversion: null,
          rejected: null,
        },
        {
          atMs: 200,
          bank: "kz",
          payer: "treasury-kz",
          payee: "builder",
          amount: 700n,
          tag: "school-12",
          line: "1.1",
          purpose: "REPAIR",
          facts: [],
          diversion: null,
          rejected: null,
        },
      ],
      orders: [],
    });
    expect(faults).toEqual([{ kind: "away", bank: "hk", when: { kind: "at", atMs: 0 } }]);
  });

  it("may be as small as one bank that does nothing", () => {
    const scenario = good(`
format: daliz-scenario/1
name: alone
title: One bank
question: Does one bank make a corridor?
seed: 0
corridor: { byzantine: 0, crashed: 0, deltaMs: 1, ttlMs: 1 }
banks: [{ id: kz, name: K, currency: KZT, decimals: 0 }]
workload: { kind: listed }
expect: [conservation]
`);
    expect(scenario).toMatchObject({
      labels: [],
      mode: "live",
      arrangement: "certified",
      members: [],
      tags: [],
      rates: null,
      workload: { kind: "listed", swaps: [], payments: [], orders: [] },
      faults: [],
    });
  });

  it("keeps its content as plain JSON for the manifest", () => {
    const { document } = good(GENERATED, ["seed=7"]);
    const json = JSON.stringify(document);
    expect(JSON.parse(json)).toMatchObject({ seed: 7, members: { length: 6 } });
    expect(good(json).document).toEqual(document);
  });

  it("may be JSON, have Windows line ends, or begin with ---", () => {
    const { document } = good(GENERATED);
    expect(good(GENERATED.replaceAll("\n", "\r\n")).document).toEqual(document);
    expect(good(`# A comment\n---\n${GENERATED}...\n`).document).toEqual(document);
    expect(good(JSON.stringify(document, null, 2)).document).toEqual(document);
  });

  it("may have rules, contracts, attestations and freezes", () => {
    const { rules, tags, workload } = good(HOME);
    const set = rules.get("hk")?.(1_000);
    expect([...rules.keys()]).toEqual(["hk"]);
    expect(set).toMatchObject({ currency: "HKD", offsetMinutes: 480, vatBasisPoints: 1_600 });
    expect(set?.rules.map(({ id }) => id)).toEqual(
      Array.from({ length: 15 }, (_, i) => `OWN-${i + 1}`),
    );
    // The rule file's limit is in US cents, and its times count from the start of the run.
    expect(set?.rules[0]).toMatchObject({
      verdict: 2,
      basis: 1,
      check: { kind: 6, limit: { unit: 1, amount: 100_000n } },
    });
    expect(set?.rules[11]?.check).toEqual({ kind: 10, fromMs: 1_001, toMs: 1_009, weekdays: 17 });
    expect(set?.rules[1]?.scope).toEqual({
      channels: 0b100,
      border: 2,
      tags: 0b11,
      payerClasses: 0b1_1000,
      payeeClasses: 0b10,
      payerResidence: 1,
      payeeResidence: 2,
      above: { unit: 0, amount: 500n },
      when: [{ name: "channel", values: ["card", "atm"] }],
      unless: [{ name: "wages", values: [] }],
    });
    expect(tags[0]).toMatchObject({ disclosure: "warn", regions: [71], attesters: ["wallet"] });
    expect(workload.kind === "listed" && workload.orders.map(({ action }) => action.kind)).toEqual([
      "attest",
      "contract",
      "freeze",
      "unfreeze",
      "issue-tag",
      "return-tag",
      "issue",
      "redeem",
      "court-debit",
    ]);
  });

  it("that names rules with something wrong in them is refused with the place", () => {
    const wrong = (from: string, to: string) => problems(edit(HOME, from, to));
    expect(wrong("[own.yaml]", "[other.yaml]")).toEqual([
      expect.stringMatching(/^my.yaml:[0-9]+:[0-9]+ banks\[2\].ruleFiles\[0\]: found no such file/),
    ]);
    expect(wrong("names: [Evil Corp]", "names: [Еvil Corp]")).toEqual([
      expect.stringContaining("allowed: text of 1 to 140 printable ASCII characters"),
    ]);
    expect(wrong("code: SANCTIONS_HIT", "code: SANCTION_HIT")).toEqual([
      expect.stringContaining('(did you mean "SANCTIONS_HIT"?)'),
    ]);
    expect(
      wrong("kind: balance, limit: { amount", 'kind: balance, limit: { usd: "1", amount'),
    ).toEqual([expect.stringContaining("allowed: either usd or amount")]);
    expect(wrong("period: day, times: 1", "period: day")).toEqual([
      expect.stringContaining("allowed: times for a count, a limit for amounts"),
    ]);
    expect(wrong("id: OWN-3", "id: OWN-4")).toEqual([expect.stringContaining("each id once")]);
  });

  it("of a simulated run has a network, costs and faults of every kind", () => {
    const { network, costs, faults, corridor } = good(SIMULATED);
    expect(corridor.chain).toBe(2);
    expect(network).toMatchObject({
      topology: { kind: "matrix", file: "pairs.csv" },
      model: "heavy-tail",
      bandwidthMbps: 100,
      lossPercent: 1,
      duplicatePercent: 2,
      reorder: true,
    });
    expect(costs).toMatchObject({ signUs: 30, byteNs: 10, fsyncPerKiBUs: 4, clientUs: 50 });
    expect(faults.slice(0, 5)).toEqual([
      { kind: "partition", from: ["kz"], to: ["cn", "hk"], atMs: 100, forMs: 200, bothWays: false },
      { kind: "clog", banks: ["kz"], atMs: 1, forMs: 2, delayMs: 3 },
      { kind: "clock", bank: "cn", offsetMs: -40, driftPpm: 15 },
      { kind: "disk", bank: "cn", damage: "lost-tail", atMs: 7 },
      { kind: "byzantine", bank: "hk", behaviour: "twins", atMs: 0 },
    ]);
  });

  it("says nothing of the network and costs when they are as they always were", () => {
    const { network, costs } = good(GENERATED);
    expect(network).toEqual(NO_NETWORK);
    expect(costs).toEqual(FITTED);
  });

  it("serves HTTP at the banks it names, or at all, or at none, and in live runs alone", () => {
    expect(good(GENERATED).openApi).toBeNull();
    expect(good(LISTED).openApi).toEqual({ banks: ["kz", "hk"], keepOpenMs: 60_000 });
    const all = load(GENERATED, ["openApi={}"]);
    expect(all.ok && all.value.openApi).toEqual({ banks: ["kz", "cn", "hk"], keepOpenMs: 0 });
    expect(problems(SIMULATED, ["openApi={}"])).toEqual([
      "--set openApi: found an empty map, allowed: nothing in a simulated run: only live banks serve HTTP",
    ]);
    const shared = edit(GENERATED, "arrangement: certified", "arrangement: shared-ledger");
    expect(problems(shared, ["openApi={}"])).toContain(
      "--set openApi: found an empty map, allowed: nothing under shared-ledger, whose validators serve no members of their own",
    );
  });

  it("puts banks of other currencies in no capital", () => {
    const text = GENERATED.replaceAll("HKD", "USD");
    expect(problems(text, ["network.topology=six-capitals"])).toEqual([
      "--set network.topology: found six-capitals with bank hk of USD, allowed: banks of KZT, CNY, HKD, THB, AED, SAR alone, or another topology",
    ]);
  });

  it("of these tests uses every key that the schema has", () => {
    const used = new Set(
      [
        ...`${GENERATED}${HOME}${SIMULATED}${RULE_FILE}${AT_HOME}`.matchAll(
          /(?:^|[\s{[])([A-Za-z-]+):\s/g,
        ),
      ].map(([, key]) => key),
    );
    const defined = new Set<string>();
    const visit = (schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      const { properties } = schema as { readonly properties?: object };
      for (const key of Object.keys(properties ?? {})) defined.add(key);
      Object.values(schema).forEach(visit);
    };
    visit(scenarioSchema);
    expect([...defined].filter((key) => !used.has(key))).toEqual([]);
  });
});

describe("a bad file", () => {
  it("has all its problems reported at once, in the order of the file", () => {
    let text = edit(GENERATED, "title: A good file\n", "titel: A bad file\n");
    text = edit(text, "seed: 42", "seed: -1");
    text = edit(text, "byzantine: 0", "byzantine: 3");
    text = edit(text, "bank: cn, class: commercial-bank", "bank: kk, class: comercial-bank");
    text = edit(text, '"300.00"\n    validForMs', "300.00\n    validForMs");
    text = edit(text, "bank: hk, when", "bank: hkg, when");
    expect(problems(text)).toEqual([
      "my.yaml:1:1 title: found nothing, allowed: text of 1 to 100 visible characters on one line",
      'my.yaml:3:1 titel: found an unknown key, allowed: one of format, name, title, question, labels, mode, signatures, arrangement, arrangements, seed, clock, tagging, connected, corridor, banks, ... (24 in all) (did you mean "title"?)',
      "my.yaml:10:7 seed: found -1, allowed: a whole number from 0 to 9007199254740991",
      "my.yaml:12:3 corridor: found an impossible quorum: 3 banks with byzantine 3 and crashed 1 (q = 4), allowed: at least 3 x 3 + 2 x 1 + 1 = 12 banks, or a smaller byzantine or crashed",
      'my.yaml:22:24 members[1].bank: found "kk", allowed: one of kz, cn, hk (did you mean "kz"?)',
      'my.yaml:22:35 members[1].class: found "comercial-bank", allowed: one of commercial-bank, treasury, payment-organisation, company, individual, microfinance, attester, auditor, monitor, enforcement (did you mean "commercial-bank"?)',
      'my.yaml:36:12 tags[0].issue: found 300.00, allowed: a quoted amount in major units, such as "1250000.00"',
      'my.yaml:52:25 faults[0].bank: found "hkg", allowed: one of kz, cn, hk (did you mean "hk"?)',
    ]);
  });

  it("gives each problem a code, a place and a path", () => {
    const loaded = load(edit(GENERATED, "crashed: 1", "crashed: 65"));
    expect(loaded).toMatchObject({
      ok: false,
      error: [
        {
          code: "limit_exceeded",
          file: FILE,
          line: 13,
          column: 12,
          path: "corridor.crashed",
          found: "65",
          allowed: "a whole number from 0 to 64",
          what: "crashed",
          limit: 64,
        },
      ],
    });
  });

  it("does not report what only follows from another problem", () => {
    const text = edit(GENERATED, "id: kz, name", "id: KZ, name");
    expect(problems(text)).toEqual([
      'my.yaml:17:11 banks[0].id: found "KZ", allowed: a name: 2 to 32 of a-z, 0-9 and -, beginning with a letter',
    ]);
  });
});
