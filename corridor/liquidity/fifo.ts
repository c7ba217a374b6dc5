import { Accounts } from "./accounts.ts";
import { NONE, PayerQueues } from "./payer-queues.ts";
import type { PaymentDay, SettledBy } from "./payment-day.ts";

/**
 * Strict first in, first out: only the head of each payer's queue may settle, and it does as soon as
 * its payer can pay it. Whose head settles first makes no difference: money that comes in can only
 * bring further heads forward, so the same payments have settled in the end.
 */
export class StrictFifo {
  readonly accounts: Accounts;
  readonly queues: PayerQueues;
  readonly #day: PaymentDay;
  readonly #settled: (payment: number) => void;
  /** Members whose heads are still to be looked at. */
  readonly #changed: number[] = [];

  /** `settled` hears of every payment that settles as the head of its queue. */
  constructor(day: PaymentDay, settled: (payment: number) => void = () => undefined) {
    this.#day = day;
    this.#settled = settled;
    this.accounts = new Accounts(day);
    this.queues = new PayerQueues(day);
  }

  /** Queues a payment, and settles whatever may. */
  submit(payment: number): void {
    const payer = this.#day.payers[payment] as number;
    this.accounts.at(payment);
    this.queues.append(payment);
    if (this.queues.first(payer) === payment) this.release(payer);
  }

  /** Settles what may since this member's head or balance changed. */
  release(changed: number): void {
    this.#changed.push(changed);
    for (let member = this.#changed.pop(); member !== undefined; member = this.#changed.pop()) {
      for (;;) {
        const head = this.queues.first(member);
        if (head === NONE || !this.accounts.canPay(head)) break;
        this.queues.takeFirst(member);
        this.accounts.settle(head);
        this.#changed.push(this.#day.payees[head] as number);
        this.#settled(head);
      }
    }
  }
}

/** Settles a day by strict first in, first out. */
export function settleFifo(day: PaymentDay): SettledBy {
  const fifo = new StrictFifo(day);
  for (let payment = 0; payment < day.payers.length; payment++) fifo.submit(payment);
  return fifo.accounts.settledBy;
}
