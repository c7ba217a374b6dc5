const COMMA = 0x2c;
const QUOTE = 0x22;
export const LINE_FEED = 0x0a;
export const RETURN = 0x0d;

/** Cells of one line that are told apart; a line of more is refused by their number. */
const MOST_CELLS = 64;

/**
 * The lines of a CSV file as places in its bytes, one line after the other: cells are cut at commas,
 * lines end in LF or CR LF. A cell may stand in double quotes; there is none in it, nor a line end.
 * A byte-order mark of UTF-8 at the start is passed over, as spreadsheets write it.
 */
export class CsvRecords {
  readonly #bytes: Uint8Array;
  readonly #starts = new Int32Array(MOST_CELLS);
  readonly #ends = new Int32Array(MOST_CELLS);
  #next: number;
  #lineStart = 0;
  #line = 0;
  #cells = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#next = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }

  /** Goes to the next line; `false` at the end of the file. */
  next(): boolean {
    const bytes = this.#bytes;
    if (this.#next >= bytes.length) return false;
    this.#line += 1;
    this.#cells = 0;
    this.#lineStart = this.#next;
    for (let at = this.#next; ;) {
      const end = this.#cellEnd(at);
      this.#addCell(at, end);
      if (bytes[end] === COMMA) {
        at = end + 1;
        continue;
      }
      this.#next = end + 1;
      return true;
    }
  }

  /** Of the current line: its number, from 1. */
  get line(): number {
    return this.#line;
  }

  /** Cells of the current line. */
  get cells(): number {
    return this.#cells;
  }

  get isEmpty(): boolean {
    return this.#cells === 1 && this.start(0) === this.end(0);
  }

  start(cell: number): number {
    return this.#starts[cell] as number;
  }

  end(cell: number): number {
    return this.#ends[cell] as number;
  }

  /** The column of the line, from 1, at which a cell begins. */
  column(cell: number): number {
    return this.start(cell) - this.#lineStart + 1;
  }

  /** What stands in a cell, for a message. */
  text(cell: number): string {
    return new TextDecoder().decode(this.#bytes.subarray(this.start(cell), this.end(cell)));
  }

  /** Where the cell ends that begins here: at a comma, a line feed or the end of the file. */
  #cellEnd(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    if (bytes[at] === QUOTE) {
      for (at += 1; at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== LINE_FEED;) at += 1;
    }
    while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LINE_FEED) at += 1;
    return at;
  }

  #addCell(from: number, to: number): void {
    const bytes = this.#bytes;
    let [start, end] = [from, to];
    if (bytes[end] !== COMMA && end > start && bytes[end - 1] === RETURN) end -= 1;
    if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE) {
      start += 1;
      end -= 1;
    }
    if (this.#cells < MOST_CELLS) {
      this.#starts[this.#cells] = start;
      this.#ends[this.#cells] = end;
    }
    this.#cells += 1;
  }
}
