import { NONE } from "./payer-queues.ts";
import { UNSETTLED, type PaymentDay, type SettledBy } from "./payment-day.ts";
import { settleGridlockOfClasses } from "./gridlock-of-classes.ts";

/**
 * Strict first in, first out with gridlock resolution: when strict FIFO is stuck, take all queued
 * payments, and while some member would end below zero drop that member's last queued payment; settle
 * what remains at once; repeat. (Bech and Soramäki, Gridlock resolution in interbank payment systems,
 * Bank of Finland Discussion Papers 9/2001.)
 */
export const settleGridlockResolution = (day: PaymentDay): SettledBy =>
  day.classes.every((level) => level === day.classes[0])
    ? settleBackwards(day)
    : settleGridlockOfClasses(day);

/**
 * The same for a day of one class, in time proportional to the number of payments.
 *
 * After each submission the rule has settled, of each payer, the longest beginning of all that it
 * submitted so far with which nobody is below zero at that moment: such beginnings have a greatest
 * one, because of two of them the longer one of each payer does as well; dropping last payments finds
 * it; and what settled earlier is part of it, so that it can be found from the opening balances. The
 * greatest beginning at the end of the day is found by dropping; the one before the last submission by
 * dropping that submission as well, and whatever can then not be paid; and so on back to the start. A
 * payment that is dropped together with a submission is one that this submission let settle, and every
 * payment is dropped once.
 */
function settleBackwards({ opening, payers, payees, values }: PaymentDay): SettledBy {
  const settledBy = new Int32Array(payers.length).fill(UNSETTLED);
  /** By member: the balance if all that is not dropped were settled. */
  const balances = opening.slice();
  const last = new Int32Array(opening.length).fill(NONE);
  const previous = new Int32Array(payers.length).fill(NONE);
  const short: number[] = [];

  for (let payment = 0; payment < payers.length; payment++) {
    const payer = payers[payment] as number;
    const payee = payees[payment] as number;
    previous[payment] = last[payer] as number;
    last[payer] = payment;
    balances[payer] = (balances[payer] as bigint) - (values[payment] as bigint);
    balances[payee] = (balances[payee] as bigint) + (values[payment] as bigint);
  }
  for (let member = 0; member < opening.length; member++) short.push(member);
  dropUnpaid(UNSETTLED);
  for (let submission = payers.length - 1; submission >= 0; submission--) {
    const payer = payers[submission] as number;
    if (last[payer] !== submission) continue;
    dropLast(payer, submission);
    dropUnpaid(submission);
  }
  return settledBy;

  function dropUnpaid(submission: number): void {
    for (let member = short.pop(); member !== undefined; member = short.pop()) {
      while ((balances[member] as bigint) < 0n) dropLast(member, submission);
    }
  }

  function dropLast(payer: number, submission: number): void {
    const payment = last[payer] as number;
    const payee = payees[payment] as number;
    last[payer] = previous[payment] as number;
    settledBy[payment] = submission;
    balances[payer] = (balances[payer] as bigint) + (values[payment] as bigint);
    balances[payee] = (balances[payee] as bigint) - (values[payment] as bigint);
    if (balances[payee] < 0n) short.push(payee);
  }
}
