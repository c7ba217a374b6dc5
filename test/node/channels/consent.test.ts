import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Signature } from "../../../crypto/ed25519.ts";
import { hashKey } from "../../../crypto/hash.ts";
import {
  consentId,
  judgeConsent,
  openConsent,
  openRevocation,
  SCOPE,
  scopeNames,
  signConsent,
  signRevocation,
  type Consent,
  type ConsentedAct,
  type ScopeName,
  type SignedDocument,
} from "../../../node/channels/consent.ts";
import { bitsOf, bytesNamed, flipBit } from "../../bytes.ts";
import { holds } from "../../property.ts";
import {
  account,
  aigul,
  BANK,
  bookkeeper,
  keyOf,
  money,
  NET,
  NOW_MS,
  shop,
  verifier,
  verifierOfFlip,
} from "./fixtures.ts";

const CONSENT: Consent = {
  net: NET,
  bank: BANK,
  account: account("aigul"),
  grantee: bookkeeper.publicKey,
  scopes: [SCOPE.balances, SCOPE.payments],
  expiryMs: NOW_MS + 1000,
  maxAmount: money(100),
  nonce: bytesNamed("nonce").subarray(0, 16),
};

const SETTING = { net: NET, bank: BANK, keyOf, verifier };
const STATE = { consent: CONSENT, isRevoked: false, spent: 0n };

const opened = (change: Partial<Consent>, signer = aigul): string => {
  const outcome = openConsent(signConsent({ ...CONSENT, ...change }, signer), SETTING);
  return outcome.ok ? "open" : outcome.error.code;
};

const act = (scope: ScopeName, amount = 0, of = "aigul"): ConsentedAct => ({
  scope,
  account: account(of),
  amount: money(amount),
});

function judged(asked: ConsentedAct, state: Partial<typeof STATE> = {}, nowMs = NOW_MS): string {
  const verdict = judgeConsent({ ...STATE, ...state }, asked, nowMs);
  return verdict.ok ? "allowed" : verdict.error.code;
}

describe("a consent as a document", () => {
  it("is open when the account's member has signed it for this bank", () => {
    const signed = signConsent(CONSENT, aigul);
    const outcome = openConsent(signed, SETTING);
    expect(outcome.ok && hashKey(outcome.value.id)).toBe(hashKey(consentId(signed)));
    expect(outcome.ok && scopeNames(outcome.value.consent)).toEqual(["balances", "payments"]);
  });

  it("is refused with any one bit of body or signature turned over", () => {
    const { body, signature } = signConsent(CONSENT, aigul);
    const isOpen = (bit: number, flipped: Partial<SignedDocument>): boolean =>
      openConsent({ body, signature, ...flipped }, { ...SETTING, verifier: verifierOfFlip(bit) })
        .ok;
    for (const bit of bitsOf(body)) {
      expect(isOpen(bit, { body: flipBit(body, bit) }), `bit ${bit} of the body`).toBe(false);
    }
    for (const bit of bitsOf(signature)) {
      const flipped = { signature: flipBit(signature, bit) as Signature };
      expect(isOpen(bit, flipped), `bit ${bit} of the signature`).toBe(false);
    }
  });

  it.each([
    ["another bank", { bank: 2 }, "document_invalid"],
    ["another corridor", { net: bytesNamed("other") }, "document_invalid"],
    ["scopes that do not rise", { scopes: [4, 2] as const }, "document_invalid"],
    ["a scope twice", { scopes: [2, 2] as const }, "document_invalid"],
    ["no account", { account: account("nobody") }, "signature_invalid"],
    ["another's account", { account: account("shop") }, "signature_invalid"],
    ["a grantee's key of small order", { grantee: new Uint8Array(32) }, "key_not_enrollable"],
  ])("is refused for %s", (_why, change: Partial<Consent>, code) => {
    expect(opened(change)).toBe(code);
  });

  it("is refused when somebody else signed it, the third party above all", () => {
    expect(opened({}, shop)).toBe("signature_invalid");
    expect(opened({}, bookkeeper)).toBe("signature_invalid");
  });

  it("ends by a revocation that its member signed, of this very consent", () => {
    const id = consentId(signConsent(CONSENT, aigul));
    const of = { id, account: CONSENT.account };
    const revoke = (change: object, signer = aigul): string => {
      const signed = signRevocation({ net: NET, bank: BANK, consent: id, ...change }, signer);
      const outcome = openRevocation(signed, of, SETTING);
      return outcome.ok ? "revoked" : outcome.error.code;
    };
    expect(revoke({})).toBe("revoked");
    expect(revoke({ consent: bytesNamed("other") })).toBe("document_invalid");
    expect(revoke({ bank: 2 })).toBe("document_invalid");
    expect(revoke({}, shop)).toBe("signature_invalid");
    // A consent is no revocation, and the other way round: the domains differ.
    expect(openRevocation(signConsent(CONSENT, aigul), of, SETTING).ok).toBe(false);
  });
});

