import { concatBytes, equalBytes, u32, type Bytes } from "../../crypto/bytes.ts";
import {
  binUpTo,
  bin,
  decode,
  encode,
  list,
  literal,
  tuple,
  uint,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import type { CanonicalRejection } from "../../crypto/canonical-value.ts";
import {
  signedBytes,
  type EnrolledKey,
  type Signature,
  type Signer,
  type Verifier,
} from "../../crypto/ed25519.ts";
import { digest, digestParts, DOMAIN, equalHash, type Hash } from "../../crypto/hash.ts";
import { merkleRoot } from "../../crypto/merkle.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { bankLayout, hashLayout } from "../ids.ts";
import { MAX_BLOCK_ENTRIES, MAX_ENTRY_BYTES } from "../limits.ts";

export const BLOCK_VERSION = 1;

/** First bytes of the two forms: arrays of three and of four. */
export const PUBLIC_BLOCK_HEAD = 0x93;
const FULL_BLOCK_HEAD = 0x94;

/**
 * What a bank signs. `domesticRoot` commits to entries that never leave the bank, `corridorRoot` to
 * those that travel with the header (protocols.md 3.3; FORMAT.md, section 4).
 */
export const headerLayout = tuple({
  version: literal(BLOCK_VERSION),
  /** The genesis hash: a block of another corridor is never valid here. */
  net: hashLayout,
  bank: bankLayout,
  epoch: uint(0xffffffff),
  /** 1 for the first block. */
  seq: uint(),
  /** Hash of the block before, or 32 zero bytes. */
  prev: hashLayout,
  /** Milliseconds since the Unix epoch by the bank's clock; never below the block before. */
  timeMs: uint(),
  domesticRoot: hashLayout,
  corridorRoot: hashLayout,
  corridorCount: uint(MAX_BLOCK_ENTRIES),
});

export type Header = LayoutValue<typeof headerLayout>;

const MAX_HEADER_BYTES = 512;
const entriesLayout = list(binUpTo(MAX_ENTRY_BYTES, 1), MAX_BLOCK_ENTRIES);

const publicFields = {
  header: binUpTo(MAX_HEADER_BYTES, 1),
  signature: bin<Signature>(64),
  corridor: entriesLayout,
};

/** What travels and what peers keep. */
export const publicBlockLayout = tuple(publicFields);

/** What the bank's own journal keeps. */
export const fullBlockLayout = tuple({ ...publicFields, domestic: entriesLayout });

export interface Block {
  readonly header: Header;
  readonly headerBytes: Bytes;
  readonly hash: Hash;
  readonly signature: Signature;
  readonly corridor: readonly Bytes[];
}

export interface FullBlock extends Block {
  readonly domestic: readonly Bytes[];
}

export type BlockRejection =
  | CanonicalRejection
  | { readonly code: "wrong_corridor" }
  | { readonly code: "unknown_signer"; readonly bank: number; readonly epoch: number }
  | { readonly code: "root_mismatch"; readonly which: "corridor" | "domestic" }
  | { readonly code: "signature_invalid"; readonly bank: number; readonly seq: number };

export interface SealRequest {
  readonly net: Hash;
  readonly bank: number;
  readonly epoch: number;
  readonly seq: number;
  readonly prev: Hash;
  readonly timeMs: number;
  readonly corridor: readonly Bytes[];
  readonly domestic: readonly Bytes[];
}

/** Makes and signs a block. */
export function sealBlock(request: SealRequest, signer: Signer): FullBlock {
  const { corridor, domestic, ...position } = request;
  const header: Header = {
    version: BLOCK_VERSION,
    ...position,
    domesticRoot: domesticRoot(domestic),
    corridorRoot: merkleRoot(corridor),
    corridorCount: corridor.length,
  };
  const headerBytes = encode(headerLayout, header);
  const signature = signer.sign(signedBytes(DOMAIN.block, headerBytes));
  return { header, headerBytes, hash: digest(headerBytes), signature, corridor, domestic };
}

/** The block as peers know it. */
export function publicPartOf({ header, headerBytes, hash, signature, corridor }: Block): Block {
  return { header, headerBytes, hash, signature, corridor };
}

/** The root over domestic entries, which also hides their number (FORMAT.md, section 4). */
export const domesticRoot = (entries: readonly Bytes[]): Hash =>
  digestParts(DOMAIN.domestic, u32(entries.length), merkleRoot(entries));

/** The bytes of a block as the journal keeps it, and as it travels: the same fields without the last. */
export function encodeBothForms(block: FullBlock): {
  readonly full: Bytes;
  readonly publicBytes: Bytes;
} {
  const publicBytes = encodePublicBlock(block);
  const domestic = encode(entriesLayout, block.domestic);
  const full = concatBytes(publicBytes, domestic);
  full[0] = FULL_BLOCK_HEAD;
  return { full, publicBytes };
}

export const encodePublicBlock = (block: Block): Bytes =>
  encode(publicBlockLayout, {
    header: block.headerBytes,
    signature: block.signature,
    corridor: block.corridor,
  });

/** A block taken apart, its roots checked against its entries; its signature is not yet checked. */
export function parsePublicBlock(bytes: Bytes): Outcome<Block, BlockRejection> {
  const parts = decode(publicBlockLayout, bytes);
  if (!parts.ok) return parts;
  return assemble(parts.value);
}

export function parseFullBlock(bytes: Bytes): Outcome<FullBlock, BlockRejection> {
  const parts = decode(fullBlockLayout, bytes);
  if (!parts.ok) return parts;
  const block = assemble(parts.value);
  if (!block.ok) return block;
  const { domestic } = parts.value;
  if (!equalHash(block.value.header.domesticRoot, domesticRoot(domestic))) {
    return reject({ code: "root_mismatch", which: "domestic" });
  }
  return ok({ ...block.value, domestic });
}

/** Finds the key under which a bank signs in an epoch; `undefined` when it is not in the corridor. */
export type KeyOf = (bank: number, epoch: number) => EnrolledKey | undefined;

export interface SignatureContext {
  readonly net: Hash;
  readonly keyOf: KeyOf;
  readonly verifier: Verifier;
}

/** Checks that the block belongs to this corridor and that its bank signed it. */
export function checkBlockSignature(
  block: Block,
  context: SignatureContext,
): Outcome<{ readonly slow: boolean }, BlockRejection> {
  const { header, headerBytes, signature } = block;
  if (!equalHash(header.net, context.net)) return reject({ code: "wrong_corridor" });
  const { bank, epoch, seq } = header;
  const key = context.keyOf(bank, epoch);
  if (key === undefined) return reject({ code: "unknown_signer", bank, epoch });
  const { valid, slow } = context.verifier.verify(
    key,
    signedBytes(DOMAIN.block, headerBytes),
    signature,
  );
  return valid ? ok({ slow }) : reject({ code: "signature_invalid", bank, seq });
}

/** Whether two blocks are one and the same: the header decides, signatures may differ. */
export const sameBlock = (a: Block, b: Block): boolean => equalBytes(a.headerBytes, b.headerBytes);

function assemble(parts: LayoutValue<typeof publicBlockLayout>): Outcome<Block, BlockRejection> {
  const header = decode(headerLayout, parts.header);
  if (!header.ok) return header;
  const { signature, corridor } = parts;
  if (
    header.value.corridorCount !== corridor.length ||
    !equalHash(header.value.corridorRoot, merkleRoot(corridor))
  ) {
    return reject({ code: "root_mismatch", which: "corridor" });
  }
  return ok({
    header: header.value,
    headerBytes: parts.header,
    hash: digest(parts.header),
    signature,
    corridor,
  });
}
