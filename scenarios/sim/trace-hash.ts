import { concatBytes, u32, type Bytes } from "../../crypto/bytes.ts";
import { digest, hashKey } from "../../crypto/hash.ts";

const MULTIPLIER_A = 0x9e3779b1;
const MULTIPLIER_B = 0x85ebca77;
const TWO_32 = 0x1_0000_0000;

/**
 * Tells two histories apart: every input of every bank goes in, with its time, in order. It is quick
 * rather than hard to forge; the heads of the ledgers, which are hashes of all they hold, come on top.
 */
export class TraceHash {
  #a = 0x243f6a88;
  #b = 0x85a308d3;
  #count = 0;

  /** Whole numbers up to 2^53 - 1. */
  mix(...words: readonly number[]): void {
    for (const word of words) {
      this.#mixWord(word >>> 0);
      this.#mixWord(Math.floor(word / TWO_32) >>> 0);
    }
    this.#count++;
  }

  /** The hash of everything so far, with these heads: 64 hex digits. */
  render(heads: readonly Bytes[]): string {
    const count = concatBytes(u32(Math.floor(this.#count / TWO_32)), u32(this.#count >>> 0));
    return hashKey(digest(concatBytes(u32(this.#a), u32(this.#b), count, ...heads)));
  }

  #mixWord(word: number): void {
    this.#a = Math.imul(this.#a ^ word, MULTIPLIER_A) >>> 0;
    this.#a = (this.#a ^ (this.#a >>> 15)) >>> 0;
    this.#b = Math.imul((this.#b + word) >>> 0, MULTIPLIER_B) >>> 0;
    this.#b = (this.#b ^ (this.#b >>> 13)) >>> 0;
  }
}
