import { list, text, tuple, uint, type LayoutValue } from "../crypto/canonical-layout.ts";
import { factsLayout } from "./facts.ts";
import { accountLayout } from "./ids.ts";
import { MAX_LEGS } from "./limits.ts";
import { amountLayout, CURRENCY_PATTERN, type CurrencyCode } from "./money.ts";

export const legTermsLayout = tuple({
  /** Both accounts stand on the ledger of the leg's bank. */
  payer: accountLayout,
  payee: accountLayout,
  currency: text<CurrencyCode>(3, { min: 3, pattern: CURRENCY_PATTERN }),
  amount: amountLayout,
});

/** The private content of a swap that both sides agreed; only the banks taking part ever see it. */
export const termsLayout = tuple({
  legs: list(legTermsLayout, MAX_LEGS, 2),
  expiryMs: uint(),
  /** Facts that border rules ask for, such as a purpose code: name and value. */
  border: factsLayout,
});

export type Terms = LayoutValue<typeof termsLayout>;
export type LegTerms = LayoutValue<typeof legTermsLayout>;
