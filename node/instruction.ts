import type { Bytes } from "../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  literal,
  nullable,
  text,
  tuple,
  uint,
  union,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import type { CanonicalRejection } from "../crypto/canonical-value.ts";
import { signedBytes, type Signature, type Signer } from "../crypto/ed25519.ts";
import { digest, DOMAIN, type Hash } from "../crypto/hash.ts";
import type { Outcome } from "../crypto/outcome.ts";
import { remembered } from "../crypto/remembered.ts";
import { factsLayout } from "./facts.ts";
import { accountLayout, bankLayout, hashLayout, memberLayout } from "./ids.ts";
import { MAX_DEFINITION_BYTES } from "./limits.ts";
import { amountLayout } from "./money.ts";

/** What a member may order, kind first (FORMAT.md, section 6). */
export const ORDER = {
  issue: 1,
  redeem: 2,
  transfer: 3,
  swap: 4,
  defineTag: 5,
  issueTag: 6,
  returnTag: 7,
  attest: 8,
  contract: 9,
  freeze: 10,
  unfreeze: 11,
  courtDebit: 12,
} as const;

/** A purpose code, such as an estimate's chapter or a payment purpose: 1 to 16 of A-Z, 0-9 and -. */
export const purposeLayout = text<string>(16, { min: 1, pattern: /^[A-Z0-9-]+$/ });

/** A line of a tag's estimate, by its code in the estimate. */
export const lineLayout = text<string>(16, { min: 1, pattern: /^[A-Z0-9.-]+$/ });

const definitionLayout = binUpTo(MAX_DEFINITION_BYTES, 1);

/** What an attestation is about: an account's name, or a document's hash in hex. */
export const subjectLayout = text<string>(64, { min: 2, pattern: /^[a-z0-9-]+$/ });

/** An auditor's case, such as a file number. */
const caseLayout = text<string>(32, { min: 1 });

const orders = {
  /** Issue CBDC to the member against its reserves. */
  [ORDER.issue]: tuple({ kind: literal(ORDER.issue), amount: amountLayout }),
  /** Redeem CBDC of the member into its reserves. */
  [ORDER.redeem]: tuple({ kind: literal(ORDER.redeem), amount: amountLayout }),
  /** Pay another account of the same bank; `tag` is nil for untagged money. */
  [ORDER.transfer]: tuple({
    kind: literal(ORDER.transfer),
    payee: accountLayout,
    tag: nullable(hashLayout),
    amount: amountLayout,
    line: nullable(lineLayout),
    purpose: nullable(purposeLayout),
    facts: factsLayout,
  }),
  /** Pay a leg of the swap whose terms the commitment binds, from the column of this tag. */
  [ORDER.swap]: tuple({
    kind: literal(ORDER.swap),
    commitment: hashLayout,
    tag: nullable(hashLayout),
  }),
  /** Define a tag; the member becomes its fund owner. */
  [ORDER.defineTag]: tuple({ kind: literal(ORDER.defineTag), definition: definitionLayout }),
  /** Put own untagged money under a tag that the member owns. */
  [ORDER.issueTag]: tuple({
    kind: literal(ORDER.issueTag),
    tag: hashLayout,
    amount: amountLayout,
  }),
  /** Give tagged money back to its fund owner, untagged. */
  [ORDER.returnTag]: tuple({
    kind: literal(ORDER.returnTag),
    tag: hashLayout,
    amount: amountLayout,
  }),
  /** State what an outside register says of a subject; the latest statement of one member counts. */
  [ORDER.attest]: tuple({
    kind: literal(ORDER.attest),
    topic: purposeLayout,
    subject: subjectLayout,
    value: uint(),
    /** Hash of the outside document, if there is one. */
    document: nullable(hashLayout),
    validToMs: uint(),
  }),
  /** Disclose a contract under a tag: whom the member will pay under a line, and how much. */
  [ORDER.contract]: tuple({
    kind: literal(ORDER.contract),
    tag: hashLayout,
    payee: accountLayout,
    line: lineLayout,
    amount: amountLayout,
    document: hashLayout,
  }),
  /** Freeze a tag, or one account's money under it. */
  [ORDER.freeze]: tuple({
    kind: literal(ORDER.freeze),
    tag: hashLayout,
    account: nullable(accountLayout),
    case: caseLayout,
  }),
  /** Lift a freeze; only the member that placed it can. */
  [ORDER.unfreeze]: tuple({
    kind: literal(ORDER.unfreeze),
    tag: hashLayout,
    account: nullable(accountLayout),
    case: caseLayout,
  }),
  /** Take money from an account for a claim that a court has decided: enforcement orders it, not the payer. */
  [ORDER.courtDebit]: tuple({
    kind: literal(ORDER.courtDebit),
    account: accountLayout,
    payee: accountLayout,
    tag: nullable(hashLayout),
    amount: amountLayout,
    case: caseLayout,
  }),
};

export const orderLayout = union(orders);
export type Order = LayoutValue<typeof orderLayout>;

export const instructionLayout = tuple({
  net: hashLayout,
  /** The bank that is to carry it out. */
  bank: bankLayout,
  member: memberLayout,
  /** Chosen by the member, each number once. */
  number: uint(),
  order: orderLayout,
});

export type Instruction = LayoutValue<typeof instructionLayout>;

/** A member's order with its signature over the bytes as they stand. */
export const signedInstructionLayout = tuple({
  body: binUpTo(60_500, 1),
  signature: bin<Signature>(64),
});

export type SignedInstruction = LayoutValue<typeof signedInstructionLayout>;

export function signInstruction(instruction: Instruction, signer: Signer): SignedInstruction {
  const body = encode(instructionLayout, instruction);
  return { body, signature: signer.sign(instructionSignedBytes(body)) };
}

export const instructionSignedBytes = (body: Bytes): Bytes => signedBytes(DOMAIN.instruction, body);

/** Names an instruction by its body, never by its signature: one body can have many valid signatures. */
export const instructionHash = (signed: SignedInstruction): Hash => hashOfBody(signed.body);

export const parseInstruction = (
  signed: SignedInstruction,
): Outcome<Instruction, CanonicalRejection> => readBody(signed.body);

const hashOfBody = remembered(digest);
const readBody = remembered((body) => decode(instructionLayout, body));
