import type { Step } from "../bank-state.ts";
import type { Deadline } from "../deadlines.ts";
import type { EntryRef, SwapEntry } from "../entries.ts";
import type { Swap } from "./swap.ts";

export type SwapDeadline = Extract<Deadline, { readonly kind: "swap-ttl" | "swap-view" }>;

/**
 * What a bank does about one swap under one arrangement. The announcement is known, and every function
 * is guarded by what this bank has already signed, so that calling it again changes nothing.
 */
export interface SwapMachine {
  /** Notes one entry by a bank that validly signed the block it stands in. */
  readonly record: (
    step: Step,
    swap: Swap,
    seen: { readonly author: number; readonly ref: EntryRef; readonly entry: SwapEntry },
  ) => void;
  /** Takes every step that what is known of the swap allows. */
  readonly pump: (step: Step, swap: Swap) => void;
  /** Starts the timer of the phase that the swap is in: when it is first seen, and after a restart. */
  readonly arm: (step: Step, swap: Swap) => void;
  /** A timer of the swap has come. */
  readonly due: (step: Step, swap: Swap, deadline: SwapDeadline) => void;
}
