import type { SwapStep } from "../corridor/report.ts";
import type { ChainRule } from "../corridor/shared-ledger/state.ts";
import type { BankNumber, MemberId } from "../node/ids.ts";
import type { MemberClassName } from "../node/members.ts";
import type { Amount, Currency, CurrencyCode } from "../node/money.ts";
import type { BORDER_MODE, DISCLOSURE, TAG_KIND } from "../node/tags/definition.ts";
import type { DurationMs } from "../node/time.ts";
import type { ScenarioCosts } from "./costs.ts";
import type { ScenarioNetwork } from "./network/network.ts";
import type { RulesAt } from "./load/rules-check.ts";
import type { ExpectedCode, GeneratedHome, ScenarioClock, Tagging } from "./home.ts";
import type { DayRates } from "./rates.ts";

export const SCENARIO_FORMAT = "daliz-scenario/1";

export const MODES = ["live", "sim"] as const;
export type Mode = (typeof MODES)[number];

export const SIGNATURES = ["real", "modelled"] as const;
export type Signatures = (typeof SIGNATURES)[number];

export const ARRANGEMENTS = [
  "certified",
  "htlc",
  "two-phase",
  "gross",
  "shared-ledger",
  "netting",
] as const;
export type Arrangement = (typeof ARRANGEMENTS)[number];

/** What a run can be asked to hold, with its meaning. The run fails when one does not. */
export const EXPECTATIONS = {
  conservation:
    "In each currency, posted and pending money is what was issued less what was redeemed.",
  atomicity: "No swap ends with one leg posted and another voided or unpaid.",
  "audit-passes": "The offline audit of all ledgers finds nothing wrong.",
  "all-swaps-settle": "Every swap of the workload settles.",
  "unaffected-swaps-settle-in-view-0":
    "Every swap with no leg at a faulty bank settles on the fast path.",
  "both-sides-agree": "The banks of a swap that are up at the end report the same outcome.",
  "all-holds-voided": "No swap settles, and every hold that was placed is voided.",
  "tag-stays-home": "No account of a non-resident ever holds tagged money.",
  "rejections-as-listed":
    "What the workload lists as rejected is rejected with that code, and nothing else is.",
} as const;
export type Expectation = keyof typeof EXPECTATIONS;

/** Steps of a swap that a fault can wait for, as the bank reports them: the entry is durable. */
export const FAULT_STEPS = [
  "announced",
  "terms",
  "locked",
  "refused",
  "voted",
  "status",
  "led",
  "accepted",
  "confirmed",
  "decided",
  "settled",
  "voided",
  "claimed",
  "prepared",
  "inquired",
  "paid",
] as const satisfies readonly SwapStep[];

/** What can go wrong with a bank's disk. */
export const DISK_DAMAGES = {
  torn: "The next crash leaves a part of the block that was being written.",
  rot: "A bit of the ledger file changes.",
  full: "Nothing more can be written.",
  "lost-tail": "The next crash loses what was written last, though the disk called it durable.",
} as const;
export type DiskDamage = keyof typeof DISK_DAMAGES;

/** How a bank lies. */
export const BYZANTINE_BEHAVIOURS = {
  equivocating: "Signs two blocks at one height, for different peers.",
  silent: "Sends nothing.",
  late: "Sends everything too late.",
  forging: "Signs nonsense of every entry kind, wrong references, a wrong epoch.",
  "double-voting": "Votes for both outcomes of a swap.",
  amnesiac: "Restarts from an old copy of its disk.",
  twins: "Two correct banks run with its one key.",
  "wrong-leader": "As leader, proposes the wrong value.",
} as const;
export type ByzantineBehaviour = keyof typeof BYZANTINE_BEHAVIOURS;

/** A scenario file that was read and checked: every name resolves, every amount is in minor units. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  /** What is modelled; printed with every output. */
  readonly labels: readonly string[];
  readonly mode: Mode;
  /** In simulated runs; live ones sign for real. */
  readonly signatures: Signatures;
  readonly arrangement: Arrangement;
  /** What each arrangement leaves to choose, whichever is run. */
  readonly arrangements: ScenarioArrangements;
  readonly seed: number;
  readonly clock: ScenarioClock;
  readonly tagging: Tagging;
  readonly corridor: ScenarioCorridor;
  /** In the order of their numbers: `banks[number - 1]`. */
  readonly banks: readonly ScenarioBank[];
  /** The rules that banks have besides those of every bank, by the bank's id. */
  readonly rules: ReadonlyMap<string, RulesAt>;
  readonly members: readonly ScenarioMember[];
  readonly tags: readonly ScenarioTag[];
  /** The day's rates; `null` when the file names none, which a generated workload does not allow. */
  readonly rates: DayRates | null;
  readonly workload: Workload;
  readonly network: ScenarioNetwork;
  /** Used in simulated runs only. */
  readonly costs: ScenarioCosts;
  /** `null`: no bank serves HTTP. */
  readonly openApi: ScenarioOpenApi | null;
  readonly faults: readonly Fault[];
  readonly expect: readonly Expectation[];
  /** The file's content after every `--set`, as plain JSON: what a manifest keeps. */
  readonly document: unknown;
}

