import { ByteWriter, parquetWrite, type ColumnSource, type SchemaElement } from "hyparquet-writer";
import { unreachable } from "../../crypto/outcome.ts";
import type { Column, ColumnKind, Columns } from "./columns.ts";

/** The rows as a Parquet file with the types of `ColumnKind`; what a row lacks is null. */
export function renderParquet<Row extends object>(
  rows: readonly Row[],
  columns: Columns<Row>,
): Uint8Array {
  const entries = Object.entries(columns) as [keyof Row & string, Column][];
  const writer = new ByteWriter();
  const columnData = entries.map(([name, { kind }]): ColumnSource => ({
    name,
    data: rows.map((row) => parquetValue(row[name], kind)),
  }));
  const schema: SchemaElement[] = [
    { name: "root", num_children: entries.length },
    ...entries.map(([name, { kind }]) => schemaElement(name, kind)),
  ];
  void parquetWrite({ writer, columnData, schema, createdBy: "daliz" });
  return writer.getBytes();
}

function parquetValue(value: unknown, kind: ColumnKind): unknown {
  if (value === null || (kind === "time" && value === 0)) return null;
  return kind === "amount" || kind === "time" ? BigInt(value as string | number) : value;
}

function schemaElement(name: string, kind: ColumnKind): SchemaElement {
  switch (kind) {
    case "text":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" };
    case "amount":
      return { name, type: "INT64", repetition_type: "REQUIRED" };
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
