import { ok, type Outcome } from "../../../crypto/outcome.ts";
import type { ScopeName } from "../../channels/consent.ts";
import { accountOf, type AccountId } from "../../ids.ts";
import { MEMBER_CLASS, type MemberClass } from "../../members.ts";
import { ZERO, type Amount } from "../../money.ts";
import type { StoredConsent } from "./consent-record.ts";
import type { ApiContext, Caller } from "./context.ts";
import { refuse, type Problem } from "./problem.ts";

/** What a caller wants to do with an account. */
export interface Wish {
  readonly scope: ScopeName;
  readonly account: AccountId;
  /** As the access log of a consent names it. */
  readonly operation: string;
  /** What it pays; nothing when it only reads. */
  readonly amount?: Amount;
}

/** Leave to act; under a consent when a third party has it. */
export interface Leave {
  readonly consent: StoredConsent | undefined;
}

/** Members whom the bank lets read every account: auditors, and the government's monitor. */
const OVERSEERS: readonly MemberClass[] = [MEMBER_CLASS.auditor, MEMBER_CLASS.monitor];

export const isOverseer = (caller: Caller): boolean =>
  caller.kind === "member" && OVERSEERS.includes(caller.member.memberClass);

/**
 * Whether a caller may act on an account: its member, an overseer that reads, or a third party with a
 * consent that covers it. What is refused does not tell whether the account exists.
 */
export async function askLeave(
  context: ApiContext,
  { caller, consent }: { readonly caller: Caller; readonly consent: string | undefined },
  { scope, account, operation, amount = ZERO }: Wish,
): Promise<Outcome<Leave, Problem>> {
  if (caller.kind === "member") {
    const isOwn = accountOf(caller.id) === account;
    if (isOwn || (scope !== "payments" && isOverseer(caller))) return ok({ consent: undefined });
    return refuse("access_denied", {
      found: `account ${account}`,
      allowed: `account ${caller.id}`,
    });
  }
  if (consent === undefined) {
    return refuse("CONSENT_SCOPE", {
      found: "no Consent-Id",
      allowed: "the id of a consent that covers the request",
    });
  }
  const use = { key: consent, grantee: caller.key, operation };
  const asked = await context.consents.ask(use, { scope, account, amount });
  return asked.ok ? ok({ consent: asked.value }) : asked;
}

/** The member that signed, for what no third party may do. */
export function onlyMember(caller: Caller): Outcome<Extract<Caller, { kind: "member" }>, Problem> {
  return caller.kind === "member"
    ? ok(caller)
    : refuse("access_denied", { found: "a third party", allowed: "a member" });
}
