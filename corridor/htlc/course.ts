import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { NONE, type SmallSet } from "../swap/small-set.ts";
import type { EntryRef } from "../entries.ts";

/** A leg as its bank has locked it: until the secret of `hash` is shown, or until the time. */
export interface HashLock {
  readonly hash: Hash;
  readonly untilMs: number;
}

/** How far a swap is under hash time-locked contracts, at one bank (protocols.md 2.1). */
export interface HtlcCourse {
  readonly kind: "htlc";
  /** The HLOCK of each leg by the bank that owns its ledger: the first that was seen. */
  readonly locks: (HashLock | undefined)[];
  /** Secrets shown for each leg by the bank that may claim it; an honest one shows one. */
  readonly claims: Bytes[][];
  /** Legs with an own CLAIM. */
  claimed: SmallSet;
  /** The own REFUSE, once it is durable. */
  refusal: EntryRef | undefined;
}

export const newHtlcCourse = (legs: number): HtlcCourse => ({
  kind: "htlc",
  locks: Array.from({ length: legs }, () => undefined),
  claims: Array.from({ length: legs }, () => []),
  claimed: NONE,
  refusal: undefined,
});
