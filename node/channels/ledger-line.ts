import type { AccountId, MemberId, TagKey } from "../ids.ts";
import type { Instruction } from "../instruction.ts";
import type { Amount } from "../money.ts";

export type LineKind =
  | "issue"
  | "redeem"
  | "payment"
  | "hold"
  | "post"
  | "void"
  | "tag-issue"
  | "tag-return"
  | "court-debit"
  | "statement"
  | "rejection";

/** What one domestic entry tells a member: who ordered what, and what it did to which balances. */
export interface LedgerLine {
  readonly place: Place;
  readonly kind: LineKind;
  readonly timeMs: number;
  /** The instruction that the entry takes in; `null` when a rule, or the corridor, moved the money. */
  readonly order: TakenOrder | null;
  readonly from: AccountId | null;
  readonly to: AccountId | null;
  readonly amount: Amount;
  /** The column that was paid from; empty for untagged money. */
  readonly tag: TagKey;
  readonly line: string | null;
  readonly purpose: string | null;
  readonly invoice: string | null;
  /** The documents that the tag asked for as evidence. */
  readonly evidence: readonly Evidence[];
  readonly swap: SwapLeg | null;
  readonly rejection: { readonly code: string; readonly rule: string } | null;
  /** The entry's whole effect on balances: one part for each of them. */
  readonly parts: readonly Part[];
}

/** Where an entry stands in its bank's ledger: block, and place among the block's domestic entries. */
export interface Place {
  readonly seq: number;
  readonly index: number;
}

export interface TakenOrder {
  readonly member: MemberId;
  readonly number: number;
  /** Of the instruction, in hex. */
  readonly hash: string;
}

export interface SwapLeg {
  readonly sid: string;
  readonly leg: number;
  /** To the terms, in hex. */
  readonly commitment: string;
}

export interface Evidence {
  readonly topic: string;
  /** In hex. */
  readonly document: string;
}

/** What an entry did to one balance, in minor units. */
export interface Part {
  readonly account: AccountId;
  readonly tag: TagKey;
  readonly posted: bigint;
  readonly pending: bigint;
}

/** A line's name in statements and event streams: it stays the same for ever. */
export const renderPlace = ({ seq, index }: Place): string => `${seq}.${index}`;

export function parsePlace(found: string): Place | undefined {
  const match = /^([1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,4})$/.exec(found);
  return match === null ? undefined : { seq: Number(match[1]), index: Number(match[2]) };
}

export const comparePlaces = (a: Place, b: Place): number =>
  a.seq === b.seq ? a.index - b.index : a.seq - b.seq;

export const orderKey = (order: Pick<Instruction, "member" | "number">): string =>
  `${order.member} ${order.number}`;
