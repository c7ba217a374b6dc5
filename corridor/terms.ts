import type { Bytes } from "../crypto/bytes.ts";
import { decode } from "../crypto/canonical-layout.ts";
import { digestParts, DOMAIN, equalHash, type Hash } from "../crypto/hash.ts";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { remembered } from "../crypto/remembered.ts";
import type { Bank } from "../node/genesis.ts";
import { MAX_TERMS_BYTES } from "../node/ledger/domestic-entries.ts";
import { termsLayout, type Terms } from "../node/terms.ts";
import type { Announcement } from "./announcement.ts";

export interface TermsRejection {
  readonly code: "TERMS_INVALID";
  readonly field: string;
  readonly why: string;
}

/** Binds the terms; the 32-byte salt makes it unguessable and the swap id unique. */
export const commitmentOf = (terms: Bytes, salt: Bytes): Hash =>
  digestParts(DOMAIN.terms, salt, terms);

/** Bytes to terms that are consistent in themselves: amounts above zero, every account on one leg only. */
export const parseTerms = remembered(readTerms);

function readTerms(bytes: Bytes): Outcome<Terms, TermsRejection> {
  const refuse = (field: string, why: string) =>
    reject({ code: "TERMS_INVALID", field, why } as const);
  if (bytes.length > MAX_TERMS_BYTES) return refuse("terms", `more than ${MAX_TERMS_BYTES} bytes`);
  const terms = decode(termsLayout, bytes);
  if (!terms.ok) return refuse("terms", terms.error.code);
  const accounts = new Set<string>();
  for (const [i, leg] of terms.value.legs.entries()) {
    if (leg.amount === 0n) return refuse(`legs[${i}].amount`, "zero");
    for (const account of [leg.payer, leg.payee]) {
      const place = `${leg.currency} ${account}`;
      if (accounts.has(place)) return refuse(`legs[${i}]`, `account ${account} stands twice`);
      accounts.add(place);
    }
  }
  return terms;
}

/** Whether the announcement says of the swap what the terms say, and the commitment binds them. */
export function checkTermsAgree(
  terms: Terms,
  announcement: Pick<Announcement, "legBanks" | "expiryMs">,
  bankOf: (number: number) => Bank | undefined,
): Outcome<Terms, TermsRejection> {
  const refuse = (field: string, why: string) =>
    reject({ code: "TERMS_INVALID", field, why } as const);
  if (terms.legs.length !== announcement.legBanks.length) return refuse("legs", "another number");
  if (terms.expiryMs !== announcement.expiryMs) return refuse("expiry", "another time");
  for (const [i, leg] of terms.legs.entries()) {
    const bank = bankOf(announcement.legBanks[i] as number);
    if (bank?.currency.code !== leg.currency) {
      return refuse(`legs[${i}].currency`, `${leg.currency} is not the announced bank's`);
    }
  }
  return ok(terms);
}

export const isCommitment = (hash: Hash, terms: Bytes, salt: Bytes): boolean =>
  equalHash(hash, commitmentOf(terms, salt));
