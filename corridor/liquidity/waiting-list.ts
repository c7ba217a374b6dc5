import { NONE } from "./payer-queues.ts";
import type { Amounts } from "./payment-day.ts";

const FEWEST_PLACES = 4;

/**
 * Payments of one payer and class in the order of submission, which finds the first of at most some
 * value: a binary tree over the places, of which each node knows the smallest payment below it. Every
 * operation takes time in the logarithm of the list's length.
 */
export class WaitingList {
  readonly #values: Amounts;
  readonly #placeOf: Int32Array;
  /** The root is node 1; the children of node i are 2i and 2i + 1; the places are the last half. */
  #smallest = emptyTree(FEWEST_PLACES);
  #used = 0;
  #length = 0;

  /** `placeOf` is by payment; lists share it, as no payment waits in two. */
  constructor(values: Amounts, placeOf: Int32Array) {
    this.#values = values;
    this.#placeOf = placeOf;
  }

  append(payment: number): void {
    if (this.#used === this.#places) this.#rebuild();
    this.#placeOf[payment] = this.#used;
    this.#length += 1;
    this.#put(this.#used++, payment);
  }

  remove(payment: number): void {
    this.#length -= 1;
    this.#put(this.#placeOf[payment] as number, NONE);
  }

  /** The first payment of at most this value; `NONE` when there is none. */
  first(limit: bigint): number {
    const tree = this.#smallest;
    if (!this.#isWithin(tree[1] as number, limit)) return NONE;
    let node = 1;
    while (node < this.#places) {
      node *= 2;
      if (!this.#isWithin(tree[node] as number, limit)) node += 1;
    }
    return tree[node] as number;
  }

  get #places(): number {
    return this.#smallest.length / 2;
  }

  #isWithin(payment: number, limit: bigint): boolean {
    return payment !== NONE && (this.#values[payment] as bigint) <= limit;
  }

  #put(place: number, payment: number): void {
    const tree = this.#smallest;
    let node = this.#places + place;
    tree[node] = payment;
    for (node >>= 1; node >= 1; node >>= 1) tree[node] = this.#smaller(2 * node, 2 * node + 1);
  }

  #smaller(left: number, right: number): number {
    const [a, b] = [this.#smallest[left] as number, this.#smallest[right] as number];
    if (a === NONE) return b;
    if (b === NONE) return a;
    return (this.#values[b] as bigint) < (this.#values[a] as bigint) ? b : a;
  }

  /** Closes the gaps, with room for at least as many again. */
  #rebuild(): void {
    const waiting = this.#smallest.subarray(this.#places).filter((payment) => payment !== NONE);
    const places = Math.max(FEWEST_PLACES, 2 * ceilPowerOfTwo(this.#length));
    this.#smallest = emptyTree(places);
    this.#smallest.set(waiting, places);
    for (const [place, payment] of waiting.entries()) this.#placeOf[payment] = place;
    for (let node = places - 1; node >= 1; node--) {
      this.#smallest[node] = this.#smaller(2 * node, 2 * node + 1);
    }
    this.#used = waiting.length;
  }
}

const emptyTree = (places: number): Int32Array => new Int32Array(2 * places).fill(NONE);

const ceilPowerOfTwo = (length: number): number =>
  length <= 1 ? 1 : 2 ** (32 - Math.clz32(length - 1));
