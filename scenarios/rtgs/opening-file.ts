import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { Problems } from "../load/problems.ts";
import { exceedsInFile, type ScenarioProblem } from "../problem.ts";
import { MAX_DAY_MEMBERS } from "../scenario-limits.ts";
import { AMOUNT, isMemberLabel, MEMBER_LABEL } from "./cells.ts";
import { CsvTable } from "./csv-table.ts";
import { Labels } from "./labels.ts";

const LAYOUT = { required: ["member", "amount"], optional: [] } as const;

/** A file of opening balances: its members, in the order of its lines, and what each opens with. */
export interface OpeningBalances {
  readonly members: Labels;
  readonly amounts: BigInt64Array;
}

/** Reads opening balances as CSV with a first line `member,amount`, in any order of columns. */
export function readOpening(source: {
  readonly bytes: Uint8Array;
  readonly file: string;
}): Outcome<OpeningBalances, readonly ScenarioProblem[]> {
  const { file } = source;
  const problems = new Problems();
  const table = new CsvTable(source, LAYOUT, problems);
  if (!table.readHeader()) return reject(problems.inOrder(file));
  const most = table.mostRecords;
  if (most > MAX_DAY_MEMBERS) {
    const found = `${most} lines`;
    const bound = { found, what: "members of a day", limit: MAX_DAY_MEMBERS };
    return reject([exceedsInFile(file, bound)]);
  }
  const members = new Labels();
  const amounts = new BigInt64Array(most);
  const lines = new Int32Array(most);
  const MEMBER = table.placeOf("member");
  const BALANCE = table.placeOf("amount");
  while (table.next()) {
    const [start, end] = [table.start(MEMBER), table.end(MEMBER)];
    const amount = table.amount(BALANCE);
    if (amount === undefined) table.refuse(BALANCE, AMOUNT);
    if (!isMemberLabel(table.bytes, start, end)) {
      table.refuse(MEMBER, MEMBER_LABEL);
      continue;
    }
    const before = members.size;
    const member = members.add(table.bytes, start, end);
    if (member < before) {
      table.refuse(MEMBER, `each member once; it stands in line ${lines[member]} already`);
      continue;
    }
    lines[member] = table.line;
    amounts[member] = amount ?? 0n;
  }
  if (!problems.isEmpty()) return reject(problems.inOrder(file));
  return ok({ members, amounts: amounts.subarray(0, members.size) });
}
