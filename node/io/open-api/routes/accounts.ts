import { ok, type Outcome } from "../../../../crypto/outcome.ts";
import { parsePlace, renderPlace, type Place } from "../../../channels/ledger-line.ts";
import type { Balance } from "../../../accounts/books.ts";
import { accountId, memberOf, UNTAGGED, type AccountId } from "../../../ids.ts";
import { MEMBER_CLASS, type Member } from "../../../members.ts";
import type { ApiContext, Caller } from "../context.ts";
import { askLeave, isOverseer } from "../leave.ts";
import { refuse, type Problem } from "../problem.ts";
import { orNull, renderEntries, renderMoney } from "../render.ts";
import { answer, route, type AnyRoute } from "../route.ts";
import { limitQuery, list, name, nullable, number, object, place, ref } from "../schemas.ts";
import { MAX_PAGE } from "../limits.ts";

type Json = Readonly<Record<string, unknown>>;
type InAccount = { readonly account: string };
export type Page = { readonly limit: number; readonly after?: number };

export const inAccount = object("Which account.", { account: name("The account's name.") });

export const pageByNumber = object(
  "Which page.",
  { limit: limitQuery, after: number("Elements before this page: `next` of the page before.") },
  ["limit", "after"],
);

export const nextNumber = nullable(number("`after` of the next page; null when there is none."));

export const accountRoutes: readonly AnyRoute[] = [
  route<undefined, undefined, Page>({
    method: "GET",
    url: "/accounts",
    operationId: "listAccounts",
    tag: "accounts",
    summary: "The accounts that the caller may read",
    description:
      "A member has one account. Auditors and monitors see all, in the order of enrolment. A third party sees those whose consents name it, not over, with the scope `accounts`.",
    query: pageByNumber,
    answers: {
      200: object("A page of accounts.", {
        account: list("Acct", ref("Account"), MAX_PAGE),
        next: nextNumber,
      }),
    },
    handle: async (context, { caller, query }) => {
      const shown = readableAccounts(context, caller);
      const { limit, after = 0 } = query;
      const page = shown.slice(after, after + limit);
      if (!(await context.follower.booksDurable(context.limits.durableWaitMs))) return late();
      const next = after + limit < shown.length ? after + limit : null;
      return answer({ account: page.map((id) => renderAccount(context, id)), next });
    },
  }),
  route<undefined, InAccount, undefined>({
    method: "GET",
    url: "/accounts/:account",
    operationId: "getAccount",
    tag: "accounts",
    summary: "One account",
    description: "Needs the scope `accounts`.",
    path: inAccount,
    answers: { 200: ref("Account", "An account.") },
    handle: async (context, call) => {
      const found = await readable(context, call, "accounts", "getAccount");
      return found.ok ? answer(renderAccount(context, found.value)) : found;
    },
  }),
  route<undefined, InAccount, Page>({
    method: "GET",
    url: "/accounts/:account/balances",
    operationId: "getBalances",
    tag: "accounts",
    summary: "What an account holds, apart for each tag",
    description: "Needs the scope `balances`. The untagged column comes first if there is one.",
    path: inAccount,
    query: pageByNumber,
    answers: {
      200: object("A page of balances.", {
        account: name("Acct"),
        balance: list("Bal", ref("Balance"), MAX_PAGE),
        next: nextNumber,
      }),
    },
    handle: async (context, call) => {
      const found = await readable(context, call, "balances", "getBalances");
      if (!found.ok) return found;
      const { limit, after = 0 } = call.query;
      const all = context.accounts.balancesOf(found.value);
      // A copy: what is shown is what the books say now, once that is durable.
      const page = all.slice(after, after + limit).map((one) => renderBalance(context, one));
      if (!(await context.follower.booksDurable(context.limits.durableWaitMs))) return late();
      const next = after + limit < all.length ? after + limit : null;
      return answer({ account: found.value, balance: page, next });
    },
  }),
  route<undefined, InAccount, { readonly limit: number; readonly before?: string }>({
    method: "GET",
    url: "/accounts/:account/transactions",
    operationId: "getTransactions",
    tag: "accounts",
    summary: "An account's statement, newest first",
    description:
      "Needs the scope `transactions`. Entries with the status BOOK add up to the booked balance. A bank keeps its newest lines at hand; when `isCut` is true, older ones are in its ledger alone.",
    path: inAccount,
    query: object(
      "Which page.",
      { limit: limitQuery, before: place("Only what is older: `next` of the page before.") },
      ["limit", "before"],
    ),
    answers: {
      200: object("A page of the statement (camt.052).", {
        account: name("Acct"),
        // One line of the ledger changes at most four balances of one account.
        entry: list("Ntry", ref("StatementEntry"), 4 * MAX_PAGE),
        next: nullable(place("`before` of the next page; null when there is none.")),
        isCut: { type: "boolean", description: "Whether older lines are no longer at hand." },
      }),
    },
    handle: async (context, call) => {
      const found = await readable(context, call, "transactions", "getTransactions");
      if (!found.ok) return found;
      const { limit, before } = call.query;
      const page = context.follower.history.ofAccount(found.value, {
        before: readPlace(before),
        limit,
      });
      const { currency } = context.view.bank;
      const last = page.lines.at(-1);
      return answer({
        account: found.value,
        entry: page.lines.flatMap((line) => renderEntries(line, found.value, currency)),
        next: page.hasMore && last !== undefined ? renderPlace(last.place) : null,
        isCut: page.isCut,
      });
    },
  }),
];

