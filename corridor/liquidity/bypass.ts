import { Accounts } from "./accounts.ts";
import { NONE } from "./payer-queues.ts";
import type { PaymentDay, SettledBy } from "./payment-day.ts";
import { WaitingList } from "./waiting-list.ts";

/**
 * First in, first out with bypass: whenever something changes, scan the queue in the order of
 * submission (higher classes first), settle the first payment that its payer can afford, and start
 * again. A payment may overtake another one of the same payer that is too large.
 *
 * The scan is not done: only who pays or is paid can come to afford something else, so for these two
 * the first affordable payment is looked up, and the first of all members' firsts settles.
 */
class Bypass {
  readonly accounts: Accounts;
  readonly #day: PaymentDay;
  readonly #levels: number;
  readonly #placeOf: Int32Array;
  /** One for each member and class in which something waited. */
  readonly #waiting = new Map<number, WaitingList>();
  /** By member: its first affordable payment. Those that are no longer so stand in the heap as well. */
  readonly #firstOf: Int32Array;
  readonly #firsts: ScanOrder;

  constructor(day: PaymentDay) {
    this.#day = day;
    this.accounts = new Accounts(day);
    this.#levels = 1 + day.classes.reduce((highest, level) => Math.max(highest, level), 0);
    this.#placeOf = new Int32Array(day.payers.length);
    this.#firstOf = new Int32Array(day.opening.length).fill(NONE);
    this.#firsts = new ScanOrder(day.classes);
  }

  submit(payment: number): void {
    const { payers, payees } = this.#day;
    this.accounts.at(payment);
    // Nothing that waits was affordable before, so this one is the first that may be.
    if (!this.accounts.canPay(payment)) {
      this.#listOf(payment).append(payment);
      return;
    }
    this.accounts.settle(payment);
    this.#lookUp(payees[payment] as number);
    for (let next = this.#firsts.take(); next !== NONE; next = this.#firsts.take()) {
      const payer = payers[next] as number;
      if (this.#firstOf[payer] !== next) continue;
      this.#listOf(next).remove(next);
      this.accounts.settle(next);
      this.#lookUp(payer);
      this.#lookUp(payees[next] as number);
    }
  }

  /** Finds the member's first affordable payment again. */
  #lookUp(member: number): void {
    const limit = this.accounts.balances[member] as bigint;
    let first = NONE;
    for (let level = this.#levels - 1; level >= 0 && first === NONE; level--) {
      first = this.#waiting.get(member * this.#levels + level)?.first(limit) ?? NONE;
    }
    if (first !== NONE && first !== this.#firstOf[member]) this.#firsts.add(first);
    this.#firstOf[member] = first;
  }

  #listOf(payment: number): WaitingList {
    const { payers, classes, values } = this.#day;
    const key = (payers[payment] as number) * this.#levels + (classes[payment] as number);
    const known = this.#waiting.get(key);
    if (known !== undefined) return known;
    const list = new WaitingList(values, this.#placeOf);
    this.#waiting.set(key, list);
    return list;
  }
}

/** A heap of payments: higher classes first, and within a class the earlier. */
class ScanOrder {
  readonly #classes: Uint8Array;
  readonly #heap: number[] = [];

  constructor(classes: Uint8Array) {
    this.#classes = classes;
  }

  add(payment: number): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(payment, heap[parent] as number)) break;
      heap[i] = heap[parent] as number;
      i = parent;
    }
    heap[i] = payment;
  }

  take(): number {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return NONE;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        this.#isBefore(heap[child + 1] as number, heap[child] as number)
      )
        child += 1;
      if (!this.#isBefore(heap[child] as number, last)) break;
      heap[i] = heap[child] as number;
      i = child;
    }
    heap[i] = last;
    return first;
  }

  #isBefore(a: number, b: number): boolean {
    const [classOfA, classOfB] = [this.#classes[a] as number, this.#classes[b] as number];
    return classOfA > classOfB || (classOfA === classOfB && a < b);
  }
}

/** Settles a day by first in, first out with bypass. */
export function settleBypass(day: PaymentDay): SettledBy {
  const queue = new Bypass(day);
  for (let payment = 0; payment < day.payers.length; payment++) queue.submit(payment);
  return queue.accounts.settledBy;
}