export interface ScenarioOpenApi {
  /** Ids of the banks that serve HTTP. */
  readonly banks: readonly string[];
  /** How long the banks stay up after the workload. */
  readonly keepOpenMs: DurationMs;
}

export interface ScenarioCorridor {
  /** Banks that may lie (b) and banks that may be down (c): n >= 3b + 2c + 1. */
  readonly byzantine: number;
  readonly crashed: number;
  readonly deltaMs: DurationMs;
  readonly ttlMs: DurationMs;
  /** Of `shared-ledger`: certificates in a row that make a block final; 3 when it is not stated. */
  readonly chain?: ChainRule;
}

export interface ScenarioArrangements {
  readonly htlc: { readonly deltaMaxMs: DurationMs; readonly epsilonMs: DurationMs };
  /** `hub: null` is the bank that announces the swap. */
  readonly twoPhase: { readonly hub: BankNumber | null; readonly prepareMs: DurationMs };
  readonly gross: { readonly lagMs: DurationMs };
  /** The bank where the hub is, and how long its cycles and their pay-in windows last. */
  readonly netting: {
    readonly hub: BankNumber;
    readonly cycleMs: DurationMs;
    readonly payInMs: DurationMs;
  };
}

export interface ScenarioBank {
  /** From 1, in the order of the file. */
  readonly number: BankNumber;
  readonly id: string;
  readonly name: string;
  readonly currency: Currency;
}

export interface ScenarioMember {
  readonly id: MemberId;
  /** For display; the id when the file gives none. */
  readonly name: string;
  /** The id of its bank. */
  readonly bank: string;
  readonly memberClass: MemberClassName;
  /** Balance in the modelled RTGS system, and what of it becomes CBDC at the start. */
  readonly reserves: Amount;
  readonly issue: Amount;
  /** The organisation through which the member reaches its bank; `null` when it does so itself. */
  readonly through: string | null;
  /** Whether the bank enrols the member: an organisation may not be connected yet. */
  readonly connected: boolean;
  /** Ids of other banks where the member is a non-resident member, in the order of the file. */
  readonly nonResidentAt: readonly string[];
}

export type TagKindName = keyof typeof TAG_KIND;
export type BorderModeName = keyof typeof BORDER_MODE;
export type DisclosureName = keyof typeof DISCLOSURE;

export interface ScenarioTag {
  readonly id: string;
  /** The owner's bank. */
  readonly bank: string;
  readonly owner: MemberId;
  readonly kind: TagKindName;
  readonly colour: string;
  readonly reference: string;
  readonly purposes: readonly string[];
  readonly payees: readonly { readonly account: MemberId; readonly final: boolean }[];
  readonly lines: readonly ScenarioLine[];
  /** Untagged money that the owner puts under the tag at the start. */
  readonly issue: Amount;
  readonly validForMs: DurationMs;
  readonly borderMode: BorderModeName;
  /** Countries of foreign suppliers, as two capitals; none means any. */
  readonly countries: readonly string[];
  readonly maxDepth: number;
  readonly disclosure: DisclosureName;
  readonly evidence: readonly { readonly topic: string; readonly final: boolean }[];
  readonly attesters: readonly MemberId[];
  readonly regions: readonly number[];
}

/** A line of a tag's estimate. */
export interface ScenarioLine {
  readonly line: string;
  readonly max: Amount;
  readonly maxUnitPrice: Amount | null;
  readonly quantity: number | null;
  readonly importable: boolean;
}

export type Workload = GeneratedWorkload | ListedWorkload;

/** Swaps and payments drawn from the seed. */
export interface GeneratedWorkload extends GeneratedHome {
  readonly kind: "generated";
  /** Instructions are initiated within this much time. */
  readonly durationMs: DurationMs;
  /** Modelled compliance work of a member between initiation and submission: uniform from, to. */
  readonly screeningMs: readonly [from: DurationMs, to: DurationMs];
  readonly swaps: GeneratedSwaps | null;
  /** Untagged payments between residents of one bank. */
  readonly domesticPayments: number;
  /** Payments under a tag of the scenario. */
  readonly taggedPayments: number;
  /** Payments by a resident to a non-resident member of the same bank: the money changes country. */
  readonly oneWayPayments: number;
}

export interface GeneratedSwaps {
  readonly count: number;
  /** What all swaps together are worth, in US cents at the day's rates. */
  readonly totalUsd: Amount;
  readonly pairs: readonly CurrencyPair[];
}

/** Two currencies, swapped in both directions; the shares are per cent of the count and sum to 100. */
export interface CurrencyPair {
  readonly first: ScenarioBank;
  readonly second: ScenarioBank;
  readonly share: number;
}

/** Swaps and payments as the file lists them. */
export interface ListedWorkload {
  readonly kind: "listed";
  readonly swaps: readonly ListedSwap[];
  readonly payments: readonly ListedPayment[];
  readonly orders: readonly ListedOrder[];
}

