import type { Instant } from "../../node/time.ts";
import type { EntryRef } from "../entries.ts";
import { NONE, type SmallSet } from "../swap/small-set.ts";

/** How far a swap is whose legs are paid one after the other, at one bank (protocols.md 2.4). */
export interface GrossCourse {
  readonly kind: "gross";
  /** Legs that their banks have paid: the advice of each is its PAY. */
  paid: SmallSet;
  /** When this bank pays, once it was advised of the leg before. */
  payAt: Instant | undefined;
  /** How the own leg ended was reported, or is read from the journal. */
  isReported: boolean;
  /** The own REFUSE, once it is durable. */
  refusal: EntryRef | undefined;
}

export const newGrossCourse = (): GrossCourse => ({
  kind: "gross",
  paid: NONE,
  payAt: undefined,
  isReported: false,
  refusal: undefined,
});
