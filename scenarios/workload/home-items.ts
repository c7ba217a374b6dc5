import { ZERO, type Amount } from "../../node/money.ts";
import type { MemberId } from "../../node/ids.ts";
import type { ExpectedCode } from "../home.ts";
import { MAX_MOMENT_MS } from "../scenario-limits.ts";
import { durationMs } from "../../node/time.ts";
import type { DraftPayment } from "./generated-payments.ts";

interface Stated {
  readonly atMs: number;
  readonly bank: string;
  readonly payer: MemberId;
  readonly payee: MemberId;
  readonly amount: Amount;
  readonly facts?: readonly string[];
  readonly diversion?: string | null;
  readonly expected?: ExpectedCode;
}

/** A payment from plain money of a bank's own members. */
export const untagged = ({
  facts = [],
  diversion = null,
  expected = null,
  ...rest
}: Stated): DraftPayment => ({
  ...rest,
  kind: "domestic",
  tag: null,
  line: null,
  purpose: null,
  facts,
  diversion,
  expected,
  action: null,
});

/** A payment under a tag. */
export const tagged = ({
  tag,
  line,
  purpose,
  ...rest
}: Stated & {
  readonly tag: string;
  readonly line: string;
  readonly purpose: string;
}): DraftPayment => ({ ...untagged(rest), kind: "tagged", tag, line, purpose });

/** What a register states; subjects as in a file, `#text` for a document. */
export function attestation(stated: {
  readonly atMs: number;
  readonly bank: string;
  readonly attester: MemberId;
  readonly topic: string;
  readonly subject: string;
  readonly validForMs?: number;
}): DraftPayment {
  const { atMs, bank, attester, topic, subject, validForMs = MAX_MOMENT_MS } = stated;
  const parties = { payer: attester, payee: attester, amount: ZERO };
  const action = {
    kind: "attest",
    topic,
    subject,
    value: 1,
    document: null,
    validForMs: durationMs(validForMs),
  } as const;
  return { ...untagged({ atMs, bank, ...parties }), kind: "order", action };
}

/** Tagged money that a member gives back to the fund owner. */
export function returned(stated: {
  readonly atMs: number;
  readonly bank: string;
  readonly member: MemberId;
  readonly tag: string;
  readonly amount: Amount;
}): DraftPayment {
  const { atMs, bank, member, tag, amount } = stated;
  const action = { kind: "return-tag", tag, amount } as const;
  const parties = { payer: member, payee: member, amount };
  return { ...untagged({ atMs, bank, ...parties }), kind: "order", tag, action };
}
