import type { Hash } from "../../crypto/hash.ts";
import type { Books } from "../accounts/books.ts";
import type { Facts } from "../facts.ts";
import type { AccountId, TagId } from "../ids.ts";
import type { Amount } from "../money.ts";
import type { TagDefinition } from "../tags/definition.ts";
import type { Tag } from "../tags/tag.ts";
import type { LegTerms } from "../terms.ts";
import type { RuleCode } from "./codes.ts";

/** What a rule says no to, or notes: the code, the rule that decided, what it saw and what the limit was. */
export interface RuleRejection {
  readonly code: RuleCode;
  readonly rule: string;
  /** What the rule looked at, in words with its values. */
  readonly found: string;
  /** What would have passed. */
  readonly allowed: string;
}

/** What a rule found; `flag` lets the movement pass and is noted in its entry. */
export interface Finding {
  readonly code: RuleCode;
  readonly found: string;
  readonly allowed: string;
  readonly flag?: true;
}

/** What a movement is about, numbered as the orders that ask for it. */
export const CHANNEL = {
  issue: 1,
  redeem: 2,
  transfer: 3,
  swap: 4,
  "define-tag": 5,
  "issue-tag": 6,
  "return-tag": 7,
  attest: 8,
  contract: 9,
  freeze: 10,
  unfreeze: 11,
  "court-debit": 12,
} as const;

export type Channel = keyof typeof CHANNEL;

/** Channels by which money moves; the others change what the bank knows. */
export const MOVES_MONEY: ReadonlySet<Channel> = new Set([
  "issue",
  "redeem",
  "transfer",
  "swap",
  "issue-tag",
  "return-tag",
  "court-debit",
]);

/** One movement of money, or one change of what is known, as the rules see it. They see nothing else. */
export interface Movement {
  readonly channel: Channel;
  readonly payer: AccountId;
  /** Who ordered it, when it was not the payer: only of `court-debit`. */
  readonly by: AccountId | null;
  /** The account that receives; of a swap leg, at this very bank; of a freeze, the one frozen. */
  readonly payee: AccountId | null;
  /** The column the money comes from; nil for untagged. */
  readonly tag: TagId | null;
  readonly amount: Amount;
  readonly line: string | null;
  readonly purpose: string | null;
  /** What the payment says of itself; of a swap, the border facts of its terms. */
  readonly facts: Facts;
  /** Only when the channel is `define-tag`; `net` is that of the instruction. */
  readonly definition: {
    readonly id: TagId;
    readonly value: TagDefinition;
    readonly net: Hash;
  } | null;
  /** Only of a swap's leg: all legs, and when its hold can no longer be asked for, in milliseconds. */
  readonly legs: readonly LegTerms[] | null;
  readonly expiryMs: number | null;
  /** Only of `freeze`, `unfreeze` and `court-debit`. */
  readonly case: string | null;
  readonly timeMs: number;
}

export type Basis = "law" | "pilot" | "model";

/**
 * A rule is pure: books and movement in, a finding or nothing out. It has no clock, no randomness
 * and no floats. These are the rules that every bank has; a bank's own are data (`rule-set.ts`).
 */
export interface Rule {
  readonly id: string;
  /** What the rule rests on: law, pilot, or a choice of this model. */
  readonly basis: Basis;
  /** `tag` is the movement's, if it has one that is defined. */
  check(books: Books, movement: Movement, tag: Tag | undefined): Finding | undefined;
}
