import { bytesToHex } from "../../../../crypto/bytes.ts";
import { ok, type Outcome } from "../../../../crypto/outcome.ts";
import { scopeNames } from "../../../channels/consent.ts";
import { MAX_ACCESSES_PER_CONSENT, MAX_CONSENTS_PER_ACCOUNT } from "../../../channels/limits.ts";
import { accountOf } from "../../../ids.ts";
import type { StoredConsent } from "../consent-record.ts";
import { granteeOf } from "../consent-store.ts";
import type { ApiContext, Caller } from "../context.ts";
import { onlyMember } from "../leave.ts";
import { refuse, type Problem } from "../problem.ts";
import { renderMoney, renderTime } from "../render.ts";
import { answer, route, type AnyRoute } from "../route.ts";
import { readSigned, type SignedBody } from "../signed-body.ts";
import {
  amount,
  choice,
  dateTime,
  hash,
  list,
  name,
  nullable,
  number,
  object,
  ref,
  scopes,
  signed,
  text,
  type Schema,
} from "../schemas.ts";
import { MAX_PAGE } from "../limits.ts";
import { nextNumber, pageByNumber, type Page } from "./accounts.ts";

type InConsent = { readonly consent: string };

const MAX_DOCUMENT_BYTES = 512;

const consent: Schema = object("A consent that a member has given to a third party.", {
  identification: hash("The consent's id: what `Consent-Id` names."),
  account: name("Whose account."),
  grantee: hash("The third party's public key; its `keyid`."),
  scopes,
  expiryDateTime: dateTime("When it ends by itself."),
  maxAmount: amount("What all payments under it may come to together."),
  spent: amount("What they came to so far, those under way among them."),
  status: choice("Where it stands.", ["valid", "expired", "revoked"]),
  grantedDateTime: dateTime("When it was given."),
  revokedDateTime: nullable(dateTime("When it was revoked.")),
});

const inConsent = object("Which consent.", { consent: hash("The consent's id.") });

/** What answers refer to, by name. */
export const CONSENT_SCHEMAS = { Consent: consent };

