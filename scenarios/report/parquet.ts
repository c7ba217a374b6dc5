import {
  ByteWriter,
  fileWriter,
  ParquetWriter,
  type ColumnSource,
  type SchemaElement,
} from "hyparquet-writer";
import { unreachable } from "../../crypto/outcome.ts";
import type { Column, ColumnKind, Columns } from "./columns.ts";

/** The rows as a Parquet file with the types of `ColumnKind`; what a row lacks is null. */
export function renderParquet<Row extends object>(
  rows: readonly Row[],
  columns: Columns<Row>,
): Uint8Array {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: "daliz" });
  void parquet.write({ columnData: columnData(rows, columns) });
  void parquet.finish();
  return writer.getBytes();
}

/** Rows that stand together in a file that is written part by part. */
const GROUP_ROWS = 20_000;

/** A Parquet file that is written part by part, so that not all rows are in memory at once. */
export class ParquetFile<Row extends object> {
  readonly #columns: Columns<Row>;
  readonly #writer: ParquetWriter;
  #rows: Row[] = [];

  constructor(file: string, columns: Columns<Row>) {
    this.#columns = columns;
    const writer = fileWriter(file);
    this.#writer = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: "daliz" });
  }

  write(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.push(row);
    if (this.#rows.length >= GROUP_ROWS) this.#flush();
  }

  end(): void {
    this.#flush();
    void this.#writer.finish();
  }

  #flush(): void {
    if (this.#rows.length === 0) return;
    void this.#writer.write({ columnData: columnData(this.#rows, this.#columns) });
    this.#rows = [];
  }
}

const entriesOf = <Row extends object>(columns: Columns<Row>) =>
  Object.entries(columns) as [keyof Row & string, Column][];

const columnData = <Row extends object>(
  rows: readonly Row[],
  columns: Columns<Row>,
): ColumnSource[] =>
  entriesOf(columns).map(([name, { kind }]) => ({
    name,
    data: rows.map((row) => parquetValue(row[name], kind)),
  }));

const schemaOf = <Row extends object>(columns: Columns<Row>): SchemaElement[] => {
  const entries = entriesOf(columns);
  return [
    { name: "root", num_children: entries.length },
    ...entries.map(([name, column]) => schemaElement(name, column)),
  ];
};

function parquetValue(value: unknown, kind: ColumnKind): unknown {
  if (value === null || (kind === "time" && value === 0)) return null;
  if (kind === "amount" && value === "") return null;
  return kind === "amount" || kind === "time" ? BigInt(value as string | number) : value;
}

function schemaElement(name: string, { kind, mayLack }: Column): SchemaElement {
  switch (kind) {
    case "text":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" };
    case "amount": {
      const repetition = mayLack === true ? "OPTIONAL" : "REQUIRED";
      return { name, type: "INT64", repetition_type: repetition };
    }
    case "time":
      return {
        name,
        type: "INT64",
        converted_type: "TIMESTAMP_MICROS",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
        repetition_type: "OPTIONAL",
      };
    case "milliseconds":
    case "number":
      return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
    case "count":
      return { name, type: "INT32", repetition_type: "REQUIRED" };
    default:
      return unreachable(kind);
  }
}
