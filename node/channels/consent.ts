import type { Bytes } from "../../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  oneOf,
  tuple,
  uint,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import {
  enrolKey,
  signedBytes,
  type EnrolledKey,
  type Signature,
  type Signer,
  type Verifier,
} from "../../crypto/ed25519.ts";
import { digestParts, DOMAIN, equalHash, type Domain, type Hash } from "../../crypto/hash.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { accountLayout, bankLayout, hashLayout, type AccountId } from "../ids.ts";
import { amountLayout, type Amount } from "../money.ts";
import type { RuleCode } from "../rules/codes.ts";

/** What a third party may be allowed to do with an account. */
export const SCOPE = { accounts: 1, balances: 2, transactions: 3, payments: 4 } as const;

export type ScopeName = keyof typeof SCOPE;

/** A member's consent that a third party acts on its account (FORMAT.md, section 11.2). */
const consentLayout = tuple({
  net: hashLayout,
  bank: bankLayout,
  /** Its member signs. */
  account: accountLayout,
  /** The third party's Ed25519 key, under which its requests are signed. */
  grantee: bin<Bytes>(32),
  /** Each once, rising. */
  scopes: list(oneOf(1, 2, 3, 4), 4, 1),
  expiryMs: uint(),
  /** What all payments under the consent may come to together, in minor units. */
  maxAmount: amountLayout,
  /** Chosen by the member, so that the same consent can be given again. */
  nonce: bin<Bytes>(16),
});

export type Consent = LayoutValue<typeof consentLayout>;

/** Ends a consent before its time (FORMAT.md, section 11.2). */
const revocationLayout = tuple({ net: hashLayout, bank: bankLayout, consent: hashLayout });

export type Revocation = LayoutValue<typeof revocationLayout>;

/** A consent or revocation as its member signed it. */
export const signedDocumentLayout = tuple({
  body: binUpTo(512, 1),
  signature: bin<Signature>(64),
});

export type SignedDocument = LayoutValue<typeof signedDocumentLayout>;

export function signConsent(consent: Consent, signer: Signer): SignedDocument {
  const body = encode(consentLayout, consent);
  return { body, signature: signer.sign(signedBytes(DOMAIN.consent, body)) };
}

export function signRevocation(revocation: Revocation, signer: Signer): SignedDocument {
  const body = encode(revocationLayout, revocation);
  return { body, signature: signer.sign(signedBytes(DOMAIN.revocation, body)) };
}

/** Names a consent by its body, never by its signature. */
export const consentId = ({ body }: SignedDocument): Hash => digestParts(DOMAIN.consent, body);

export interface DocumentRejection {
  readonly code: "document_invalid" | "signature_invalid" | "key_not_enrollable";
  readonly found: string;
  readonly allowed: string;
}

/** What a bank knows when it opens a signed document. */
export interface DocumentSetting {
  readonly net: Hash;
  readonly bank: number;
  readonly keyOf: (account: AccountId) => EnrolledKey | undefined;
  readonly verifier: Verifier;
}

/** A consent that the account's member signed for this bank; only `openConsent` makes one. */
export interface AuthenticConsent {
  readonly id: Hash;
  readonly consent: Consent;
  readonly granteeKey: EnrolledKey;
}

/** Bytes to a consent that the account's member signed for this bank. */
export function openConsent(
  signed: SignedDocument,
  setting: DocumentSetting,
): Outcome<AuthenticConsent, DocumentRejection> {
  const decoded = decode(consentLayout, signed.body);
  if (!decoded.ok) return invalid(decoded.error.code);
  const consent = decoded.value;
  const { scopes, account, grantee } = consent;
  if (!isHere(consent, setting)) return invalid("a consent for another bank");
  if (scopes.some((scope, i) => i > 0 && scope <= (scopes[i - 1] as number))) {
    return invalid("scopes that do not rise");
  }
  const signedRightly = isSigned(signed, account, DOMAIN.consent, setting);
  if (!signedRightly) return foreign(account);
  const granteeKey = enrolKey(grantee);
  if (!granteeKey.ok) {
    const { code, why } = granteeKey.error;
    return reject({
      code,
      found: `a grantee's key refused for its ${why}`,
      allowed: "a sound key",
    });
  }
  return ok({ id: consentId(signed), consent, granteeKey: granteeKey.value });
}

