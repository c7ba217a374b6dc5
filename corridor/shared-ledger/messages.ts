import type { Bytes } from "../../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  literal,
  nullable,
  tuple,
  uint,
  union,
  type Layout,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { CanonicalRejection } from "../../crypto/canonical-value.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Genesis } from "../../node/genesis.ts";
import { hashLayout } from "../../node/ids.ts";
import { signedInstructionLayout, type SignedInstruction } from "../../node/instruction.ts";
import { MAX_LEGS } from "../../node/limits.ts";
import { parseChainBlock, type ChainBlock, type ChainBlockRejection } from "./block.ts";
import { quorumCertificateLayout, timeoutCertificateLayout } from "./certificates.ts";
import { MAX_TRANSACTION_BYTES } from "./limits.ts";
import { parseTransaction, type Transaction } from "./transaction.ts";

/** The first byte of a frame. */
export const CHAIN_MESSAGE = {
  TRANSACTION: 32,
  OFFER: 33,
  PROPOSE: 34,
  VOTE: 35,
  TIMEOUT: 36,
  STATUS: 37,
  GET: 38,
} as const;

const signature = bin<Signature>(64);

/** A swap to be endorsed by the receiver, with the members' instructions that the sender knows. */
const offerLayout = tuple({
  transaction: binUpTo(MAX_TRANSACTION_BYTES, 1),
  instructions: list(signedInstructionLayout, MAX_LEGS),
});

/** What the sender votes for; it goes to the leader of the next view. */
const voteLayout = tuple({ view: uint(), block: hashLayout, signature });

/** The sender's view has run out. Its `highView` is the view of the certificate beside it. */
const timeoutLayout = tuple({
  view: uint(),
  signature,
  highQc: quorumCertificateLayout,
});

/** Something that a bank signed, shown to it when it has restarted. */
const statementLayout = union({
  1: tuple({ kind: literal(1), view: uint(), block: hashLayout, signature }),
  2: tuple({ kind: literal(2), view: uint(), highView: uint(), signature }),
});

export const STATEMENT = { VOTE: 1, TIMEOUT: 2 } as const;
export type Statement = LayoutValue<typeof statementLayout>;

/** How far the sender is, and the newest thing that it knows the receiver to have signed. */
const statusLayout = tuple({
  highQc: quorumCertificateLayout,
  timeouts: nullable(timeoutCertificateLayout),
  yours: nullable(statementLayout),
});

/** Asks for a block and its ancestors, from above a height on. */
const getLayout = tuple({ tip: hashLayout, above: uint() });

export type ChainMessage =
  | { readonly kind: "transaction"; readonly transaction: Transaction }
  | {
      readonly kind: "offer";
      readonly transaction: Transaction;
      readonly instructions: readonly SignedInstruction[];
    }
  | { readonly kind: "propose"; readonly block: ChainBlock }
  | ({ readonly kind: "vote" } & LayoutValue<typeof voteLayout>)
  | ({ readonly kind: "timeout" } & LayoutValue<typeof timeoutLayout>)
  | ({ readonly kind: "status" } & LayoutValue<typeof statusLayout>)
  | ({ readonly kind: "get" } & LayoutValue<typeof getLayout>);

export type ChainMessageRejection =
  | CanonicalRejection
  | ChainBlockRejection
  | { readonly code: "message_unknown"; readonly kind: number };

type Fields<K extends ChainMessage["kind"]> = Omit<
  Extract<ChainMessage, { readonly kind: K }>,
  "kind"
>;

export const PROPOSE_PREFIX: Bytes = Uint8Array.of(CHAIN_MESSAGE.PROPOSE);

export const encodeTransactionMessage = (bytes: Bytes): Bytes =>
  prefixed(CHAIN_MESSAGE.TRANSACTION, bytes);
export const encodeOffer = (fields: LayoutValue<typeof offerLayout>): Bytes =>
  message(CHAIN_MESSAGE.OFFER, offerLayout, fields);
export const encodePropose = (block: ChainBlock): Bytes =>
  prefixed(CHAIN_MESSAGE.PROPOSE, block.bytes);
export const encodeVote = (fields: Fields<"vote">): Bytes =>
  message(CHAIN_MESSAGE.VOTE, voteLayout, fields);
export const encodeTimeout = (fields: Fields<"timeout">): Bytes =>
  message(CHAIN_MESSAGE.TIMEOUT, timeoutLayout, fields);
export const encodeStatus = (fields: Fields<"status">): Bytes =>
  message(CHAIN_MESSAGE.STATUS, statusLayout, fields);
export const encodeGetBlocks = (fields: Fields<"get">): Bytes =>
  message(CHAIN_MESSAGE.GET, getLayout, fields);

/** Bytes of one frame to a message. Total; hashes and structure are checked, signatures are not. */
export function parseChainMessage(
  frame: Bytes,
  genesis: Genesis,
): Outcome<ChainMessage, ChainMessageRejection> {
  const kind = frame[0] ?? 0;
  const body = frame.subarray(1);
  switch (kind) {
    case CHAIN_MESSAGE.TRANSACTION: {
      const transaction = parseTransaction(body, genesis);
      return transaction.ok
        ? ok({ kind: "transaction", transaction: transaction.value })
        : transaction;
    }
    case CHAIN_MESSAGE.OFFER: {
      const offer = decode(offerLayout, body);
      if (!offer.ok) return offer;
      const { instructions } = offer.value;
      const transaction = parseTransaction(offer.value.transaction, genesis);
      if (!transaction.ok) return transaction;
      return ok({ kind: "offer", transaction: transaction.value, instructions });
    }
    case CHAIN_MESSAGE.PROPOSE: {
      const block = parseChainBlock(body, genesis);
      return block.ok ? ok({ kind: "propose", block: block.value }) : block;
    }
    case CHAIN_MESSAGE.VOTE:
      return named("vote", decode(voteLayout, body));
    case CHAIN_MESSAGE.TIMEOUT:
      return named("timeout", decode(timeoutLayout, body));
    case CHAIN_MESSAGE.STATUS:
      return named("status", decode(statusLayout, body));
    case CHAIN_MESSAGE.GET:
      return named("get", decode(getLayout, body));
    default:
      return reject({ code: "message_unknown", kind });
  }
}

function named<K extends string, T, E>(
  kind: K,
  fields: Outcome<T, E>,
): Outcome<{ readonly kind: K } & T, E> {
  return fields.ok ? ok({ kind, ...fields.value }) : fields;
}

const message = <T>(kind: number, layout: Layout<T>, fields: T): Bytes =>
  prefixed(kind, encode(layout, fields));

function prefixed(kind: number, body: Bytes): Bytes {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = kind;
  bytes.set(body, 1);
  return bytes;
}
