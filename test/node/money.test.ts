import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addAmounts,
  convertCeil,
  convertFloor,
  MAX_AMOUNT,
  parseAmount,
  renderAmount,
  subtractAmounts,
  ZERO,
  type Amount,
  type Rate,
} from "../../node/money.ts";
import { holds } from "../property.ts";

const amount = (n: bigint): Amount => n as Amount;
const anyAmount = fc.bigInt({ min: 0n, max: MAX_AMOUNT }).map(amount);
const anyDecimals = fc.nat(6);

describe("parseAmount", () => {
  it.each([
    ["0", 2, 0n],
    ["0.00", 2, 0n],
    ["0.01", 2, 1n],
    ["0.1", 2, 10n],
    ["1", 2, 100n],
    ["1.5", 2, 150n],
    ["1250000.00", 2, 125_000_000n],
    ["7", 0, 7n],
    ["7.125", 3, 7_125n],
    ["0.000001", 6, 1n],
    ["92233720368547758.07", 2, MAX_AMOUNT],
    ["9223372036854775807", 0, MAX_AMOUNT],
    ["9223372036854.775807", 6, MAX_AMOUNT],
  ])("%s with %d decimals is %d minor units", (text, decimals, minor) => {
    expect(parseAmount(text, decimals, "KZT")).toEqual({ ok: true, value: minor });
  });

  /** What a careless parser takes, by the way in which it is careless. */
  const bad: Readonly<Record<string, readonly string[]>> = {
    "empty or blank": ["", " ", "\t", "\n", "\u00a0", "\u200b"],
    "space around": [" 1", "1 ", "1.00\n", "\ufeff1", "1 .00", "1. 00"],
    sign: ["-1", "+1", "-0", "-0.00", "\u22121", "(1)"],
    exponent: ["1e3", "1E3", "1e-2", "1.0e1", "1e400"],
    "other base": ["0x10", "0b1", "0o7", "010", "00", "00.5", "1n"],
    separator: ["1,000", "1,00", "1_000", "1'000", "1 000", "1\u00a0000", "1.000.00"],
    "no number": [
      "NaN",
      "Infinity",
      "-Infinity",
      "null",
      "undefined",
      "true",
      "one",
      "[object Object]",
    ],
    dot: [".", ".5", "5.", "..5", "1..0", "1.-5"],
    "too many decimals": ["1.000", "0.001", "1.0000000000000000000"],
    "too large": ["92233720368547758.08", "9223372036854775808", "99999999999999999999"],
    "other digits": ["\u0661\u0662", "\uff11", "\u00bd", "\u2167", "1\u0660"],
    currency: ["1 KZT", "KZT1", "$1", "1\u20b8"],
    markup: ["1;", "1//", "'1'", '"1"', "=1", "1%", "1\u0000", "{1}"],
    long: ["1".repeat(1000), "0".repeat(1000), `0.${"0".repeat(1000)}`],
  };
  const literals = Object.entries(bad).flatMap(([why, texts]) =>
    texts.map((text) => ({ why, text })),
  );

  it("there are at least 60 literals to refuse (B9)", () => {
    expect(new Set(literals.map(({ text }) => text)).size).toBeGreaterThanOrEqual(60);
  });

  it.each(literals)("refuses $why: $text (B9)", ({ text }) => {
    const parsed = parseAmount(text, 2, "KZT");
    expect(parsed).toMatchObject({ ok: false, error: { code: "amount_invalid" } });
    if (parsed.ok) return;
    expect(parsed.error.found).toBe(text.slice(0, 40));
    expect(parsed.error.why.length).toBeGreaterThan(10);
  });

  it.each([
    ["1.001", "KZT has 2 decimals, found 3"],
    ["92233720368547758.08", "the largest amount is 2^63 - 1 minor units"],
    [
      "1e3",
      'want digits with at most 2 decimals, such as "1250.00", not a sign, exponent or separator',
    ],
  ])("%s: says %s", (text, why) => {
    expect(parseAmount(text, 2, "KZT")).toMatchObject({ error: { why } });
  });

  it("takes a bound for every number of decimals, and refuses one above", () => {
    for (let decimals = 0; decimals <= 6; decimals++) {
      const bound = renderAmount(MAX_AMOUNT, decimals);
      const above = renderAmount(MAX_AMOUNT + 1n, decimals);
      expect(parseAmount(bound, decimals, "KZT")).toEqual({ ok: true, value: MAX_AMOUNT });
      expect(parseAmount(above, decimals, "KZT").ok).toBe(false);
    }
  });

  it("is total, and takes nothing but what renders back to the same value", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(...Array.from("0123456789.,-+eE _")) }),
      fc.float().map(String),
    );
    holds(
      fc.property(texts, anyDecimals, (text, decimals) => {
        const parsed = parseAmount(text, decimals, "KZT");
        if (!parsed.ok) return;
        const rendered = renderAmount(parsed.value, decimals);
        const padding = rendered.slice(text.length);
        expect(rendered.startsWith(text)).toBe(true);
        expect(padding).toMatch(/^\.?0*$/);
      }),
      3_000,
    );
  });
});

