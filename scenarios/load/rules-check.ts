import { unreachable } from "../../crypto/outcome.ts";
import { memberId } from "../../node/ids.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { Amount, Currency } from "../../node/money.ts";
import { BY, MEASURE, PERIOD } from "../../node/rules/families/total.ts";
import { SUBJECT } from "../../node/rules/families/attested.ts";
import { UNIT, type Limit } from "../../node/rules/judged.ts";
import { CHANNEL } from "../../node/rules/rule.ts";
import {
  BASIS,
  encodeRuleSet,
  VERDICT,
  type RuleCheck,
  type RuleRecord,
  type RuleSetRecord,
} from "../../node/rules/rule-set.ts";
import { ANY_TAG, BORDER, RESIDENCE, type Scope } from "../../node/rules/scope.ts";
import { MAX_DEFINITION_BYTES } from "../../node/limits.ts";
import { TAG_KIND } from "../../node/tags/definition.ts";
import type { Path } from "../problem.ts";
import { crossRate, USD, type DayRates } from "../rates.ts";
import { WEEKDAYS } from "../schema/rules.ts";
import { readAmount } from "./amounts.ts";
import type { BankDocument } from "./document.ts";
import type { Findings } from "./problems.ts";
import type {
  CheckDocument,
  LimitDocument,
  RuleDocument,
  ScopeDocument,
} from "./rules-document.ts";

interface Reading {
  readonly currency: Currency;
  readonly rates: DayRates | null | undefined;
  readonly findings: Findings;
}

/** The start of a run is not known before it: a calendar's times count from it. */
export type RulesAt = (startMs: number) => RuleSetRecord;

/**
 * A bank's own rules; `null` when it states none. For a document without any other problem: its parts
 * are all there.
 */
export function checkRules(bank: BankDocument, path: Path, reading: Reading): RulesAt | null {
  const { rules, utcOffsetMinutes = 0, vatBasisPoints = 0 } = bank;
  if (rules === undefined && vatBasisPoints === 0) return null;
  const usd = usdOf(reading);
  const at: RulesAt = (startMs) => ({
    currency: reading.currency.code,
    usd,
    offsetMinutes: utcOffsetMinutes,
    vatBasisPoints,
    rules: (rules ?? []).map((rule, i) => recordOf(rule, [...path, "rules", i], reading, startMs)),
  });
  checkRuleSet(at(0), path, reading.findings);
  return at;
}

function checkRuleSet(record: RuleSetRecord, path: Path, findings: Findings): void {
  const seen = new Set<string>();
  for (const [i, { id }] of record.rules.entries()) {
    if (seen.has(id)) findings.invalid([...path, "rules", i, "id"], "each id once");
    seen.add(id);
  }
  const { length } = encodeRuleSet(record);
  if (length <= MAX_DEFINITION_BYTES) return;
  const bound = { what: "bytes of a bank's rules", limit: MAX_DEFINITION_BYTES };
  findings.exceeds([...path, "rules"], bound, "fewer rules or shorter lists", `${length} bytes`);
}

/** So many minor units are worth so many US cents. */
function usdOf({ currency, rates }: Reading): RuleSetRecord["usd"] {
  const rate = rates ? crossRate(rates, currency, USD) : undefined;
  const { numerator = 1n, denominator = 1n } = rate ?? {};
  return { minor: denominator as Amount, cents: numerator as Amount };
}

const recordOf = (
  rule: RuleDocument,
  path: Path,
  reading: Reading,
  startMs: number,
): RuleRecord => ({
  id: rule.id,
  code: rule.code,
  verdict: VERDICT[rule.verdict ?? "REJECT"],
  basis: BASIS[rule.basis ?? "model"],
  scope: scopeOf(rule.about ?? {}, [...path, "about"], reading),
  check: checkOf(rule.check, [...path, "check"], reading, startMs),
});

function scopeOf(scope: ScopeDocument, path: Path, reading: Reading): Scope {
  const { channels = ["transfer", "swap"], tags, payer = [], payee = [] } = scope;
  const { above, when = [], unless = [] } = scope;
  return {
    channels: bits(channels.map((channel) => CHANNEL[channel] - 1)),
    border: BORDER[scope.border ?? "any"],
    tags:
      tags === undefined
        ? ANY_TAG
        : bits(tags.map((tag) => (tag === "untagged" ? 0 : TAG_KIND[tag]))),
    payerClasses: bits(payer.map((name) => MEMBER_CLASS[name] - 1)),
    payeeClasses: bits(payee.map((name) => MEMBER_CLASS[name] - 1)),
    payerResidence: RESIDENCE[scope.payerResidence ?? "any"],
    payeeResidence: RESIDENCE[scope.payeeResidence ?? "any"],
    above: above === undefined ? null : limitOf(above, [...path, "above"], reading),
    when: when.map(conditionOf),
    unless: unless.map(conditionOf),
  };
}

