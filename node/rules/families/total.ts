import {
  literal,
  nullable,
  oneOf,
  tuple,
  uint,
  type LayoutValue,
} from "../../../crypto/canonical-layout.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import { dayOf, monthOf, yearOf } from "../../calendar.ts";
import { factNameLayout } from "../../facts.ts";
import { tagKey } from "../../ids.ts";
import { MAX_TOTALS } from "../../limits.ts";
import { factOf, isAbove, limitLayout, limitText, type Check } from "../judged.ts";
import type { Movement } from "../rule.ts";

export const PERIOD = { day: 1, month: 2, year: 3, ever: 4 } as const;
export const MEASURE = { amount: 1, count: 2 } as const;
export const BY = { payer: 1, payee: 2, tag: 4 } as const;

/** What was paid in a period, or how often, by whoever the key names, is not above the limit with this payment. */
export const TOTAL = 8;
export const totalLayout = tuple({
  kind: literal(TOTAL),
  measure: oneOf(1, 2),
  /** Bits: 1 by payer, 2 by payee, 4 by tag. */
  by: uint(7),
  /** And by the value of this fact, which must then be stated. */
  fact: nullable(factNameLayout),
  period: oneOf(1, 2, 3, 4),
  limit: limitLayout,
});

export type TotalRule = LayoutValue<typeof totalLayout>;

/** One sum of a rule, for the period that was counted last. */
export interface Total {
  period: number;
  sum: bigint;
}

/** One addition to a sum, so that it can be taken back when a hold is voided. */
export interface Counted {
  readonly key: string;
  readonly period: number;
  readonly by: bigint;
}

/** What the movement adds to the rule's sums; `undefined` when the fact of the key is not stated. */
export function countOf(
  id: string,
  rule: TotalRule,
  movement: Movement,
  offsetMinutes: number,
): Counted | undefined {
  const parts: string[] = [id];
  if ((rule.by & BY.payer) !== 0) parts.push(movement.payer);
  if ((rule.by & BY.payee) !== 0) parts.push(movement.payee ?? "");
  if ((rule.by & BY.tag) !== 0) parts.push(tagKey(movement.tag));
  if (rule.fact !== null) {
    const value = factOf(movement, rule.fact);
    if (value === undefined) return undefined;
    parts.push(value);
  }
  return {
    key: parts.join(" "),
    period: periodOf(rule.period, movement.timeMs, offsetMinutes),
    by: rule.measure === MEASURE.amount ? movement.amount : 1n,
  };
}

function periodOf(period: TotalRule["period"], timeMs: number, offsetMinutes: number): number {
  const day = dayOf(timeMs, offsetMinutes);
  switch (period) {
    case PERIOD.day:
      return day;
    case PERIOD.month:
      return monthOf(day);
    case PERIOD.year:
      return yearOf(day);
    case PERIOD.ever:
      return 0;
    default:
      return unreachable(period);
  }
}

export function compileTotal(id: string, rule: TotalRule): Check {
  const allowed = `${limitText(rule.limit)} per ${nameOf(PERIOD, rule.period)}`;
  return ({ books, movement, set }) => {
    const counted = countOf(id, rule, movement, set.offsetMinutes);
    if (counted === undefined) return { found: `no ${rule.fact}`, allowed };
    const before = books.totals.get(counted.key);
    if (before === undefined && books.totals.size >= MAX_TOTALS) {
      return { found: `${MAX_TOTALS} sums in the books`, allowed: "fewer" };
    }
    const sum = (before?.period === counted.period ? before.sum : 0n) + counted.by;
    return isAbove(sum, rule.limit, set)
      ? { found: `${sum} with this payment`, allowed }
      : undefined;
  };
}

const nameOf = (names: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(names).find((name) => names[name] === value) ?? "";