export const consentRoutes: readonly AnyRoute[] = [
  route<SignedBody, undefined, undefined>({
    method: "POST",
    url: "/consents",
    operationId: "grantConsent",
    tag: "consents",
    summary: "Give a consent",
    description: `The document is signed by the account's member, so the bank cannot make one. It is durable when this is answered. The same document again changes nothing: one that was revoked stays revoked. At most ${MAX_CONSENTS_PER_ACCOUNT} consents of an account may be unexpired.`,
    body: signed("A consent (FORMAT.md, section 11.2).", MAX_DOCUMENT_BYTES),
    answers: { 200: ref("Consent"), 201: ref("Consent") },
    handle: async (context, { caller, body }) => {
      const member = onlyMember(caller);
      if (!member.ok) return member;
      const document = readSigned(body);
      if (!document.ok) return document;
      const granted = await context.consents.grant(document.value, accountOf(member.value.id));
      if (!granted.ok) return granted;
      const { stored, isNew } = granted.value;
      const location = `/consents/${stored.key}`;
      return answer(render(context, stored), isNew ? 201 : 200, { location });
    },
  }),
  route<undefined, undefined, Page>({
    method: "GET",
    url: "/consents",
    operationId: "listConsents",
    tag: "consents",
    summary: "The consents that the caller has given, or was given",
    query: pageByNumber,
    answers: {
      200: object("The consents, in the order in which they were given.", {
        consent: list("A consent.", ref("Consent"), MAX_PAGE),
        next: nextNumber,
      }),
    },
    handle: (context, { caller, query: { limit, after = 0 } }) => {
      const found =
        caller.kind === "member"
          ? context.consents.ofAccount(accountOf(caller.id))
          : context.consents.ofGrantee(caller.key);
      const page = found.slice(after, after + limit).map((one) => render(context, one));
      return answer({ consent: page, next: after + limit < found.length ? after + limit : null });
    },
  }),
  route<undefined, InConsent, undefined>({
    method: "GET",
    url: "/consents/:consent",
    operationId: "getConsent",
    tag: "consents",
    summary: "One consent",
    path: inConsent,
    answers: { 200: ref("Consent") },
    handle: (context, { caller, path }) => {
      const found = find(context, caller, path.consent);
      return found.ok ? answer(render(context, found.value)) : found;
    },
  }),
  route<SignedBody, InConsent, undefined>({
    method: "POST",
    url: "/consents/:consent/revocation",
    operationId: "revokeConsent",
    tag: "consents",
    summary: "End a consent",
    description: "For good. It is durable when this is answered.",
    path: inConsent,
    body: signed("A revocation (FORMAT.md, section 11.2).", MAX_DOCUMENT_BYTES),
    answers: { 200: ref("Consent") },
    handle: async (context, { caller, path, body }) => {
      const member = onlyMember(caller);
      if (!member.ok) return member;
      const found = find(context, caller, path.consent);
      if (!found.ok) return found;
      const document = readSigned(body);
      if (!document.ok) return document;
      const revoked = await context.consents.revoke(path.consent, document.value);
      return revoked.ok ? answer(render(context, revoked.value)) : revoked;
    },
  }),
  route<undefined, InConsent, undefined>({
    method: "GET",
    url: "/consents/:consent/accesses",
    operationId: "listAccesses",
    tag: "consents",
    summary: "What was done, and what was refused, under a consent",
    description: `For the member that gave it: the latest ${MAX_ACCESSES_PER_CONSENT}, newest first.`,
    path: inConsent,
    answers: {
      200: object("The access log.", {
        access: list(
          "An access.",
          object("One use of the consent.", {
            number: number("From 1, in the order in which they came.", 1),
            dateTime: dateTime("When."),
            operation: text("Which operation."),
            outcome: text("`allowed`, or the code of the refusal."),
            spent: amount("What the payments came to after it."),
          }),
          MAX_ACCESSES_PER_CONSENT,
        ),
      }),
    },
    handle: (context, { caller, path }) => {
      const member = onlyMember(caller);
      if (!member.ok) return member;
      const found = find(context, caller, path.consent);
      if (!found.ok) return found;
      const { currency } = context.view.bank;
      const access = found.value.accesses.toReversed().map((one) => ({
        number: one.n,
        dateTime: renderTime(one.atMs),
        operation: one.operation,
        outcome: one.outcome,
        spent: renderMoney(one.spent, currency),
      }));
      return answer({ access });
    },
  }),
];

/** A consent of the caller's own, given or received; of others it is not told whether they exist. */
function find(context: ApiContext, caller: Caller, key: string): Outcome<StoredConsent, Problem> {
  const stored = context.consents.get(key);
  const isOwn =
    stored !== undefined &&
    (caller.kind === "member"
      ? stored.authentic.consent.account === accountOf(caller.id)
      : granteeOf(stored) === caller.key);
  return isOwn ? ok(stored) : refuse("not_found", { found: `consent ${key}` });
}

function render({ view, nowMs }: ApiContext, stored: StoredConsent) {
  const { authentic, spent, revoked, grantedMs } = stored;
  const { account, grantee, expiryMs, maxAmount } = authentic.consent;
  const { currency } = view.bank;
  const isOver = expiryMs <= nowMs();
  return {
    identification: stored.key,
    account,
    grantee: bytesToHex(grantee),
    scopes: scopeNames(authentic.consent),
    expiryDateTime: renderTime(expiryMs),
    maxAmount: renderMoney(maxAmount, currency),
    spent: renderMoney(spent, currency),
    status: revoked === undefined ? (isOver ? "expired" : "valid") : "revoked",
    grantedDateTime: renderTime(grantedMs),
    revokedDateTime: revoked === undefined ? null : renderTime(revoked.atMs),
  };
}
