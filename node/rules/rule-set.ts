import {
  decode,
  encode,
  list,
  oneOf,
  text,
  tuple,
  uint,
  union,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { CanonicalRejection } from "../../crypto/canonical-value.ts";
import { ok, unreachable, type Outcome } from "../../crypto/outcome.ts";
import { MAX_RULES } from "../limits.ts";
import { amountLayout, CURRENCY_PATTERN } from "../money.ts";
import type { RuleCode } from "./codes.ts";
import { ATTESTED, attestedLayout, compileAttested } from "./families/attested.ts";
import { BALANCE, balanceLimitLayout, compileBalance } from "./families/balance.ts";
import { CALENDAR, calendarLayout, compileCalendar } from "./families/calendar.ts";
import { CODES, codesLayout, compileCodes } from "./families/codes.ts";
import { compileDeadline, DEADLINE, deadlineLayout } from "./families/deadline.ts";
import { compileEknp, EKNP, eknpLayout } from "./families/eknp.ts";
import { compileForbid, FORBID, forbidLayout } from "./families/forbid.ts";
import { compileIban, IBAN, ibanLayout } from "./families/iban.ts";
import { compileLimit, LIMIT, paymentLimitLayout } from "./families/limit.ts";
import { compileRequire, REQUIRE, requireLayout } from "./families/require.ts";
import { compileReturning, RETURNING, returningLayout } from "./families/returning.ts";
import { compileScreen, SCREEN, screenLayout } from "./families/screen.ts";
import { compileTotal, countOf, TOTAL, totalLayout, type Counted } from "./families/total.ts";
import type { Check, Judged } from "./judged.ts";
import type { Finding } from "./rule.ts";
import { isInScope, scopeLayout, type Scope } from "./scope.ts";

export const VERDICT = { REJECT: 1, FLAG: 2 } as const;
export const BASIS = { law: 1, pilot: 2, model: 3 } as const;

/** What a rule asks: one kind for each family. */
const checkLayout = union({
  [REQUIRE]: requireLayout,
  [CODES]: codesLayout,
  [EKNP]: eknpLayout,
  [IBAN]: ibanLayout,
  [SCREEN]: screenLayout,
  [LIMIT]: paymentLimitLayout,
  [BALANCE]: balanceLimitLayout,
  [TOTAL]: totalLayout,
  [ATTESTED]: attestedLayout,
  [CALENDAR]: calendarLayout,
  [DEADLINE]: deadlineLayout,
  [FORBID]: forbidLayout,
  [RETURNING]: returningLayout,
});

export type RuleCheck = LayoutValue<typeof checkLayout>;

const ruleLayout = tuple({
  id: text<string>(24, { min: 1, pattern: /^[A-Z0-9-]+$/ }),
  code: text<RuleCode>(40, { min: 1, pattern: /^[A-Z0-9_]+$/ }),
  verdict: oneOf(1, 2),
  basis: oneOf(1, 2, 3),
  scope: scopeLayout,
  check: checkLayout,
});

/** The rules that a bank adds to those of every bank: data, in the order in which they decide. */
export const ruleSetLayout = tuple({
  currency: text<string>(3, { min: 3, pattern: CURRENCY_PATTERN }),
  /** The day's reference rate: so many minor units of the bank's currency are worth so many US cents. */
  usd: tuple({ minor: amountLayout, cents: amountLayout }),
  /** How far the bank's local time is ahead of UTC: days and months begin by it. */
  offsetMinutes: uint(840),
  /** Rate of value added tax in basis points of the net amount. */
  vatBasisPoints: uint(10_000),
  rules: list(ruleLayout, MAX_RULES),
});

export type RuleSetRecord = LayoutValue<typeof ruleSetLayout>;
export type RuleRecord = RuleSetRecord["rules"][number];

interface OwnRule {
  readonly id: string;
  readonly code: RuleCode;
  readonly isFlag: boolean;
  readonly scope: Scope;
  readonly check: Check;
  readonly record: RuleRecord;
}

/** A bank's own rules, ready to decide. */
export interface RuleSet extends Omit<RuleSetRecord, "rules"> {
  readonly rules: readonly OwnRule[];
  /** Whether a rule of the set is about totals: otherwise nothing is counted. */
  readonly hasTotals: boolean;
}

export const NO_RULES: RuleSet = compileRuleSet({
  currency: "XXX",
  usd: { minor: 1n as never, cents: 1n as never },
  offsetMinutes: 0,
  vatBasisPoints: 0,
  rules: [],
});

export const encodeRuleSet = (record: RuleSetRecord): Bytes => encode(ruleSetLayout, record);

/** Bytes to a set that can decide; total on any bytes. */
export function parseRuleSet(bytes: Bytes): Outcome<RuleSet, CanonicalRejection> {
  const record = decode(ruleSetLayout, bytes);
  return record.ok ? ok(compileRuleSet(record.value)) : record;
}

function compileRuleSet(record: RuleSetRecord): RuleSet {
  return {
    ...record,
    hasTotals: record.rules.some(({ check }) => check.kind === TOTAL),
    rules: record.rules.map((rule) => ({
      id: rule.id,
      code: rule.code,
      isFlag: rule.verdict === VERDICT.FLAG,
      scope: rule.scope,
      check: compileCheck(rule.id, rule.check),
      record: rule,
    })),
  };
}

function compileCheck(id: string, check: RuleCheck): Check {
  switch (check.kind) {
    case REQUIRE:
      return compileRequire(check);
    case CODES:
      return compileCodes(check);
    case EKNP:
      return compileEknp(check);
    case IBAN:
      return compileIban(check);
    case SCREEN:
      return compileScreen(check);
    case LIMIT:
      return compileLimit(check);
    case BALANCE:
      return compileBalance(check);
    case TOTAL:
      return compileTotal(id, check);
    case ATTESTED:
      return compileAttested(check);
    case CALENDAR:
      return compileCalendar(check);
    case DEADLINE:
      return compileDeadline(check);
    case FORBID:
      return compileForbid();
    case RETURNING:
      return compileReturning(check);
    default:
      return unreachable(check);
  }
}

/** What one rule of the set finds; nothing when it is not about the movement. */
export function findingOf(rule: OwnRule, judged: Judged): Finding | undefined {
  if (!isInScope(rule.scope, judged)) return undefined;
  const refusal = rule.check(judged);
  if (refusal === undefined) return undefined;
  return { code: rule.code, ...refusal, ...(rule.isFlag ? { flag: true } : {}) };
}

/** What the movement adds to the sums of the set's rules about totals, when it is carried out. */
export function countsOf(judged: Judged): readonly Counted[] {
  const { set, movement } = judged;
  const counts: Counted[] = [];
  for (const { id, scope, record } of set.rules) {
    if (record.check.kind !== TOTAL || !isInScope(scope, judged)) continue;
    const counted = countOf(id, record.check, movement, set.offsetMinutes);
    if (counted !== undefined) counts.push(counted);
  }
  return counts;
}
