import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { ok, reject, unreachable, type Outcome } from "../../crypto/outcome.ts";
import { quote } from "../problem.ts";
import type { Column, Columns } from "./columns.ts";

/** Why a table of a run folder cannot be read. */
export interface TableRejection {
  readonly code: "table_invalid";
  /** Record of the file, from 1 for the line of names; 0 for the file as a whole. */
  readonly record: number;
  readonly column: string;
  readonly found: string;
  readonly allowed: string;
}

/** The rows as CSV (RFC 4180, with line feeds), one line of column names first. */
export const renderCsv = <Row extends object>(
  rows: readonly Row[],
  columns: Columns<Row>,
): string => {
  const names = columnEntries(columns).map(([name]) => name);
  return stringify([names]) + renderCsvRows(rows, columns);
};

/** The rows alone, to be put below others. */
export const renderCsvRows = <Row extends object>(
  rows: readonly Row[],
  columns: Columns<Row>,
): string => {
  const entries = columnEntries(columns);
  return stringify(
    rows.map((row) => entries.map(([name, column]) => renderCell(row[name] as Cell, column))),
  );
};

const columnEntries = <Row>(
  columns: Columns<Row>,
): readonly (readonly [keyof Row & string, Column])[] =>
  Object.entries(columns) as [keyof Row & string, Column][];

function renderCell(value: Cell, { kind }: Column): string {
  if (value === null || (kind === "time" && value === 0)) return "";
  return String(value);
}

/** Reads what `renderCsv` wrote; anything else is refused with its place. */
export function parseCsv<Row extends object>(
  csv: string,
  columns: Columns<Row>,
): Outcome<readonly Row[], TableRejection> {
  let records: readonly (readonly string[])[];
  try {
    records = parse(csv, { relax_column_count: true });
  } catch (error) {
    return refuse(0, "", (error as Error).message, "comma-separated values");
  }
  const entries = columnEntries(columns);
  const names = entries.map(([name]) => name).join(",");
  if (records[0]?.join(",") !== names) {
    return refuse(1, "", quote(records[0]?.join(",") ?? ""), names);
  }
  const rows: Row[] = [];
  for (const [i, record] of records.slice(1).entries()) {
    if (record.length !== entries.length) {
      return refuse(i + 2, "", `${record.length} values`, `${entries.length} values`);
    }
    const row: Record<string, unknown> = {};
    for (const [j, [name, column]] of entries.entries()) {
      const cell = record[j] ?? "";
      const value = parseCell(cell, column);
      if (!value.ok) return refuse(i + 2, name, quote(cell), value.error);
      row[name] = value.value;
    }
    rows.push(row as Row);
  }
  return ok(rows);
}

const refuse = (
  record: number,
  column: string,
  found: string,
  allowed: string,
): Outcome<never, TableRejection> =>
  reject({ code: "table_invalid", record, column, found, allowed });

type Cell = string | number | null;

function parseCell(cell: string, { kind, oneOf, mayLack }: Column): Outcome<Cell, string> {
  switch (kind) {
    case "text":
      return oneOf === undefined || oneOf.includes(cell) ? ok(cell) : reject(oneOf.join(", "));
    case "amount":
      if (cell === "" && mayLack === true) return ok("");
      return AMOUNT.test(cell) && BigInt(cell) <= MAX_INT64
        ? ok(cell)
        : reject("a whole number from 0 to 2^63 - 1");
    case "time":
      if (cell === "") return ok(0);
      return AMOUNT.test(cell) && Number.isSafeInteger(Number(cell))
        ? ok(Number(cell))
        : reject("microseconds since 1970-01-01, or nothing");
    case "milliseconds":
      if (cell === "") return ok(null);
      return DECIMAL.test(cell) && Number.isFinite(Number(cell))
        ? ok(Number(cell))
        : reject("a number of milliseconds, or nothing");
    case "number":
      if (cell === "") return ok(null);
      return DECIMAL.test(cell) && Number.isFinite(Number(cell))
        ? ok(Number(cell))
        : reject("a number, or nothing");
    case "count":
      return AMOUNT.test(cell) && Number(cell) <= MAX_INT32
        ? ok(Number(cell))
        : reject("a whole number from 0 to 2^31 - 1");
    default:
      return unreachable(kind);
  }
}

const AMOUNT = /^(0|[1-9][0-9]{0,18})$/;
const DECIMAL = /^-?[0-9]{1,24}(\.[0-9]{1,24})?(e[+-]?[0-9]{1,3})?$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_INT32 = 2 ** 31 - 1;
