import { readU32, utf8ToBytes } from "../../crypto/bytes.ts";
import { digestParts, type Hash } from "../../crypto/hash.ts";
import { invariant } from "../../crypto/outcome.ts";

const DOMAIN = utf8ToBytes("corridor/prng/v1\0");
const WORD_BITS = 32;
const TWO_32 = 0x1_0000_0000;
const TWO_53 = 0x20_0000_0000_0000;

/**
 * A seeded generator: the same seed and names give the same draws on every machine, by integer
 * arithmetic alone. A stream is xoshiro128** (Blackman and Vigna, 2018), with a state from SHA-256
 * over the seed and the names of the forks that lead to it. Not for secrets.
 */
export class Prng {
  readonly #key: Hash;
  readonly #state: XoshiroState;

  private constructor(key: Hash) {
    this.#key = key;
    this.#state = [readU32(key, 0), readU32(key, 4), readU32(key, 8), readU32(key, 12)];
  }

  /** `seed` is a whole number up to 2^53 - 1. */
  static fromSeed(seed: number): Prng {
    invariant(Number.isSafeInteger(seed) && seed >= 0, "PrngSeed", `seed ${seed}`);
    return new Prng(digestParts(DOMAIN, utf8ToBytes(String(seed))));
  }

  /**
   * A stream of its own, decided by the seed and the name alone: it is the same however much was
   * drawn from this one or from its other forks, and drawing from it shifts none of them.
   */
  fork(name: string): Prng {
    return new Prng(digestParts(this.#key, utf8ToBytes(name)));
  }

  /** The next 32 bits, from 0 to 2^32 - 1. */
  u32(): number {
    return nextXoshiro128(this.#state);
  }

  /** A whole number from `min` to `max`, both included, each equally likely. */
  int(min: number, max: number): number {
    const span = max - min + 1;
    const isRange = Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max;
    invariant(isRange && span <= TWO_53, "PrngRange", `${min} to ${max}`);
    const isOneWord = span <= TWO_32;
    const words = isOneWord ? TWO_32 : TWO_53;
    const unbiased = words - (words % span);
    for (;;) {
      const drawn = isOneWord ? this.u32() : (this.u32() >>> 11) * TWO_32 + this.u32();
      if (drawn < unbiased) return min + (drawn % span);
    }
  }

  /** The same for whole numbers of any size. */
  bigInt(min: bigint, max: bigint): bigint {
    invariant(min <= max, "PrngRange", `${min} to ${max}`);
    const span = max - min + 1n;
    const count = Math.ceil(span.toString(2).length / WORD_BITS);
    const words = 1n << BigInt(count * WORD_BITS);
    const unbiased = words - (words % span);
    for (;;) {
      let drawn = 0n;
      for (let i = 0; i < count; i++) drawn = (drawn << 32n) | BigInt(this.u32());
      if (drawn < unbiased) return min + (drawn % span);
    }
  }

  /** One of the items, of which there is at least one. */
  pick<T>(items: readonly T[]): T {
    invariant(items.length > 0, "PrngRange", "no items");
    return items[this.int(0, items.length - 1)] as T;
  }

  /** One of the items, each as likely as its share of all weights; their sum is above zero. */
  pickWeighted<T>(items: readonly T[], weightOf: (item: T) => bigint): T {
    const weights = items.map(weightOf);
    const isWeighing = weights.every((weight) => weight >= 0n);
    const total = weights.reduce((sum, weight) => sum + weight, 0n);
    invariant(isWeighing && total > 0n, "PrngRange", `weights that sum to ${total}`);
    let rest = this.bigInt(0n, total - 1n);
    const index = weights.findIndex((weight) => (rest -= weight) < 0n);
    return items[index] as T;
  }

  /** The items in a new array, each order equally likely (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }
}

/** Four words of 32 bits, not all zero. */
export type XoshiroState = [number, number, number, number];

/** One step of xoshiro128** 1.1 (prng.di.unimi.it/xoshiro128starstar.c): changes the state. */
export function nextXoshiro128(state: XoshiroState): number {
  let [a, b, c, d] = state;
  const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
  const shifted = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= shifted;
  d = rotateLeft(d, 11);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
  return result;
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
