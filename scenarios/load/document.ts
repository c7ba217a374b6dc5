import type { SwapStep } from "../../corridor/report.ts";
import type { MemberClassName } from "../../node/members.ts";
import type { RuleCode } from "../../node/rules/codes.ts";
import type { RuleDocument } from "./rules-document.ts";
import type { ScenarioCosts } from "../costs.ts";
import type { Diversion, Tagging } from "../home.ts";
import type { DelayModel } from "../network/network.ts";
import type {
  Arrangement,
  BorderModeName,
  DisclosureName,
  ByzantineBehaviour,
  DiskDamage,
  Expectation,
  Mode,
  SCENARIO_FORMAT,
  Signatures,
  TagKindName,
} from "../scenario.ts";

/** A scenario file as the JSON Schema describes it (`scenarios/schema.ts`), before it is checked. */
export interface ScenarioDocument {
  readonly format: typeof SCENARIO_FORMAT;
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly labels?: readonly string[];
  readonly mode?: Mode;
  readonly signatures?: Signatures;
  readonly arrangement?: Arrangement;
  readonly arrangements?: ArrangementsDocument;
  readonly seed: number;
  readonly clock?: { readonly start?: string; readonly pace?: number };
  readonly tagging?: Tagging;
  readonly connected?: number;
  readonly corridor: CorridorDocument;
  readonly banks: readonly BankDocument[];
  readonly members?: readonly MemberDocument[];
  readonly tags?: readonly TagDocument[];
  readonly rates?: { readonly file: string; readonly date: string };
  readonly workload: WorkloadDocument;
  readonly network?: NetworkDocument;
  readonly costs?: Partial<ScenarioCosts>;
  readonly openApi?: {
    readonly banks?: "all" | readonly string[];
    readonly keepOpenMs?: number;
  };
  readonly faults?: readonly FaultDocument[];
  readonly expect: readonly Expectation[];
}

export interface CorridorDocument {
  readonly byzantine: number;
  readonly crashed: number;
  readonly deltaMs: number;
  readonly ttlMs: number;
  readonly chain?: 2 | 3;
}

export interface ArrangementsDocument {
  readonly htlc?: { readonly deltaMaxMs?: number; readonly epsilonMs?: number };
  readonly twoPhase?: { readonly hub?: string; readonly prepareMs?: number };
  readonly gross?: { readonly lagMs?: number };
  readonly netting?: {
    readonly hub?: string;
    readonly cycleMs?: number;
    readonly payInMs?: number;
  };
}

export interface BankDocument {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly decimals?: number;
  readonly ruleFiles?: readonly string[];
  readonly rules?: readonly RuleDocument[];
  readonly utcOffsetMinutes?: number;
  readonly vatBasisPoints?: number;
}

export interface MemberDocument {
  readonly id: string;
  readonly name?: string;
  readonly bank: string;
  readonly class: MemberClassName;
  readonly reserves?: string;
  readonly issue?: string;
  readonly through?: string;
  readonly nonResidentAt?: "all" | readonly string[];
}

export interface TagDocument {
  readonly id: string;
  readonly owner: string;
  readonly kind: TagKindName;
  readonly colour: string;
  readonly reference: string;
  readonly purposes: readonly string[];
  readonly payees: readonly { readonly account: string; readonly final: boolean }[];
  readonly lines: readonly LineDocument[];
  readonly issue?: string;
  readonly validForMs: number;
  readonly borderMode?: BorderModeName;
  readonly countries?: readonly string[];
  readonly maxDepth?: number;
  readonly disclosure?: DisclosureName;
  readonly evidence?: readonly { readonly topic: string; readonly final?: boolean }[];
  readonly attesters?: readonly string[];
  readonly regions?: readonly number[];
}

export interface LineDocument {
  readonly line: string;
  readonly max: string;
  readonly maxUnitPrice?: string;
  readonly quantity?: number;
  readonly importable?: boolean;
}

export type WorkloadDocument = GeneratedDocument | ListedDocument;

export interface GeneratedDocument {
  readonly kind: "generated";
  readonly durationMs: number;
  readonly screeningMs?: readonly number[];
  readonly swaps?: {
    readonly count: number;
    readonly totalUsd: string;
    readonly pairs: readonly { readonly pair: string; readonly share: number }[];
  };
  readonly domesticPayments?: number;
  readonly taggedPayments?: number;
  readonly oneWayPayments?: number;
  readonly procurement?: ProcurementDocument;
  readonly meals?: MealsDocument;
  readonly vat?: VatDocument;
}

