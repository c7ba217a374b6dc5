import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { loadScenario } from "../../scenarios/load.ts";
import { renderProblem, wholeFile, type ScenarioProblem } from "../../scenarios/problem.ts";
import { readRatesFile } from "../../scenarios/rates-file.ts";
import type { Scenario } from "../../scenarios/scenario.ts";

/** A scenario that uses every key of the format with a generated workload. */
export const GENERATED = `format: daliz-scenario/1
name: good
title: A good file
question: >
  Does a good file load?
  It should.
labels: [generated, counterfactual-kz]
mode: live
arrangement: certified
seed: 42
corridor:
  byzantine: 0
  crashed: 1
  deltaMs: 250
  ttlMs: 10000
banks:
  - { id: kz, name: Bank of K, currency: KZT, decimals: 2 }
  - { id: cn, name: Bank of C, currency: CNY }
  - { id: hk, name: Bank of H, currency: HKD, decimals: 2 }
members:
  - { id: steppe, name: Steppe Bank, bank: kz, class: commercial-bank, reserves: "900.00", issue: "500.00", nonResidentAt: [cn, hk] }
  - { id: lotus, bank: cn, class: commercial-bank, issue: "50.00", nonResidentAt: all }
  - { id: treasury-kz, bank: kz, class: treasury, reserves: "300.00", issue: "300.00" }
  - { id: builder, bank: kz, class: company }
  - { id: cement, bank: kz, class: company }
  - { id: wallet, bank: cn, class: payment-organisation }
tags:
  - id: school-12
    owner: treasury-kz
    kind: budget
    colour: red
    reference: Contract 12
    purposes: [CONSTRUCTION, REPAIR]
    payees: [{ account: builder, final: false }, { account: cement, final: true }]
    lines: [{ line: "1.1", max: "200.00" }, { line: "1.2", max: "100.00" }]
    issue: "300.00"
    validForMs: 600000
    borderMode: DENY
rates: { file: fx-usd-daily.csv, date: 2026-09-29 }
workload:
  kind: generated
  durationMs: 15000
  screeningMs: [50, 400]
  swaps:
    count: 17
    totalUsd: "2250.00"
    pairs: [{ pair: KZT/CNY, share: 100 }]
  domesticPayments: 6
  taggedPayments: 2
  oneWayPayments: 6
faults:
  - { kind: kill, bank: hk, when: { settledShare: 50 } }
  - { kind: kill, bank: cn, when: { step: locked, count: 3 }, restartAfterMs: 1500 }
  - { kind: kill, bank: kz, when: { atMs: 100 }, restartAfterMs: 0 }
expect: [conservation, tag-stays-home]
`;

/** The same with a listed workload. */
export const LISTED = `${GENERATED.slice(0, GENERATED.indexOf("workload:"))}workload:
  kind: listed
  swaps:
    - atMs: 0
      sell: { member: steppe, currency: KZT, amount: "100.00" }
      buy: { member: lotus, currency: CNY, amount: "1.50" }
    - atMs: 500
      sell: { member: steppe, currency: KZT, amount: "10.00" }
      buy: { member: lotus, currency: CNY, amount: "0.15" }
      tag: school-12
      rejected: TAG_EXPORT_FORBIDDEN
  payments:
    - { atMs: 100, bank: kz, payer: steppe, payee: lotus, amount: "5.00" }
    - { atMs: 200, bank: kz, payer: treasury-kz, payee: builder, amount: "7.00", tag: school-12, line: "1.1", purpose: REPAIR }
faults:
  - { kind: away, bank: hk, when: { atMs: 0 } }
expect: [conservation, rejections-as-listed]
openApi: { banks: [kz, hk], keepOpenMs: 60000 }
`;

/** What a simulated run can have besides, every key of it. */
const OF_ONE_LEDGER = edit(GENERATED, "  ttlMs: 10000\n", "  ttlMs: 10000\n  chain: 2\n");

export const SIMULATED =
  `${edit(OF_ONE_LEDGER, "mode: live", "mode: sim\nsignatures: modelled")}network:
  topology: pairs.csv
  model: heavy-tail
  bandwidthMbps: 100
  lossPercent: 1
  duplicatePercent: 2
  reorder: true
costs:
  signUs: 30
  verifyUs: 80
  entryUs: 5
  byteNs: 10
  messageUs: 20
  fsyncUs: 900
  fsyncPerKiBUs: 4
  cores: 2
  clientUs: 50
arrangements:
  htlc: { deltaMaxMs: 400, epsilonMs: 20 }
  twoPhase: { hub: hk, prepareMs: 3000 }
  gross: { lagMs: 7 }
  netting: { cycleMs: 60000, payInMs: 10000 }
`.replace(
    "faults:\n",
    `faults:
  - { kind: partition, from: [kz], to: [cn, hk], atMs: 100, forMs: 200, bothWays: false }
  - { kind: clog, banks: [kz], atMs: 1, forMs: 2, delayMs: 3 }
  - { kind: clock, bank: cn, offsetMs: -40, driftPpm: 15 }
  - { kind: disk, bank: cn, damage: lost-tail, atMs: 7 }
  - { kind: byzantine, bank: hk, behaviour: twins, atMs: 0 }
`,
  );

