import type { Books } from "../accounts/books.ts";
import type { AccountId, TagId } from "../ids.ts";
import type { Amount } from "../money.ts";
import type { TagDefinition } from "../tags/definition.ts";

/** Codes of the domestic rules (digital-tenge domain list; REJECTION_TEXT explains each in words). */
export type RuleCode =
  | "MEMBER_NOT_CONNECTED"
  | "CLASS_FORBIDDEN"
  | "MINT_FORBIDDEN"
  | "AMOUNT_INVALID"
  | "TERMS_INVALID"
  | "TAG_UNKNOWN"
  | "TAG_EXISTS"
  | "TAG_DEFINITION_INVALID"
  | "TAG_OWNER_ONLY"
  | "TAG_EXPIRED"
  | "TAG_REDEEM_FORBIDDEN"
  | "TAG_PAYEE_NOT_ALLOWED"
  | "TAG_PURPOSE_MISMATCH"
  | "TAG_LINE_NOT_IN_ESTIMATE"
  | "TAG_LINE_EXHAUSTED"
  | "TAG_EXPORT_FORBIDDEN"
  | "LIMIT_BALANCE"
  | "HOLD_BUDGET"
  | "RESERVES_INSUFFICIENT"
  | "FUNDS_INSUFFICIENT"
  | "PVP_EXPIRED";

/** What a rule says no to: the code, the rule that decided, what it saw and what the limit was. */
export interface RuleRejection {
  readonly code: RuleCode;
  readonly rule: string;
  /** What the rule looked at, in words with its values. */
  readonly found: string;
  /** What would have passed. */
  readonly allowed: string;
}

/** One movement of money, or one change of a tag, as the rules see it. They see nothing else. */
export interface Movement {
  readonly channel:
    "issue" | "redeem" | "transfer" | "swap" | "define-tag" | "issue-tag" | "return-tag";
  readonly payer: AccountId;
  /** The account that receives; of a swap leg, at this very bank. */
  readonly payee: AccountId | null;
  /** The column the money comes from; nil for untagged. */
  readonly tag: TagId | null;
  readonly amount: Amount;
  readonly line: string | null;
  readonly purpose: string | null;
  /** Only when the channel is `define-tag`. */
  readonly definition: { readonly id: TagId; readonly value: TagDefinition } | null;
  /** When a swap leg's hold can no longer be asked for, in milliseconds. */
  readonly expiryMs: number | null;
  readonly timeMs: number;
}

/**
 * A rule is pure: books and movement in, a rejection or nothing out. It has no clock, no randomness
 * and no floats. To add a family: one file that exports rules, named in `order.ts`.
 */
export interface Rule {
  readonly id: string;
  /** What the rule rests on: law, pilot, or a choice of this model. */
  readonly basis: "law" | "pilot" | "model";
  check(books: Books, movement: Movement): Omit<RuleRejection, "rule"> | undefined;
}
