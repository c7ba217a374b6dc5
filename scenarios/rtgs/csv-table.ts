import { MAX_AMOUNT, type Amount } from "../../node/money.ts";
import { oneOf } from "../load/words.ts";
import type { Problems } from "../load/problems.ts";
import { quote } from "../problem.ts";
import { CsvRecords } from "./csv-records.ts";

export interface TableLayout<Column extends string> {
  readonly required: readonly Column[];
  readonly optional: readonly Column[];
}

/**
 * The records of a CSV file with known columns in any order, and what is wrong with them, each with
 * file, line, column and name.
 */
export class CsvTable<Column extends string> {
  readonly bytes: Uint8Array;
  readonly #file: string;
  readonly #layout: TableLayout<Column>;
  readonly #problems: Problems;
  readonly #records: CsvRecords;
  /** The columns in the order of the file. */
  readonly #names: Column[] = [];
  #width = 0;

  constructor(
    { bytes, file }: { readonly bytes: Uint8Array; readonly file: string },
    layout: TableLayout<Column>,
    problems: Problems,
  ) {
    this.bytes = bytes;
    this.#file = file;
    this.#layout = layout;
    this.#problems = problems;
    this.#records = new CsvRecords(bytes);
  }

  /** At most so many records follow, whatever the bytes. */
  get mostRecords(): number {
    let lines = 1;
    for (let at = this.bytes.indexOf(0x0a); at !== -1; at = this.bytes.indexOf(0x0a, at + 1)) {
      lines += 1;
    }
    return lines;
  }

  get line(): number {
    return this.#records.line;
  }

  /** The place of a column in every record, from 0; -1 for an optional one that the file does not have. */
  placeOf(column: Column): number {
    return this.#names.indexOf(column);
  }

  /** Reads the first line; `false` when no record can be read because of it. */
  readHeader(): boolean {
    const { required, optional } = this.#layout;
    const known = [...required, ...optional];
    const header = `a first line ${required.join(",")}`;
    const isUtf16 = [0xfe, 0xff].includes(this.bytes[0] ?? 0);
    const hasNames = this.#records.next() && !this.#records.isEmpty;
    if (isUtf16 || !hasNames || this.#records.cells === 1) {
      const line = hasNames ? quote(this.#records.text(0)) : "nothing";
      const found = isUtf16 ? "bytes that are not UTF-8" : line;
      this.refuseAt(1, "", found, `${header}, separated by commas`);
      return false;
    }
    let isFine = true;
    this.#width = this.#records.cells;
    for (let cell = 0; cell < Math.min(this.#width, known.length + 1); cell++) {
      const name = this.#records.text(cell);
      const column = known.find((one) => one === name);
      if (column !== undefined && !this.#names.includes(column)) {
        this.#names.push(column);
        continue;
      }
      isFine = false;
      const found = column === undefined ? `the column ${quote(name)}` : `the column ${name} again`;
      const columns = oneOf(known, column === undefined ? name : undefined);
      this.refuseAt(this.#records.column(cell), "", found, `${columns}, each once`);
    }
    for (const column of required) {
      if (this.#names.includes(column) || !isFine) continue;
      isFine = false;
      this.refuseAt(1, column, "no such column", header);
    }
    return isFine;
  }

  /** Goes to the next record; lines that have not as many cells as the first are refused on the way. */
  next(): boolean {
    while (this.#records.next()) {
      const { cells, isEmpty } = this.#records;
      if (cells === this.#width && !isEmpty) return true;
      if (isEmpty && this.#isBlankFrom()) return false;
      const found = isEmpty ? "an empty line" : `${cells} values`;
      this.refuseAt(1, "", found, `${this.#width} values, as in the first line`);
    }
    return false;
  }

  /** Where a cell of the current record begins and ends in the bytes of the file. */
  start(cell: number): number {
    return this.#records.start(cell);
  }

  end(cell: number): number {
    return this.#records.end(cell);
  }

  /** A whole number in plain digits, up to 2^53 - 1; -1 for anything else. */
  whole(cell: number): number {
    const [start, end] = [this.start(cell), this.end(cell)];
    const number = digits(this.bytes, start, end);
    return end - start <= 16 && Number.isSafeInteger(number) ? number : -1;
  }

  /** An amount of minor units in plain digits; `undefined` for anything else. */
  amount(cell: number): Amount | undefined {
    const [start, end] = [this.start(cell), this.end(cell)];
    const length = end - start;
    if (length <= 15) {
      const number = digits(this.bytes, start, end);
      return number === -1 ? undefined : (BigInt(number) as Amount);
    }
    if (length > 19) return undefined;
    // In two parts, as a number holds either of them exactly.
    const high = digits(this.bytes, start, end - 9);
    const low = numberIn(this.bytes, end - 9, end);
    if (high === -1 || low === -1) return undefined;
    const amount = BigInt(high) * 1_000_000_000n + BigInt(low);
    return amount <= MAX_AMOUNT ? (amount as Amount) : undefined;
  }

  /** Notes that a cell of the current record is refused. */
  refuse(cell: number, allowed: string): void {
    const found = quote(this.#records.text(cell));
    this.refuseAt(this.#records.column(cell), this.#names[cell] ?? "", found, allowed);
  }

  refuseAt(column: number, path: string, found: string, allowed: string): void {
    const place = { file: this.#file, line: Math.max(1, this.line), column };
    this.#problems.add({ code: "scenario_invalid", ...place, path, found, allowed });
  }

  /** Whether the current line and all after it are empty. */
  #isBlankFrom(): boolean {
    return this.bytes
      .subarray(this.#records.start(0))
      .every((byte) => byte === 0x0a || byte === 0x0d);
  }
}

/** Digits without a zero at the front; -1 for anything else. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === 0x30 && end - start > 1) return -1;
  return numberIn(bytes, start, end);
}

function numberIn(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let number = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = 10 * number + digit;
  }
  return number;
}
