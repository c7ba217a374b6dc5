import { bin, text, uint } from "../crypto/canonical-layout.ts";
import { hashKey, type Hash } from "../crypto/hash.ts";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";

/** A bank's number in the corridor: given once, never reused. */
export type BankNumber = number & { readonly __brand: "BankNumber" };

/** A member of a bank: an account holder, by its name at that bank. */
export type MemberId = string & { readonly __brand: "MemberId" };

/** An account at a bank. A member's account has the member's name. */
export type AccountId = string & { readonly __brand: "AccountId" };

/** The hash of a tag's definition, or the empty tag of untagged money. */
export type TagId = Hash;

/** A tag as a map key: 64 hex digits, or the empty string for untagged money. */
export type TagKey = string;

export const UNTAGGED: TagKey = "";

export interface NameRejection {
  readonly code: "name_invalid";
  readonly found: string;
  readonly want: string;
}

export const NAME_PATTERN = /^[a-z][a-z0-9-]{1,31}$/;
const NAME_WANT = "2 to 32 of a-z, 0-9 and -, beginning with a letter";

/** Parses the name of a bank, member or account; look-alike letters of other scripts are refused. */
export function parseName(found: string): Outcome<string, NameRejection> {
  return NAME_PATTERN.test(found)
    ? ok(found)
    : reject({ code: "name_invalid", found: printable(found), want: NAME_WANT });
}

export const bankNumber = (n: number): BankNumber => n as BankNumber;
export const memberId = (name: string): MemberId => name as MemberId;
export const accountId = (name: string): AccountId => name as AccountId;

/** A member's account has the member's name, and so the other way round. */
export const accountOf = (member: MemberId): AccountId => accountId(member);
export const memberOf = (account: AccountId): MemberId => memberId(account);

export const tagKey = (tag: TagId | null): TagKey => (tag === null ? UNTAGGED : hashKey(tag));

export const bankLayout = uint(65_535);
export const memberLayout = text<MemberId>(32, { min: 2, pattern: NAME_PATTERN });
export const accountLayout = text<AccountId>(32, { min: 2, pattern: NAME_PATTERN });
export const hashLayout = bin<Hash>(32);

function printable(found: string): string {
  return JSON.stringify(found.slice(0, 64));
}
