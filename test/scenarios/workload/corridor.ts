import type { Outcome } from "../../../crypto/outcome.ts";
import { bankNumber, memberId } from "../../../node/ids.ts";
import type { Amount, CurrencyCode } from "../../../node/money.ts";
import { durationMs } from "../../../node/time.ts";
import { FREE } from "../../../scenarios/costs.ts";
import { NO_NETWORK } from "../../../scenarios/network/network.ts";
import { renderProblem, type ScenarioProblem } from "../../../scenarios/problem.ts";
import { parseRates, type DayRates } from "../../../scenarios/rates.ts";
import type {
  GeneratedWorkload,
  Scenario,
  ScenarioBank,
  ScenarioMember,
  ScenarioTag,
  Workload,
} from "../../../scenarios/scenario.ts";
import type { WorkloadPlan } from "../../../scenarios/workload/plan.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";

export const amount = (minor: bigint | number): Amount => BigInt(minor) as Amount;

export function ratesOf(text: string): DayRates {
  const table = parseRates(text, "test.csv");
  const day = table.ok ? [...table.value.days.values()][0] : undefined;
  if (day === undefined) throw new Error("no rates");
  return day;
}

/** Five currencies. A minor unit of EUR is worth more than a US cent: not every value can be had. */
export const RATES = ratesOf(
  "date,KZT,CNY,EUR,KWD,ISK\n2026-09-29,441.23394101,6.70778353,0.8537,0.30712,121.5\n",
);

const DECIMALS = [2, 2, 2, 3, 0];

export const BANKS: readonly ScenarioBank[] = ["kz", "cn", "eu", "kw", "is"].map((id, i) => ({
  number: bankNumber(i + 1),
  id,
  name: `Bank of ${id}`,
  currency: {
    code: ["KZT", "CNY", "EUR", "KWD", "ISK"][i] as CurrencyCode,
    decimals: DECIMALS[i] as number,
  },
}));

export const bank = (id: string): ScenarioBank => {
  const found = BANKS.find((bank) => bank.id === id);
  if (found === undefined) throw new Error(`no bank ${id}`);
  return found;
};

export function member(
  id: string,
  home: string,
  issue: bigint,
  memberClass: ScenarioMember["memberClass"] = "commercial-bank",
): ScenarioMember {
  const abroad = BANKS.filter((bank) => bank.id !== home).map((bank) => bank.id);
  return {
    id: memberId(id),
    name: id,
    bank: home,
    memberClass,
    reserves: amount(issue),
    issue: amount(issue),
    through: null,
    connected: true,
    nonResidentAt: memberClass === "commercial-bank" ? abroad : [],
  };
}

/** Far more than any workload of these tests needs. */
export const PLENTY = 10n ** 15n;

/** Three commercial banks in each country, and a treasury with a builder and its suppliers in the first. */
export const membersWith = (issue: (home: string) => bigint): readonly ScenarioMember[] => [
  ...BANKS.flatMap(({ id }) =>
    ["one", "two", "three"].map((name) => member(`${id}-${name}`, id, issue(id))),
  ),
  member("treasury", "kz", PLENTY, "treasury"),
  ...["city", "builder", "cement", "glass"].map((id) => member(id, "kz", 0n, "company")),
];

/** A line of an estimate without unit price, number of pieces or imports. */
export const PLAIN_LINE = { maxUnitPrice: null, quantity: null, importable: false } as const;

export const SCHOOL: ScenarioTag = {
  id: "school",
  bank: "kz",
  owner: memberId("treasury"),
  kind: "budget",
  colour: "red",
  reference: "School",
  purposes: ["CONSTRUCTION", "REPAIR"],
  payees: [
    { account: memberId("city"), final: false },
    { account: memberId("cement"), final: true },
    { account: memberId("builder"), final: false },
    { account: memberId("glass"), final: true },
  ],
  lines: [
    { ...PLAIN_LINE, line: "1.1", max: amount(60_000_000) },
    { ...PLAIN_LINE, line: "1.2", max: amount(70_000_000) },
  ],
  issue: amount(100_000_000),
  validForMs: durationMs(86_400_000),
  borderMode: "DENY",
  countries: [],
  maxDepth: 16,
  disclosure: "none",
  evidence: [],
  attesters: [],
  regions: [],
};

const WORKLOAD: GeneratedWorkload = {
  kind: "generated",
  durationMs: durationMs(15_000),
  screeningMs: [durationMs(50), durationMs(400)],
  swaps: {
    count: 60,
    totalUsd: amount(6_000_000_00),
    pairs: [
      { first: bank("kz"), second: bank("cn"), share: 60 },
      { first: bank("kz"), second: bank("eu"), share: 25 },
      { first: bank("cn"), second: bank("is"), share: 15 },
    ],
  },
  domesticPayments: 15,
  taggedPayments: 12,
  oneWayPayments: 10,
  procurement: null,
  meals: null,
  vat: null,
};

/** A scenario with ample funds and a workload of all kinds, but for what `parts` says otherwise. */
export function corridor(parts: Partial<Scenario> = {}): Scenario {
  return {
    name: "test",
    title: "Test",
    question: "Does it plan?",
    labels: [],
    rules: new Map(),
    mode: "live",
    signatures: "real",
    arrangement: "certified",
    arrangements: {
      htlc: { deltaMaxMs: durationMs(250), epsilonMs: durationMs(50) },
      twoPhase: { hub: null, prepareMs: durationMs(10_000) },
      netting: { hub: bankNumber(1), cycleMs: durationMs(60_000), payInMs: durationMs(30_000) },
      gross: { lagMs: durationMs(0) },
    },
    seed: 1,
    clock: { startMs: null, pace: 1 },
    tagging: "full",
    corridor: {
      byzantine: 0,
      crashed: 1,
      deltaMs: durationMs(250),
      ttlMs: durationMs(10_000),
    },
    banks: BANKS,
    members: membersWith(() => PLENTY),
    tags: [SCHOOL],
    rates: RATES,
    workload: WORKLOAD,
    network: NO_NETWORK,
    costs: FREE,
    openApi: null,
    faults: [],
    expect: ["conservation"],
    document: null,
    ...parts,
  };
}

export const generated = (parts: Partial<GeneratedWorkload>): GeneratedWorkload => ({
  ...WORKLOAD,
  ...parts,
});

export const swapsOf = (
  parts: Partial<NonNullable<GeneratedWorkload["swaps"]>>,
): GeneratedWorkload["swaps"] => ({
  ...(WORKLOAD.swaps as NonNullable<typeof WORKLOAD.swaps>),
  ...parts,
});

/** The plan of a scenario that must have one. */
export function planOf(scenario: Scenario): WorkloadPlan {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(renderProblem(plan.error));
  return plan.value;
}

/** The one line that says why there is no plan. */
export function refusalOf(workload: Workload, parts: Partial<Scenario> = {}): string {
  const plan: Outcome<WorkloadPlan, ScenarioProblem> = planWorkload(
    corridor({ ...parts, workload }),
  );
  if (plan.ok) throw new Error("there is a plan");
  return renderProblem(plan.error);
}

/** The plan byte by byte. */
export const textOf = (plan: WorkloadPlan): string =>
  JSON.stringify(plan, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
