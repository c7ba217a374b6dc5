import type { Bytes } from "../../crypto/bytes.ts";
import { invariant } from "../../crypto/outcome.ts";
import { LEDGER_MAGIC } from "../../node/ledger/record.ts";

/** What a crash leaves of bytes that were appended and not yet synced. */
export type CrashOutcome =
  | { readonly kind: "lost" }
  /** The first `keep` bytes reached the disk: part of a record, or all of it. */
  | { readonly kind: "torn"; readonly keep: number };

const FIRST_BYTES = 65_536;

/** A bank's journal on a simulated disk: what is durable, and what is being written. */
export class SimDisk {
  #bytes: Uint8Array;
  #durable: number;
  #tail: Bytes | undefined;

  constructor(content: Bytes = LEDGER_MAGIC) {
    this.#bytes = new Uint8Array(Math.max(FIRST_BYTES, content.length));
    this.#bytes.set(content);
    this.#durable = content.length;
  }

  /** Bytes that survive a crash. */
  get durable(): number {
    return this.#durable;
  }

  /** Bytes that were appended and are not yet durable; `undefined` when no flush is under way. */
  get tail(): Bytes | undefined {
    return this.#tail;
  }

  append(bytes: Bytes): void {
    invariant(this.#tail === undefined, "JournalFirst", "two flushes at once");
    this.#tail = bytes;
  }

  /** The flush has ended: returns the size that is durable now. */
  sync(): number {
    if (this.#tail !== undefined) this.#write(this.#tail);
    this.#tail = undefined;
    return this.#durable;
  }

  crash(outcome: CrashOutcome): void {
    const tail = this.#tail;
    this.#tail = undefined;
    if (tail !== undefined && outcome.kind === "torn") this.#write(tail.subarray(0, outcome.keep));
  }

  /** Forgets everything from `size` on: an old copy was restored, or a torn tail was cut. */
  cutTo(size: number): void {
    this.#durable = Math.min(size, this.#durable);
  }

  /** Changes one bit of what was durable. */
  rot(offset: number, bit: number): void {
    invariant(offset < this.#durable, "Disk", `no byte ${offset}`);
    this.#bytes[offset] = (this.#bytes[offset] as number) ^ (1 << bit);
  }

  read(offset: number, length: number): Bytes {
    invariant(offset + length <= this.#durable, "JournalFirst", "read of what is not durable");
    return this.#bytes.subarray(offset, offset + length);
  }

  /** All that is durable, as a copy. */
  content(): Bytes {
    return this.#bytes.slice(0, this.#durable);
  }

  /** A disk of its own with the same content. */
  copy(): SimDisk {
    return new SimDisk(this.content());
  }

  #write(bytes: Bytes): void {
    const size = this.#durable + bytes.length;
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, size));
      grown.set(this.#bytes.subarray(0, this.#durable));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#durable);
    this.#durable = size;
  }
}
