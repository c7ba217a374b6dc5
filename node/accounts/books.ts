import { invariant } from "../../crypto/outcome.ts";
import type { AccountId, MemberId, TagId, TagKey } from "../ids.ts";
import { tagKey } from "../ids.ts";
import type { Member } from "../members.ts";
import { addAmounts, subtractAmounts, ZERO, type Amount } from "../money.ts";
import { balanceKey } from "./keys.ts";
import type { Attestation } from "../attestations.ts";
import type { Facts } from "../facts.ts";
import type { Counted, Total } from "../rules/families/total.ts";
import { NO_RULES, type RuleSet } from "../rules/rule-set.ts";
import type { TaggedSpend } from "../tags/spend.ts";
import type { Tag } from "../tags/tag.ts";

/** One balance, keyed (account, tag). NonNegative: neither part is ever below zero. */
export interface Balance {
  readonly account: AccountId;
  readonly tag: TagKey;
  posted: Amount;
  /** Money under holds: it left `posted` and comes back, or goes to the payee, exactly once. */
  pending: Amount;
}

/** HoldOnce: a hold leaves `placed` exactly once, to posted or voided, and is then no longer here. */
export interface Hold {
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly tag: TagId | null;
  readonly amount: Amount;
  /** When the bank decided it. */
  readonly timeMs: number;
  /** What the hold used of its tag's line, to be put back when it is voided; nil for untagged money. */
  readonly spend: TaggedSpend | null;
  /** The tag of this bank under which the money arrives, when the leg carries another bank's tag on. */
  readonly mirror: Tag | null;
  readonly facts: Facts;
  /** What the hold added to the sums of the bank's rules. */
  readonly counts: readonly Counted[];
}

/** All that one bank's ledger says of money, derived from its domestic entries by replay. */
export interface Books {
  readonly members: Map<MemberId, Member>;
  readonly balances: Map<string, Balance>;
  readonly holds: Map<string, Hold>;
  /** Open holds of each member, for the bound on griefing. */
  readonly openHolds: Map<MemberId, number>;
  readonly tags: Map<TagKey, Tag>;
  /** What attesters have stated, by topic, subject and attester. */
  readonly attestations: Map<string, Attestation>;
  /** Sums of the bank's rules about totals. */
  readonly totals: Map<string, Total>;
  /** When an account last paid an import from tagged money. */
  readonly importReleases: Map<AccountId, number>;
  /** The bank's own rules: the set of its latest RULES entry. */
  rules: RuleSet;
  /** Conservation: posted + pending over all balances = issued - redeemed. */
  issued: bigint;
  redeemed: bigint;
}

export const newBooks = (): Books => ({
  members: new Map(),
  balances: new Map(),
  holds: new Map(),
  openHolds: new Map(),
  tags: new Map(),
  attestations: new Map(),
  totals: new Map(),
  importReleases: new Map(),
  rules: NO_RULES,
  issued: 0n,
  redeemed: 0n,
});

export const holdKey = (sidKey: string, leg: number): string => `${sidKey} ${leg}`;

export function postedOf(books: Books, account: AccountId, tag: TagId | null): Amount {
  return books.balances.get(balanceKey(account, tag))?.posted ?? ZERO;
}

export function credit(books: Books, account: AccountId, tag: TagId | null, amount: Amount): void {
  const balance = balanceOf(books, account, tag);
  const sum = addAmounts(balance.posted, amount);
  invariant(sum !== undefined, "NonNegative", `${account} exceeds the largest amount`);
  balance.posted = sum;
}

export function debit(books: Books, account: AccountId, tag: TagId | null, amount: Amount): void {
  const balance = balanceOf(books, account, tag);
  balance.posted = subtractAmounts(balance.posted, amount);
}

/** Places a hold: posted to pending of one balance. The caller has checked the funds. */
export function placeHold(books: Books, key: string, hold: Hold): void {
  invariant(!books.holds.has(key), "HoldOnce", `hold ${key} is placed already`);
  const balance = balanceOf(books, hold.payer, hold.tag);
  balance.posted = subtractAmounts(balance.posted, hold.amount);
  balance.pending = (balance.pending + hold.amount) as Amount;
  books.holds.set(key, hold);
  countHold(books, hold.payer, 1);
}

/** Takes a hold out, posted or voided: its money leaves `pending` and is the caller's to credit. */
export function takeHold(books: Books, key: string): Hold {
  const hold = books.holds.get(key);
  invariant(hold !== undefined, "HoldOnce", `hold ${key} is not placed`);
  books.holds.delete(key);
  const balance = balanceOf(books, hold.payer, hold.tag);
  balance.pending = subtractAmounts(balance.pending, hold.amount);
  countHold(books, hold.payer, -1);
  return hold;
}

function countHold(books: Books, payer: AccountId, change: 1 | -1): void {
  const member = payer as string as MemberId;
  const count = (books.openHolds.get(member) ?? 0) + change;
  if (count === 0) books.openHolds.delete(member);
  else books.openHolds.set(member, count);
}

function balanceOf(books: Books, account: AccountId, tag: TagId | null): Balance {
  const key = balanceKey(account, tag);
  let balance = books.balances.get(key);
  if (balance === undefined) {
    balance = { account, tag: tagKey(tag), posted: ZERO, pending: ZERO };
    books.balances.set(key, balance);
  }
  return balance;
}

/** Conservation and NonNegative over the whole books: `undefined` when both hold. */
export function checkConservation(books: Books): string | undefined {
  let total = 0n;
  for (const [key, balance] of books.balances) {
    if (balance.posted < 0n || balance.pending < 0n) return `NonNegative: ${key}`;
    total += balance.posted + balance.pending;
  }
  const outstanding = books.issued - books.redeemed;
  return total === outstanding
    ? undefined
    : `Conservation: ${total} held, ${outstanding} outstanding`;
}

/** TagConservation over the whole books, from the balances themselves: `undefined` when it holds. */
export function checkTagConservation(books: Books): string | undefined {
  const held = new Map<TagKey, bigint>();
  for (const balance of books.balances.values()) {
    if (balance.tag === "") continue;
    const sum = (held.get(balance.tag) ?? 0n) + balance.posted + balance.pending;
    held.set(balance.tag, sum);
  }
  for (const [key, tag] of books.tags) {
    const inBalances = held.get(key) ?? 0n;
    const gone = tag.released + tag.returned;
    if (tag.held !== inBalances || tag.issued !== inBalances + gone) {
      return `TagConservation: tag ${key.slice(0, 8)} issued ${tag.issued}, held ${inBalances}, gone ${gone}`;
    }
  }
  return undefined;
}
