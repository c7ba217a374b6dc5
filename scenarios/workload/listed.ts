import type { MemberId } from "../../node/ids.ts";
import { ZERO } from "../../node/money.ts";
import type { ExpectedCode } from "../home.ts";
import type {
  ListedLeg,
  ListedOrder,
  ListedPayment,
  ListedSwap,
  ListedWorkload,
  Scenario,
} from "../scenario.ts";
import type { PlannedLeg, PlannedPayment, PlannedSwap, WorkloadPlan } from "./plan.ts";

/** Swaps and payments as the file lists them, in order of time; nothing is screened. */
export function planListed(scenario: Scenario, workload: ListedWorkload): WorkloadPlan {
  const { swaps, payments, orders } = inOrder(workload);
  return {
    swaps: swaps.map(([id, swap]) => swapOf(id, swap)),
    payments: [
      ...payments.map(([id, payment]) => paymentOf(id, payment, scenario)),
      ...orders.map(([id, order]) => orderOf(id, order)),
    ],
  };
}

/** What listed swaps, payments and orders are expected to come to, by their ids in the plan. */
export function expectedRejections(workload: ListedWorkload): ReadonlyMap<string, ExpectedCode> {
  const { swaps, payments, orders } = inOrder(workload);
  const expected = new Map<string, ExpectedCode>();
  for (const [id, { rejected }] of [...swaps, ...payments, ...orders]) {
    if (rejected !== null) expected.set(id, rejected);
  }
  return expected;
}

interface Ordered {
  readonly swaps: readonly (readonly [id: string, swap: ListedSwap])[];
  readonly payments: readonly (readonly [id: string, payment: ListedPayment])[];
  readonly orders: readonly (readonly [id: string, order: ListedOrder])[];
}

function inOrder({ swaps, payments, orders }: ListedWorkload): Ordered {
  const byTime = (a: { readonly atMs: number }, b: { readonly atMs: number }) => a.atMs - b.atMs;
  return {
    swaps: swaps.toSorted(byTime).map((swap, i) => [`swap-${i + 1}`, swap]),
    payments: payments.toSorted(byTime).map((payment, i) => [`payment-${i + 1}`, payment]),
    orders: orders.toSorted(byTime).map((order, i) => [`order-${i + 1}`, order]),
  };
}

function swapOf(id: string, { atMs, sell, buy, tag, deliverTo, facts }: ListedSwap): PlannedSwap {
  return {
    id,
    initiatedMs: atMs,
    screeningMs: 0,
    pair: `${sell.currency}/${buy.currency}`,
    legs: [legOf(sell, buy.member), legOf(buy, deliverTo ?? sell.member)],
    tag,
    facts,
  };
}

const legOf = (leg: ListedLeg, payee: MemberId): PlannedLeg => ({
  bank: leg.bank,
  currency: leg.currency,
  payer: leg.member,
  payee,
  amount: leg.amount,
});

function paymentOf(id: string, payment: ListedPayment, scenario: Scenario): PlannedPayment {
  const { atMs, bank, payer, payee, amount, tag, line, purpose, facts, diversion } = payment;
  const isHome = scenario.members.every(
    (member) => (member.id !== payer && member.id !== payee) || member.bank === bank,
  );
  const kind = tag !== null ? "tagged" : isHome ? "domestic" : "one-way";
  const place = { tag, line, purpose, facts, diversion, expected: payment.rejected };
  return { id, atMs, kind, bank, payer, payee, amount, ...place, action: null };
}

function orderOf(id: string, order: ListedOrder): PlannedPayment {
  const { atMs, bank, member, action, rejected: expected } = order;
  const amount = "amount" in action ? action.amount : ZERO;
  const tag = "tag" in action ? action.tag : null;
  const nobody = {
    payer: member,
    payee: member,
    line: null,
    purpose: null,
    facts: [],
    diversion: null,
  };
  return { id, atMs, kind: "order", bank, ...nobody, amount, tag, action, expected };
}
