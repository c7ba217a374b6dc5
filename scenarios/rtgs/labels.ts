const FEWEST_SLOTS = 64;

/**
 * Short ASCII texts out of files, each with a number from 0 in the order in which it was first seen.
 * They are found by their bytes: a file of a million lines is read without making a text of each.
 */
export class Labels {
  #bytes = new Uint8Array(1024);
  /** Where each label begins; one more for the end of the last. */
  #starts = new Int32Array(FEWEST_SLOTS);
  #hashes = new Int32Array(FEWEST_SLOTS);
  /** Open addressing: number + 1 of the label in each slot, 0 in a free one. */
  #slots = new Int32Array(2 * FEWEST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the label that stands in the bytes from `start` to before `end`. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let held = this.#slots[slot] as number; held !== 0; held = this.#slots[slot] as number) {
      if (this.#hashes[held - 1] === hash && this.isAt(held - 1, bytes, start, end))
        return held - 1;
      slot = (slot + 1) & mask;
    }
    const number = this.#size;
    this.#slots[slot] = number + 1;
    this.#append(hash, bytes, start, end);
    return number;
  }

  text(number: number): string {
    const [start, end] = this.#placeOf(number);
    return String.fromCharCode(...this.#bytes.subarray(start, end));
  }

  /** Writes a label into other bytes; returns where it ends. */
  copy(number: number, target: Uint8Array, at: number): number {
    const [start, end] = this.#placeOf(number);
    for (let i = start; i < end; i++) target[at + i - start] = this.#bytes[i] as number;
    return at + end - start;
  }

  /** Bytes of all labels together. */
  get length(): number {
    return this.#starts[this.#size] as number;
  }

  #placeOf(number: number): readonly [start: number, end: number] {
    return [this.#starts[number] as number, this.#starts[number + 1] as number];
  }

  /** Whether a label is what stands in the bytes from `start` to before `end`. */
  isAt(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[number] as number;
    if ((this.#starts[number + 1] as number) - from !== end - start) return false;
    for (let i = start; i < end; i++) {
      if (bytes[i] !== this.#bytes[from + i - start]) return false;
    }
    return true;
  }

  #append(hash: number, bytes: Uint8Array, start: number, end: number): void {
    const from = this.length;
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(2 * to));
    for (let i = start; i < end; i++) this.#bytes[from + i - start] = bytes[i] as number;
    this.#hashes[this.#size] = hash;
    this.#size += 1;
    this.#starts[this.#size] = to;
    if (this.#size + 1 < this.#starts.length) return;
    this.#starts = grown(this.#starts, new Int32Array(2 * this.#starts.length));
    this.#hashes = grown(this.#hashes, new Int32Array(2 * this.#hashes.length));
    this.#spread();
  }

  /** Twice as many slots, so that no more than half of them are ever taken. */
  #spread(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = (this.#hashes[number] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

function grown<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** FNV-1a with the finishing steps of MurmurHash3, so that its low bits depend on all. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
