import type { Scenario } from "../../../scenarios/scenario.ts";
import type { PlannedPayment, WorkloadPlan } from "../../../scenarios/workload/plan.ts";

/** After this time a planned payment under a tag is taken to be through; before, it is not counted. */
const SLOWEST_MS = 1_000;

/**
 * What goes wrong when a plan is carried out in the worst case, by a model without any of the
 * planner's parts. Untagged money that comes in is never credited, and holds are never given back;
 * tagged money is there only a second after it was paid.
 */
export function worstCase(scenario: Scenario, plan: WorkloadPlan): readonly string[] {
  const wrong: string[] = [];
  const untagged = new Map<string, bigint>();
  for (const { id, bank, issue } of scenario.members) untagged.set(`${bank} ${id}`, issue);
  const spend = (account: string, amount: bigint, what: string): void => {
    const left = (untagged.get(account) ?? 0n) - amount;
    untagged.set(account, left);
    if (left < 0n) wrong.push(`${what}: ${account} lacks ${-left}`);
  };
  for (const tag of scenario.tags) spend(`${tag.bank} ${tag.owner}`, tag.issue, `tag ${tag.id}`);

  const movements = [
    ...plan.swaps.flatMap(({ id, initiatedMs, screeningMs, legs }) =>
      legs.map(({ bank, payer, amount }) => {
        return { atMs: initiatedMs + screeningMs, what: id, account: `${bank} ${payer}`, amount };
      }),
    ),
    ...plan.payments
      .filter(({ tag }) => tag === null)
      .map(({ id, atMs, bank, payer, amount }) => {
        return { atMs, what: id, account: `${bank} ${payer}`, amount };
      }),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { account, amount, what } of movements) spend(account, amount, what);

  const tagged = plan.payments.filter(({ tag }) => tag !== null);
  for (const tag of scenario.tags) {
    wrong.push(
      ...taggedWorstCase(
        tag,
        tagged.filter((payment) => payment.tag === tag.id),
      ),
    );
  }
  return wrong;
}

function taggedWorstCase(
  tag: Scenario["tags"][number],
  payments: readonly PlannedPayment[],
): readonly string[] {
  const wrong: string[] = [];
  const paid: PlannedPayment[] = [];
  for (const payment of payments) {
    const { id, atMs, payer, payee, line, purpose, amount } = payment;
    const note = (found: string): void => void wrong.push(`${id}: ${found}`);
    const estimate = tag.lines.find((known) => known.line === line);
    if (estimate === undefined) note(`line ${line}`);
    if (purpose === null || !tag.purposes.includes(purpose)) note(`purpose ${purpose}`);
    if (!tag.payees.some(({ account }) => account === payee)) note(`payee ${payee}`);
    if (payment.bank !== tag.bank) note(`bank ${payment.bank}`);
    if (atMs + SLOWEST_MS >= tag.validForMs) note(`after the tag's end`);
    const sum = (of: (earlier: PlannedPayment) => boolean): bigint =>
      paid.filter(of).reduce((total, earlier) => total + earlier.amount, 0n);
    if (payer === tag.owner) {
      const inLine = sum((earlier) => earlier.payer === payer && earlier.line === line);
      const inAll = sum((earlier) => earlier.payer === payer);
      if (inLine + amount > (estimate?.max ?? 0n)) note("the line is exhausted");
      if (inAll + amount > tag.issue) note("the tag is exhausted");
    } else {
      const isFinal = tag.payees.some(({ account, final }) => final && account === payer);
      const into = sum(
        (earlier) =>
          earlier.payee === payer && earlier.line === line && earlier.atMs + SLOWEST_MS <= atMs,
      );
      const out = sum((earlier) => earlier.payer === payer && earlier.line === line);
      if (isFinal || out + amount > into) note(`${payer} has not received it`);
    }
    paid.push(payment);
  }
  return wrong;
}
