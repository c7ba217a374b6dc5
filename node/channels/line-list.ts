import type { LedgerLine } from "./ledger-line.ts";

/** A list that grows at its end and shrinks at its beginning, each in constant time. */
export class LineList {
  #lines: LedgerLine[] = [];
  /** Lines at the beginning that were dropped and still take room. */
  #dropped = 0;

  get length(): number {
    return this.#lines.length - this.#dropped;
  }

  push(line: LedgerLine): void {
    this.#lines.push(line);
  }

  dropFirst(): LedgerLine | undefined {
    if (this.length === 0) return undefined;
    const line = this.#lines[this.#dropped++];
    if (this.#dropped * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#dropped);
      this.#dropped = 0;
    }
    return line;
  }

  slice(start: number, end: number = this.length): LedgerLine[] {
    return this.#lines.slice(this.#dropped + start, this.#dropped + end);
  }

  /** The first index at which something holds that holds of every later line; the length when of none. */
  firstIndex(holds: (line: LedgerLine) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#lines[this.#dropped + middle] as LedgerLine)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
