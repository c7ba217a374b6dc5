import { list, literal, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { factNameLayout, factValueLayout } from "../../facts.ts";
import { factOf, type Check } from "../judged.ts";

/** Codes on one list: the purpose codes of a country are about a hundred. */
export const MAX_CODES = 256;

/** A fact has one of the allowed values (no list: any, or none at all) and none of the refused ones. */
export const CODES = 2;
export const codesLayout = tuple({
  kind: literal(CODES),
  fact: factNameLayout,
  allowed: list(factValueLayout, MAX_CODES),
  refused: list(factValueLayout, MAX_CODES),
});

export function compileCodes(rule: LayoutValue<typeof codesLayout>): Check {
  const [allowed, refused] = [new Set(rule.allowed), new Set(rule.refused)];
  const wanted =
    allowed.size > 0 ? `one of ${allowed.size} codes` : `none of ${refused.size} codes`;
  return ({ movement }) => {
    const value = factOf(movement, rule.fact);
    const isAllowed = allowed.size === 0 || (value !== undefined && allowed.has(value));
    if (isAllowed && (value === undefined || !refused.has(value))) return undefined;
    return { found: value === undefined ? `no ${rule.fact}` : value, allowed: wanted };
  };
}
