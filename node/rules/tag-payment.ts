import type { Books } from "../accounts/books.ts";
import { attestationOf } from "../attestations.ts";
import { isHashText, numberOf } from "../facts.ts";
import { MAX_TAG_CONTRACTS, MAX_TAG_EVIDENCE } from "../limits.ts";
import { DISCLOSURE, TAG_KIND, type TagDefinition } from "../tags/definition.ts";
import {
  contractKey,
  depthOf,
  evidenceAsked,
  evidenceFact,
  evidenceKey,
  isOwner,
  lineRemainder,
  type Tag,
} from "../tags/tag.ts";
import type { Finding, Movement, Rule } from "./rule.ts";

/** The tag of a payment: a transfer, or a swap that its border mode has let pass. */
const paidUnder = (tag: Tag | undefined, { channel }: Movement): Tag | undefined =>
  channel === "transfer" || channel === "swap" ? tag : undefined;

/** The tag of a payment or of a contract, which names payee and line likewise. */
const agreedUnder = (tag: Tag | undefined, movement: Movement): Tag | undefined =>
  movement.channel === "contract" ? tag : paidUnder(tag, movement);

/** A tag ends with a payment to a final payee, and with an import. */
export const isFinal = (tag: Tag, { channel, payee }: Movement): boolean =>
  channel === "swap" || (payee !== null && tag.payees.get(payee)?.final === true);

/**
 * Only payees that the definition names; of a swap, the border mode decides. A court debit takes no tagged
 * money (the real rule is not known).
 */
export const tagPayee: Rule = {
  id: "TAG-6",
  basis: "pilot",
  check: (_books, movement, tagged) => {
    const { channel, payee } = movement;
    if (channel === "court-debit" && movement.tag !== null) {
      const found = `a court debit of ${movement.payer}`;
      return { code: "TAG_PAYEE_NOT_ALLOWED", found, allowed: "untagged money" };
    }
    const tag = agreedUnder(tagged, movement);
    if (tag === undefined || channel === "swap" || payee === null) return undefined;
    if (tag.payees.has(payee)) return undefined;
    const isVat = tag.definition.kind === TAG_KIND.vat;
    return {
      code: isVat ? "VAT_PAYEE_NOT_REGISTERED" : "TAG_PAYEE_NOT_ALLOWED",
      found: payee,
      allowed: `one of ${tag.payees.size} payees of the tag`,
    };
  },
};

export const tagPurpose: Rule = {
  id: "TAG-7",
  basis: "pilot",
  check: (_books, movement, tagged) => {
    const tag = paidUnder(tagged, movement);
    if (tag === undefined) return undefined;
    const { purposes, kind } = tag.definition;
    return movement.purpose !== null && purposes.includes(movement.purpose)
      ? undefined
      : {
          code: kind === TAG_KIND.vat ? "VAT_TAG_MISUSE" : "TAG_PURPOSE_MISMATCH",
          found: movement.purpose ?? "no purpose",
          allowed: `one of ${purposes.join(", ")}`,
        };
  },
};

