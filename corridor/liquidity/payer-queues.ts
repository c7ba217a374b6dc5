import type { PaymentDay } from "./payment-day.ts";

/** No payment. */
export const NONE = -1;

/**
 * Every payer's queue: by class, the highest first, and within a class in the order of submission.
 * Every operation takes the same time, however long the queues are.
 */
export class PayerQueues {
  readonly #payers: Int32Array;
  readonly #classes: Uint8Array;
  /** Classes of this day; the lists of a member stand beside each other, one for each class. */
  readonly #levels: number;
  readonly #heads: Int32Array;
  readonly #tails: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** By member: the bit of each class in which something is queued. */
  readonly #occupied: Uint16Array;

  constructor({ opening, payers, classes }: PaymentDay) {
    this.#payers = payers;
    this.#classes = classes;
    this.#levels = 1 + classes.reduce((highest, level) => Math.max(highest, level), 0);
    this.#heads = new Int32Array(opening.length * this.#levels).fill(NONE);
    this.#tails = new Int32Array(opening.length * this.#levels).fill(NONE);
    this.#next = new Int32Array(payers.length).fill(NONE);
    this.#previous = new Int32Array(payers.length).fill(NONE);
    this.#occupied = new Uint16Array(opening.length);
  }

  first(member: number): number {
    const occupied = this.#occupied[member] as number;
    if (occupied === 0) return NONE;
    return this.#heads[member * this.#levels + highestBit(occupied)] as number;
  }

  /** The payment behind this one in its payer's queue. */
  after(payment: number): number {
    const next = this.#next[payment] as number;
    if (next !== NONE) return next;
    const member = this.#payers[payment] as number;
    const lower =
      (this.#occupied[member] as number) & ((1 << (this.#classes[payment] as number)) - 1);
    if (lower === 0) return NONE;
    return this.#heads[member * this.#levels + highestBit(lower)] as number;
  }

  /** The payment before this one in its payer's queue. */
  before(payment: number): number {
    const previous = this.#previous[payment] as number;
    if (previous !== NONE) return previous;
    const member = this.#payers[payment] as number;
    const level = this.#classes[payment] as number;
    const higher = (this.#occupied[member] as number) & -(2 << level);
    if (higher === 0) return NONE;
    return this.#tails[member * this.#levels + lowestBit(higher)] as number;
  }

  /** Whether a payment stands before another one of the same payer. */
  isBefore(payment: number, other: number): boolean {
    const difference = (this.#classes[payment] as number) - (this.#classes[other] as number);
    return difference > 0 || (difference === 0 && payment < other);
  }

  /** Puts a payment behind those of its class. */
  append(payment: number): void {
    const member = this.#payers[payment] as number;
    const level = this.#classes[payment] as number;
    const list = member * this.#levels + level;
    const tail = this.#tails[list] as number;
    this.#previous[payment] = tail;
    this.#next[payment] = NONE;
    this.#tails[list] = payment;
    if (tail !== NONE) this.#next[tail] = payment;
    else {
      this.#heads[list] = payment;
      this.#occupied[member] = (this.#occupied[member] as number) | (1 << level);
    }
  }

  /** Takes the first payment of a member that has one out of its queue. */
  takeFirst(member: number): number {
    const level = highestBit(this.#occupied[member] as number);
    const list = member * this.#levels + level;
    const payment = this.#heads[list] as number;
    const next = this.#next[payment] as number;
    this.#heads[list] = next;
    if (next !== NONE) this.#previous[next] = NONE;
    else {
      this.#tails[list] = NONE;
      this.#occupied[member] = (this.#occupied[member] as number) & ~(1 << level);
    }
    return payment;
  }
}

const highestBit = (bits: number): number => 31 - Math.clz32(bits);

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
