import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convertFloor, type Amount } from "../../node/money.ts";
import { renderProblem } from "../../scenarios/problem.ts";
import { crossRate, hasRate, parseRates, USD, type DayRates } from "../../scenarios/rates.ts";
import { DATA_FOLDER, readRatesFile } from "../../scenarios/rates-file.ts";
import { MAX_RATE_COLUMNS, MAX_RATE_ROWS } from "../../scenarios/scenario-limits.ts";
import { holds } from "../property.ts";

const TWO = (code: string) => ({ code, decimals: 2 });

function parsed(text: string) {
  const table = parseRates(text, "fx.csv");
  if (!table.ok) throw new Error(table.error.map(renderProblem).join("\n"));
  return table.value;
}

function refused(text: string): string[] {
  const table = parseRates(text, "fx.csv");
  return table.ok ? [] : table.error.map(renderProblem);
}

const day = (text: string): DayRates => parsed(text).days.values().next().value as DayRates;

describe("the file of rates", () => {
  const shipped = readRatesFile("fx-usd-daily.csv");
  if (!shipped.ok) throw new Error("the shipped rates do not parse");
  const table = shipped.value;

  it("that comes with the program has six currencies on 37 days", () => {
    expect(table.currencies).toEqual(["KZT", "CNY", "HKD", "THB", "AED", "SAR"]);
    expect([...table.days.keys()]).toHaveLength(37);
    expect([...table.days.keys()].at(0)).toBe("2026-08-10");
    expect([...table.days.keys()].at(-1)).toBe("2026-09-29");
  });

  it("is read digit by digit", () => {
    const text = readFileSync(join(DATA_FOLDER, "fx-usd-daily.csv"), "utf8");
    for (const line of text.trimEnd().split("\n").slice(1)) {
      const [date = "", ...rates] = line.split(",");
      const perUsd = [...(table.days.get(date)?.perUsd.values() ?? [])];
      const written = perUsd.map(({ units, scale }) => {
        const digits = units.toString().padStart(scale + 1, "0");
        return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      });
      expect(written).toEqual(rates);
    }
  });

  it("is not found under another name", () => {
    const missing = readRatesFile("fx.csv");
    expect(missing.ok ? [] : missing.error.map(renderProblem)).toEqual([
      "fx.csv: found no such file, allowed: a file beside the scenario file, or fx-usd-daily.csv, which comes with the program",
    ]);
  });
});

describe("a cross rate", () => {
  const rates = day("date,KZT,CNY,XAF,BHD\n2026-09-29,441.25,6.7,560,0.376\n");

  it("is exact and in lowest terms", () => {
    // 1 KZT = 6.7 / 441.25 CNY = 670 / 44125 = 134 / 8825.
    expect(crossRate(rates, TWO("KZT"), TWO("CNY"))).toEqual({
      numerator: 134n,
      denominator: 8825n,
    });
    expect(crossRate(rates, TWO("CNY"), TWO("KZT"))).toEqual({
      numerator: 8825n,
      denominator: 134n,
    });
  });

  it("takes minor units of both currencies, whatever their decimals", () => {
    const francs = { code: "XAF", decimals: 0 };
    const dinars = { code: "BHD", decimals: 3 };
    // One dollar is 560 francs or 376 thousandths of a dinar.
    expect(crossRate(rates, francs, dinars)).toEqual({ numerator: 47n, denominator: 70n });
    expect(crossRate(rates, USD, francs)).toEqual({ numerator: 28n, denominator: 5n });
    const rate = crossRate(rates, USD, dinars);
    expect(rate && convertFloor(100n as Amount, rate)).toBe(376n);
  });

  it("to itself is one", () => {
    expect(crossRate(rates, TWO("KZT"), TWO("KZT"))).toEqual({ numerator: 1n, denominator: 1n });
    expect(crossRate(rates, USD, USD)).toEqual({ numerator: 1n, denominator: 1n });
  });

  it("does not exist for a currency that the file lacks", () => {
    expect(crossRate(rates, TWO("KZT"), TWO("EUR"))).toBeUndefined();
    expect(crossRate(rates, TWO("EUR"), TWO("KZT"))).toBeUndefined();
    expect(hasRate(rates, "EUR")).toBe(false);
    expect(hasRate(rates, "USD")).toBe(true);
  });

  it("there, through a third currency and back is one", () => {
    const decimal = fc
      .tuple(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: 0, max: 99_999_999 }))
      .map(([whole, part]) => `${whole}.${part.toString().padStart(8, "0")}`);
    const decimals = fc.integer({ min: 0, max: 6 });
    holds(
      fc.property(fc.tuple(decimal, decimal), fc.tuple(decimals, decimals), ([a, b], [p, q]) => {
        const drawn = day(`date,AAA,BBB\n2026-01-01,${a},${b}\n`);
        const first = { code: "AAA", decimals: p };
        const second = { code: "BBB", decimals: q };
        const there = crossRate(drawn, first, second);
        const through = crossRate(drawn, first, USD);
        const on = crossRate(drawn, USD, second);
        const back = crossRate(drawn, second, first);
        if (!there || !through || !on || !back) throw new Error("no rate");
        expect(there.numerator * back.numerator).toBe(there.denominator * back.denominator);
        expect(through.numerator * on.numerator * there.denominator).toBe(
          through.denominator * on.denominator * there.numerator,
        );
      }),
      200,
    );
  });
});

