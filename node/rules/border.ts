import { memberOf, tagKey } from "../ids.ts";
import { BORDER_MODE } from "../tags/definition.ts";
import { lineRemainderOf, mirrorOf } from "../tags/mirror.ts";
import type { Tag } from "../tags/tag.ts";
import type { Finding, Movement, Rule } from "./rule.ts";

/** The fact that names the foreign bank's tag which takes over when money is carried abroad. */
export const CARRY_FACT = "carry";

/**
 * KZ-9: tagged money is a swap leg only as the border mode of its tag allows, and no account of a
 * non-resident ever holds it. That such money stays at home otherwise follows from its being bound to a
 * contract (inferred); the modes are choices of this model.
 */
export const tagStaysAtHome: Rule = {
  id: "KZ-9",
  basis: "model",
  check: (books, movement, tagged) => {
    const { channel, payee, tag } = movement;
    if (tag === null || channel === "freeze" || channel === "unfreeze") return undefined;
    if (channel === "swap") return refuseExport(tagged, movement);
    const receiver = payee === null ? undefined : books.members.get(memberOf(payee));
    return receiver !== undefined && !receiver.resident
      ? forbidden(`non-resident ${payee}`, "a resident")
      : undefined;
  },
};

function refuseExport(tag: Tag | undefined, movement: Movement): Finding | undefined {
  const { facts, legs, expiryMs, payer } = movement;
  const { borderMode = BORDER_MODE.DENY, validToMs = 0, countries = [] } = tag?.definition ?? {};
  if (tag === undefined || borderMode === BORDER_MODE.DENY) {
    const id = tagKey(movement.tag).slice(0, 16);
    return forbidden(`swap leg paid from tag ${id}`, "untagged money abroad (border mode DENY)");
  }
  if (expiryMs === null || expiryMs > validToMs) {
    return forbidden(`a swap until ${expiryMs}`, `one that ends by ${validToMs}, as the tag does`);
  }
  if (borderMode === BORDER_MODE.CARRY) {
    return facts.has(CARRY_FACT)
      ? undefined
      : forbidden("no tag of the foreign bank", "a tag there that takes over");
  }
  const country = facts.get("country");
  if (countries.length > 0 && (country === undefined || !countries.includes(country))) {
    return forbidden(country ?? "no country", `a supplier in ${countries.join(", ")}`);
  }
  if (legs === null || legs.some((leg) => leg.payer !== payer && leg.payee === payer)) {
    return forbidden(`${payer} receives the bought currency`, "the foreign supplier receives it");
  }
  const line = movement.line === null ? undefined : tag.lines.get(movement.line);
  return line !== undefined && !line.importable
    ? forbidden(`line ${movement.line}`, "an importable line")
    : undefined;
}

const forbidden = (found: string, allowed: string): Finding => ({
  code: "TAG_EXPORT_FORBIDDEN",
  found,
  allowed,
});

/**
 * BORDER-1: the leg that pays for carried money arrives under a tag of this bank. Having defined that
 * tag is how this bank's side agreed to carry the other's rules on.
 */
export const mirrorTakesOver: Rule = {
  id: "BORDER-1",
  basis: "model",
  check: (books, movement) => {
    const { channel, tag, facts, payee, amount, timeMs } = movement;
    if (channel !== "swap" || tag !== null || !facts.has(CARRY_FACT)) return undefined;
    const mirror = mirrorOf(books, facts);
    if (mirror === undefined) {
      return { code: "TAG_UNKNOWN", found: "a carried tag", allowed: "one defined at this bank" };
    }
    const { validFromMs, validToMs } = mirror.definition;
    if (timeMs < validFromMs || timeMs >= validToMs) {
      return { code: "TAG_EXPIRED", found: `time ${timeMs}`, allowed: `before ${validToMs}` };
    }
    if (payee === null || !mirror.payees.has(payee)) {
      return {
        code: "TAG_PAYEE_NOT_ALLOWED",
        found: `${payee}`,
        allowed: `one of ${mirror.payees.size} payees of the tag`,
      };
    }
    const left = lineRemainderOf(mirror, facts);
    return left !== undefined && amount <= left
      ? undefined
      : { code: "TAG_LINE_EXHAUSTED", found: `${amount}`, allowed: `at most ${left ?? 0n}` };
  },
};