export interface ListedSwap {
  readonly atMs: DurationMs;
  /** What the initiating member pays; its account stands at the currency's bank. */
  readonly sell: ListedLeg;
  /** What its counterparty pays. */
  readonly buy: ListedLeg;
  /** The tag, by its id, whose money pays the sold leg; `null` for untagged money. */
  readonly tag: string | null;
  /** Who receives the bought currency, when it is not the member that pays for it. */
  readonly deliverTo: MemberId | null;
  /** Border facts of the terms, as `name=value`. */
  readonly facts: readonly string[];
  /** The code with which the swap is expected to be rejected; `null` when it should settle. */
  readonly rejected: ExpectedCode;
}

export interface ListedLeg {
  readonly member: MemberId;
  readonly bank: string;
  readonly currency: CurrencyCode;
  readonly amount: Amount;
}

export interface ListedPayment {
  readonly atMs: DurationMs;
  readonly bank: string;
  readonly payer: MemberId;
  readonly payee: MemberId;
  readonly amount: Amount;
  readonly tag: string | null;
  readonly line: string | null;
  readonly purpose: string | null;
  /** What the payment says of itself, as `name=value`. */
  readonly facts: readonly string[];
  /** In which way the payment diverts money; `null` for an honest one. */
  readonly diversion: string | null;
  readonly rejected: ExpectedCode;
}

/** What a run that is not simulated can do to its banks. */
export type LiveFault = KillFault | AwayFault;

/** An order of one member that pays nobody. */
export interface ListedOrder {
  readonly atMs: DurationMs;
  readonly bank: string;
  readonly member: MemberId;
  readonly action: OrderAction;
  readonly rejected: ExpectedCode;
}

/** What such an order asks for; tags and documents by their names in the file. */
export type OrderAction =
  | {
      readonly kind: "attest";
      readonly topic: string;
      readonly subject: string;
      readonly value: number;
      readonly document: string | null;
      readonly validForMs: DurationMs;
    }
  | {
      readonly kind: "contract";
      readonly tag: string;
      readonly payee: MemberId;
      readonly line: string;
      readonly amount: Amount;
      readonly document: string;
    }
  | {
      readonly kind: "freeze" | "unfreeze";
      readonly tag: string;
      readonly account: MemberId | null;
      readonly case: string;
    }
  | {
      readonly kind: "court-debit";
      readonly account: MemberId;
      readonly payee: MemberId;
      /** `null` for untagged money. */
      readonly from: string | null;
      readonly amount: Amount;
      readonly case: string;
    }
  | { readonly kind: "issue-tag" | "return-tag"; readonly tag: string; readonly amount: Amount }
  | { readonly kind: "issue" | "redeem"; readonly amount: Amount };

export type Fault = LiveFault | SimulatedFault;

export type SimulatedFault = PartitionFault | ClogFault | ClockFault | DiskFault | ByzantineFault;

export const isLiveFault = <T extends Pick<Fault, "kind">>(
  fault: T,
): fault is Extract<T, { readonly kind: LiveFault["kind"] }> =>
  fault.kind === "kill" || fault.kind === "away";

/** The bank's process ends without warning (SIGKILL); it comes back after a while, or not at all. */
export interface KillFault {
  readonly kind: "kill";
  readonly bank: string;
  readonly when: FaultTime;
  readonly restartAfterMs: DurationMs | null;
}

/** The bank is not there from that time on; at 0 it is never started. */
export interface AwayFault {
  readonly kind: "away";
  readonly bank: string;
  readonly when: { readonly kind: "at"; readonly atMs: DurationMs };
}

/** For a while nothing arrives from some banks at others, and with `bothWays` nothing from those either. */
export interface PartitionFault {
  readonly kind: "partition";
  readonly from: readonly string[];
  /** No bank is in both lists. */
  readonly to: readonly string[];
  readonly atMs: DurationMs;
  readonly forMs: DurationMs;
  readonly bothWays: boolean;
}

/** For a while every message that a bank of the list sends or is sent takes longer. */
export interface ClogFault {
  readonly kind: "clog";
  readonly banks: readonly string[];
  readonly atMs: DurationMs;
  readonly forMs: DurationMs;
  readonly delayMs: DurationMs;
}

/** The bank's clock is wrong from the start: by an offset, and by parts per million of the time that passes. */
export interface ClockFault {
  readonly kind: "clock";
  readonly bank: string;
  readonly offsetMs: number;
  readonly driftPpm: number;
}

export interface DiskFault {
  readonly kind: "disk";
  readonly bank: string;
  readonly damage: DiskDamage;
  readonly atMs: DurationMs;
}

/** From that time on the bank lies. */
export interface ByzantineFault {
  readonly kind: "byzantine";
  readonly bank: string;
  readonly behaviour: ByzantineBehaviour;
  readonly atMs: DurationMs;
}

export type FaultTime =
  | { readonly kind: "at"; readonly atMs: DurationMs }
  /** As soon as this share of the workload's swaps, in per cent, is final. */
  | { readonly kind: "settled-share"; readonly percent: number }
  /** As soon as the bank reported this step for the count-th time. */
  | { readonly kind: "step"; readonly step: SwapStep; readonly count: number };
