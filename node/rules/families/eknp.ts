import { list, literal, text, tuple, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { factNameLayout } from "../../facts.ts";
import { memberOf, type AccountId } from "../../ids.ts";
import { factOf, type Check, type Judged } from "../judged.ts";
import { MAX_CODES } from "./codes.ts";

/**
 * Kazakhstan's payment purpose string `EKNP` + sender code (2), beneficiary code (2), currency (3),
 * purpose (3), such as `EKNP 1424KZT710`: the first digit of each code is 1 for a resident and 2 for a
 * non-resident and must fit the party, the currency must be the bank's, the purpose be on the list.
 */
export const EKNP = 3;
export const eknpLayout = tuple({
  kind: literal(EKNP),
  fact: factNameLayout,
  purposes: list(text<string>(3, { min: 3, pattern: /^[0-9]+$/ }), MAX_CODES, 1),
});

export function compileEknp(rule: LayoutValue<typeof eknpLayout>): Check {
  const purposes = new Set(rule.purposes);
  return (judged) => {
    const { movement, set } = judged;
    const found = factOf(movement, rule.fact) ?? "no EKNP";
    const match = /^EKNP ([12])[0-9]([12])[0-9]([A-Z]{3})([0-9]{3})$/.exec(found);
    const [, sender, beneficiary, currency, purpose = ""] = match ?? [];
    const payer = residenceDigit(judged, movement.payer);
    const payee = residenceDigit(judged, movement.payee);
    const fits = sender === payer && beneficiary === payee && currency === set.currency;
    if (match !== null && fits && purposes.has(purpose)) return undefined;
    const allowed = `EKNP ${payer}.${payee}.${set.currency} and one of ${purposes.size} purposes`;
    return { found, allowed };
  };
}

function residenceDigit({ books }: Judged, account: AccountId | null): "1" | "2" {
  const member = account === null ? undefined : books.members.get(memberOf(account));
  return member?.resident === true ? "1" : "2";
}
