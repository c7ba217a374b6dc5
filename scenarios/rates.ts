import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import type { Currency, Rate } from "../node/money.ts";
import { exceedsInFile, quote, type ScenarioProblem } from "./problem.ts";
import { MAX_RATE_COLUMNS, MAX_RATE_ROWS } from "./scenario-limits.ts";

/** An exact decimal number: `units` / 10^`scale`. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** One day's mid rates: units of each currency per one US dollar. */
export interface DayRates {
  readonly file: string;
  /** Such as `2026-09-29`. */
  readonly date: string;
  readonly perUsd: ReadonlyMap<string, Decimal>;
}

/** A file of daily rates. */
export interface RateTable {
  readonly file: string;
  /** Currencies of its columns, without USD. */
  readonly currencies: readonly string[];
  /** By date, ascending. */
  readonly days: ReadonlyMap<string, DayRates>;
}

/** The US dollar, in which a workload states its total. */
export const USD = { code: "USD", decimals: 2 } as const;

const ONE: Decimal = { units: 1n, scale: 0 };

/**
 * How many minor units of `bought` one gets for minor units of `sold`, exactly and in lowest terms:
 * `convertFloor(sold amount, rate)`. `undefined` when the day has no rate for one of them.
 */
export function crossRate(
  day: DayRates,
  sold: Pick<Currency, "decimals"> & { readonly code: string },
  bought: Pick<Currency, "decimals"> & { readonly code: string },
): Rate | undefined {
  const soldPerUsd = perUsd(day, sold.code);
  const boughtPerUsd = perUsd(day, bought.code);
  if (soldPerUsd === undefined || boughtPerUsd === undefined) return undefined;
  const numerator = boughtPerUsd.units * 10n ** BigInt(soldPerUsd.scale + bought.decimals);
  const denominator = soldPerUsd.units * 10n ** BigInt(boughtPerUsd.scale + sold.decimals);
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export const hasRate = (day: DayRates, currency: string): boolean =>
  perUsd(day, currency) !== undefined;

const perUsd = (day: DayRates, currency: string): Decimal | undefined =>
  currency === USD.code ? ONE : day.perUsd.get(currency);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [high, low] = [a, b];
  while (low !== 0n) [high, low] = [low, high % low];
  return high;
}

const HEADER = "a first line such as date,KZT,CNY";
const RATE =
  "a positive decimal number such as 441.23 (at most 12 digits before and 12 after the point)";

/** Reads `date,KZT,CNY,...` with one line a day, dates ascending, rates per one US dollar. */
export function parseRates(
  text: string,
  file: string,
): Outcome<RateTable, readonly ScenarioProblem[]> {
  const problems: ScenarioProblem[] = [];
  const refuse = (line: number, path: string, found: string, allowed: string): void => {
    const place = { file, line, column: 1 };
    problems.push({ code: "scenario_invalid", ...place, path, found: quote(found), allowed });
  };
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const [header = "", ...rows] = lines;
  if (rows.length > MAX_RATE_ROWS) {
    const limit = MAX_RATE_ROWS;
    return reject([
      exceedsInFile(file, { found: `${rows.length} days`, what: "days of rates", limit }),
    ]);
  }
  const [first, ...currencies] = header.split(",");
  if (currencies.length > MAX_RATE_COLUMNS) {
    const limit = MAX_RATE_COLUMNS;
    const found = `${currencies.length} currencies`;
    return reject([exceedsInFile(file, { found, what: "currencies of rates", limit })]);
  }
  const isHeader =
    first === "date" &&
    currencies.length > 0 &&
    currencies.every((code) => /^[A-Z]{3}$/.test(code) && code !== USD.code) &&
    new Set(currencies).size === currencies.length;
  if (!isHeader) refuse(1, "", header, `${HEADER}, each currency once, without USD`);
  else if (rows.length === 0) refuse(1, "", header, "a line for at least one day");
  if (problems.length > 0) return reject(problems);

  const days = new Map<string, DayRates>();
  let previous = "";
  for (const [i, row] of rows.entries()) {
    const line = i + 2;
    const [date = "", ...rates] = row.split(",");
    if (!isDate(date)) refuse(line, "date", date, "a date such as 2026-09-29");
    else if (date <= previous) refuse(line, "date", date, `a date after ${previous}`);
    else previous = date;
    if (rates.length !== currencies.length) {
      refuse(line, date, row, `${currencies.length} rates, one for each currency`);
      continue;
    }
    const perUsd = new Map<string, Decimal>();
    for (const [column, currency] of currencies.entries()) {
      const rate = parseDecimal(rates[column] ?? "");
      if (rate === undefined) refuse(line, `${date}.${currency}`, rates[column] ?? "", RATE);
      else perUsd.set(currency, rate);
    }
    days.set(date, { file, date, perUsd });
  }
  return problems.length === 0 ? ok({ file, currencies, days }) : reject(problems);
}

function parseDecimal(text: string): Decimal | undefined {
  const match = /^([0-9]{1,12})(?:\.([0-9]{1,12}))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  const units = BigInt(whole + fraction);
  return units > 0n ? { units, scale: fraction.length } : undefined;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the text is a day of the Gregorian calendar, as `2026-09-29`. */
function isDate(text: string): boolean {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : MONTH_DAYS[month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
