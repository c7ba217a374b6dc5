import type { MemberRow } from "../../rtgs/day-manifest.ts";
import { INPUT_FILES } from "../../rtgs/day-result.ts";
import {
  amount,
  codebookOf,
  count,
  milliseconds,
  TABLE_FILES,
  text,
  type CodebookRow,
  type Columns,
} from "../columns.ts";
import { MEASURE_ROWS } from "./measure-rows.ts";

const UNITS = "minor units";

export const MEMBER_COLUMNS: Columns<MemberRow> = {
  member: text("The member: those of the opening balances first, then as payments name them."),
  opening: amount(UNITS, "Opening balance: what is available at the start (BCBS 248)."),
  closing: amount(UNITS, "Balance at the close."),
  sent: amount(UNITS, "Value of its payments that settled (BCBS 248)."),
  received: amount(UNITS, "Value of payments to it that settled (BCBS 248)."),
  lower_bound: amount(UNITS, "What it needs to settle all by the close: net."),
  upper_bound: amount(UNITS, "What it needs to settle all at once: no queueing."),
  maximum_usage: amount(UNITS, "The most that it used at one time (BCBS 248)."),
  maximum_surplus: amount(UNITS, "The most by which it had received more than sent (BCBS 248)."),
  maximum_queued: amount(UNITS, "The most that it had queued at one time."),
  unsettled: count("Its payments that did not settle."),
  unsettled_value: amount(UNITS, "Their value."),
};

const SETTLED_COLUMNS = {
  id: text("The payment, as in the file of payments, in its order."),
  submitted_ms: milliseconds("Since the start of the day: when it was submitted."),
  settled_ms: milliseconds("Since the start of the day: when it settled; empty when it did not."),
};

const PAYMENT_COLUMNS = {
  id: text("The payment."),
  time_ms: milliseconds("Since the start of the day: when it is submitted."),
  sender: text("The member that pays."),
  receiver: text("The member that is paid."),
  value: amount(UNITS, "What is paid."),
  priority: count("0 to 9, a higher one first in its payer's queue; nothing, or no column: 0."),
};

const OPENING_COLUMNS = {
  member: text("The member; whoever has no line opens with 0."),
  amount: amount(UNITS, "Its opening balance."),
};

/** One row for every column of every table of a day's folder, and for every measure of its manifest. */
export const dayCodebook = (): readonly CodebookRow[] => [
  ...codebookOf([
    [TABLE_FILES.payments, SETTLED_COLUMNS],
    [TABLE_FILES.liquidity, MEMBER_COLUMNS],
    [INPUT_FILES.payments, PAYMENT_COLUMNS],
    [INPUT_FILES.opening, OPENING_COLUMNS],
  ]),
  ...MEASURE_ROWS.map(({ path, name, definition }) => ({
    file: "manifest.json",
    column: `measures.${path}`,
    kind: "measure",
    unit: definition.unit,
    meaning: `${name}: ${definition.formula} (${definition.source}).`,
  })),
];
