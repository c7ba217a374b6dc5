import type { Books } from "../accounts/books.ts";
import { isHashText, numberOf, type Facts } from "../facts.ts";
import { TAG_KIND } from "../tags/definition.ts";
import { freezeOn, type Tag } from "../tags/tag.ts";
import type { Finding, Rule } from "./rule.ts";

/** The line of a VAT tag under which the VAT part of payments stands. */
export const VAT_LINE = "VAT";

/** The VAT part of a payment and the tag that it comes under, as its facts state them. */
export interface VatPart {
  readonly tag: Tag;
  readonly vat: bigint;
}

/** Whether the payment asks to be split into net and VAT. */
export const asksForSplit = (facts: Facts): boolean => facts.has("vat-tag");

export function vatPartOf({ tags }: Pick<Books, "tags">, facts: Facts): VatPart | undefined {
  const named = facts.get("vat-tag");
  const tag = named !== undefined && isHashText(named) ? tags.get(named) : undefined;
  const vat = numberOf(facts.get("vat"));
  return tag === undefined || vat === undefined ? undefined : { tag, vat };
}

/**
 * VAT-1: a split payment states net and VAT of its invoice; they make up the amount, and the VAT is the
 * rate's part of it within one minor unit. The payee is registered: a payee of the VAT tag.
 */
export const vatSplit: Rule = {
  id: "VAT-1",
  basis: "pilot",
  check: (books, movement, paidFrom) => {
    const { channel, facts, amount, payee, timeMs } = movement;
    if (channel !== "transfer" || !asksForSplit(facts)) return undefined;
    const part = vatPartOf(books, facts);
    const net = numberOf(facts.get("net"));
    if (part === undefined || net === undefined) {
      return mismatch("no net, VAT or tag for it", "net, vat and vat-tag");
    }
    const { tag, vat } = part;
    const { kind, validFromMs, validToMs } = tag.definition;
    const isOpen = timeMs >= validFromMs && timeMs < validToMs;
    if (kind !== TAG_KIND.vat || !isOpen || paidFrom?.definition.kind === kind) {
      return { code: "VAT_TAG_MISUSE", found: `kind ${kind}`, allowed: "a VAT tag that is valid" };
    }
    if (payee === null || !tag.payees.has(payee)) {
      return {
        code: "VAT_PAYEE_NOT_REGISTERED",
        found: `${payee}`,
        allowed: `one of ${tag.payees.size} registered payees`,
      };
    }
    if (freezeOn(tag, payee) !== undefined) {
      return { code: "TAG_FROZEN", found: payee, allowed: "after the freeze is lifted" };
    }
    const line = tag.lines.get(VAT_LINE);
    const left = line === undefined ? 0n : line.maxAmount - line.paidIn;
    if (vat > left) {
      return { code: "TAG_LINE_EXHAUSTED", found: `${vat} of VAT`, allowed: `at most ${left}` };
    }
    const rate = BigInt(books.rules.vatBasisPoints);
    const wanted = (amount * rate) / (10_000n + rate);
    const off = vat > wanted ? vat - wanted : wanted - vat;
    return net + vat === amount && off <= 1n
      ? undefined
      : mismatch(`net ${net} and VAT ${vat} of ${amount}`, `VAT of ${wanted}`);
  },
};

const mismatch = (found: string, allowed: string): Finding => ({
  code: "VAT_SPLIT_MISMATCH",
  found,
  allowed,
});
