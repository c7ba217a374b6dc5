import type { DomesticDraft } from "../../node/ledger/domestic-entries.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { Announcement } from "../announcement.ts";
import type { Step } from "../bank-state.ts";
import type { Deadline } from "../deadlines.ts";
import type { ClosingEntry, CorridorEntry, SwapEntry } from "../entries.ts";
import type { Course, SeenEntry, Swap } from "./swap.ts";

export type SwapDeadline = Extract<
  Deadline,
  { readonly kind: "swap-ttl" | "swap-view" | "swap-due" }
>;

/**
 * What a bank does about one swap under one arrangement. Every function is guarded by what this bank has
 * already signed, so that calling it again changes nothing (Idempotence).
 */
export interface SwapMachine {
  readonly newCourse: (announcement: Announcement) => Course | undefined;
  /** Whether a bank has anything to do about the swap; if not, it opens none. */
  readonly concerns: (announcement: Announcement, bank: number) => boolean;
  /** Why an announcement that is sound in itself is of no use under this arrangement. */
  readonly whyUnusable: (
    announcement: Announcement,
    genesis: Pick<Genesis, "banks">,
  ) => string | undefined;
  /** What the announcing bank signs beside the ANNOUNCE, and what goes with the HOLDs of its legs. */
  readonly open: (
    swap: Swap,
    step: Step,
  ) => { readonly corridor: readonly CorridorEntry[]; readonly domestic: readonly DomesticDraft[] };
  /** Notes one entry by a bank that validly signed the block it stands in. */
  readonly record: (step: Step, swap: Swap, seen: SeenEntry<SwapEntry>) => void;
  /** Takes every step that what is known of the swap allows. */
  readonly pump: (step: Step, swap: Swap) => void;
  /** Starts the timer of the phase that the swap is in: when it is first seen, and after a restart. */
  readonly arm: (step: Step, swap: Swap) => void;
  readonly due: (step: Step, swap: Swap, deadline: SwapDeadline) => void;
  /** An own entry that closed a leg, as it is replayed. */
  readonly replayClosing: (step: Step, swap: Swap, entry: ClosingEntry) => void;
}
