import type { Bytes } from "../../crypto/bytes.ts";
import { invariant } from "../../crypto/outcome.ts";
import { LEDGER_MAGIC } from "../../node/ledger/record.ts";

/** What a crash leaves of bytes that were appended and not yet synced. */
export type CrashOutcome =
  | { readonly kind: "lost" }
  /** The first `keep` bytes reached the disk: part of a record, or all of it. */
  | { readonly kind: "torn"; readonly keep: number };

const PAGE_BYTES = 65_536;

/** A bank's journal on a simulated disk: what is durable, and what is being written. */
export class SimDisk {
  readonly #pages: Uint8Array[] = [];
  #durable = 0;
  #tail: Bytes | undefined;

  constructor(content: Bytes = LEDGER_MAGIC) {
    this.#write(content);
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
    this.#durable = Math.max(0, Math.min(size, this.#durable));
  }

  /** Changes one bit of what was durable. */
  rot(offset: number, bit: number): void {
    invariant(offset < this.#durable, "Disk", `no byte ${offset}`);
    const page = this.#pages[Math.floor(offset / PAGE_BYTES)] as Uint8Array;
    const at = offset % PAGE_BYTES;
    page[at] = (page[at] as number) ^ (1 << bit);
  }

  /** A copy of what stands there. */
  read(offset: number, length: number): Bytes {
    invariant(offset + length <= this.#durable, "JournalFirst", "read of what is not durable");
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const page = this.#pages[Math.floor((offset + done) / PAGE_BYTES)] as Uint8Array;
      const at = (offset + done) % PAGE_BYTES;
      const part = page.subarray(at, at + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** All that is durable. */
  content(): Bytes {
    return this.read(0, this.#durable);
  }

  /** A disk of its own with the same content. */
  copy(): SimDisk {
    return new SimDisk(this.content());
  }

  #write(bytes: Bytes): void {
    for (let done = 0; done < bytes.length;) {
      const at = this.#durable % PAGE_BYTES;
      const index = Math.floor(this.#durable / PAGE_BYTES);
      const page = (this.#pages[index] ??= new Uint8Array(PAGE_BYTES));
      const part = bytes.subarray(done, done + PAGE_BYTES - at);
      page.set(part, at);
      done += part.length;
      this.#durable += part.length;
    }
  }
}
