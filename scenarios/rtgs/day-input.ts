import { ok, type Outcome } from "../../crypto/outcome.ts";
import { newAmounts, totalOf, type PaymentDay } from "../../corridor/liquidity/payment-day.ts";
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
    opening: newAmounts(members.size, most),
    payers: new Int32Array(records.length),
    payees: new Int32Array(records.length),
    values: newAmounts(records.length, most),
    classes: new Uint8Array(records.length),
  };
  for (let member = 0; member < amounts.length; member++) {
    day.opening[member] = amounts[member] as bigint;
  }
  const submittedMs = new Float64Array(records.length);
  for (let payment = 0; payment < records.length; payment++) {
    const record = records[payment] as number;
    day.payers[payment] = senders[record] as number;
    day.payees[payment] = receivers[record] as number;
    day.values[payment] = values[record] as bigint;
    day.classes[payment] = classes[record] as number;
    submittedMs[payment] = timesMs[record] as number;
  }
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
