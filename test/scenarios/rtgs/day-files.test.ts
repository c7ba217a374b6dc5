import { describe, expect, it } from "vitest";
import { MAX_DAY_MEMBERS, MAX_LABEL_CHARACTERS } from "../../../scenarios/scenario-limits.ts";
import { CLOSE_MS, HEADER, problemsOf, rowsOf, settled } from "./files.ts";

const OPENING = "member,amount\na,10\nb,5\n";

describe("the files of a day", () => {
  it("give payments.csv in the order of the file, with an empty cell for what did not settle", () => {
    const outcome = settled({
      payments: `${HEADER}p1,0,a,b,10\np2,5,a,b,1\np3,7,b,a,15\n`,
      opening: "member,amount\na,10\n",
    });
    expect(new TextDecoder().decode(outcome.payments)).toBe(
      "id,submitted_ms,settled_ms\np1,0,0\np2,5,\np3,7,\n",
    );
  });

  it("may list payments in any order of times; equal times keep the order of the file", () => {
    const payments = `${HEADER}late,9,a,b,1\nfirst,2,b,a,1\nsecond,2,a,b,1\n`;
    expect(rowsOf(settled({ payments, opening: "member,amount\nb,1\n" }))).toEqual([
      "late,9,",
      "first,2,2",
      "second,2,2",
    ]);
    const swapped = `${HEADER}second,2,a,b,1\nlate,9,a,b,1\nfirst,2,b,a,1\n`;
    expect(rowsOf(settled({ payments: swapped, opening: "member,amount\nb,1\n" }))).toEqual([
      "second,2,2",
      "late,9,",
      "first,2,2",
    ]);
  });

  it("are taken at the close, and not after it", () => {
    const at = (timeMs: number): string => `${HEADER}p,${timeMs},a,b,1\n`;
    expect(rowsOf(settled({ payments: at(CLOSE_MS), opening: OPENING }))).toEqual([
      `p,${CLOSE_MS},${CLOSE_MS}`,
    ]);
    expect(problemsOf({ payments: at(CLOSE_MS + 1), opening: OPENING })).toEqual([
      'p.csv:2:3 time_ms: found "1001", allowed: whole milliseconds from 0 to the close, 1000',
    ]);
  });

  it("name members by any labels: 7 and 007 are two", () => {
    const payments = `${HEADER}1,0,7,007,3\n2,0,007,A_b-9,3\n`;
    const outcome = settled({ payments, opening: "member,amount\n007,3\n7,3\n" });
    expect(rowsOf(outcome)).toEqual(["1,0,0", "2,0,0"]);
    expect(outcome.input.members.size).toBe(3);
    expect([0, 1, 2].map((member) => outcome.input.members.text(member))).toEqual([
      "007",
      "7",
      "A_b-9",
    ]);
  });

  it("let whoever has no line open with nothing", () => {
    expect(rowsOf(settled({ payments: `${HEADER}p,0,x,y,1\n` }))).toEqual(["p,0,"]);
  });

  it("may come from a spreadsheet or from R: byte-order mark, CR LF, quotes, blank lines at the end", () => {
    const payments = `\ufeff"id","time_ms","sender","receiver","value"\r\n"p1",3,"a","b",10\r\n\r\n\n`;
    const opening = '\ufeffmember,amount\r\n"a",10\r\n';
    expect(rowsOf(settled({ payments, opening }))).toEqual(["p1,3,3"]);
  });

  it("may end without a line end, and have their columns in any order", () => {
    const payments = "value,receiver,sender,time_ms,id\n10,b,a,3,p1";
    expect(rowsOf(settled({ payments, opening: "amount,member\n10,a" }))).toEqual(["p1,3,3"]);
  });

  it("may have no payments", () => {
    expect(rowsOf(settled({ payments: HEADER, opening: OPENING }))).toEqual([]);
    expect(rowsOf(settled({ payments: HEADER.trimEnd() }))).toEqual([]);
  });

  it("may give priorities from 0 to 9, of which a higher one goes first", () => {
    const payments =
      "id,time_ms,sender,receiver,value,priority\nlow,0,a,b,3,\nhigh,1,a,b,4,9\nback,2,b,a,4,0\n";
    expect(rowsOf(settled({ payments, opening: "member,amount\nb,4\n" }))).toEqual([
      "low,0,",
      "high,1,2",
      "back,2,2",
    ]);
  });

  it("hold amounts up to 2^63 - 1 exactly, and sums beyond", () => {
    const most = "9223372036854775807";
    const payments = `${HEADER}1,0,a,b,${most}\n2,1,b,c,${most}\n3,2,b,c,${most}\n`;
    const outcome = settled({ payments, opening: `member,amount\na,${most}\nb,${most}\n` });
    expect(rowsOf(outcome)).toEqual(["1,0,0", "2,1,1", "3,2,2"]);
    const short = settled({
      payments,
      opening: `member,amount\na,${most}\nb,9223372036854775806\n`,
    });
    expect(rowsOf(short)).toEqual(["1,0,0", "2,1,1", "3,2,"]);
  });
});

