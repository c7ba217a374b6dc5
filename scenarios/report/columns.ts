import type { HeldRow } from "../measures/held-liquidity.ts";
import type { PaymentRow, SwapRow } from "../run-result.ts";

/**
 * How a column is written. `text`: as it is. `amount`: a whole number of minor units (CSV: digits;
 * Parquet: INT64). `time`: microseconds since the Unix epoch, empty when it did not happen (Parquet:
 * TIMESTAMP in microseconds). `milliseconds`: a decimal number, empty when it does not apply
 * (Parquet: DOUBLE). `number`: the same of anything else. `count`: a whole number (Parquet: INT32).
 */
export type ColumnKind = "text" | "amount" | "time" | "milliseconds" | "number" | "count";

export interface Column {
  readonly kind: ColumnKind;
  readonly unit: string;
  readonly meaning: string;
  /** The only texts that may stand there. */
  readonly oneOf?: readonly string[];
  /** An amount that may be empty: it is not known. */
  readonly mayLack?: true;
}

/** One column for every field of a row, in the order of the file. */
export type Columns<Row> = Readonly<Record<keyof Row & string, Column>>;

export const text = (meaning: string, oneOf?: readonly string[]): Column => ({
  kind: "text",
  unit: "",
  meaning,
  ...(oneOf === undefined ? {} : { oneOf }),
});
export const amount = (unit: string, meaning: string): Column => ({
  kind: "amount",
  unit,
  meaning,
});
const time = (meaning: string): Column => ({ kind: "time", unit: "µs since 1970-01-01", meaning });
export const milliseconds = (meaning: string): Column => ({
  kind: "milliseconds",
  unit: "ms",
  meaning,
});
export const count = (meaning: string): Column => ({ kind: "count", unit: "", meaning });
export const number = (unit: string, meaning: string): Column => ({
  kind: "number",
  unit,
  meaning,
});

export const SWAP_COLUMNS: Columns<SwapRow> = {
  id: text("The workload's name of the swap."),
  sid: text("The swap id: hash of the announcement, in hex; empty when it was never announced."),
  arrangement: text("How its legs settle."),
  pair: text("Sold and bought currency."),
  sellCurrency: text("Currency that the initiating member pays."),
  sellAmount: amount("minor units of sellCurrency", "What the initiating member pays."),
  buyCurrency: text("Currency that its counterparty pays."),
  buyAmount: amount("minor units of buyCurrency", "What its counterparty pays."),
  usdCents: {
    ...amount("US cents", "Value at the scenario's rate, if it has one; no money moves by it."),
    mayLack: true,
  },
  payer: text("The initiating member."),
  counterparty: text("The other member."),
  outcome: text("What became of it.", ["settled", "voided", "split", "rejected", "unresolved"]),
  reason: text("Code of the rule or condition that stopped it; empty when it settled."),
  view: count("0: decided on the fast path; otherwise the view of the slow path."),
  initiatedUs: time("The first member decided to trade: the instruction clock starts."),
  submittedUs: time("The initiating member sent its instruction to its bank."),
  receivedUs: time("It arrived at the first bank: the ledger clock starts."),
  announcedUs: time("The first bank announced the swap."),
  lockedSellUs: time("LOCK of the sold leg durable; the money is on hold."),
  lockedBuyUs: time("LOCK of the bought leg durable; the money is on hold."),
  decidedUs: time("A certificate was complete at the first bank taking part."),
  finalSellUs: time("SETTLE or VOID of the sold leg durable."),
  finalBuyUs: time("SETTLE or VOID of the bought leg durable."),
  processMs: milliseconds(
    "Instruction clock: from initiation, with modelled screening, to final on both ledgers.",
  ),
  settleMs: milliseconds(
    "Ledger clock: from arrival at the first bank to the later of the two durable SETTLEs.",
  ),
  heldMs: milliseconds("From the first LOCK to the last SETTLE or VOID: how long money was held."),
};

export const PAYMENT_COLUMNS: Columns<PaymentRow> = {
  id: text("The workload's name of the payment."),
  kind: text("Kind of payment, such as domestic, tagged or one-way."),
  bank: text("The central bank whose money it is."),
  currency: text("Its currency."),
  payer: text("The member that pays."),
  payee: text("The member that receives."),
  amount: amount("minor units of currency", "What is paid."),
  tag: text("The tag of the money; empty for untagged money."),
  outcome: text("What became of it.", ["executed", "rejected", "refused", "unanswered"]),
  reason: text("Code of the rule or condition that stopped it; empty when it was executed."),
  expected: text(
    "The code with which the scenario expects it to be rejected; empty when it should pass, any when that is open.",
  ),
  diversion: text("In which way it was to divert money, by the scenario; empty for an honest one."),
  submittedUs: time("The member sent it to its bank."),
  finalUs: time("The entry that executed or rejected it was durable."),
};

export const HELD_COLUMNS: Columns<HeldRow> = {
  timeUs: time("From this time on, until the next row of the same bank."),
  bank: text("The central bank where money is on hold."),
  currency: text("Its currency."),
  pending: amount("minor units of currency", "Money on hold for swaps."),
  holds: count("How many holds of swaps make it up."),
};

/** The files of a run folder that are tables. */
export const TABLE_FILES = {
  swaps: "swaps.csv",
  payments: "payments.csv",
  liquidity: "liquidity.csv",
} as const;

export interface CodebookRow {
  readonly file: string;
  readonly column: string;
  readonly kind: string;
  readonly unit: string;
  readonly meaning: string;
}

export const CODEBOOK_COLUMNS: Columns<CodebookRow> = {
  file: text("The file."),
  column: text("The column."),
  kind: text("How it is written."),
  unit: text("Its unit."),
  meaning: text("What it means."),
};

/** One row for every column of every table of a run. */
export const codebook = (): readonly CodebookRow[] =>
  codebookOf([
    [TABLE_FILES.swaps, SWAP_COLUMNS],
    [TABLE_FILES.payments, PAYMENT_COLUMNS],
    [TABLE_FILES.liquidity, HELD_COLUMNS],
  ]);

/** The same for any files. */
export function codebookOf(
  tables: readonly (readonly [file: string, columns: Readonly<Record<string, Column>>])[],
): readonly CodebookRow[] {
  return tables.flatMap(([file, columns]) =>
    Object.entries(columns).map(([column, { kind, unit, meaning, oneOf }]) => ({
      file,
      column,
      kind,
      unit,
      meaning: oneOf === undefined ? meaning : `${meaning} One of ${oneOf.join(", ")}.`,
    })),
  );
}
