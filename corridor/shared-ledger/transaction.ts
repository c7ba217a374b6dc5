import { concatBytes, EMPTY_BYTES, type Bytes } from "../../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  literal,
  oneOf,
  tuple,
  uint,
  union,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { CanonicalRejection } from "../../crypto/canonical-value.ts";
import { signedBytes, type Signature, type Signer } from "../../crypto/ed25519.ts";
import { digestParts, DOMAIN, equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Genesis } from "../../node/genesis.ts";
import { bankLayout, hashLayout, memberLayout } from "../../node/ids.ts";
import { signedInstructionLayout, type SignedInstruction } from "../../node/instruction.ts";
import {
  MAX_TERMS_BYTES,
  rejectionCodeLayout,
  ruleIdLayout,
} from "../../node/ledger/domestic-entries.ts";
import { MAX_DEFINITION_BYTES, MAX_LEGS } from "../../node/limits.ts";
import { memberClassLayout } from "../../node/members.ts";
import { amountLayout } from "../../node/money.ts";
import { MAX_ANNOUNCEMENT_BYTES, participantsOf, swapIdOf } from "../announcement.ts";
import { parseSharedAnnouncement, type SharedAnnouncement } from "./announcement.ts";
import type { Electorate } from "./certificates.ts";
import { MAX_BATCH_ACTIONS, MAX_TRANSACTION_BYTES } from "./limits.ts";

export const ACTION = {
  ENROL: 1,
  RULES: 2,
  INSTRUCTION: 3,
  RETURNS: 4,
  REJECT: 5,
  VOID: 6,
} as const;

const announcementBytes = binUpTo(MAX_ANNOUNCEMENT_BYTES, 1);
const termsBytes = binUpTo(MAX_TERMS_BYTES, 1);

const actions = {
  /** The operator enrols a member. */
  [ACTION.ENROL]: tuple({
    kind: literal(ACTION.ENROL),
    member: memberLayout,
    memberClass: memberClassLayout,
    resident: oneOf(0, 1),
    key: hashLayout,
    reserves: amountLayout,
  }),
  /** The bank's own rules from here on. */
  [ACTION.RULES]: tuple({
    kind: literal(ACTION.RULES),
    rules: binUpTo(MAX_DEFINITION_BYTES, 1),
  }),
  /** A member's order that concerns its own bank alone. */
  [ACTION.INSTRUCTION]: tuple({
    kind: literal(ACTION.INSTRUCTION),
    instruction: signedInstructionLayout,
  }),
  /** Tagged money that has expired goes back to its fund owner. */
  [ACTION.RETURNS]: tuple({ kind: literal(ACTION.RETURNS) }),
  /** The bank turns a member's order to pay a swap's leg down, before the swap is announced. */
  [ACTION.REJECT]: tuple({
    kind: literal(ACTION.REJECT),
    instruction: signedInstructionLayout,
    terms: termsBytes,
    termsSalt: bin<Bytes>(32),
    leg: uint(MAX_LEGS - 1),
    code: rejectionCodeLayout,
    rule: ruleIdLayout,
  }),
  /** A bank taking part ends a swap that was not executed: its veto, or, from the expiry on, its end. */
  [ACTION.VOID]: tuple({
    kind: literal(ACTION.VOID),
    announcement: announcementBytes,
    code: rejectionCodeLayout,
  }),
};

export const actionLayout = union(actions);
export type Action = LayoutValue<typeof actionLayout>;
export type ActionOf<K extends Action["kind"]> = Extract<Action, { readonly kind: K }>;

export const TRANSACTION = { BATCH: 1, SWAP: 2 } as const;

const bodies = {
  /** What one bank does to its own currency, executed in the order of the bank's numbers. */
  [TRANSACTION.BATCH]: tuple({
    kind: literal(TRANSACTION.BATCH),
    net: hashLayout,
    bank: bankLayout,
    /** Counts from 1, without gaps. */
    number: uint(),
    actions: list(actionLayout, MAX_BATCH_ACTIONS, 1),
  }),
  /** A PvP swap: all legs at once, or none. */
  [TRANSACTION.SWAP]: tuple({
    kind: literal(TRANSACTION.SWAP),
    announcement: announcementBytes,
    terms: termsBytes,
    salt: bin<Bytes>(32),
  }),
};

const bodyLayout = union(bodies);
export type TransactionBody = LayoutValue<typeof bodyLayout>;
export type BodyOf<K extends TransactionBody["kind"]> = Extract<
  TransactionBody,
  { readonly kind: K }
>;

const instructionsLayout = list(signedInstructionLayout, MAX_LEGS);

/** A bank's word on a transaction, with its own members' instructions for the legs that they pay. */
const endorsementLayout = tuple({
  bank: bankLayout,
  instructions: instructionsLayout,
  signature: bin<Signature>(64),
});

export type Endorsement = LayoutValue<typeof endorsementLayout>;

/** A body and the banks whose word it needs, in the order in which they are needed. */
const transactionLayout = tuple({
  body: binUpTo(MAX_TRANSACTION_BYTES, 1),
  endorsements: list(endorsementLayout, MAX_LEGS, 1),
});

