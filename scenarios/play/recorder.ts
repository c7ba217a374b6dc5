import { unreachable } from "../../crypto/outcome.ts";
import type { Report } from "../../corridor/report.ts";
import type { BankEvent } from "../commands/bank.ts";
import type { PlannedPayment, PlannedSwap } from "../workload/plan.ts";
import type { Submission, SwapSubmission } from "./wallet.ts";

export type SwapReport = Extract<Report, { readonly kind: "swap" }>;
type InstructionReport = Extract<Report, { readonly kind: "instruction" }>;

/** One swap of the workload as the run went on. */
export interface TrackedSwap {
  readonly plan: PlannedSwap;
  initiatedUs: number;
  submittedUs: number;
  submission: SwapSubmission | undefined;
  /** The answer of the bank of the sold leg, when it was turned down there. */
  refusal: InstructionReport | undefined;
  /** What each bank taking part reported at the end, by its id. */
  readonly finals: Map<string, SwapReport>;
  closed: boolean;
}

export interface TrackedPayment {
  readonly plan: PlannedPayment;
  submittedUs: number;
  submission: Submission | undefined;
  answer: InstructionReport | undefined;
  answeredUs: number;
}

export interface TimedEvent {
  readonly bank: string;
  readonly event: BankEvent;
}

/** Follows the banks' reports and keeps what the result needs. */
export class Recorder {
  readonly swaps: readonly TrackedSwap[];
  readonly payments: readonly TrackedPayment[];
  /** Reports of steps, blocks and private messages, in order of arrival. */
  readonly trace: TimedEvent[] = [];
  readonly #byCommitment = new Map<string, TrackedSwap>();
  readonly #byNumber = new Map<string, TrackedPayment | TrackedSwap | "opening">();

  constructor(swaps: readonly PlannedSwap[], payments: readonly PlannedPayment[]) {
    this.swaps = swaps.map((plan) => ({
      plan,
      initiatedUs: 0,
      submittedUs: 0,
      submission: undefined,
      refusal: undefined,
      finals: new Map(),
      closed: false,
    }));
    this.payments = payments.map((plan) => ({
      plan,
      submittedUs: 0,
      submission: undefined,
      answer: undefined,
      answeredUs: 0,
    }));
  }

  expectAnswer(submission: Submission, of: TrackedPayment | TrackedSwap | "opening"): void {
    this.#byNumber.set(answerKey(submission.bank, submission.member, submission.number), of);
  }

  expectSwap(swap: TrackedSwap, submission: SwapSubmission): void {
    swap.submission = submission;
    this.#byCommitment.set(submission.commitment, swap);
    this.expectAnswer(submission, swap);
  }

  /** Takes how a swap ended from a bank's ledger, unless the bank has reported it. */
  recall(bank: string, final: SwapReport): TrackedSwap | undefined {
    const swap = this.#byCommitment.get(final.commitment);
    if (swap === undefined || swap.finals.has(bank)) return undefined;
    swap.finals.set(bank, final);
    return swap;
  }

  /** Takes a bank's report; returns the swap that it may have closed, or what was answered. */
  take(
    bank: string,
    number: number,
    report: Report,
    at: number,
  ): TrackedSwap | TrackedPayment | "opening" | undefined {
    switch (report.kind) {
      case "swap": {
        const swap = this.#byCommitment.get(report.commitment);
        swap?.finals.set(bank, report);
        return swap;
      }
      case "instruction": {
        const key = answerKey(number, report.member, report.number);
        const what = this.#byNumber.get(key);
        if (what === undefined || what === "opening") return what;
        if ("answer" in what) {
          what.answer ??= report;
          what.answeredUs = at;
        } else if (report.status !== "executed" && report.status !== "exists") {
          what.refusal ??= report;
        }
        return what;
      }
      case "step":
      case "block":
      case "private":
        this.trace.push({ bank, event: { event: "report", at, report } });
        return undefined;
      case "ready":
      case "warning":
        return undefined;
      default:
        return unreachable(report);
    }
  }
}

const answerKey = (bank: number, member: string, number: number): string =>
  `${bank} ${member} ${number}`;