/** Whether bytes revoke this very consent, signed by the account's member. */
export function openRevocation(
  signed: SignedDocument,
  of: { readonly id: Hash; readonly account: AccountId },
  setting: DocumentSetting,
): Outcome<Revocation, DocumentRejection> {
  const decoded = decode(revocationLayout, signed.body);
  if (!decoded.ok) return invalid(decoded.error.code);
  if (!isHere(decoded.value, setting)) return invalid("a revocation for another bank");
  if (!equalHash(decoded.value.consent, of.id)) return invalid("a revocation of another consent");
  const signedRightly = isSigned(signed, of.account, DOMAIN.revocation, setting);
  return signedRightly ? ok(decoded.value) : foreign(of.account);
}

/** What a third party asks for under a consent. */
export interface ConsentedAct {
  readonly scope: ScopeName;
  readonly account: AccountId;
  /** What it pays; zero when it only reads. */
  readonly amount: Amount;
}

/** Where a consent stands. */
export interface ConsentState {
  readonly consent: Consent;
  readonly isRevoked: boolean;
  /** What the payments under it came to so far. */
  readonly spent: bigint;
}

export interface ConsentRejection {
  readonly code: Extract<RuleCode, "CONSENT_SCOPE" | "CONSENT_EXPIRED" | "CONSENT_AMOUNT">;
  readonly found: string;
  readonly allowed: string;
}

/**
 * Whether the consent covers the act, before the ledger's rules are asked. Order of the checks: scope and
 * account, time and revocation, amount. K1 ConsentBound: what is paid under a consent never exceeds it.
 */
export function judgeConsent(
  { consent, isRevoked, spent }: ConsentState,
  { scope, account, amount }: ConsentedAct,
  nowMs: number,
): Outcome<null, ConsentRejection> {
  const allowedScopes = scopeNames(consent);
  if (account !== consent.account || !allowedScopes.includes(scope)) {
    return reject({
      code: "CONSENT_SCOPE",
      found: `${scope} of ${account}`,
      allowed: `${allowedScopes.join(", ")} of ${consent.account}`,
    });
  }
  if (isRevoked || nowMs >= consent.expiryMs) {
    return reject({
      code: "CONSENT_EXPIRED",
      found: isRevoked
        ? "a consent that was revoked"
        : `a consent that ended at ${consent.expiryMs} ms`,
      allowed: "a consent that lasts",
    });
  }
  if (amount > 0n && spent + amount > consent.maxAmount) {
    return reject({
      code: "CONSENT_AMOUNT",
      found: `${amount} after ${spent}`,
      allowed: `${consent.maxAmount} in all`,
    });
  }
  return ok(null);
}

export const scopeNames = ({ scopes }: Consent): readonly ScopeName[] =>
  (Object.keys(SCOPE) as ScopeName[]).filter((name) => scopes.includes(SCOPE[name]));

const isHere = (
  { net, bank }: { readonly net: Hash; readonly bank: number },
  setting: DocumentSetting,
): boolean => equalHash(net, setting.net) && bank === setting.bank;

function isSigned(
  { body, signature }: SignedDocument,
  account: AccountId,
  domain: Domain,
  { keyOf, verifier }: DocumentSetting,
): boolean {
  const key = keyOf(account);
  return key !== undefined && verifier.verify(key, signedBytes(domain, body), signature).valid;
}

const invalid = (found: string) =>
  reject({
    code: "document_invalid",
    found,
    allowed: "a document as FORMAT.md, section 11, describes it",
  } as const);

const foreign = (account: AccountId) =>
  reject({
    code: "signature_invalid",
    found: "another signature",
    allowed: `that of ${account}`,
  } as const);