const bits = (places: readonly number[]): number =>
  places.reduce((mask, place) => mask | (1 << place), 0);

/** `fact`, or `fact=value|value`. */
function conditionOf(written: string): Scope["when"][number] {
  const equals = written.indexOf("=");
  if (equals === -1) return { name: written, values: [] };
  return { name: written.slice(0, equals), values: written.slice(equals + 1).split("|") };
}

function limitOf({ usd, amount }: LimitDocument, path: Path, reading: Reading): Limit {
  const { findings, currency, rates } = reading;
  if ((usd === undefined) === (amount === undefined)) {
    findings.invalid(path, "either usd or amount");
  } else if (usd !== undefined && (rates === null || rates === undefined)) {
    findings.invalid([...path, "usd"], "an amount, or a file with rates");
  }
  const read =
    usd === undefined
      ? readAmount(amount, currency, [...path, "amount"], findings)
      : readAmount(usd, USD, [...path, "usd"], findings);
  return {
    unit: usd === undefined ? UNIT.minor : UNIT["us-cents"],
    amount: read ?? (0n as Amount),
  };
}

function checkOf(check: CheckDocument, path: Path, reading: Reading, startMs: number): RuleCheck {
  const limitIn = (limit: LimitDocument) => limitOf(limit, [...path, "limit"], reading);
  switch (check.kind) {
    case "require":
      return { kind: 1, facts: check.facts };
    case "codes":
      return {
        kind: 2,
        fact: check.fact,
        allowed: check.allowed ?? [],
        refused: check.refused ?? [],
      };
    case "eknp":
      return { kind: 3, fact: check.fact, purposes: check.purposes };
    case "iban":
      return { kind: 4, fact: check.fact, country: check.country };
    case "screen":
      return { kind: 5, names: check.names, facts: check.facts ?? [] };
    case "limit":
      return { kind: 6, limit: limitIn(check.limit) };
    case "balance":
      return { kind: 7, limit: limitIn(check.limit) };
    case "total":
      return totalOf(check, path, reading);
    case "attested": {
      const { topic, subject, fact = null, by, least = 1, most = Number.MAX_SAFE_INTEGER } = check;
      if ((subject === "fact") !== (fact !== null)) {
        reading.findings.invalid([...path, "fact"], "a fact exactly when the subject is one");
      }
      const wanted = check.wanted === false ? 0 : 1;
      const members = by.map(memberId);
      return { kind: 9, topic, subject: SUBJECT[subject], fact, by: members, least, most, wanted };
    }
    case "calendar": {
      const { fromMs = 0, toMs, days = WEEKDAYS } = check;
      const weekdays = bits(days.map((day) => WEEKDAYS.indexOf(day)));
      const end = toMs === undefined ? Number.MAX_SAFE_INTEGER : startMs + toMs;
      return { kind: 10, fromMs: startMs + fromMs, toMs: end, weekdays };
    }
    case "deadline":
      return { kind: 11, fact: check.fact };
    case "forbid":
      return { kind: 12 };
    case "returning":
      return { kind: 13, withinMs: check.withinMs };
    default:
      return unreachable(check);
  }
}

function totalOf(
  check: CheckDocument & { readonly kind: "total" },
  path: Path,
  reading: Reading,
): RuleCheck {
  const { measure = "amount", by = ["payer"], fact = null, period, limit, times } = check;
  const isCount = measure === "count";
  if ((times === undefined) === isCount || (limit === undefined) !== isCount) {
    reading.findings.invalid(path, "times for a count, a limit for amounts");
  }
  return {
    kind: 8,
    measure: MEASURE[measure],
    by: by.reduce((mask, name) => mask | BY[name], 0),
    fact,
    period: PERIOD[period],
    limit:
      limit === undefined
        ? { unit: UNIT.minor, amount: BigInt(times ?? 0) as Amount }
        : limitOf(limit, [...path, "limit"], reading),
  };
}
