import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { Problems } from "../load/problems.ts";
import type { ScenarioProblem } from "../problem.ts";
import { CsvTable } from "./csv-table.ts";
import type { DayFile, DayInput } from "./day-input.ts";

const LAYOUT = { required: ["id", "submitted_ms", "settled_ms"], optional: [] } as const;

/** Where a payment did not settle. */
export const NEVER = -1;

/**
 * Reads `payments.csv` of a day back: by line of the file of payments, when each settled. Whatever does
 * not belong to these payments is refused, with its place.
 */
export function readSettled(
  source: DayFile,
  { ids, records, submittedMs }: DayInput,
): Outcome<Float64Array, readonly ScenarioProblem[]> {
  const problems = new Problems();
  const table = new CsvTable(source, LAYOUT, problems);
  if (!table.readHeader()) return reject(problems.inOrder(source.file));
  const [ID, SUBMITTED, SETTLED] = LAYOUT.required.map((name) => table.placeOf(name)) as [
    number,
    number,
    number,
  ];
  const submittedOf = new Float64Array(records.length);
  for (const [payment, record] of records.entries()) {
    submittedOf[record] = submittedMs[payment] as number;
  }
  const settledMs = new Float64Array(records.length).fill(NEVER);
  let record = 0;
  while (table.next()) {
    if (record === records.length) {
      table.refuseAt(1, "", "a line more", `${records.length} payments`);
      break;
    }
    if (!ids.isAt(record, table.bytes, table.start(ID), table.end(ID))) {
      table.refuse(ID, `${ids.text(record)}, as in the file of payments`);
    }
    if (table.whole(SUBMITTED) !== submittedOf[record]) {
      table.refuse(SUBMITTED, `${submittedOf[record]}, as in the file of payments`);
    }
    if (table.start(SETTLED) < table.end(SETTLED)) {
      const settled = table.whole(SETTLED);
      if (settled === -1) table.refuse(SETTLED, "whole milliseconds, or nothing");
      settledMs[record] = settled;
    }
    record += 1;
  }
  if (record < records.length && problems.isEmpty()) {
    table.refuseAt(1, "", `${record} payments`, `${records.length} payments`);
  }
  return problems.isEmpty() ? ok(settledMs) : reject(problems.inOrder(source.file));
}