interface Common {
  /** As it travels. */
  readonly bytes: Bytes;
  readonly bodyBytes: Bytes;
  readonly endorsements: readonly Endorsement[];
  /** Names the body, never a signature: one body can have many valid signatures. */
  readonly id: Hash;
  readonly key: string;
  /** Whose endorsements it needs. */
  readonly signers: readonly number[];
}

export interface BatchTransaction extends Common {
  readonly kind: "batch";
  readonly bank: number;
  readonly number: number;
  readonly actions: readonly Action[];
}

export interface SwapTransaction extends Common {
  readonly kind: "swap";
  readonly sid: Hash;
  readonly announcement: SharedAnnouncement;
  /** The commitment, by which one swap is closed once, whoever announces it how often. */
  readonly swapKey: string;
  readonly body: BodyOf<typeof TRANSACTION.SWAP>;
}

export type Transaction = BatchTransaction | SwapTransaction;

export type TransactionRejection =
  | CanonicalRejection
  | { readonly code: "wrong_corridor" }
  | { readonly code: "transaction_invalid"; readonly why: string };

/** Bytes to a transaction. Whether its banks endorsed it is another question: `isEndorsed`. */
export function parseTransaction(
  bytes: Bytes,
  genesis: Genesis,
): Outcome<Transaction, TransactionRejection> {
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    return reject({ code: "transaction_invalid", why: "too long" });
  }
  const parts = decode(transactionLayout, bytes);
  if (!parts.ok) return parts;
  return assemble(parts.value.body, parts.value.endorsements, bytes, genesis);
}

/** A body that nobody has endorsed yet; it does not travel. */
export const unendorsed = (
  bodyBytes: Bytes,
  genesis: Genesis,
): Outcome<Transaction, TransactionRejection> => assemble(bodyBytes, [], EMPTY_BYTES, genesis);

function assemble(
  bodyBytes: Bytes,
  endorsements: readonly Endorsement[],
  bytes: Bytes,
  genesis: Genesis,
): Outcome<Transaction, TransactionRejection> {
  const refuse = (why: string) => reject({ code: "transaction_invalid", why } as const);
  const decoded = decode(bodyLayout, bodyBytes);
  if (!decoded.ok) return decoded;
  const body = decoded.value;
  const id = transactionIdOf(bodyBytes);
  const common = { bytes, bodyBytes, endorsements, id, key: hashKey(id) };
  if (body.kind === TRANSACTION.BATCH) {
    const { net, bank, number, actions } = body;
    if (!equalHash(net, genesis.net)) return reject({ code: "wrong_corridor" });
    return ok({ ...common, kind: "batch", bank, number, actions, signers: [bank] });
  }
  const announcement = parseSharedAnnouncement(body.announcement);
  if (!announcement.ok) return announcement;
  const { net, commitment, legBanks } = announcement.value;
  if (!equalHash(net, genesis.net)) return reject({ code: "wrong_corridor" });
  const isKnown = (bank: number): boolean => genesis.banks.some(({ number }) => number === bank);
  if (!legBanks.every(isKnown)) return refuse("a bank that is not in the corridor");
  return ok({
    ...common,
    kind: "swap",
    sid: swapIdOf(body.announcement),
    announcement: announcement.value,
    swapKey: hashKey(commitment),
    body,
    signers: participantsOf(announcement.value),
  });
}

const transactionIdOf = (bodyBytes: Bytes): Hash => digestParts(DOMAIN.chainTransaction, bodyBytes);

/** Whether all its banks endorsed it; with `partly`, whether those that are named did, in their order. */
export function isEndorsed(
  { genesis, banks, verifier }: Electorate,
  { endorsements, signers, bodyBytes }: Transaction,
  how: "wholly" | "partly" = "wholly",
): boolean {
  if (endorsements.length > signers.length) return false;
  if (how === "wholly" && endorsements.length < signers.length) return false;
  return endorsements.every(({ bank, instructions, signature }, i) => {
    const key = banks.get(bank)?.ledgerKey;
    if (bank !== signers[i] || key === undefined) return false;
    return verifier.verify(key, endorsedBytes(genesis, bodyBytes, instructions), signature).valid;
  });
}

const endorsedBytes = (
  { net }: Genesis,
  bodyBytes: Bytes,
  instructions: readonly SignedInstruction[],
): Bytes =>
  signedBytes(
    DOMAIN.chainTransaction,
    concatBytes(net, bodyBytes, encode(instructionsLayout, instructions)),
  );

export const encodeBody = (body: TransactionBody): Bytes => encode(bodyLayout, body);

/** How many bytes an action adds to a batch. */
export const actionSize = (action: Action): number => encode(actionLayout, action).length;

/** Endorses a body as one bank, after those who have done so before. */
export function endorse(
  genesis: Genesis,
  { bodyBytes, endorsements }: Pick<Transaction, "bodyBytes" | "endorsements">,
  own: { readonly bank: number; readonly instructions: readonly SignedInstruction[] },
  signer: Signer,
): Bytes {
  const signature = signer.sign(endorsedBytes(genesis, bodyBytes, own.instructions));
  return encode(transactionLayout, {
    body: bodyBytes,
    endorsements: [...endorsements, { ...own, signature }],
  });
}
