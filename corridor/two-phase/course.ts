import type { Instant } from "../../node/time.ts";
import type { Decision, EntryRef } from "../entries.ts";

/** How far a swap is under two-phase commit, at one bank (protocols.md 2.2). */
export interface TwoPhaseCourse {
  readonly kind: "two-phase";
  /** The hub has asked for votes, as far as this bank knows. */
  hasPrepared: boolean;
  /** At the hub: its PREPARE was read from the journal after a restart. */
  isRecovered: boolean;
  /** At the hub: it has signed a DECIDE, perhaps not durable yet. */
  hasDecided: boolean;
  hasInquired: boolean;
  /** Another bank asks what was decided. */
  isAsked: boolean;
  /** The hub's DECIDE: the first that was seen. */
  decide: { readonly decision: Decision; readonly ref: EntryRef } | undefined;
  /** A REFUSE by a bank taking part: the hub cannot COMMIT any more. */
  refusal: EntryRef | undefined;
  /** When this bank stops waiting: the hub for votes, the others for the hub. */
  waitsUntil: Instant | undefined;
}

export const newTwoPhaseCourse = (): TwoPhaseCourse => ({
  kind: "two-phase",
  hasPrepared: false,
  isRecovered: false,
  hasDecided: false,
  hasInquired: false,
  isAsked: false,
  decide: undefined,
  refusal: undefined,
  waitsUntil: undefined,
});
