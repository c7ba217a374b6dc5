import { StrictFifo } from "./fifo.ts";
import { NONE } from "./payer-queues.ts";
import type { PaymentDay, SettledBy } from "./payment-day.ts";
import { Survivors } from "./survivors.ts";

/**
 * Gridlock resolution with classes, submission by submission: as a payment may overtake others, what
 * is queued last is not what was submitted last, and a day cannot be taken apart from its end.
 *
 * Before a submission nothing that was queued could settle, not even together. Whatever can settle
 * after it therefore contains the payment submitted, or the head of a member that was paid meanwhile:
 * the hopes. When none of them is left after some rounds of dropping, nothing can settle. What is left
 * of a hope is gone through payment by payment, which is dear where long chains of members wait for
 * each other.
 */
export function settleGridlockOfClasses(day: PaymentDay): SettledBy {
  const { payers, payees, values } = day;
  let submitted = NONE;
  const paid: number[] = [];
  const fifo = new StrictFifo(day, (payment) => {
    if (payment === submitted) survivors.passed(payment);
    else survivors.left(payment);
    paid.push(payees[payment] as number);
  });
  const { accounts, queues } = fifo;
  const survivors = new Survivors(day, queues, accounts);

  for (submitted = 0; submitted < payers.length; submitted++) {
    paid.length = 0;
    fifo.submit(submitted);
    const hopes = new Set(paid.map((member) => queues.first(member)));
    hopes.delete(NONE);
    if (accounts.settledBy[submitted] !== submitted) {
      survivors.entered(submitted);
      hopes.add(submitted);
    }
    if (hopes.size > 0 && survivors.includeSome([...hopes])) resolve(hopes);
  }
  return accounts.settledBy;

  function resolve(hopes: Set<number>): void {
    const { ends, balances } = survivors.last();
    const short = [...ends.keys()].filter((member) => (balances[member] as bigint) < 0n);
    for (let member = short.pop(); member !== undefined; member = short.pop()) {
      while ((balances[member] as bigint) < 0n) {
        const dropped = ends[member] as number;
        const payee = payees[dropped] as number;
        if (hopes.delete(dropped) && hopes.size === 0) return;
        ends[member] = queues.before(dropped);
        balances[member] = (balances[member] as bigint) + (values[dropped] as bigint);
        balances[payee] = (balances[payee] as bigint) - (values[dropped] as bigint);
        if (balances[payee] < 0n) short.push(payee);
      }
    }
    settleUpTo(ends);
  }

  function settleUpTo(ends: Int32Array): void {
    for (const [member, end] of ends.entries()) {
      if (end === NONE) continue;
      for (let head = NONE; head !== end;) {
        head = queues.takeFirst(member);
        accounts.settle(head);
        survivors.left(head);
      }
    }
    for (const member of ends.keys()) accounts.assertFunded(member);
  }
}
