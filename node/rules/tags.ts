import { equalHash, hashKey } from "../../crypto/hash.ts";
import { accountOf, memberOf, tagKey } from "../ids.ts";
import { MAX_TAGS } from "../limits.ts";
import { MEMBER_CLASS } from "../members.ts";
import { TAG_KIND } from "../tags/definition.ts";
import { freezeOn } from "../tags/tag.ts";
import type { Channel, Rule } from "./rule.ts";

/** A tag's definition is new, its own owner's, and consistent in itself. */
export const tagDefinable: Rule = {
  id: "TAG-1",
  basis: "pilot",
  check: (books, { channel, payer, definition, timeMs }) => {
    if (channel !== "define-tag" || definition === null) return undefined;
    const { id, value, net } = definition;
    if (!equalHash(net, value.net)) {
      const found = hashKey(value.net).slice(0, 16);
      return { code: "TAG_DEFINITION_INVALID", found, allowed: "this corridor's genesis" };
    }
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
    if (value.maxDepth === 0) return invalid("depth 0", "at least 1 step from the owner");
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
  check: (_books, movement, tag) =>
    movement.tag === null || tag !== undefined
      ? undefined
      : {
          code: "TAG_UNKNOWN",
          found: tagKey(movement.tag).slice(0, 16),
          allowed: "a tag defined here",
        },
};

/** Only the fund owner puts money under its tag. */
export const tagOwner: Rule = {
  id: "TAG-3",
  basis: "pilot",
  check: (_books, movement, tag) => {
    if (movement.channel !== "issue-tag" || tag === undefined) return undefined;
    const { fundOwner } = tag.definition;
    return accountOf(fundOwner) === movement.payer
      ? undefined
      : { code: "TAG_OWNER_ONLY", found: movement.payer, allowed: `the owner ${fundOwner}` };
  },
};

/** Giving money back, freezing it and lifting a freeze do not wait for the tag's validity. */
const ANY_TIME: ReadonlySet<Channel> = new Set(["return-tag", "freeze", "unfreeze"]);

/** Money is spent within the tag's validity. */
export const tagValid: Rule = {
  id: "TAG-4",
  basis: "pilot",
  check: (_books, movement, tag) => {
    if (tag === undefined || ANY_TIME.has(movement.channel)) return undefined;
    const { validFromMs, validToMs } = tag.definition;
    if (movement.timeMs >= validFromMs && movement.timeMs < validToMs) return undefined;
    return {
      code: "TAG_EXPIRED",
      found: `time ${movement.timeMs}`,
      allowed: `${validFromMs} up to ${validToMs}, the end excluded`,
    };
  },
};

/** An auditor's freeze stops what is left under the tag; only who placed it can lift it. */
export const tagFrozen: Rule = {
  id: "TAG-11",
  basis: "model",
  check: (_books, movement, tag) => {
    const { channel, payer, payee } = movement;
    if (tag === undefined) return undefined;
    if (channel === "unfreeze") {
      const placed = tag.frozen.get(payee ?? "");
      const mine = placed?.by === memberOf(payer) && placed.case === movement.case;
      const found = placed === undefined ? "no freeze" : `case ${placed.case} of ${placed.by}`;
      return mine
        ? undefined
        : { code: "TAG_NOT_FROZEN", found, allowed: "an own freeze, by its case" };
    }
    if (channel === "freeze") {
      const placed = tag.frozen.get(payee ?? "");
      if (placed === undefined) return undefined;
      return {
        code: "TAG_FROZEN",
        found: `case ${placed.case}`,
        allowed: "what is not frozen yet",
      };
    }
    const freeze = freezeOn(tag, payer);
    if (freeze === undefined) return undefined;
    return {
      code: "TAG_FROZEN",
      found: `case ${freeze.case} of ${freeze.by}`,
      allowed: "after it is lifted",
    };
  },
};

/** Marked money becomes neither reserves, cash nor ordinary money; cards take vouchers only. */
export const tagChannel: Rule = {
  id: "TAG-5",
  basis: "pilot",
  check: (_books, movement, tag) => {
    const { channel, facts } = movement;
    if (tag === undefined) return undefined;
    const allowed = "payment under the tag";
    if (channel === "redeem") {
      return { code: "TAG_REDEEM_FORBIDDEN", found: "redemption", allowed };
    }
    const way = facts.get("channel");
    if (way === "card" && tag.definition.kind !== TAG_KIND.voucher) {
      return { code: "TAG_CARD_FORBIDDEN", found: "a card payment", allowed };
    }
    if (way === "atm") return { code: "TAG_CASHOUT_FORBIDDEN", found: "cash", allowed };
    return way === "crypto"
      ? { code: "TAG_CRYPTO_FORBIDDEN", found: "digital assets", allowed }
      : undefined;
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