/** The file `own.yaml` beside `my.yaml`. */
export const RULE_FILE = `format: daliz-rules/1
title: Rules of a country
rules:
  - { id: OWN-1, code: LIMIT_TX, verdict: FLAG, basis: law, check: { kind: limit, limit: { usd: "1000.00" } } }
`;

/** What there is at home: rules, contracts, attestations, freezes; every key of them. */
export const HOME = edit(
  edit(
    edit(
      edit(
        LISTED,
        "{ id: hk, name: Bank of H, currency: HKD, decimals: 2 }",
        `id: hk
    name: Bank of H
    currency: HKD
    ruleFiles: [own.yaml]
    utcOffsetMinutes: 480
    vatBasisPoints: 1600
    rules:
      - id: OWN-2
        code: SANCTIONS_HIT
        about:
          channels: [transfer]
          border: cross
          tags: [untagged, budget]
          payer: [company, individual]
          payee: [treasury]
          payerResidence: resident
          payeeResidence: non-resident
          above: { amount: "5.00" }
          when: [channel=card|atm]
          unless: [wages]
        check: { kind: screen, names: [Evil Corp], facts: [beneficiary] }
      - { id: OWN-3, code: LIMIT_TX, check: { kind: require, facts: [unk] } }
      - { id: OWN-4, code: LIMIT_TX, check: { kind: codes, fact: pop, allowed: [GDE], refused: [GDS] } }
      - { id: OWN-5, code: LIMIT_TX, check: { kind: eknp, fact: eknp, purposes: ["710"] } }
      - { id: OWN-6, code: LIMIT_TX, check: { kind: iban, fact: iban, country: AE } }
      - { id: OWN-7, code: LIMIT_BALANCE, check: { kind: balance, limit: { amount: "9.00" } } }
      - { id: OWN-8, code: LIMIT_TOTAL, check: { kind: total, measure: amount, by: [payer, payee, tag], period: month, limit: { usd: "50000.00" } } }
      - { id: OWN-9, code: VOUCHER_ALREADY_USED, check: { kind: total, measure: count, by: [], fact: child, period: day, times: 1 } }
      - { id: OWN-10, code: KYC_BIOMETRIC_REQUIRED, check: { kind: attested, topic: TIER, subject: payer, by: [wallet], least: 1, most: 2 } }
      - { id: OWN-11, code: FRAUD_HOLD, check: { kind: attested, topic: FRAUD, subject: fact, fact: deed, by: [wallet], wanted: false } }
      - { id: OWN-12, code: VOUCHER_DAY, check: { kind: calendar, fromMs: 1, toMs: 9, days: [mon, fri] } }
      - { id: OWN-13, code: QR_EXPIRED, check: { kind: deadline, fact: qr-expiry } }
      - { id: OWN-14, code: FEATURE_NOT_ACTIVE, about: { when: [channel=crypto] }, check: { kind: forbid } }
      - { id: OWN-15, code: ROUND_TRIP_SUSPECTED, verdict: FLAG, check: { kind: returning, withinMs: 1000 } }`,
      ),
      `{ line: "1.1", max: "200.00" }`,
      `{ line: "1.1", max: "200.00", maxUnitPrice: "2.50", quantity: 80, importable: true }`,
    ),
    "    borderMode: DENY\n",
    `    borderMode: FINAL_IMPORT
    countries: [CN]
    maxDepth: 4
    disclosure: warn
    evidence: [{ topic: ACT, final: false }]
    attesters: [wallet]
    regions: [71]
`,
  ),
  "  payments:\n",
  `    - atMs: 600
      sell: { member: steppe, currency: KZT, amount: "10.00" }
      buy: { member: lotus, currency: CNY, amount: "0.15" }
      deliverTo: wallet
      facts: [purpose=GOODS, "act=#Act 1"]
  orders:
    - { atMs: 1, bank: cn, member: wallet, order: { kind: attest, topic: ACT, subject: "#Act 1", value: 2, document: Register, validForMs: 500 } }
    - { atMs: 2, bank: kz, member: treasury-kz, order: { kind: contract, tag: school-12, payee: builder, line: "1.1", amount: "5.00", document: Contract }, rejected: TAG_EXPIRED }
    - { atMs: 3, bank: kz, member: treasury-kz, order: { kind: freeze, tag: school-12, account: builder, case: A-1 } }
    - { atMs: 4, bank: kz, member: treasury-kz, order: { kind: unfreeze, tag: school-12, case: A-1 } }
    - { atMs: 5, bank: kz, member: treasury-kz, order: { kind: issue-tag, tag: school-12, amount: "1.00" } }
    - { atMs: 6, bank: kz, member: treasury-kz, order: { kind: return-tag, tag: school-12, amount: "1.00" } }
    - { atMs: 7, bank: kz, member: steppe, order: { kind: issue, amount: "1.00" } }
    - { atMs: 8, bank: kz, member: steppe, order: { kind: redeem, amount: "1.00" } }
    - { atMs: 9, bank: kz, member: treasury-kz, order: { kind: court-debit, account: steppe, payee: treasury-kz, from: school-12, amount: "1.00", case: A-2 } }
  payments:
`,
).replace("purpose: REPAIR }", 'purpose: REPAIR, facts: ["act=#Act 1"], diversion: none }');