const AMOUNT = "whole minor units up to 9223372036854775807, in plain digits";
const MEMBER = "a member: 1 to 64 letters, digits, - and _";
const ID = "an id: 1 to 64 visible ASCII characters without space, comma and quote";

describe("a file of payments is refused", () => {
  const row = (line: string): string => `${HEADER}${line}\n`;
  const long = "x".repeat(MAX_LABEL_CHARACTERS + 1);
  it.each([
    [
      "a negative value",
      row("p,0,a,b,-5"),
      `2:9 value: found "-5", allowed: more than zero, ${AMOUNT}`,
    ],
    ["no value", row("p,0,a,b,"), `2:9 value: found "", allowed: more than zero, ${AMOUNT}`],
    [
      "nothing to pay",
      row("p,0,a,b,0"),
      `2:9 value: found "0", allowed: more than zero, ${AMOUNT}`,
    ],
    [
      "a fraction",
      row("p,0,a,b,1.5"),
      `2:9 value: found "1.5", allowed: more than zero, ${AMOUNT}`,
    ],
    [
      "an exponent",
      row("p,0,a,b,1e3"),
      `2:9 value: found "1e3", allowed: more than zero, ${AMOUNT}`,
    ],
    [
      "a leading zero",
      row("p,0,a,b,05"),
      `2:9 value: found "05", allowed: more than zero, ${AMOUNT}`,
    ],
    ["a sign", row("p,0,a,b,+5"), `2:9 value: found "+5", allowed: more than zero, ${AMOUNT}`],
    [
      "a blank before a value",
      row("p,0,a,b, 5"),
      `2:9 value: found " 5", allowed: more than zero, ${AMOUNT}`,
    ],
    [
      "a value beyond 2^63 - 1",
      row("p,0,a,b,9223372036854775808"),
      `2:9 value: found "9223372036854775808", allowed: more than zero, ${AMOUNT}`,
    ],
    [
      "a value of twenty digits",
      row("p,0,a,b,10000000000000000000"),
      `2:9 value: found "10000000000000000000", allowed: more than zero, ${AMOUNT}`,
    ],
    [
      "a negative time",
      row("p,-1,a,b,5"),
      '2:3 time_ms: found "-1", allowed: whole milliseconds from 0 to the close, 1000',
    ],
    [
      "a time of the clock",
      row("p,09:00,a,b,5"),
      '2:3 time_ms: found "09:00", allowed: whole milliseconds from 0 to the close, 1000',
    ],
    [
      "an id twice",
      row("p,0,a,b,5\np,1,b,a,5"),
      '3:1 id: found "p", allowed: each id once; it stands in line 2 already',
    ],
    ["no id", row(",0,a,b,5"), `2:1 id: found "", allowed: ${ID}`],
    [
      "an id that is too long",
      row(`${long},0,a,b,5`),
      `2:1 id: found "${"x".repeat(64)}...", allowed: ${ID}`,
    ],
    ["an id with a space", row("p 1,0,a,b,5"), `2:1 id: found "p 1", allowed: ${ID}`],
    [
      "a payment to oneself",
      row("p,0,a,a,5"),
      '2:7 receiver: found "a", allowed: another member than the sender',
    ],
    ["a label with a dot", row("p,0,a.1,b,5"), `2:5 sender: found "a.1", allowed: ${MEMBER}`],
    ["no receiver", row("p,0,a,,5"), `2:7 receiver: found "", allowed: ${MEMBER}`],
    [
      "a letter of another script",
      row("p,0,\u0430,b,5"),
      `2:5 sender: found "\\u0430", allowed: ${MEMBER}`,
    ],
    ["a NUL", row("p,0,a\0,b,5"), `2:5 sender: found "a\\u0000", allowed: ${MEMBER}`],
    [
      "a cell too few",
      row("p,0,a,b"),
      "2:1: found 4 values, allowed: 5 values, as in the first line",
    ],
    [
      "a cell too many",
      row("p,0,a,b,5,6"),
      "2:1: found 6 values, allowed: 5 values, as in the first line",
    ],
    [
      "an empty line between",
      row("p,0,a,b,5\n\nq,0,a,b,5"),
      "3:1: found an empty line, allowed: 5 values, as in the first line",
    ],
    [
      "an open quote",
      row('"p,0,a,b,5'),
      "2:1: found 1 values, allowed: 5 values, as in the first line",
    ],
    [
      "nothing",
      "",
      `1:1: found nothing, allowed: a first line ${HEADER.trimEnd()}, separated by commas`,
    ],
    [
      "only line ends",
      "\n\n",
      `1:1: found nothing, allowed: a first line ${HEADER.trimEnd()}, separated by commas`,
    ],
    [
      "no first line of names",
      "p,0,a,b,5\n",
      '1:1: found the column "p", allowed: one of id, time_ms, sender, receiver, value, priority, each once',
    ],
    [
      "a column that nobody knows",
      "id,time_ms,sender,receiver,value,note\n",
      '1:34: found the column "note", allowed: one of id, time_ms, sender, receiver, value, priority, each once',
    ],
    [
      "a misspelt column",
      "id,time_ms,sendr,receiver,value\n",
      '1:12: found the column "sendr", allowed: one of id, time_ms, sender, receiver, value, priority (did you mean "sender"?), each once',
    ],
    [
      "a column twice",
      "id,time_ms,sender,receiver,value,id\n",
      "1:34: found the column id again, allowed: one of id, time_ms, sender, receiver, value, priority, each once",
    ],
    [
      "a column missing",
      "id,time_ms,sender,receiver\n",
      `1:1 value: found no such column, allowed: a first line ${HEADER.trimEnd()}`,
    ],
    [
      "semicolons",
      "id;time_ms;sender;receiver;value\n",
      `1:1: found "id;time_ms;sender;receiver;value", allowed: a first line ${HEADER.trimEnd()}, separated by commas`,
    ],
    [
      "a priority that is none",
      "id,time_ms,sender,receiver,value,priority\np,0,a,b,5,10\n",
      '2:11 priority: found "10", allowed: a whole number from 0 to 9, or nothing',
    ],
  ])("for %s", (_name, payments, problem) => {
    expect(problemsOf({ payments, opening: OPENING })).toContain(
      problem.replace(/^(\d)/, "p.csv:$1"),
    );
  });

  it("in UTF-16", () => {
    const bytes = new Uint8Array(Buffer.from(`\ufeff${HEADER}`, "utf16le"));
    expect(problemsOf({ payments: bytes })).toEqual([
      `p.csv:1:1: found bytes that are not UTF-8, allowed: a first line ${HEADER.trimEnd()}, separated by commas`,
    ]);
  });

  it("with everything that is wrong at once, in the order of its lines", () => {
    const payments = `${HEADER}p,0,a,a,5\nq,2000,a,b,-1\nq,0,a,b,1\n`;
    expect(problemsOf({ payments }).map((line) => line.split(": found")[0])).toEqual([
      "p.csv:2:7 receiver",
      "p.csv:3:3 time_ms",
      "p.csv:3:12 value",
      "p.csv:4:1 id",
    ]);
  });

  it("with its problems counted beyond 500", () => {
    const payments = HEADER + "p,x,y,y,z\n".repeat(1_000);
    const listed = problemsOf({ payments });
    expect(listed).toHaveLength(501);
    expect(listed.at(-1)).toMatch(/^p\.csv: found \d+ problems, allowed: none; the first 500/);
  });
});

