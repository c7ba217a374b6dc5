import { memberOf, type AccountId } from "../ids.ts";
import { MEMBER_CLASS } from "../members.ts";
import { MOVES_MONEY, type Rule } from "./rule.ts";

const refuseUnknown = (account: AccountId, role: string) =>
  ({
    code: "MEMBER_NOT_CONNECTED",
    found: `${role} ${account}`,
    allowed: "a member that this bank has enrolled",
  }) as const;

/** Both sides of a movement hold an account at this bank. */
export const memberConnected: Rule = {
  id: "MEMBER-1",
  basis: "model",
  check: (books, { payer, payee }) => {
    if (!books.members.has(memberOf(payer))) return refuseUnknown(payer, "payer");
    if (payee !== null && !books.members.has(memberOf(payee))) return refuseUnknown(payee, "payee");
    return undefined;
  },
};

/** Who attests, who freezes, who debits others, and who only reads. */
export const memberRole: Rule = {
  id: "MEMBER-5",
  basis: "model",
  check: (books, { channel, payer, by }) => {
    const orders = by ?? payer;
    const memberClass = books.members.get(memberOf(orders))?.memberClass;
    const found = `${channel} by ${orders} of class ${memberClass ?? "none"}`;
    const freezes = channel === "freeze" || channel === "unfreeze";
    if (memberClass === MEMBER_CLASS.monitor || memberClass === MEMBER_CLASS.auditor) {
      return memberClass === MEMBER_CLASS.auditor && freezes
        ? undefined
        : { code: "ROLE_READ_ONLY", found, allowed: "reading; freezing by an auditor" };
    }
    if (freezes) return { code: "CLASS_FORBIDDEN", found, allowed: "an auditor" };
    if (channel === "court-debit" && memberClass !== MEMBER_CLASS.enforcement) {
      return { code: "CLASS_FORBIDDEN", found, allowed: "enforcement of a court's decision" };
    }
    return channel === "attest" && memberClass !== MEMBER_CLASS.attester
      ? { code: "CLASS_FORBIDDEN", found, allowed: "an attester" }
      : undefined;
  },
};

/** Only a domestic commercial bank or the treasury asks for issue and redemption (mBridge brochure, 2023). */
export const domesticIssue: Rule = {
  id: "MEMBER-2",
  basis: "law",
  check: (books, { channel, payer }) => {
    if (channel !== "issue" && channel !== "redeem") return undefined;
    const member = books.members.get(memberOf(payer));
    if (member === undefined) return refuseUnknown(payer, "member");
    const allowed = "a domestic commercial bank or the treasury";
    if (!member.resident)
      return { code: "MINT_FORBIDDEN", found: `non-resident ${payer}`, allowed };
    const { memberClass } = member;
    if (memberClass !== MEMBER_CLASS["commercial-bank"] && memberClass !== MEMBER_CLASS.treasury) {
      return { code: "CLASS_FORBIDDEN", found: `${payer} of class ${memberClass}`, allowed };
    }
    return undefined;
  },
};

/** Only commercial banks take part in PvP; others pay through them. */
export const swapClass: Rule = {
  id: "MEMBER-3",
  basis: "model",
  check: (books, { channel, payer }) => {
    if (channel !== "swap") return undefined;
    const member = books.members.get(memberOf(payer));
    if (member?.memberClass === MEMBER_CLASS["commercial-bank"]) return undefined;
    return {
      code: "CLASS_FORBIDDEN",
      found: `${payer} of class ${member?.memberClass ?? "none"}`,
      allowed: "a commercial bank",
    };
  },
};

/** Nobody pays itself, and nobody pays nothing. */
export const movementWellFormed: Rule = {
  id: "MEMBER-4",
  basis: "model",
  check: (_books, { channel, payer, payee, amount }) => {
    if (!MOVES_MONEY.has(channel) && channel !== "contract") return undefined;
    if (amount === 0n)
      return { code: "AMOUNT_INVALID", found: "0", allowed: "at least 1 minor unit" };
    if (payee !== null && payee === payer && channel !== "return-tag") {
      return { code: "TERMS_INVALID", found: `${payer} pays itself`, allowed: "two accounts" };
    }
    return undefined;
  },
};
