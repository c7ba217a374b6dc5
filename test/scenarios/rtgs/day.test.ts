import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QUEUE_RULES, type QueueRule } from "../../../corridor/liquidity/queue-rules.ts";
import { keepBooks } from "../../../scenarios/checkers/day-books.ts";
import { Labels } from "../../../scenarios/rtgs/labels.ts";
import { settledDay } from "../../../scenarios/rtgs/settled-day.ts";
import { dayOf } from "../../corridor/liquidity/days.ts";
import { naivelySettled } from "../../corridor/liquidity/naive.ts";
import { holds } from "../../property.ts";
import { CLOSE_MS, HEADER, rowsOf, settled } from "./files.ts";

const RULES = Object.keys(QUEUE_RULES) as QueueRule[];

interface Line {
  readonly timeMs: number;
  readonly sender: number;
  readonly step: number;
  readonly value: number;
}

const MEMBERS = ["a", "7", "007", "B-1"];

/** A few times only, so that many payments are submitted at the same one, in any order of lines. */
const lines = fc.array(
  fc.record<Line>({
    timeMs: fc.constantFrom(0, 1, 2, 500, CLOSE_MS),
    sender: fc.nat(3),
    step: fc.integer({ min: 1, max: 3 }),
    value: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 25 },
);
const openings = fc.array(fc.nat(8), { minLength: 4, maxLength: 4 });

const receiverOf = ({ sender, step }: Line): number => (sender + step) % 4;

describe.each(RULES)("a day from files by %s", (queue) => {
  it("settles what the rule's definition settles, at the times of the submissions that let it", () => {
    const property = fc.property(lines, openings, (listed, opening) => {
      const payments = listed.map(
        (line, i) =>
          `p${i},${line.timeMs},${MEMBERS[line.sender]},${MEMBERS[receiverOf(line)]},${line.value}\n`,
      );
      const balances = opening.map((amount, i) => `${MEMBERS[i]},${amount}\n`);
      const outcome = settled(
        { payments: HEADER + payments.join(""), opening: `member,amount\n${balances.join("")}` },
        { queue },
      );
      const order = [...listed.keys()].sort(
        (i, j) => (listed[i]?.timeMs ?? 0) - (listed[j]?.timeMs ?? 0) || i - j,
      );
      const day = dayOf(
        opening.map(BigInt),
        order.map((i) => {
          const line = listed[i] as Line;
          return [line.sender, receiverOf(line), BigInt(line.value)];
        }),
      );
      const settledBy = naivelySettled(day, queue);
      const expected = listed.map(({ timeMs }, i) => {
        const submission = settledBy[order.indexOf(i)] ?? -1;
        const settledMs = submission < 0 ? "" : listed[order[submission] ?? 0]?.timeMs;
        return `p${i},${timeMs},${settledMs}`;
      });
      expect(rowsOf(outcome)).toEqual(expected);
    });
    holds(property, 300);
  });
});

describe("the books of a day", () => {
  const day = dayOf(
    [5n, 0n],
    [
      [0, 1, 3n],
      [1, 0, 4n],
      [0, 1, 3n],
    ],
  );
  const books = (settledBy: readonly number[]) =>
    keepBooks(
      settledDay({
        day,
        submittedMs: Float64Array.of(0, 1, 2),
        closeMs: 9,
        settledBy: Int32Array.from(settledBy),
      }),
    );

  it("balance when payments settle as funds allow, together or one by one", () => {
    const fine = { openingTotal: 5n, closingTotal: 5n, firstNegative: null };
    expect(books([0, -1, -1])).toEqual(fine);
    expect(books([0, 2, 2])).toEqual(fine);
    expect(books([-1, -1, -1])).toEqual(fine);
  });

  it("show the first payment that takes a member below zero", () => {
    expect(books([0, 1, 2]).firstNegative).toEqual({ payment: 1, member: 1 });
    expect(books([0, -1, 2]).firstNegative).toEqual({ payment: 2, member: 0 });
  });
});

describe("labels", () => {
  it("have one number for each text, in the order of their appearance", () => {
    const texts = fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 6 }), { maxLength: 300 });
    const property = fc.property(texts, (found) => {
      const labels = new Labels();
      const numbers = new Map<string, number>();
      for (const text of found) {
        const bytes = new TextEncoder().encode(`<${text}>`);
        const number = labels.add(bytes, 1, bytes.length - 1);
        if (!numbers.has(text)) numbers.set(text, numbers.size);
        expect(number).toBe(numbers.get(text));
      }
      expect(labels.size).toBe(numbers.size);
      for (const [text, number] of numbers) expect(labels.text(number)).toBe(text);
    });
    holds(property, 100);
  });

  it("are told apart however many there are", () => {
    const labels = new Labels();
    const bytes = new TextEncoder().encode(
      Array.from({ length: 30_000 }, (_, i) => `${i}`.padStart(5, "0")).join(""),
    );
    for (let i = 0; i < 30_000; i++) expect(labels.add(bytes, 5 * i, 5 * i + 5)).toBe(i);
    for (let i = 0; i < 30_000; i++) expect(labels.add(bytes, 5 * i, 5 * i + 5)).toBe(i);
    expect(labels.length).toBe(bytes.length);
  });
});
