import { postedOf } from "../accounts/books.ts";
import { memberOf, tagKey } from "../ids.ts";
import { MAX_ATTESTATIONS, MAX_OPEN_HOLDS_PER_MEMBER } from "../limits.ts";
import { MAX_AMOUNT } from "../money.ts";
import { MOVES_MONEY, type Rule } from "./rule.ts";

/** A hold is asked for before the swap expires. */
export const swapInTime: Rule = {
  id: "PVP-1",
  basis: "model",
  check: (_books, { channel, expiryMs, timeMs }) =>
    channel === "swap" && expiryMs !== null && timeMs >= expiryMs
      ? { code: "PVP_EXPIRED", found: `time ${timeMs}`, allowed: `before ${expiryMs}` }
      : undefined,
};

/** A silent counterparty ties up a bounded number of a member's holds. */
export const holdBudget: Rule = {
  id: "LIMIT-1",
  basis: "model",
  check: (books, { channel, payer }) => {
    const open = books.openHolds.get(memberOf(payer)) ?? 0;
    return channel === "swap" && open >= MAX_OPEN_HOLDS_PER_MEMBER
      ? {
          code: "HOLD_BUDGET",
          found: `${open} open holds`,
          allowed: `fewer than ${MAX_OPEN_HOLDS_PER_MEMBER}`,
        }
      : undefined;
  },
};

/**
 * All money outstanding stays within 2^63 - 1 minor units. So does then every balance, whatever is
 * paid, posted or returned later: what a bank has locked it can always post.
 */
export const balanceBound: Rule = {
  id: "LIMIT-2",
  basis: "model",
  check: ({ issued, redeemed }, { channel, amount }) => {
    const outstanding = issued - redeemed;
    return channel === "issue" && outstanding + amount > MAX_AMOUNT
      ? {
          code: "LIMIT_BALANCE",
          found: `${outstanding} outstanding and ${amount} more`,
          allowed: "at most 2^63 - 1 minor units in all",
        }
      : undefined;
  },
};

/** What attesters state is kept up to a number. */
export const attestationBound: Rule = {
  id: "LIMIT-3",
  basis: "model",
  check: ({ attestations }, { channel }) =>
    channel === "attest" && attestations.size >= MAX_ATTESTATIONS
      ? {
          code: "LIMIT_RECORDS",
          found: `${attestations.size} attestations`,
          allowed: `fewer than ${MAX_ATTESTATIONS}`,
        }
      : undefined,
};

/** CBDC is issued against reserves of the member that asks (modelled RTGS balance). */
export const reservesSuffice: Rule = {
  id: "FUNDS-1",
  basis: "law",
  check: (books, { channel, payer, amount }) => {
    const reserves = books.members.get(memberOf(payer))?.reserves ?? 0n;
    return channel === "issue" && amount > reserves
      ? { code: "RESERVES_INSUFFICIENT", found: `${amount}`, allowed: `at most ${reserves}` }
      : undefined;
  },
};

/** The column that pays holds the money; a balance never goes below zero. */
export const fundsSuffice: Rule = {
  id: "FUNDS-2",
  basis: "model",
  check: (books, { channel, payer, tag, amount }) => {
    if (channel === "issue" || !MOVES_MONEY.has(channel)) return undefined;
    const column = channel === "issue-tag" ? null : tag;
    const available = postedOf(books, payer, column);
    return amount > available
      ? {
          code: "FUNDS_INSUFFICIENT",
          found: `${amount} of ${column === null ? "untagged money" : `tag ${tagKey(column).slice(0, 16)}`}`,
          allowed: `at most ${available}`,
        }
      : undefined;
  },
};
