import { literal, text, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { factNameLayout } from "../../facts.ts";
import { factOf, type Check } from "../judged.ts";

/** A fact is an IBAN of this country with right check digits (ISO 13616: the number modulo 97 is 1). */
export const IBAN = 4;
export const ibanLayout = tuple({
  kind: literal(IBAN),
  fact: factNameLayout,
  country: text<string>(2, { min: 2, pattern: /^[A-Z]+$/ }),
});

export function compileIban({ fact, country }: LayoutValue<typeof ibanLayout>): Check {
  return ({ movement }) => {
    const found = factOf(movement, fact) ?? `no ${fact}`;
    const isWhole = /^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/.test(found);
    if (isWhole && found.startsWith(country) && remainder(found) === 1) return undefined;
    return { found, allowed: `an IBAN of ${country} with right check digits` };
  };
}

/** The IBAN with its first four characters at the end, letters as 10 to 35, modulo 97. */
function remainder(iban: string): number {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const digits = /[0-9]/.test(character) ? character : `${character.charCodeAt(0) - 55}`;
    for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest;
}