/** The schema has let through what looks like a place and nothing else. */
export const readPlace = (found: string | undefined): Place | undefined =>
  found === undefined ? undefined : parsePlace(found);

export const late = () =>
  refuse("busy", { found: "a block that is not durable", retryAfterMs: 1000 });

/** The account, once it is clear that the caller may read it and that it exists. */
async function readable(
  context: ApiContext,
  call: { readonly caller: Caller; readonly consent: string | undefined; readonly path: InAccount },
  scope: "accounts" | "balances" | "transactions",
  operation: string,
): Promise<Outcome<AccountId, Problem>> {
  const account = accountId(call.path.account);
  const leave = await askLeave(context, call, { scope, account, operation });
  if (!leave.ok) return leave;
  if (context.view.books.members.has(memberOf(account))) return ok(account);
  return refuse("not_found", { found: `account ${account}` });
}

function readableAccounts(context: ApiContext, caller: Caller): readonly AccountId[] {
  if (caller.kind === "member") {
    return isOverseer(caller) ? context.accounts.accounts : [accountId(caller.id)];
  }
  const nowMs = context.nowMs();
  const open = context.consents
    .ofGrantee(caller.key)
    .filter(({ authentic: { consent }, revoked }) => {
      const isOpen = revoked === undefined && consent.expiryMs > nowMs;
      return isOpen && consent.scopes.includes(1);
    });
  return [...new Set(open.map(({ authentic }) => authentic.consent.account))];
}

function renderAccount({ view }: ApiContext, account: AccountId): Json {
  const member = view.books.members.get(memberOf(account)) as Member;
  const [memberClass] =
    Object.entries(MEMBER_CLASS).find(([, number]) => number === member.memberClass) ?? [];
  return {
    identification: account,
    currency: view.bank.currency.code,
    memberClass,
    resident: member.resident,
  };
}

function renderBalance({ view }: ApiContext, { tag, posted, pending }: Balance): Json {
  const { currency } = view.bank;
  const bal = (type: string, minor: bigint): Json => ({
    type,
    amount: renderMoney(minor, currency),
    creditDebitIndicator: "CRDT",
  });
  return {
    tag: orNull(tag),
    reference: tag === UNTAGGED ? null : (view.books.tags.get(tag)?.definition.reference ?? null),
    posted: renderMoney(posted, currency),
    pending: renderMoney(pending, currency),
    balances: [bal("ITAV", posted), bal("ITBD", posted + pending)],
  };
}