export interface ProcurementDocument {
  readonly purchases: number;
  readonly diversions?: Partial<Record<Diversion, number>>;
  readonly inflationPercent?: number;
  readonly lateActsPercent?: number;
}

export interface MealsDocument {
  readonly children: number;
  readonly days: number;
  readonly price: string;
  readonly absentPercent?: number;
  readonly secondPercent?: number;
}

export interface VatDocument {
  readonly invoices: number;
  readonly days: number;
  readonly gross: string;
  readonly insidePercent: number;
  readonly missingPercent: number;
  readonly refundDaysOutside: readonly number[];
  readonly refundDaysInside: readonly number[];
}

export interface ListedDocument {
  readonly kind: "listed";
  readonly swaps?: readonly ListedSwapDocument[];
  readonly payments?: readonly ListedPaymentDocument[];
  readonly orders?: readonly ListedOrderDocument[];
}

export interface ListedOrderDocument {
  readonly atMs: number;
  readonly bank: string;
  readonly member: string;
  readonly rejected?: RuleCode;
  readonly order: OrderDocument;
}

export type OrderDocument =
  | {
      readonly kind: "attest";
      readonly topic: string;
      readonly subject: string;
      readonly value?: number;
      readonly document?: string;
      readonly validForMs?: number;
    }
  | {
      readonly kind: "contract";
      readonly tag: string;
      readonly payee: string;
      readonly line: string;
      readonly amount: string;
      readonly document: string;
    }
  | {
      readonly kind: "freeze" | "unfreeze";
      readonly tag: string;
      readonly account?: string;
      readonly case: string;
    }
  | {
      readonly kind: "court-debit";
      readonly account: string;
      readonly payee: string;
      readonly from?: string;
      readonly amount: string;
      readonly case: string;
    }
  | { readonly kind: "issue-tag" | "return-tag"; readonly tag: string; readonly amount: string }
  | { readonly kind: "issue" | "redeem"; readonly amount: string };

export interface ListedSwapDocument {
  readonly atMs: number;
  readonly sell: ListedLegDocument;
  readonly buy: ListedLegDocument;
  readonly tag?: string;
  readonly deliverTo?: string;
  readonly facts?: readonly string[];
  readonly rejected?: RuleCode;
}

export interface ListedLegDocument {
  readonly member: string;
  readonly currency: string;
  readonly amount: string;
}

export interface ListedPaymentDocument {
  readonly atMs: number;
  readonly bank: string;
  readonly payer: string;
  readonly payee: string;
  readonly amount: string;
  readonly tag?: string;
  readonly line?: string;
  readonly purpose?: string;
  readonly facts?: readonly string[];
  readonly diversion?: string;
  readonly rejected?: RuleCode;
}

export interface NetworkDocument {
  /** The name of a topology, or the path of a file. */
  readonly topology?: string;
  readonly model?: DelayModel;
  readonly bandwidthMbps?: number | null;
  readonly lossPercent?: number;
  readonly duplicatePercent?: number;
  readonly reorder?: boolean;
}

export type FaultDocument =
  | {
      readonly kind: "kill";
      readonly bank: string;
      readonly when: FaultTimeDocument;
      readonly restartAfterMs?: number;
    }
  | { readonly kind: "away"; readonly bank: string; readonly when: { readonly atMs: number } }
  | {
      readonly kind: "partition";
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly atMs: number;
      readonly forMs: number;
      readonly bothWays?: boolean;
    }
  | {
      readonly kind: "clog";
      readonly banks: readonly string[];
      readonly atMs: number;
      readonly forMs: number;
      readonly delayMs: number;
    }
  | {
      readonly kind: "clock";
      readonly bank: string;
      readonly offsetMs?: number;
      readonly driftPpm?: number;
    }
  | {
      readonly kind: "disk";
      readonly bank: string;
      readonly damage: DiskDamage;
      readonly atMs: number;
    }
  | {
      readonly kind: "byzantine";
      readonly bank: string;
      readonly behaviour: ByzantineBehaviour;
      readonly atMs: number;
    };

/** One of `atMs`, `settledShare` and `step`. */
export interface FaultTimeDocument {
  readonly atMs?: number;
  readonly settledShare?: number;
  readonly step?: SwapStep;
  readonly count?: number;
}

/** A document in which whatever the schema refused is absent, so that the rest can still be checked. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;
