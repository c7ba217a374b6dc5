import type { HomeRow } from "./measures/home/home-row.ts";
import type { TagRow } from "./measures/tag-row.ts";

/** What a run leaves behind, as its folder holds it: the source of every table, file and plot. */
export interface RunResult {
  readonly manifest: Manifest;
  readonly swaps: readonly SwapRow[];
  readonly payments: readonly PaymentRow[];
  readonly diagram: SwapDiagram | null;
}

export interface Manifest {
  readonly format: "daliz-run/1";
  readonly scenario: string;
  readonly title: string;
  readonly question: string;
  readonly mode: "live" | "sim";
  readonly arrangement: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  /** Package, Node.js and OpenSSL versions; the verdicts do not depend on them. */
  readonly versions: Readonly<Record<string, string>>;
  /** What is modelled rather than executed, in sentences; printed in every output. */
  readonly modelled: readonly string[];
  /** Of a simulated run: whether its banks signed with Ed25519, or with digests in its place. */
  readonly signatures?: "real" | "modelled";
  /** Of a simulated run: tells its history from every other one. */
  readonly traceHash?: string;
  /** Of a simulated run: how many things happened in it. */
  readonly events?: number;
  readonly banks: readonly BankSummary[];
  /** The head of every ledger: up to here every byte of the file is vouched for. */
  readonly heads: readonly LedgerHead[];
  readonly conservation: readonly ConservationRow[];
  readonly audit: AuditSummary;
  readonly visibility: readonly VisibilityRow[];
  /** What happened to banks: started, killed, restarted, with its time in the run. */
  readonly faults: readonly {
    readonly atMs: number;
    readonly bank: string;
    readonly what: string;
  }[];
  readonly expectations: readonly {
    readonly name: string;
    readonly holds: boolean;
    readonly detail: string;
  }[];
  /** Of a simulated run: what its checkers say of each property of the protocol. */
  readonly properties?: readonly PropertyRow[];
  /** Of a run whose swaps were netted: what moved between members and the hub, by currency. */
  readonly netting?: readonly NettingRow[];
  /** Where the money of each tag went, by the ledgers. */
  readonly tags?: readonly TagRow[];
  /** What each ledger says of its bank's home. */
  readonly home?: readonly HomeRow[];
  /** Of a run with one shared ledger: certificates that make a block final, and views of one leader. */
  readonly sharedLedger?: { readonly chain: 2 | 3; readonly term: number };
  /** From the start of the first process until every bank had linked and might sign. */
  readonly connectedMs: number;
  /** The scenario after every `--set`, as plain JSON: the parameters of the run. */
  readonly document?: unknown;
}

/** Amounts are decimal strings of minor units. */
export interface NettingRow {
  readonly currency: string;
  /** What settlement swap by swap would have moved. */
  readonly gross: string;
  /** What members paid in. */
  readonly funded: string;
}

export interface PropertyRow {
  /** P1 to P15; of a shared ledger C1 to C8. */
  readonly name: string;
  readonly meaning: string;
  /**
   * Results and no failures: `documented`, violated as the arrangement says that it may be; `beyond
   * budget`, violated with more faults than the corridor is to stand.
   */
  readonly verdict: "holds" | "violated" | "documented" | "beyond budget" | "not applicable";
  readonly detail: string;
}

export interface BankSummary {
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly decimals: number;
  readonly members: number;
}

export interface LedgerHead {
  readonly bank: string;
  readonly file: string;
  readonly seq: number;
  readonly hash: string;
  /** Bytes of the file up to the end of the head block's record. */
  readonly bytes: number;
}

/** Amounts are decimal strings of minor units. */
export interface ConservationRow {
  readonly currency: string;
  readonly issued: string;
  readonly redeemed: string;
  readonly posted: string;
  readonly pending: string;
  readonly holds: boolean;
}

export interface AuditSummary {
  readonly passed: boolean;
  readonly blocks: number;
  readonly entries: number;
  readonly signatures: number;
  readonly swaps: number;
  readonly findings: readonly string[];
  /** Swaps that ended half paid, as their arrangement allows. */
  readonly splits?: readonly string[];
}

/** What one role could see of the swaps, counted in what it actually received. */
export interface VisibilityRow {
  readonly role: string;
  /** Swaps of which the role saw that they exist, who settles them and until when. */
  readonly announcements: number;
  readonly amounts: number;
  readonly parties: number;
  readonly outcomes: number;
  readonly note: string;
}

/** One swap. Times are microseconds since the Unix epoch, 0 where it did not happen; amounts in minor units. */
export interface SwapRow {
  readonly id: string;
  readonly sid: string;
  readonly arrangement: string;
  readonly pair: string;
  readonly sellCurrency: string;
  readonly sellAmount: string;
  readonly buyCurrency: string;
  readonly buyAmount: string;
  /** Value in US cents at the scenario's rate: for tables only, no money moves by it. */
  readonly usdCents: string;
  readonly payer: string;
  readonly counterparty: string;
  readonly outcome: "settled" | "voided" | "split" | "rejected" | "unresolved";
  readonly reason: string;
  /** 0 when the certificate is of VOTEs; the view of the slow path otherwise. */
  readonly view: number;
  readonly initiatedUs: number;
  readonly submittedUs: number;
  readonly receivedUs: number;
  readonly announcedUs: number;
  readonly lockedSellUs: number;
  readonly lockedBuyUs: number;
  readonly decidedUs: number;
  readonly finalSellUs: number;
  readonly finalBuyUs: number;
  /** Instruction clock: from initiation (with modelled screening) to final on both ledgers. */
  readonly processMs: number | null;
  /** Ledger clock: from arrival at the first bank to the later of the two durable SETTLEs. */
  readonly settleMs: number | null;
  /** From the first LOCK to the last SETTLE or VOID: how long liquidity was held. */
  readonly heldMs: number | null;
}

export interface PaymentRow {
  readonly id: string;
  readonly kind: string;
  readonly bank: string;
  readonly currency: string;
  readonly payer: string;
  readonly payee: string;
  readonly amount: string;
  readonly tag: string;
  readonly outcome: "executed" | "rejected" | "refused" | "unanswered";
  readonly reason: string;
  /** The code with which it was expected to be rejected; `any` when it was open. */
  readonly expected: string;
  /** In which way it was to divert money; empty for an honest one. */
  readonly diversion: string;
  readonly submittedUs: number;
  readonly finalUs: number;
}

/** One swap as its messages went, for the sequence diagram. */
export interface SwapDiagram {
  readonly id: string;
  readonly sid: string;
  readonly pair: string;
  /** Banks in drawing order: the two taking part first, then witnesses. */
  readonly banks: readonly { readonly id: string; readonly role: "taking part" | "witness" }[];
  readonly messages: readonly {
    readonly from: string;
    readonly to: string;
    readonly sentUs: number;
    readonly receivedUs: number;
    /** Entries about this swap in the block, such as `LOCK VOTE`, or `TERMS`. */
    readonly label: string;
    readonly isPrivate: boolean;
  }[];
  readonly steps: readonly {
    readonly bank: string;
    readonly atUs: number;
    readonly label: string;
  }[];
}
