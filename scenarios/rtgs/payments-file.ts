import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { HIGHEST_CLASS } from "../../corridor/liquidity/payment-day.ts";
import { Problems } from "../load/problems.ts";
import { exceedsInFile, type ScenarioProblem } from "../problem.ts";
import { MAX_DAY_MEMBERS, MAX_DAY_PAYMENTS, MAX_LABEL_CHARACTERS } from "../scenario-limits.ts";
import { CsvTable } from "./csv-table.ts";
import { AMOUNT, isMemberLabel, isPaymentId, MEMBER_LABEL } from "./cells.ts";
import { Labels } from "./labels.ts";

const PAYMENT_ID = `an id: 1 to ${MAX_LABEL_CHARACTERS} visible ASCII characters without space, comma and quote`;

const LAYOUT = {
  required: ["id", "time_ms", "sender", "receiver", "value"],
  optional: ["priority"],
} as const;

/** A file of payments as columns, in the order of its lines. */
export interface ListedPayments {
  readonly ids: Labels;
  readonly timesMs: Float64Array;
  /** Numbers of labels of members. */
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  readonly values: BigInt64Array;
  readonly classes: Uint8Array;
}

/**
 * Reads payments as CSV with a first line `id,time_ms,sender,receiver,value`, in any order of columns
 * and times; a column `priority` from 0 to 9 may be added, of which a higher one goes first (nothing is
 * 0). New members are added to `members`.
 */
export function readPayments(
  source: { readonly bytes: Uint8Array; readonly file: string },
  closeMs: number,
  members: Labels,
): Outcome<ListedPayments, readonly ScenarioProblem[]> {
  const { file } = source;
  const problems = new Problems();
  const table = new CsvTable(source, LAYOUT, problems);
  if (!table.readHeader()) return reject(problems.inOrder(file));
  const most = table.mostRecords;
  if (most > MAX_DAY_PAYMENTS) {
    const found = `${most} lines`;
    const bound = { found, what: "payments of a day", limit: MAX_DAY_PAYMENTS };
    return reject([exceedsInFile(file, bound)]);
  }
  const ids = new Labels();
  const timesMs = new Float64Array(most);
  const senders = new Int32Array(most);
  const receivers = new Int32Array(most);
  const values = new BigInt64Array(most);
  const classes = new Uint8Array(most);
  const lines = new Int32Array(most);
  const [ID, TIME, SENDER, RECEIVER, VALUE] = LAYOUT.required.map((name) =>
    table.placeOf(name),
  ) as [number, number, number, number, number];
  const PRIORITY = table.placeOf("priority");
  let count = 0;

  while (table.next()) {
    const id = idOf();
    const timeMs = table.whole(TIME);
    if (timeMs < 0 || timeMs > closeMs) {
      table.refuse(TIME, `whole milliseconds from 0 to the close, ${closeMs}`);
    }
    const sender = memberOf(SENDER);
    const receiver = memberOf(RECEIVER);
    if (sender !== -1 && sender === receiver)
      table.refuse(RECEIVER, "another member than the sender");
    const value = table.amount(VALUE);
    if (value === undefined || value === 0n) table.refuse(VALUE, `more than zero, ${AMOUNT}`);
    const level = PRIORITY === -1 ? 0 : classOf();
    if (id !== count) continue;
    timesMs[count] = timeMs;
    senders[count] = sender;
    receivers[count] = receiver;
    values[count] = value ?? 0n;
    classes[count] = level;
    count += 1;
  }
  if (!problems.isEmpty()) return reject(problems.inOrder(file));
  if (members.size > MAX_DAY_MEMBERS) {
    const bound = { what: "members of a day", limit: MAX_DAY_MEMBERS };
    return reject([exceedsInFile(file, { found: `${members.size} members`, ...bound })]);
  }
  return ok({
    ids,
    timesMs: timesMs.subarray(0, count),
    senders: senders.subarray(0, count),
    receivers: receivers.subarray(0, count),
    values: values.subarray(0, count),
    classes: classes.subarray(0, count),
  });

  /** The number of the record's id, which is that of the record unless it is refused. */
  function idOf(): number {
    const [start, end] = [table.start(ID), table.end(ID)];
    if (!isPaymentId(table.bytes, start, end)) {
      table.refuse(ID, PAYMENT_ID);
      return -1;
    }
    const id = ids.add(table.bytes, start, end);
    if (id === count) lines[id] = table.line;
    else table.refuse(ID, `each id once; it stands in line ${lines[id]} already`);
    return id;
  }

  function memberOf(cell: number): number {
    const [start, end] = [table.start(cell), table.end(cell)];
    if (isMemberLabel(table.bytes, start, end)) return members.add(table.bytes, start, end);
    table.refuse(cell, MEMBER_LABEL);
    return -1;
  }

  function classOf(): number {
    if (table.start(PRIORITY) === table.end(PRIORITY)) return 0;
    const level = table.whole(PRIORITY);
    if (level >= 0 && level <= HIGHEST_CLASS) return level;
    table.refuse(PRIORITY, `a whole number from 0 to ${HIGHEST_CLASS}, or nothing`);
    return 0;
  }
}
