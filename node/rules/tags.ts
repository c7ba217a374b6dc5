import type { Books } from "../accounts/books.ts";
import { accountOf, memberOf, tagKey } from "../ids.ts";
import { MAX_TAGS } from "../limits.ts";
import { MEMBER_CLASS } from "../members.ts";
import { lineHoldingKey, type Tag } from "../tags/tag.ts";
import type { Movement, Rule } from "./rule.ts";

const taggedBy = (books: Books, { tag }: Movement): Tag | undefined =>
  tag === null ? undefined : books.tags.get(tagKey(tag));

/** A tag's definition is new, its own owner's, and consistent in itself. */
export const tagDefinable: Rule = {
  id: "TAG-1",
  basis: "pilot",
  check: (books, { channel, payer, definition, timeMs }) => {
    if (channel !== "define-tag" || definition === null) return undefined;
    const { id, value } = definition;
    if (accountOf(value.fundOwner) !== payer) {
      return { code: "TAG_OWNER_ONLY", found: payer, allowed: `the owner ${value.fundOwner}` };
    }
    const owner = books.members.get(value.fundOwner);
    if (owner === undefined || !owner.resident) {
      return { code: "TAG_OWNER_ONLY", found: payer, allowed: "a domestic member" };
    }
    if (books.tags.has(tagKey(id))) {
      return { code: "TAG_EXISTS", found: tagKey(id).slice(0, 16), allowed: "a new definition" };
    }
    const invalid = (found: string, allowed: string) =>
      ({ code: "TAG_DEFINITION_INVALID", found, allowed }) as const;
    if (books.tags.size >= MAX_TAGS) return invalid(`${books.tags.size} tags`, "fewer tags");
    if (value.validFromMs >= value.validToMs || value.validToMs <= timeMs) {
      return invalid(`validity ending ${value.validToMs}`, "a validity that ends in the future");
    }
    if (new Set(value.lines.map((l) => l.line)).size !== value.lines.length) {
      return invalid("a line twice", "each line once");
    }
    if (new Set(value.payees.map((p) => p.account)).size !== value.payees.length) {
      return invalid("a payee twice", "each payee once");
    }
    return undefined;
  },
};

export const tagKnown: Rule = {
  id: "TAG-2",
  basis: "model",
  check: (books, { tag }) =>
    tag === null || books.tags.has(tagKey(tag))
      ? undefined
      : { code: "TAG_UNKNOWN", found: tagKey(tag).slice(0, 16), allowed: "a tag defined here" },
};

/** Only the fund owner puts money under its tag. */
export const tagOwner: Rule = {
  id: "TAG-3",
  basis: "pilot",
  check: (books, movement) => {
    const tag = taggedBy(books, movement);
    if (movement.channel !== "issue-tag" || tag === undefined) return undefined;
    const { fundOwner } = tag.definition;
    return accountOf(fundOwner) === movement.payer
      ? undefined
      : { code: "TAG_OWNER_ONLY", found: movement.payer, allowed: `the owner ${fundOwner}` };
  },
};

/** Money is spent within the tag's validity; giving it back is always allowed. */
export const tagValid: Rule = {
  id: "TAG-4",
  basis: "pilot",
  check: (books, movement) => {
    const tag = taggedBy(books, movement);
    if (tag === undefined || movement.channel === "return-tag") return undefined;
    const { validFromMs, validToMs } = tag.definition;
    if (movement.timeMs >= validFromMs && movement.timeMs < validToMs) return undefined;
    return {
      code: "TAG_EXPIRED",
      found: `time ${movement.timeMs}`,
      allowed: `${validFromMs} up to ${validToMs}, the end excluded`,
    };
  },
};

/** Marked money becomes neither reserves, cash nor ordinary money. */
export const tagChannel: Rule = {
  id: "TAG-5",
  basis: "pilot",
  check: (_books, { channel, tag }) =>
    tag !== null && channel === "redeem"
      ? { code: "TAG_REDEEM_FORBIDDEN", found: "redemption", allowed: "payment under the tag" }
      : undefined,
};

/** Only payees that the definition names. */
export const tagPayee: Rule = {
  id: "TAG-6",
  basis: "pilot",
  check: (books, movement) => {
    const tag = taggedBy(books, movement);
    if (tag === undefined || movement.channel !== "transfer" || movement.payee === null) {
      return undefined;
    }
    return tag.payees.has(movement.payee)
      ? undefined
      : {
          code: "TAG_PAYEE_NOT_ALLOWED",
          found: movement.payee,
          allowed: `one of ${tag.payees.size} payees of the tag`,
        };
  },
};

export const tagPurpose: Rule = {
  id: "TAG-7",
  basis: "pilot",
  check: (books, movement) => {
    const tag = taggedBy(books, movement);
    if (tag === undefined || movement.channel !== "transfer") return undefined;
    const { purposes } = tag.definition;
    return movement.purpose !== null && purposes.includes(movement.purpose)
      ? undefined
      : {
          code: "TAG_PURPOSE_MISMATCH",
          found: movement.purpose ?? "no purpose",
          allowed: `one of ${purposes.join(", ")}`,
        };
  },
};

/** The payment names a line of the design-and-estimate documentation. */
export const tagLine: Rule = {
  id: "TAG-8",
  basis: "pilot",
  check: (books, movement) => {
    const tag = taggedBy(books, movement);
    if (tag === undefined || movement.channel !== "transfer") return undefined;
    return movement.line !== null && tag.lines.has(movement.line)
      ? undefined
      : {
          code: "TAG_LINE_NOT_IN_ESTIMATE",
          found: movement.line ?? "no line",
          allowed: `one of ${tag.lines.size} lines of the estimate`,
        };
  },
};

/** The owner pays into a line up to its maximum; others pay out what they received under it. */
export const tagLineRemainder: Rule = {
  id: "TAG-9",
  basis: "pilot",
  check: (books, movement) => {
    const tag = taggedBy(books, movement);
    if (tag === undefined || movement.channel !== "transfer" || movement.line === null) {
      return undefined;
    }
    const line = tag.lines.get(movement.line);
    if (line === undefined) return undefined;
    const left =
      accountOf(tag.definition.fundOwner) === movement.payer
        ? line.maxAmount - line.paidIn
        : (tag.lineHoldings.get(lineHoldingKey(movement.payer, movement.line)) ?? 0n);
    return movement.amount <= left
      ? undefined
      : {
          code: "TAG_LINE_EXHAUSTED",
          found: `${movement.amount} under line ${movement.line}`,
          allowed: `at most ${left}`,
        };
  },
};

/** Fund owners are the treasury and commercial banks (for their own programmes). */
export const fundOwnerClass: Rule = {
  id: "TAG-10",
  basis: "model",
  check: (books, { channel, payer }) => {
    if (channel !== "define-tag") return undefined;
    const owner = books.members.get(memberOf(payer));
    return owner?.memberClass === MEMBER_CLASS.treasury ||
      owner?.memberClass === MEMBER_CLASS["commercial-bank"]
      ? undefined
      : {
          code: "CLASS_FORBIDDEN",
          found: `${payer} of class ${owner?.memberClass ?? "none"}`,
          allowed: "the treasury or a commercial bank as fund owner",
        };
  },
};
