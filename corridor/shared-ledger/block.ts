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
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { CanonicalRejection } from "../../crypto/canonical-value.ts";
import { signedBytes, type Signature, type Signer } from "../../crypto/ed25519.ts";
import { digestParts, DOMAIN, equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import { merkleRoot } from "../../crypto/merkle.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Genesis } from "../../node/genesis.ts";
import { hashLayout } from "../../node/ids.ts";
import {
  quorumCertificateLayout,
  timeoutCertificateLayout,
  type Electorate,
} from "./certificates.ts";
import { MAX_BLOCK_TRANSACTIONS, MAX_CHAIN_HEADER_BYTES, MAX_TRANSACTION_BYTES } from "./limits.ts";
import { parseTransaction, type Transaction, type TransactionRejection } from "./transaction.ts";

const CHAIN_VERSION = 1;

/** What a leader signs and validators vote for (protocols.md 2.3, step 2). */
const chainHeaderLayout = tuple({
  version: literal(CHAIN_VERSION),
  net: hashLayout,
  view: uint(),
  /** One more than the parent's. */
  height: uint(),
  /** The certificate of the parent: the block names its parent by it. */
  justify: quorumCertificateLayout,
  /** Why the view before failed, when `justify` is not of that view. */
  timeouts: nullable(timeoutCertificateLayout),
  /** By the leader's clock, in milliseconds since the Unix epoch; never below the parent's. */
  timeMs: uint(),
  /** The highest block that the certificates up to `justify` make final, and the results up to there. */
  finalHeight: uint(),
  finalRoot: hashLayout,
  transactionRoot: hashLayout,
  transactionCount: uint(MAX_BLOCK_TRANSACTIONS),
});

export type ChainHeader = LayoutValue<typeof chainHeaderLayout>;

const chainBlockLayout = tuple({
  header: binUpTo(MAX_CHAIN_HEADER_BYTES, 1),
  /** The leader's. */
  signature: bin<Signature>(64),
  transactions: list(binUpTo(MAX_TRANSACTION_BYTES, 1), MAX_BLOCK_TRANSACTIONS),
});

export interface ChainBlock {
  readonly header: ChainHeader;
  readonly headerBytes: Bytes;
  readonly hash: Hash;
  readonly key: string;
  readonly signature: Signature;
  readonly transactions: readonly Transaction[];
  /** As it travels and as the journal keeps it. */
  readonly bytes: Bytes;
}

export type ChainBlockRejection =
  CanonicalRejection | TransactionRejection | { readonly code: "root_mismatch" };

const chainHash = (headerBytes: Bytes): Hash => digestParts(DOMAIN.chainBlock, headerBytes);

/** The leader of a view, when each leads `term` views in a row: with a term of 1, v mod n. */
export function leaderOf({ banks }: Genesis, view: number, term: number): number {
  const bank = banks[Math.floor(view / term) % banks.length];
  return bank?.number ?? 0;
}

/** The last view of the term that a view belongs to. */
export const lastOfTerm = (view: number, term: number): number =>
  (Math.floor(view / term) + 1) * term - 1;

/** Makes and signs a block. */
export function sealChainBlock(
  header: Omit<ChainHeader, "version" | "transactionRoot" | "transactionCount">,
  transactions: readonly Transaction[],
  signer: Signer,
): ChainBlock {
  const list = transactions.map(({ bytes }) => bytes);
  const sealed: ChainHeader = {
    version: CHAIN_VERSION,
    ...header,
    transactionRoot: merkleRoot(list),
    transactionCount: list.length,
  };
  const headerBytes = encode(chainHeaderLayout, sealed);
  const signature = signer.sign(signedBytes(DOMAIN.chainBlock, headerBytes));
  const hash = chainHash(headerBytes);
  const bytes = encode(chainBlockLayout, { header: headerBytes, signature, transactions: list });
  return { header: sealed, headerBytes, hash, key: hashKey(hash), signature, transactions, bytes };
}

/** A block taken apart, its root checked against its transactions; no signature is checked yet. */
export function parseChainBlock(
  bytes: Bytes,
  genesis: Genesis,
): Outcome<ChainBlock, ChainBlockRejection> {
  const parts = decode(chainBlockLayout, bytes);
  if (!parts.ok) return parts;
  const { header: headerBytes, signature, transactions: list } = parts.value;
  const header = decode(chainHeaderLayout, headerBytes);
  if (!header.ok) return header;
  const { net, transactionCount, transactionRoot } = header.value;
  if (!equalHash(net, genesis.net)) return reject({ code: "wrong_corridor" });
  if (transactionCount !== list.length || !equalHash(transactionRoot, merkleRoot(list))) {
    return reject({ code: "root_mismatch" });
  }
  const transactions: Transaction[] = [];
  for (const one of list) {
    const transaction = parseTransaction(one, genesis);
    if (!transaction.ok) return transaction;
    transactions.push(transaction.value);
  }
  const hash = chainHash(headerBytes);
  const key = hashKey(hash);
  return ok({ header: header.value, headerBytes, hash, key, signature, transactions, bytes });
}

/** Whether the leader of the block's view signed it. */
export function isProposedByLeader(
  { genesis, banks, verifier }: Electorate,
  { header, headerBytes, signature }: ChainBlock,
  term: number,
): boolean {
  const key = banks.get(leaderOf(genesis, header.view, term))?.ledgerKey;
  if (key === undefined) return false;
  return verifier.verify(key, signedBytes(DOMAIN.chainBlock, headerBytes), signature).valid;
}
