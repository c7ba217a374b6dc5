import {
  list,
  literal,
  nullable,
  oneOf,
  tuple,
  uint,
  type LayoutValue,
} from "../../../crypto/canonical-layout.ts";
import { attestationOf } from "../../attestations.ts";
import { factNameLayout } from "../../facts.ts";
import { memberLayout } from "../../ids.ts";
import { purposeLayout } from "../../instruction.ts";
import { factOf, type Check, type Judged } from "../judged.ts";

export const SUBJECT = { payer: 1, payee: 2, fact: 3 } as const;

/** Members whose word one rule takes. */
const MAX_ATTESTERS = 8;

/** A member named here has attested the topic of a subject with a value in the range; or has not. */
export const ATTESTED = 9;
export const attestedLayout = tuple({
  kind: literal(ATTESTED),
  topic: purposeLayout,
  subject: oneOf(1, 2, 3),
  /** The subject, when it is a fact; a subject that is not stated is not attested. */
  fact: nullable(factNameLayout),
  by: list(memberLayout, MAX_ATTESTERS, 1),
  least: uint(),
  most: uint(),
  /** 1: there must be such an attestation; 0: there must be none. */
  wanted: oneOf(0, 1),
});

type AttestedRule = LayoutValue<typeof attestedLayout>;

export function compileAttested(rule: AttestedRule): Check {
  const { topic, by, least, most, wanted } = rule;
  return (judged) => {
    const subject = subjectOf(rule, judged);
    const said = by.find((attester) => {
      const attestation =
        subject === undefined
          ? undefined
          : attestationOf(judged.books, { topic, subject, by: attester }, judged.movement.timeMs);
      return attestation !== undefined && attestation.value >= least && attestation.value <= most;
    });
    if ((said !== undefined) === (wanted === 1)) return undefined;
    const about = `${topic} of ${subject ?? `no ${rule.fact}`}`;
    return said === undefined
      ? { found: `${about} is not attested`, allowed: `${least} to ${most} by ${by.join(" or ")}` }
      : { found: `${about} is attested by ${said}`, allowed: "no such attestation" };
  };
}

function subjectOf({ subject, fact }: AttestedRule, { movement }: Judged): string | undefined {
  if (subject === SUBJECT.payer) return movement.payer;
  if (subject === SUBJECT.payee) return movement.payee ?? undefined;
  return fact === null ? undefined : factOf(movement, fact);
}
