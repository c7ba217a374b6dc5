import fs from "node:fs";
import type { Columns } from "./columns.ts";
import { renderCsv, renderCsvRows } from "./csv.ts";
import { writeNew } from "./write-files.ts";

/** A CSV file that is written part by part; it must not be there yet. */
export class CsvFile<Row extends object> {
  readonly #columns: Columns<Row>;
  readonly #descriptor: number;

  constructor(file: string, columns: Columns<Row>) {
    this.#columns = columns;
    writeNew(file, renderCsv([], columns));
    this.#descriptor = fs.openSync(file, "a");
  }

  write(rows: readonly Row[]): void {
    fs.appendFileSync(this.#descriptor, renderCsvRows(rows, this.#columns));
  }

  end(): void {
    fs.closeSync(this.#descriptor);
  }
}
