import {
  bin,
  binUpTo,
  list,
  literal,
  nullable,
  oneOf,
  text,
  tuple,
  uint,
  union,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { accountLayout, hashLayout, memberLayout } from "../ids.ts";
import { lineLayout, signedInstructionLayout } from "../instruction.ts";
import { MAX_DEFINITION_BYTES, MAX_FLAGS } from "../limits.ts";
import { memberClassLayout } from "../members.ts";
import { amountLayout } from "../money.ts";

/** Kinds of domestic entries: they never leave the bank (protocols.md 3.3; FORMAT.md, section 5). */
export const DOMESTIC = {
  ISSUE: 1,
  REDEEM: 2,
  XFER: 3,
  HOLD: 16,
  POST: 17,
  UNHOLD: 18,
  ENROL: 32,
  REJECTED: 33,
  TAG_DEFINE: 34,
  TAG_ISSUE: 35,
  TAG_RELEASE: 36,
  TAG_RETURN: 37,
  RULES: 38,
  ATTEST: 39,
  TAG_CONTRACT: 40,
  TAG_FREEZE: 41,
  TAG_UNFREEZE: 42,
  VAT_XFER: 43,
  COURT_DEBIT: 44,
} as const;

export const SALT_BYTES = 16;

/** Bytes of a swap's terms: a handful of legs and border fields. */
export const MAX_TERMS_BYTES = 4096;

/** The last field of every entry: without it, a guess at the entry could be tested against the header. */
const salt = bin<Bytes>(SALT_BYTES);
/** When the bank decided, so that an auditor can decide again. */
const timeMs = uint();
const instruction = signedInstructionLayout;
const leg = uint(15);
const termsLayout = binUpTo(MAX_TERMS_BYTES, 1);
const termsSaltLayout = bin<Bytes>(32);

/** A rejection's code, such as FUNDS_INSUFFICIENT, and the id of the rule that decided. */
export const rejectionCodeLayout = text<string>(40, { min: 1, pattern: /^[A-Z0-9_]+$/ });
export const ruleIdLayout = text<string>(24, { min: 1, pattern: /^[A-Z0-9-]+$/ });

/** Ids of the rules that noted a payment and let it pass. */
const flags = list(ruleIdLayout, MAX_FLAGS);

const entries = {
  [DOMESTIC.ISSUE]: tuple({
    kind: literal(DOMESTIC.ISSUE),
    account: accountLayout,
    amount: amountLayout,
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.REDEEM]: tuple({
    kind: literal(DOMESTIC.REDEEM),
    account: accountLayout,
    amount: amountLayout,
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.XFER]: tuple({
    kind: literal(DOMESTIC.XFER),
    payer: accountLayout,
    payee: accountLayout,
    tag: nullable(hashLayout),
    amount: amountLayout,
    line: nullable(lineLayout),
    flags,
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.HOLD]: tuple({
    kind: literal(DOMESTIC.HOLD),
    sid: hashLayout,
    leg,
    payer: accountLayout,
    payee: accountLayout,
    tag: nullable(hashLayout),
    amount: amountLayout,
    terms: termsLayout,
    termsSalt: termsSaltLayout,
    flags,
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.POST]: tuple({ kind: literal(DOMESTIC.POST), sid: hashLayout, leg, salt }),
  [DOMESTIC.UNHOLD]: tuple({ kind: literal(DOMESTIC.UNHOLD), sid: hashLayout, leg, salt }),
  [DOMESTIC.ENROL]: tuple({
    kind: literal(DOMESTIC.ENROL),
    member: memberLayout,
    memberClass: memberClassLayout,
    resident: oneOf(0, 1),
    key: hashLayout,
    /** The member's balance in the RTGS system when it was enrolled: modelled, not executed. */
    reserves: amountLayout,
    timeMs,
    salt,
  }),
  [DOMESTIC.REJECTED]: tuple({
    kind: literal(DOMESTIC.REJECTED),
    instruction,
    /** For the order to pay a swap's leg: what it was decided on. */
    terms: nullable(tuple({ terms: termsLayout, termsSalt: termsSaltLayout, leg })),
    code: rejectionCodeLayout,
    rule: ruleIdLayout,
    timeMs,
    salt,
  }),
  [DOMESTIC.TAG_DEFINE]: tuple({
    kind: literal(DOMESTIC.TAG_DEFINE),
    /** Holds the definition, which would not fit an entry twice. */
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.TAG_ISSUE]: tuple({
    kind: literal(DOMESTIC.TAG_ISSUE),
    tag: hashLayout,
    account: accountLayout,
    amount: amountLayout,
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.TAG_RELEASE]: tuple({
    kind: literal(DOMESTIC.TAG_RELEASE),
    payer: accountLayout,
    payee: accountLayout,
    tag: hashLayout,
    amount: amountLayout,
    line: lineLayout,
    flags,
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.TAG_RETURN]: tuple({
    kind: literal(DOMESTIC.TAG_RETURN),
    payer: accountLayout,
    tag: hashLayout,
    amount: amountLayout,
    /** Nil when the rule of expiry moved the money. */
    instruction: nullable(signedInstructionLayout),
    timeMs,
    salt,
  }),
  [DOMESTIC.RULES]: tuple({
    kind: literal(DOMESTIC.RULES),
    /** The bank's own rules from here on (FORMAT.md, section 8.8). */
    rules: binUpTo(MAX_DEFINITION_BYTES, 1),
    timeMs,
    salt,
  }),
  // These four hold what they say in their instructions' orders.
  [DOMESTIC.ATTEST]: tuple({ kind: literal(DOMESTIC.ATTEST), instruction, timeMs, salt }),
  [DOMESTIC.TAG_CONTRACT]: tuple({
    kind: literal(DOMESTIC.TAG_CONTRACT),
    instruction,
    timeMs,
    salt,
  }),
  [DOMESTIC.TAG_FREEZE]: tuple({ kind: literal(DOMESTIC.TAG_FREEZE), instruction, timeMs, salt }),
  [DOMESTIC.TAG_UNFREEZE]: tuple({
    kind: literal(DOMESTIC.TAG_UNFREEZE),
    instruction,
    timeMs,
    salt,
  }),
  /** A payment split into net and VAT: the VAT part arrives under a VAT tag. */
  [DOMESTIC.VAT_XFER]: tuple({
    kind: literal(DOMESTIC.VAT_XFER),
    payer: accountLayout,
    payee: accountLayout,
    tag: nullable(hashLayout),
    amount: amountLayout,
    line: nullable(lineLayout),
    vat: amountLayout,
    vatTag: hashLayout,
    flags,
    instruction,
    timeMs,
    salt,
  }),
  /** Untagged money that a court's decision takes; the instruction is that of enforcement. */
  [DOMESTIC.COURT_DEBIT]: tuple({
    kind: literal(DOMESTIC.COURT_DEBIT),
    payer: accountLayout,
    payee: accountLayout,
    amount: amountLayout,
    flags,
    instruction,
    timeMs,
    salt,
  }),
};

export const domesticEntryLayout = union(entries);
export type DomesticEntry = LayoutValue<typeof domesticEntryLayout>;

/** An entry before its place in the ledger is known, hence without its salt. */
export type DomesticDraft = DomesticEntry extends infer E
  ? E extends DomesticEntry
    ? Omit<E, "salt">
    : never
  : never;

export type EntryOf<K extends DomesticEntry["kind"]> = Extract<DomesticEntry, { readonly kind: K }>;
export type DraftOf<K extends DomesticEntry["kind"]> = Omit<EntryOf<K>, "salt">;
