import { renderAmount } from "../../node/money.ts";
import type { BankSummary } from "../run-result.ts";

/** Groups of three digits, kept on one line and apart by less than a word space. */
const THIN_SPACE = "\u202f";

/** A whole number in groups of three digits. */
export function renderCount(count: number | bigint, space = THIN_SPACE): string {
  return groupDigits(String(count), space);
}

const groupDigits = (digits: string, space: string): string =>
  digits.replace(/\B(?=(\d{3})+(?!\d))/g, space);

/** Minor units as an exact amount in major units, such as `1 250 000.00`. */
export function renderMoney(minor: bigint, decimals: number, space = THIN_SPACE): string {
  const [whole = "", fraction] = renderAmount(minor, decimals).split(".");
  return groupDigits(whole, space) + (fraction === undefined ? "" : `.${fraction}`);
}

/** Beyond this many whole units, a rounded amount counts in the next larger step. */
const STEPS = [
  { from: 10n ** 16n, unit: 10n ** 12n, name: " tn" },
  { from: 10n ** 13n, unit: 10n ** 9n, name: " bn" },
  { from: 10n ** 10n, unit: 10n ** 6n, name: " m" },
] as const;

/** Minor units for reading: whole major units, or millions, billions, trillions with one decimal; rounded down. */
export function renderRoundMoney(minor: bigint, decimals: number, space = THIN_SPACE): string {
  const major = minor / 10n ** BigInt(decimals);
  const step = STEPS.find(({ from }) => major >= from);
  if (step === undefined) return renderCount(major, space);
  const tenths = (10n * major) / step.unit;
  return `${renderCount(tenths / 10n, space)}.${tenths % 10n}${step.name}`;
}

/** How many decimals each currency has; 0 for one that no bank issues, so that minor units show. */
export function decimalsOf(banks: readonly BankSummary[]): (currency: string) => number {
  const decimals = new Map(banks.map((bank) => [bank.currency, bank.decimals]));
  return (currency) => decimals.get(currency) ?? 0;
}

/** Three significant digits and the unit that fits: `8.42 ms`, `412 ms`, `2.31 s`, `4 min 12 s`, `2 h 5 min`. */
export function renderDuration(ms: number, space = "\u00a0"): string {
  if (ms < 999.5) return `${significant(ms)}${space}ms`;
  const seconds = ms / 1000;
  if (seconds < 99.95) return `${significant(seconds)}${space}s`;
  const wholeSeconds = Math.round(seconds);
  const minutes = Math.floor(wholeSeconds / 60);
  if (minutes < 60) return `${minutes}${space}min ${wholeSeconds % 60}${space}s`;
  const wholeMinutes = Math.round(seconds / 60);
  return `${renderCount(Math.floor(wholeMinutes / 60))}${space}h ${wholeMinutes % 60}${space}min`;
}

function significant(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/** `1 swap`, `2 swaps`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${renderCount(count)} ${count === 1 ? one : many}`;

/** A share of a whole in per cent with one decimal; nothing when there is no whole. */
export const renderShare = (part: number, whole: number): string =>
  whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)}${THIN_SPACE}%`;

/** Control characters, and those that turn the direction of writing or have no width; halves of pairs. */
const INVISIBLE = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Shows what could hide in a text or move what stands around it, such as `\u{202e}`. */
export const showInvisible = (text: string): string =>
  text.replace(INVISIBLE, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);

/** A text for one line of a terminal. */
export const oneLine = (text: string): string => showInvisible(text.replace(/[\t\r\n]+/g, " "));