describe("a file of opening balances is refused", () => {
  it.each([
    ["a negative balance", "member,amount\na,-1\n", `2:3 amount: found "-1", allowed: ${AMOUNT}`],
    [
      "a member twice",
      "member,amount\na,1\nb,2\na,1\n",
      '4:1 member: found "a", allowed: each member once; it stands in line 2 already',
    ],
    ["no member", "member,amount\n,1\n", `2:1 member: found "", allowed: ${MEMBER}`],
    [
      "another column",
      "member,balance\na,1\n",
      '1:8: found the column "balance", allowed: one of member, amount, each once',
    ],
    [
      "no first line",
      "",
      "1:1: found nothing, allowed: a first line member,amount, separated by commas",
    ],
  ])("for %s", (_name, opening, problem) => {
    expect(problemsOf({ payments: HEADER, opening })).toEqual([`o.csv:${problem}`]);
  });

  it("from one member above the limit on", () => {
    const members = (count: number): string =>
      `member,amount\n${Array.from({ length: count }, (_, i) => `${i},1`).join("\n")}`;
    expect(
      settled({ payments: HEADER, opening: members(MAX_DAY_MEMBERS) }).input.members.size,
    ).toBe(MAX_DAY_MEMBERS);
    expect(problemsOf({ payments: HEADER, opening: members(MAX_DAY_MEMBERS + 1) })).toEqual([
      `o.csv: found ${MAX_DAY_MEMBERS + 1} lines, allowed: at most ${MAX_DAY_MEMBERS}`,
    ]);
  });
});
