import { UNSETTLED } from "../../corridor/liquidity/payment-day.ts";
import type { DayInput } from "./day-input.ts";
import type { SettledDay } from "./settled-day.ts";

const HEADER = "id,submitted_ms,settled_ms\n";

/** Digits of the longest time. */
const TIME_DIGITS = 16;

/**
 * `payments.csv` of a day: `id,submitted_ms,settled_ms` in the order of the file of payments, the last
 * empty for a payment that did not settle.
 */
export function renderSettled({ ids, records }: DayInput, settled: SettledDay): Uint8Array {
  const { submittedMs, settledBy } = settled;
  const paymentOf = new Int32Array(records.length);
  for (let payment = 0; payment < records.length; payment++) {
    paymentOf[records[payment] as number] = payment;
  }
  const rowBytes = 2 * TIME_DIGITS + 3;
  const bytes = new Uint8Array(HEADER.length + ids.length + rowBytes * records.length);
  let at = new TextEncoder().encodeInto(HEADER, bytes).written;
  for (let record = 0; record < records.length; record++) {
    const payment = paymentOf[record] as number;
    const submission = settledBy[payment] as number;
    at = ids.copy(record, bytes, at);
    bytes[at++] = COMMA;
    at = writeWhole(submittedMs[payment] as number, bytes, at);
    bytes[at++] = COMMA;
    if (submission !== UNSETTLED) at = writeWhole(submittedMs[submission] as number, bytes, at);
    bytes[at++] = LINE_FEED;
  }
  return bytes.subarray(0, at);
}

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const ZERO = 0x30;

/** Writes a whole number in digits; returns where it ends. */
function writeWhole(number: number, bytes: Uint8Array, at: number): number {
  let end = at + 1;
  for (let rest = Math.floor(number / 10); rest > 0; rest = Math.floor(rest / 10)) end += 1;
  let rest = number;
  for (let place = end - 1; place >= at; place--) {
    const tenth = Math.floor(rest / 10);
    bytes[place] = ZERO + (rest - 10 * tenth);
    rest = tenth;
  }
  return end;
}
