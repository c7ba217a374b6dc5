import type { Accounts } from "./accounts.ts";
import { NONE, type PayerQueues } from "./payer-queues.ts";
import { dayAmounts, type Amounts, type PaymentDay } from "./payment-day.ts";

/** More rounds leave less to be dropped when a gridlock is looked for, and take more memory. */
const MOST_ROUNDS = 32;
const MOST_CELLS = 2 ** 20;

/** One round: by member, what is left of its queue. */
interface Round {
  /** The last payment that is left; all before it are left as well. */
  readonly ends: Int32Array;
  /** What is left to pay, and to receive. */
  readonly outgoing: Amounts;
  readonly incoming: Amounts;
  /** Members for whom it has to be worked out again, each once. */
  readonly stale: number[];
  readonly isStale: Uint8Array;
}

/**
 * What is left of every queue after each of the first rounds of gridlock resolution. In a round, every
 * member keeps the longest beginning of its queue that it can pay from its balance and all that it
 * would receive of what the round before left; the first round starts from everything. Whatever can
 * settle at once is left after every round.
 *
 * From one submission to the next little changes: a round is worked out again only for members whose
 * queue, balance or receipts have changed, and only when somebody asks for it.
 */
export class Survivors {
  readonly #day: PaymentDay;
  readonly #queues: PayerQueues;
  readonly #accounts: Accounts;
  /** The first stands for everything that is queued; only its receipts are used. */
  readonly #rounds: readonly Round[];

  constructor(day: PaymentDay, queues: PayerQueues, accounts: Accounts) {
    const members = day.opening.length;
    const rounds = Math.max(1, Math.min(MOST_ROUNDS, Math.floor(MOST_CELLS / members)));
    this.#day = day;
    this.#queues = queues;
    this.#accounts = accounts;
    this.#rounds = Array.from({ length: 1 + rounds }, () => ({
      ends: new Int32Array(members).fill(NONE),
      outgoing: dayAmounts(day, members),
      incoming: dayAmounts(day, members),
      stale: [],
      isStale: new Uint8Array(members),
    }));
  }

  /** A payment was queued. */
  entered(payment: number): void {
    const { payers, payees, values } = this.#day;
    const payer = payers[payment] as number;
    const payee = payees[payment] as number;
    const value = values[payment] as bigint;
    const before = this.#queues.before(payment);
    add(this.#at(0).incoming, payee, value);
    this.#markStale(1, payee);
    for (let round = 1; round < this.#rounds.length; round++) {
      const { ends, outgoing, incoming } = this.#at(round);
      const end = ends[payer] as number;
      if (end === before) this.#markStale(round, payer);
      else if (end !== NONE && this.#queues.isBefore(payment, end)) {
        add(outgoing, payer, value);
        add(incoming, payee, value);
        this.#markStale(round, payer);
        this.#markStale(round + 1, payee);
      }
    }
  }

  /** A payment that had been queued was settled as the head of its queue. */
  left(payment: number): void {
    const { payers, payees, values } = this.#day;
    const payer = payers[payment] as number;
    const payee = payees[payment] as number;
    const value = values[payment] as bigint;
    add(this.#at(0).incoming, payee, -value);
    // As long as it was left, it had been counted on: that it is paid now makes no difference.
    for (let round = 1; round < this.#rounds.length; round++) {
      const { ends, outgoing, incoming } = this.#at(round);
      if (ends[payer] === NONE) {
        this.#markStale(round + 1, payee);
        continue;
      }
      add(outgoing, payer, -value);
      add(incoming, payee, -value);
      if (ends[payer] === payment) ends[payer] = NONE;
    }
  }

  /** A payment that was never queued was settled. */
  passed(payment: number): void {
    for (let round = 1; round < this.#rounds.length; round++) {
      this.#markStale(round, this.#day.payers[payment] as number);
      this.#markStale(round, this.#day.payees[payment] as number);
    }
  }

  /** Whether one of these queued payments is left after every round. */
  includeSome(payments: readonly number[]): boolean {
    for (let round = 1; round < this.#rounds.length; round++) {
      this.#refresh(round);
      if (!payments.some((payment) => this.#isLeft(round, payment))) return false;
    }
    return true;
  }

  /**
   * After the last round, if every round was asked for since the last change: by member the last
   * payment that is left, and the balance if all that is left were settled.
   */
  last(): { readonly ends: Int32Array; readonly balances: Amounts } {
    const { ends, outgoing, incoming } = this.#at(this.#rounds.length - 1);
    const balances = this.#accounts.balances.slice();
    for (let member = 0; member < balances.length; member++) {
      add(balances, member, (incoming[member] as bigint) - (outgoing[member] as bigint));
    }
    return { ends: ends.slice(), balances };
  }

  #isLeft(round: number, payment: number): boolean {
    const end = this.#at(round).ends[this.#day.payers[payment] as number] as number;
    return end !== NONE && !this.#queues.isBefore(end, payment);
  }

  #refresh(round: number): void {
    const { stale, isStale } = this.#at(round);
    for (let member = stale.pop(); member !== undefined; member = stale.pop()) {
      isStale[member] = 0;
      this.#moveEnd(round, member);
    }
  }

  #moveEnd(round: number, member: number): void {
    const { values } = this.#day;
    const { ends, outgoing } = this.#at(round);
    const receipts = this.#at(round - 1).incoming[member] as bigint;
    const funds = (this.#accounts.balances[member] as bigint) + receipts;
    let end = ends[member] as number;
    let sum = outgoing[member] as bigint;
    while (sum > funds) {
      const value = values[end] as bigint;
      sum -= value;
      this.#expect(round, end, -value);
      end = this.#queues.before(end);
    }
    for (;;) {
      const next = end === NONE ? this.#queues.first(member) : this.#queues.after(end);
      if (next === NONE) break;
      const value = values[next] as bigint;
      if (sum + value > funds) break;
      sum += value;
      this.#expect(round, next, value);
      end = next;
    }
    ends[member] = end;
    outgoing[member] = sum;
  }

  /** The payee of a payment can count on it in the next round, or no longer. */
  #expect(round: number, payment: number, value: bigint): void {
    const payee = this.#day.payees[payment] as number;
    add(this.#at(round).incoming, payee, value);
    this.#markStale(round + 1, payee);
  }

  #markStale(round: number, member: number): void {
    // Nothing follows the last round.
    if (round === this.#rounds.length) return;
    const { stale, isStale } = this.#at(round);
    if (isStale[member] === 1 || this.#queues.first(member) === NONE) return;
    isStale[member] = 1;
    stale.push(member);
  }

  #at(round: number): Round {
    return this.#rounds[round] as Round;
  }
}

function add(amounts: Amounts, index: number, value: bigint): void {
  amounts[index] = (amounts[index] as bigint) + value;
}
