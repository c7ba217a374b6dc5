import type { RuleCode } from "../../node/rules/rule.ts";
import type {
  ListedLeg,
  ListedPayment,
  ListedSwap,
  ListedWorkload,
  Scenario,
} from "../scenario.ts";
import type { PlannedLeg, PlannedPayment, PlannedSwap, WorkloadPlan } from "./plan.ts";

/** Swaps and payments as the file lists them, in order of time; nothing is screened. */
export function planListed(scenario: Scenario, workload: ListedWorkload): WorkloadPlan {
  const { swaps, payments } = inOrder(workload);
  return {
    swaps: swaps.map(([id, swap]) => swapOf(id, swap)),
    payments: payments.map(([id, payment]) => paymentOf(id, payment, scenario)),
  };
}

/** The codes with which listed swaps and payments are expected to be rejected, by their ids in the plan. */
export function expectedRejections(workload: ListedWorkload): ReadonlyMap<string, RuleCode> {
  const { swaps, payments } = inOrder(workload);
  const expected = new Map<string, RuleCode>();
  for (const [id, { rejected }] of [...swaps, ...payments]) {
    if (rejected !== null) expected.set(id, rejected);
  }
  return expected;
}

interface Ordered {
  readonly swaps: readonly (readonly [id: string, swap: ListedSwap])[];
  readonly payments: readonly (readonly [id: string, payment: ListedPayment])[];
}

function inOrder({ swaps, payments }: ListedWorkload): Ordered {
  const byTime = (a: { readonly atMs: number }, b: { readonly atMs: number }) => a.atMs - b.atMs;
  return {
    swaps: swaps.toSorted(byTime).map((swap, i) => [`swap-${i + 1}`, swap]),
    payments: payments.toSorted(byTime).map((payment, i) => [`payment-${i + 1}`, payment]),
  };
}

function swapOf(id: string, { atMs, sell, buy, tag }: ListedSwap): PlannedSwap {
  return {
    id,
    initiatedMs: atMs,
    screeningMs: 0,
    pair: `${sell.currency}/${buy.currency}`,
    legs: [legOf(sell, buy), legOf(buy, sell)],
    tag,
  };
}

const legOf = (leg: ListedLeg, other: ListedLeg): PlannedLeg => ({
  bank: leg.bank,
  currency: leg.currency,
  payer: leg.member,
  payee: other.member,
  amount: leg.amount,
});

function paymentOf(id: string, payment: ListedPayment, scenario: Scenario): PlannedPayment {
  const { atMs, bank, payer, payee, amount, tag, line, purpose } = payment;
  const isHome = scenario.members.every(
    (member) => (member.id !== payer && member.id !== payee) || member.bank === bank,
  );
  const kind = tag !== null ? "tagged" : isHome ? "domestic" : "one-way";
  return { id, atMs, kind, bank, payer, payee, amount, tag, line, purpose };
}