describe("a bad file of rates", () => {
  const HEADER = "allowed: a first line such as date,KZT,CNY, each currency once, without USD";
  const RATE =
    "allowed: a positive decimal number such as 441.23 (at most 12 digits before and 12 after the point)";

  const cases: readonly (readonly [text: string, problem: string])[] = [
    ["", `fx.csv:1:1: found "", ${HEADER}`],
    ["day,KZT\n", `fx.csv:1:1: found "day,KZT", ${HEADER}`],
    ["date\n", `fx.csv:1:1: found "date", ${HEADER}`],
    ["date,kzt\n", `fx.csv:1:1: found "date,kzt", ${HEADER}`],
    ["date,KZT,KZT\n", `fx.csv:1:1: found "date,KZT,KZT", ${HEADER}`],
    ["date,USD\n", `fx.csv:1:1: found "date,USD", ${HEADER}`],
    ["date,KZT\n", 'fx.csv:1:1: found "date,KZT", allowed: a line for at least one day'],
    [
      "date,KZT\n2026-02-29,1\n",
      'fx.csv:2:1 date: found "2026-02-29", allowed: a date such as 2026-09-29',
    ],
    [
      "date,KZT\n2026-13-01,1\n",
      'fx.csv:2:1 date: found "2026-13-01", allowed: a date such as 2026-09-29',
    ],
    [
      "date,KZT\n26-01-01,1\n",
      'fx.csv:2:1 date: found "26-01-01", allowed: a date such as 2026-09-29',
    ],
    [
      "date,KZT\n2026-01-02,1\n2026-01-01,1\n",
      'fx.csv:3:1 date: found "2026-01-01", allowed: a date after 2026-01-02',
    ],
    [
      "date,KZT\n2026-01-01,1\n2026-01-01,1\n",
      'fx.csv:3:1 date: found "2026-01-01", allowed: a date after 2026-01-01',
    ],
    [
      "date,KZT\n2026-01-01\n",
      'fx.csv:2:1 2026-01-01: found "2026-01-01", allowed: 1 rates, one for each currency',
    ],
    [
      "date,KZT\n2026-01-01,1,2\n",
      'fx.csv:2:1 2026-01-01: found "2026-01-01,1,2", allowed: 1 rates, one for each currency',
    ],
    ["date,KZT\n\n", 'fx.csv:2:1 date: found "", allowed: a date such as 2026-09-29'],
    ...[
      "0",
      "0.00",
      "-1",
      "+1",
      "1e3",
      ".5",
      "5.",
      "NaN",
      "1 000",
      '"1"',
      "1.0000000000001",
      "1000000000000",
    ].map((rate): readonly [string, string] => [
      `date,KZT\n2026-01-01,${rate}\n`,
      `fx.csv:2:1 2026-01-01.KZT: found ${JSON.stringify(rate)}, ${RATE}`,
    ]),
  ];

  it.each(cases)("says what is wrong with %j", (text, problem) => {
    expect(refused(text)).toContain(problem);
  });

  it("has all its problems reported at once", () => {
    expect(refused("date,KZT,CNY\n2026-01-01,0,x\n2026-01-01,1,1\n")).toHaveLength(3);
  });

  it("has at most so many days and currencies", () => {
    const dates = Array.from({ length: 40 * 12 * 28 }, (_, i) => {
      const two = (n: number): string => n.toString().padStart(2, "0");
      const [year, month, date] = [Math.floor(i / 336), Math.floor(i / 28) % 12, i % 28];
      return `${2000 + year}-${two(month + 1)}-${two(date + 1)},1`;
    });
    const days = (count: number): string => `date,KZT\n${dates.slice(0, count).join("\n")}\n`;
    expect(parsed(days(MAX_RATE_ROWS)).days.size).toBe(MAX_RATE_ROWS);
    expect(refused(days(MAX_RATE_ROWS + 1))).toEqual([
      "fx.csv: found 10001 days, allowed: at most 10000",
    ]);
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
    const codes = letters.flatMap((a) => letters.map((b) => `A${a}${b}`));
    const wide = (count: number): string =>
      `date,${codes.slice(0, count).join(",")}\n2026-01-01${",1".repeat(count)}\n`;
    expect(parsed(wide(MAX_RATE_COLUMNS)).currencies).toHaveLength(MAX_RATE_COLUMNS);
    expect(refused(wide(MAX_RATE_COLUMNS + 1))).toEqual([
      "fx.csv: found 129 currencies, allowed: at most 128",
    ]);
  });
});
