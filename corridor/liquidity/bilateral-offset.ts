import { StrictFifo } from "./fifo.ts";
import { NONE } from "./payer-queues.ts";
import type { PaymentDay, SettledBy } from "./payment-day.ts";

/**
 * Strict first in, first out with bilateral offset. When strict FIFO is stuck, two members offset each
 * other if the head of each one's queue pays the other one and neither would end below zero: whoever
 * pays the larger of the two needs the difference only. Both settle at once. Then strict FIFO goes on,
 * until it is stuck and no two members offset each other.
 *
 * Only heads are offset, so every queue keeps its order. A head pays one member, so pairs never
 * compete, and whatever else settles only brings money to them: it makes no difference in which order
 * pairs are tried. After a change only those whose head or balance changed are.
 *
 * Bilateral offsetting between the counterparties of the first queued payment, as the Bank of
 * Finland's simulator has it (Leinonen and Soramäki, Bank of Finland E:16, 1999); CPSS, New
 * developments in large-value payment systems, 2005.
 */
export function settleBilateralOffset(day: PaymentDay): SettledBy {
  const { payers, payees, values } = day;
  const changed: number[] = [];
  const fifo = new StrictFifo(day, (payment) => {
    changed.push(payers[payment] as number, payees[payment] as number);
  });
  const { accounts, queues } = fifo;

  for (let payment = 0; payment < payers.length; payment++) {
    fifo.submit(payment);
    changed.push(payers[payment] as number);
    for (let member = changed.pop(); member !== undefined; member = changed.pop()) offset(member);
  }
  return accounts.settledBy;

  function offset(member: number): void {
    const head = queues.first(member);
    if (head === NONE) return;
    const other = payees[head] as number;
    const back = queues.first(other);
    if (back === NONE || payees[back] !== member) return;
    const difference = (values[head] as bigint) - (values[back] as bigint);
    const larger = difference > 0n ? member : other;
    const needed = difference > 0n ? difference : -difference;
    if ((accounts.balances[larger] as bigint) < needed) return;
    for (const payer of [member, other]) accounts.settle(queues.takeFirst(payer));
    accounts.assertFunded(member);
    accounts.assertFunded(other);
    changed.push(member, other);
    fifo.release(member);
    fifo.release(other);
  }
}