describe("a consent as a judgement", () => {
  it("allows its scopes on its account, and nothing else", () => {
    expect(judged(act("balances"))).toBe("allowed");
    expect(judged(act("payments", 1))).toBe("allowed");
    expect(judged(act("transactions"))).toBe("CONSENT_SCOPE");
    expect(judged(act("accounts"))).toBe("CONSENT_SCOPE");
    expect(judged(act("balances", 0, "shop"))).toBe("CONSENT_SCOPE");
  });

  it("ends at its expiry and at its revocation", () => {
    expect(judged(act("balances"), {}, CONSENT.expiryMs - 1)).toBe("allowed");
    expect(judged(act("balances"), {}, CONSENT.expiryMs)).toBe("CONSENT_EXPIRED");
    expect(judged(act("balances"), { isRevoked: true })).toBe("CONSENT_EXPIRED");
  });

  it.each([
    [0n, 100, "allowed"],
    [0n, 101, "CONSENT_AMOUNT"],
    [99n, 1, "allowed"],
    [100n, 1, "CONSENT_AMOUNT"],
  ])("after %d it judges a payment of %d as %s", (spent, amount, expected) => {
    expect(judged(act("payments", amount), { spent })).toBe(expected);
  });

  it("K1 ConsentBound: whatever is asked in whatever order, it never allows more than it says", () => {
    const asks = fc.array(
      fc.record({
        scope: fc.constantFrom(...(Object.keys(SCOPE) as ScopeName[])),
        of: fc.constantFrom("aigul", "aigul", "aigul", "shop"),
        amount: fc.nat(60),
        waitMs: fc.nat(300),
        revoke: fc.integer({ min: 0, max: 30 }).map((n) => n === 0),
      }),
      { maxLength: 30 },
    );
    const consents = fc.record({
      scopes: fc.subarray([1, 2, 3, 4] as const, { minLength: 1 }),
      maxAmount: fc.nat(150).map(money),
    });
    holds(
      fc.property(consents, asks, (change, list) => {
        const consent = { ...CONSENT, ...change };
        let spent = 0n;
        let nowMs = NOW_MS;
        let isRevoked = false;
        for (const { scope, of, amount, waitMs, revoke } of list) {
          nowMs += waitMs;
          isRevoked ||= revoke;
          const asked = act(scope, scope === "payments" ? amount : 0, of);
          if (!judgeConsent({ consent, isRevoked, spent }, asked, nowMs).ok) continue;
          spent += asked.amount;
          expect(of).toBe("aigul");
          expect(change.scopes).toContain(SCOPE[scope]);
          expect(nowMs).toBeLessThan(consent.expiryMs);
          expect(isRevoked).toBe(false);
          expect(spent).toBeLessThanOrEqual(consent.maxAmount);
        }
      }),
      500,
    );
  });
});