describe("renderAmount", () => {
  it.each([
    [0n, 2, "0.00"],
    [1n, 2, "0.01"],
    [99n, 2, "0.99"],
    [100n, 2, "1.00"],
    [5n, 0, "5"],
    [5n, 6, "0.000005"],
    [-1n, 2, "-0.01"],
    [-12_345n, 2, "-123.45"],
    [-7n, 0, "-7"],
  ])("%d with %d decimals is %s", (minor, decimals, text) => {
    expect(renderAmount(minor, decimals)).toBe(text);
  });

  it("what is rendered is parsed back", () => {
    holds(
      fc.property(anyAmount, anyDecimals, (value, decimals) => {
        const text = renderAmount(value, decimals);
        expect(parseAmount(text, decimals, "KZT")).toEqual({ ok: true, value });
      }),
      2_000,
    );
  });
});

describe("sums", () => {
  it("2^63 - 1 is reached, and never exceeded", () => {
    expect(addAmounts(MAX_AMOUNT, ZERO)).toBe(MAX_AMOUNT);
    expect(addAmounts(amount(MAX_AMOUNT - 1n), amount(1n))).toBe(MAX_AMOUNT);
    expect(addAmounts(MAX_AMOUNT, amount(1n))).toBeUndefined();
    expect(addAmounts(MAX_AMOUNT, MAX_AMOUNT)).toBeUndefined();
  });

  it("zero is reached, and below it is a bug", () => {
    expect(subtractAmounts(amount(5n), amount(5n))).toBe(0n);
    expect(() => subtractAmounts(amount(5n), amount(6n))).toThrow("NonNegative");
  });
});

describe("conversion", () => {
  const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
  const anyRate = fc.record({ numerator: positive, denominator: positive });
  const smallAmount = fc.bigInt({ min: 0n, max: 10n ** 15n }).map(amount);

  it.each([
    [100n, 1n, 3n, 33n, 34n],
    [99n, 1n, 3n, 33n, 33n],
    [1n, 1n, 1000n, 0n, 1n],
    [0n, 7n, 3n, 0n, 0n],
    [1n, 0n, 3n, 0n, 0n],
    [5n, 1n, 1n, 5n, 5n],
  ])("%d at %d/%d is %d rounded down, %d rounded up", (value, numerator, denominator, down, up) => {
    const rate: Rate = { numerator, denominator };
    expect(convertFloor(amount(value), rate)).toBe(down);
    expect(convertCeil(amount(value), rate)).toBe(up);
  });

  it("the two roundings enclose the exact value and differ by at most one minor unit", () => {
    holds(
      fc.property(smallAmount, anyRate, (value, rate) => {
        const [down, up] = [convertFloor(value, rate), convertCeil(value, rate)];
        const exact = value * rate.numerator;
        expect(down * rate.denominator <= exact && exact <= up * rate.denominator).toBe(true);
        expect(up - down).toBe(exact % rate.denominator === 0n ? 0n : 1n);
      }),
      2_000,
    );
  });

  it("no split of an amount beats the whole, whoever rounds (B10)", () => {
    const parts = fc.array(smallAmount, { minLength: 1, maxLength: 12 });
    holds(
      fc.property(parts, anyRate, (parts, rate) => {
        const whole = amount(parts.reduce((sum, part) => sum + part, 0n));
        const split = (convert: typeof convertFloor): bigint =>
          parts.reduce((sum, part) => sum + convert(part, rate), 0n);
        expect(split(convertFloor) <= convertFloor(whole, rate)).toBe(true);
        expect(split(convertCeil) >= convertCeil(whole, rate)).toBe(true);
      }),
      2_000,
    );
  });

  it("a round trip never gains", () => {
    holds(
      fc.property(smallAmount, anyRate, (value, rate) => {
        const inverse = { numerator: rate.denominator, denominator: rate.numerator };
        expect(convertFloor(convertFloor(value, rate), inverse) <= value).toBe(true);
        expect(convertCeil(convertCeil(value, rate), inverse) >= value).toBe(true);
      }),
      2_000,
    );
  });

  it("a rate that is no ratio of positives is a bug", () => {
    for (const [numerator, denominator] of [
      [1n, 0n],
      [1n, -1n],
      [-1n, 1n],
    ] as const) {
      expect(() => convertFloor(ZERO, { numerator, denominator })).toThrow("ExactRate");
      expect(() => convertCeil(ZERO, { numerator, denominator })).toThrow("ExactRate");
    }
  });
});
