import type { MemberId } from "../../node/ids.ts";
import type { Amount } from "../../node/money.ts";
import type { RuleCode } from "../../node/rules/codes.ts";
import { encodeRuleSet, type RuleCheck, type RuleRecord } from "../../node/rules/rule-set.ts";
import { ANY_TAG, type Scope } from "../../node/rules/scope.ts";
import type { Prng } from "../../scenarios/sim/prng.ts";

const money = (n: number): Amount => BigInt(n) as Amount;

/** Values that facts of the busy bank's payments take, so that conditions are met now and then. */
export const FACT_VALUES: Readonly<Record<string, readonly string[]>> = {
  channel: ["card", "atm", "crypto", "qr", "qr", "qr"],
  eknp: ["EKNP 1414AAA710", "EKNP 1424AAA710", "EKNP 1414AAA999", "EKNP 1414KZT710"],
  iban: ["AE070331234567890123456", "AE070331234567890123457", "AE07"],
  beneficiary: ["Evil Corp", "evil-corp", "Good Corp"],
  child: ["a", "b", "c"],
  "qr-expiry": ["1", "9000000000000", "soon"],
  quantity: ["1", "3", "90", "x"],
  country: ["CN", "HK", "XX"],
  line: ["A", "B", "C.1"],
  purpose: ["WORKS", "MEALS", "VAT"],
};

const NAMES = Object.keys(FACT_VALUES);

/** A few rules of random families about random movements. */
export function busyRules(prng: Prng, nowMs: number): Uint8Array {
  const count = prng.pick([0, 0, 1, 2, 6]);
  return encodeRuleSet({
    currency: "AAA",
    usd: { minor: money(prng.int(1, 600)), cents: money(prng.int(1, 3)) },
    offsetMinutes: prng.pick([0, 300, 840]),
    vatBasisPoints: prng.pick([0, 1_200, 1_600]),
    rules: Array.from({ length: count }, (_, i) => busyRule(prng, i, nowMs)),
  });
}

const busyRule = (prng: Prng, i: number, nowMs: number): RuleRecord => ({
  id: `OWN-${i}`,
  code: prng.pick<RuleCode>(["LIMIT_TX", "SANCTIONS_HIT", "KZ_EKNP_INVALID"]),
  verdict: prng.pick([1, 2, 2] as const),
  basis: prng.pick([1, 2, 3] as const),
  scope: busyScope(prng),
  check: busyCheck(prng, nowMs),
});

function busyScope(prng: Prng): Scope {
  const often = <T>(usual: T, other: () => T): T => (prng.int(0, 3) > 0 ? usual : other());
  const condition = () => {
    const name = prng.pick(NAMES);
    const values = prng.int(0, 1) === 0 ? [] : [...(FACT_VALUES[name] ?? [])];
    return { name, values };
  };
  return {
    channels: often(0b1100, () => prng.int(0, 2_047)),
    border: often(0, () => prng.pick([1, 2] as const)),
    tags: often(ANY_TAG, () => prng.int(0, ANY_TAG)),
    payerClasses: often(0, () => prng.int(1, 511)),
    payeeClasses: often(0, () => prng.int(1, 511)),
    payerResidence: often(0, () => prng.pick([1, 2] as const)),
    payeeResidence: often(0, () => prng.pick([1, 2] as const)),
    above: often(null, () => busyLimit(prng)),
    when: prng.int(0, 1) === 0 ? [] : [condition()],
    unless: often([], () => [condition()]),
  };
}

const busyLimit = (prng: Prng) =>
  ({ unit: prng.pick([0, 1] as const), amount: money(prng.int(0, 4_000)) }) as const;

function busyCheck(prng: Prng, nowMs: number): RuleCheck {
  const limit = busyLimit(prng);
  const checks: readonly RuleCheck[] = [
    { kind: 1, facts: [prng.pick(NAMES)] },
    { kind: 2, fact: "child", allowed: prng.pick([[], ["a", "b"]]), refused: ["b"] },
    { kind: 3, fact: "eknp", purposes: ["710", "711"] },
    { kind: 4, fact: "iban", country: "AE" },
    { kind: 5, names: prng.pick([["EVIL Corp."], ["buil-DER"]]), facts: ["beneficiary"] },
    { kind: 6, limit },
    { kind: 7, limit },
    {
      kind: 8,
      measure: prng.pick([1, 2] as const),
      by: prng.int(0, 7),
      fact: prng.pick([null, null, "child"]),
      period: prng.pick([1, 2, 3, 4] as const),
      limit: { unit: 0, amount: money(prng.int(1, 3_000)) },
    },
    {
      kind: 9,
      topic: prng.pick(["ACT", "REGION"]),
      subject: prng.pick([1, 2, 3] as const),
      fact: "act",
      by: ["registry", "rogue"].slice(0, prng.int(1, 2)) as MemberId[],
      least: 0,
      most: prng.int(0, 3),
      wanted: prng.pick([0, 1] as const),
    },
    { kind: 10, fromMs: nowMs, toMs: nowMs + prng.int(0, 9_000), weekdays: prng.int(0, 127) },
    { kind: 11, fact: "qr-expiry" },
    { kind: 12 },
    { kind: 13, withinMs: prng.int(0, 60_000) },
  ];
  return prng.pick(checks);
}
