import { ok, type Outcome } from "../../crypto/outcome.ts";
import {
  newAmounts,
  totalOf,
  type Amounts,
  type PaymentDay,
} from "../../corridor/liquidity/payment-day.ts";
import type { ScenarioProblem } from "../problem.ts";
import type { Labels } from "./labels.ts";
import { readOpening } from "./opening-file.ts";
import { readPayments } from "./payments-file.ts";

/** A file of a day's input: its bytes, and how it is named in messages. */
export interface DayFile {
  readonly bytes: Uint8Array;
  readonly file: string;
}

/** What happens on a day, before any rule has settled it. */
export interface DayInput {
  readonly members: Labels;
  /** By line of the file of payments. */
  readonly ids: Labels;
  readonly day: PaymentDay;
  /** By payment, in the order of submission: when it is submitted, and its line in the file, from 0. */
  readonly submittedMs: Float64Array;
  readonly records: Int32Array;
}

/**
 * Reads the two files of a day. Payments are submitted in the order of their times, and at equal times
 * in the order of the file; a payment at the close is still taken. Members without an opening balance
 * open with nothing.
 */
export function readDayInput(
  files: { readonly payments: DayFile; readonly opening: DayFile },
  closeMs: number,
): Outcome<DayInput, readonly ScenarioProblem[]> {
  const opening = readOpening(files.opening);
  if (!opening.ok) return opening;
  const { members, amounts } = opening.value;
  const read = readPayments(files.payments, closeMs, members);
  if (!read.ok) return read;
  const { ids, timesMs, senders, receivers, values, classes } = read.value;
  const most = totalOf(amounts) + totalOf(values);
  const records = orderOf(timesMs);
  const day: PaymentDay = {
    opening: inColumn(amounts, newAmounts(members.size, most)),
    payers: records.map((record) => senders[record] as number),
    payees: records.map((record) => receivers[record] as number),
    values: inOrder(values, records, newAmounts(records.length, most)),
    classes: Uint8Array.from(records, (record) => classes[record] as number),
  };
  const submittedMs = Float64Array.from(records, (record) => timesMs[record] as number);
  return ok({ members, ids, day, submittedMs, records });
}

/** The lines in the order of submission. */
function orderOf(timesMs: Float64Array): Int32Array {
  const records = new Int32Array(timesMs.length);
  for (let i = 0; i < records.length; i++) records[i] = i;
  const isInOrder = timesMs.every((timeMs, i) => i === 0 || timeMs >= (timesMs[i - 1] as number));
  if (isInOrder) return records;
  return records.sort((a, b) => (timesMs[a] as number) - (timesMs[b] as number) || a - b);
}

function inColumn(amounts: BigInt64Array, column: Amounts): Amounts {
  for (const [i, amount] of amounts.entries()) column[i] = amount;
  return column;
}

function inOrder(values: BigInt64Array, records: Int32Array, column: Amounts): Amounts {
  for (const [i, record] of records.entries()) column[i] = values[record] as bigint;
  return column;
}
