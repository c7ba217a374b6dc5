import type { RuleRejection } from "../node/rules/rule.ts";
import type { Instant } from "../node/time.ts";

/** When each step of a swap happened at this bank, by its clock, in microseconds; 0 when it did not or is not known. */
export interface SwapTimes {
  /** The member's submission reached this bank. */
  received: Instant;
  /** This bank announced the swap, or first saw its announcement. */
  announced: Instant;
  locked: Instant;
  voted: Instant;
  /** A certificate was complete here. */
  decided: Instant;
  /** The SETTLE or VOID of this bank's leg is durable. */
  final: Instant;
}

export type SwapStep =
  | "announced"
  | "terms"
  | "locked"
  | "refused"
  | "voted"
  | "status"
  | "led"
  | "accepted"
  | "confirmed"
  | "decided"
  | "settled"
  | "voided"
  | "claimed"
  | "prepared"
  | "inquired"
  | "paid";

/** What a bank tells its operator; nothing of it goes to another bank. */
export type Report =
  /** The bank has asked its peers for its own newest block and may sign. */
  | { readonly kind: "ready"; readonly head: number }
  /** A member's instruction was taken in (durable), or refused without a trace. */
  | {
      readonly kind: "instruction";
      readonly member: string;
      readonly number: number;
      readonly status: "executed" | "rejected" | "exists" | "waiting" | "refused";
      readonly code?: string;
      readonly rule?: string;
      readonly found?: string;
      readonly allowed?: string;
      /** Rules that noted it and let it pass. */
      readonly notes?: readonly RuleRejection[];
    }
  /** A swap in which this bank takes part is final here. */
  | {
      readonly kind: "swap";
      readonly sid: string;
      readonly commitment: string;
      readonly outcome: "settled" | "voided";
      readonly view: number;
      readonly refusal: string | null;
      readonly times: SwapTimes;
    }
  /** One step of one swap; reported when tracing is on. */
  | { readonly kind: "step"; readonly sid: string; readonly step: SwapStep; readonly view: number }
  /** A block with entries of swaps was sent or first received; reported when tracing is on. */
  | {
      readonly kind: "block";
      readonly direction: "out" | "in";
      readonly bank: number;
      readonly seq: number;
      readonly peer: number;
      readonly entries: readonly string[];
    }
  /** A private message of a swap was sent or received; reported when tracing is on. */
  | {
      readonly kind: "private";
      readonly direction: "out" | "in";
      readonly message: "TERMS" | "DECLINE";
      readonly peer: number;
      readonly sid: string;
      readonly bytes: number;
    }
  | {
      readonly kind: "warning";
      readonly code: string;
      readonly peer: number | null;
      readonly detail: string;
    };