/** A bank alone, with all that a generated workload of its home can hold. */
export const AT_HOME = `format: daliz-scenario/1
name: at-home
title: A bank alone
question: What happens at home?
mode: sim
seed: 1
clock: { start: 2026-09-07, pace: 1000 }
tagging: no-evidence
connected: 1
corridor: { byzantine: 0, crashed: 0, deltaMs: 1, ttlMs: 1 }
banks: [{ id: kz, name: K, currency: KZT, vatBasisPoints: 1600 }]
members:
  - { id: halyk, bank: kz, class: commercial-bank, issue: "900.00" }
  - { id: onay, bank: kz, class: payment-organisation }
  - { id: treasury-kz, bank: kz, class: treasury, issue: "900.00" }
  - { id: builder, bank: kz, class: company, through: halyk }
  - { id: cement, bank: kz, class: company, through: onay }
  - { id: glass, bank: kz, class: company }
  - { id: shell, bank: kz, class: company }
  - { id: register, bank: kz, class: attester }
tags:
  - id: school
    owner: treasury-kz
    kind: budget
    colour: red
    reference: School
    purposes: [WORKS]
    payees: [{ account: builder, final: false }, { account: cement, final: true }, { account: glass, final: true }]
    lines: [{ line: "1", max: "400.00", maxUnitPrice: "1.00" }]
    issue: "400.00"
    validForMs: 8640000000
    evidence: [{ topic: ACT }]
    attesters: [register]
  - id: meals
    owner: treasury-kz
    kind: voucher
    colour: orange
    reference: Meals
    purposes: [MEALS]
    payees: [{ account: builder, final: false }, { account: glass, final: true }]
    lines: [{ line: "M", max: "100.00" }]
    issue: "100.00"
    validForMs: 8640000000
    attesters: [register]
  - id: vat
    owner: treasury-kz
    kind: vat
    colour: yellow
    reference: VAT
    purposes: [VAT]
    payees: [{ account: builder, final: false }, { account: glass, final: false }, { account: treasury-kz, final: true }]
    lines: [{ line: "VAT", max: "100.00" }]
    validForMs: 8640000000
    attesters: [register]
workload:
  kind: generated
  durationMs: 1000000
  procurement:
    purchases: 10
    diversions: { dead-souls: 10, fictitious-works: 20, price-inflation: 30 }
    inflationPercent: 40
    lateActsPercent: 5
  meals: { children: 2, days: 3, price: "1.00", absentPercent: 10, secondPercent: 20 }
  vat:
    invoices: 4
    days: 5
    gross: "11.60"
    insidePercent: 50
    missingPercent: 20
    refundDaysOutside: [70, 75]
    refundDaysInside: [10, 15]
expect: [conservation, rejections-as-listed]
`;

export const FILE = "my.yaml";

const encoder = new TextEncoder();

const RATES_FILE = "fx-usd-daily.csv";
const shippedRates = readRatesFile(RATES_FILE);

/** The file `pairs.csv` beside `my.yaml`. */
const MATRIX = `from,to,p50_ms,p90_ms
kz,cn,70,90.5
cn,kz,72,90.5
kz,hk,90,110
hk,cn,40,50
`;

const noFile = (name: string): ScenarioProblem => ({
  code: "scenario_invalid",
  ...wholeFile(name),
  found: "no such file",
  allowed: "pairs.csv",
});

/** Loads a text, or bytes, as the file `my.yaml`, with the rates that come with the program. */
export function load(
  content: string | Uint8Array,
  sets: readonly string[] = [],
): Outcome<Scenario, readonly ScenarioProblem[]> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  return loadScenario(
    { file: FILE, bytes, sets },
    {
      readRates: (name) => (name === RATES_FILE ? shippedRates : readRatesFile(name)),
      readRules: (name) => (name === "own.yaml" ? ok(RULE_FILE) : reject(noFile(name))),
      readMatrix: (name) => (name === "pairs.csv" ? ok(MATRIX) : reject(noFile(name))),
    },
  );
}

/** The scenario of a text that must load. */
export function good(content: string, sets: readonly string[] = []): Scenario {
  const loaded = load(content, sets);
  if (!loaded.ok) throw new Error(loaded.error.map(renderProblem).join("\n"));
  return loaded.value;
}

/** The problems of a text that must not load, one line each. */
export function problems(content: string | Uint8Array, sets: readonly string[] = []): string[] {
  const loaded = load(content, sets);
  if (loaded.ok) throw new Error("the file loads");
  return loaded.error.map(renderProblem);
}

/** The text with one part, which occurs exactly once, replaced. */
export function edit(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`${JSON.stringify(from)} occurs ${parts.length - 1} times`);
  return parts.join(to);
}