/** The payment names a line of the design-and-estimate documentation. */
export const tagLine: Rule = {
  id: "TAG-8",
  basis: "pilot",
  check: (_books, movement, tagged) => {
    const tag = agreedUnder(tagged, movement);
    if (tag === undefined) return undefined;
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
  check: (_books, movement, tagged) => {
    const { payer, line, amount, channel } = movement;
    const tag = agreedUnder(tagged, movement);
    if (tag === undefined || line === null) return undefined;
    const left =
      channel === "contract" ? contractRoom(tag, movement, line) : lineRemainder(tag, payer, line);
    return left === undefined || amount <= left
      ? undefined
      : {
          code: "TAG_LINE_EXHAUSTED",
          found: `${amount} under line ${line}`,
          allowed: `at most ${left}`,
        };
  },
};

/** What the owner may still contract under a line; others are bound by what they receive. */
function contractRoom(tag: Tag, { payer }: Movement, line: string): bigint | undefined {
  const estimate = tag.lines.get(line);
  if (estimate === undefined || !isOwner(tag, payer)) return undefined;
  return estimate.maxAmount - estimate.contracted;
}

/** A final payee is paid no more for a piece than the estimate says, and for no more pieces. */
export const tagUnitPrice: Rule = {
  id: "TAG-12",
  basis: "pilot",
  check: (_books, movement, tagged) => {
    const tag = paidUnder(tagged, movement);
    const line = movement.line === null ? undefined : tag?.lines.get(movement.line);
    if (tag === undefined || line === undefined || !isFinal(tag, movement)) return undefined;
    if (line.maxUnitPrice === null && line.quantity === null) return undefined;
    const stated = movement.facts.get("quantity");
    const pieces = numberOf(stated);
    if (line.maxUnitPrice !== null && movement.amount > line.maxUnitPrice * (pieces ?? 0n)) {
      return {
        code: "TAG_UNIT_PRICE_EXCEEDED",
        found: `${movement.amount} for ${stated ?? "no stated"} pieces`,
        allowed: `at most ${line.maxUnitPrice} for each`,
      };
    }
    if (line.quantity === null) return undefined;
    const left = BigInt(line.quantity) - line.bought;
    return pieces !== undefined && pieces <= left
      ? undefined
      : {
          code: "TAG_LINE_EXHAUSTED",
          found: `${stated ?? "no stated"} pieces`,
          allowed: `at most ${left} pieces`,
        };
  },
};

/** The payee is registered in one of the tag's regions. */
export const tagRegion: Rule = {
  id: "TAG-13",
  basis: "model",
  check: (books, movement, tagged) => {
    const { channel, payee, timeMs } = movement;
    const tag = paidUnder(tagged, movement);
    if (tag === undefined || channel === "swap" || payee === null) return undefined;
    const { regions, attesters } = tag.definition;
    if (regions.length === 0) return undefined;
    const found = attesters.map(
      (by) => attestationOf(books, { topic: "REGION", subject: payee, by }, timeMs)?.value,
    );
    return found.some((region) => region !== undefined && regions.includes(region))
      ? undefined
      : {
          code: "TAG_REGION",
          found: `${payee} in region ${found.find((r) => r !== undefined) ?? "unknown"}`,
          allowed: `one of ${regions.join(", ")}`,
        };
  },
};

/** A chain of payees ends: circular payments run into this. */
export const tagDepth: Rule = {
  id: "TAG-14",
  basis: "model",
  check: (_books, movement, tagged) => {
    const tag = paidUnder(tagged, movement);
    if (tag === undefined || tag.definition.kind === TAG_KIND.vat) return undefined;
    const depth = depthOf(tag, movement.payer) + 1;
    const { maxDepth } = tag.definition;
    return depth <= maxDepth
      ? undefined
      : { code: "TAG_DEPTH_EXCEEDED", found: `step ${depth}`, allowed: `at most ${maxDepth}` };
  },
};

/** The contract behind a payment is known before the money moves: noted or enforced, as the tag says. */
export const chainDisclosed: Rule = {
  id: "TAG-15",
  basis: "model",
  check: (_books, movement, tagged) => {
    const { channel, payer, payee, line, amount } = movement;
    const tag = agreedUnder(tagged, movement);
    if (tag === undefined || payee === null || line === null) return undefined;
    if (channel === "contract") return contractKept(tag, movement);
    const { disclosure } = tag.definition;
    if (disclosure === DISCLOSURE.none) return undefined;
    const contract = tag.contracts.get(contractKey(payer, payee, line));
    const left = contract === undefined ? 0n : contract.amount - contract.paid;
    if (amount <= left) return undefined;
    return {
      code: "CHAIN_UNDISCLOSED",
      found: `${amount} from ${payer} to ${payee} under line ${line}`,
      allowed: contract === undefined ? "a disclosed contract" : `${left} left of the contract`,
      ...(disclosure === DISCLOSURE.warn ? { flag: true as const } : {}),
    };
  },
};

function contractKept(tag: Tag, { payer }: Movement): Finding | undefined {
  if (!isOwner(tag, payer) && !tag.payees.has(payer)) {
    return {
      code: "TAG_PAYEE_NOT_ALLOWED",
      found: payer,
      allowed: "the owner or a payee of the tag",
    };
  }
  return tag.contracts.size < MAX_TAG_CONTRACTS
    ? undefined
    : { code: "LIMIT_RECORDS", found: `${tag.contracts.size} contracts`, allowed: "fewer" };
}

/** Each document that the tag asks for is stated by its hash, attested, and was not used before. */
export const tagEvidence: Rule = {
  id: "TAG-16",
  basis: "pilot",
  check: (books, movement, tagged) => {
    const tag = paidUnder(tagged, movement);
    if (tag === undefined || movement.line === null) return undefined;
    const topics = [...evidenceAsked(tag, isFinal(tag, movement))];
    for (const topic of topics) {
      const hash = movement.facts.get(evidenceFact(topic));
      if (
        hash === undefined ||
        !isAttested(books, tag.definition, { topic, hash }, movement.timeMs)
      ) {
        return {
          code: "TAG_EVIDENCE_MISSING",
          found: hash === undefined ? `no ${evidenceFact(topic)}` : `${topic} ${hash.slice(0, 16)}`,
          allowed: `a document attested by ${tag.definition.attesters.join(" or ") || "nobody"}`,
        };
      }
      if (tag.usedEvidence.has(evidenceKey(topic, movement.line, hash))) {
        return {
          code: "TAG_EVIDENCE_REUSED",
          found: `${topic} ${hash.slice(0, 16)} under line ${movement.line}`,
          allowed: "a document that was not used under this line",
        };
      }
    }
    return topics.length === 0 || tag.usedEvidence.size + topics.length <= MAX_TAG_EVIDENCE
      ? undefined
      : { code: "LIMIT_RECORDS", found: `${tag.usedEvidence.size} documents`, allowed: "fewer" };
  },
};

function isAttested(
  books: Books,
  { attesters }: TagDefinition,
  { topic, hash }: { readonly topic: string; readonly hash: string },
  timeMs: number,
): boolean {
  return (
    isHashText(hash) &&
    attesters.some((by) => attestationOf(books, { topic, subject: hash, by }, timeMs) !== undefined)
  );
}
