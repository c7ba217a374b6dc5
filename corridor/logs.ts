import type { Bytes } from "../crypto/bytes.ts";
import { equalHash, HASH_BYTES, ZERO_HASH, type Hash } from "../crypto/hash.ts";
import type { Signature } from "../crypto/ed25519.ts";
import type { StoredBlock } from "../node/machine.ts";
import type { Block } from "../node/ledger/block.ts";
import {
  MAX_BLOCKS_BEYOND_GAP,
  MAX_BRANCH_BLOCKS_PER_BANK,
  MAX_RECENT_HEADERS,
  MAX_WANTED_BLOCKS_PER_BANK,
} from "./limits.ts";

/** A block that is held: its hash, and where its public fields stand in the own journal. */
export interface HeldBlock {
  readonly hash: Hash;
  readonly prev: Hash;
  /** `undefined` until the journal has it. */
  stored: StoredBlock | undefined;
}

/**
 * What a bank holds of one bank's log (its own or a peer's). `chain[seq - 1]` is the block `seq` of
 * the branch seen first, linked without a gap; others wait in `beyond` or stand in `branches`.
 */
export interface BankLog {
  readonly bank: number;
  /** Hashes of the linked blocks, 32 bytes each. */
  hashes: Uint8Array;
  /** Journal offset and length of each linked block; offset 0 when the journal does not have it yet. */
  offsets: Float64Array;
  lengths: Uint32Array;
  /** Number of linked blocks. */
  linked: number;
  readonly beyond: Map<number, HeldBlock>;
  readonly branches: BranchBlock[];
  /** Headers of the last blocks of the first branch, by seq: the other half of EVIDENCE. */
  readonly recent: Map<number, SignedHeader>;
  /** The highest block held, linked or not, as it is shown to its author. */
  newest: (SignedHeader & { readonly seq: number }) | undefined;
}

export interface SignedHeader {
  readonly header: Bytes;
  readonly signature: Signature;
}

/** A block that does not stand in the linked chain or before it beyond a gap. */
interface BranchBlock {
  readonly seq: number;
  readonly block: HeldBlock;
  readonly signed: SignedHeader | undefined;
}

export function newBankLog(bank: number): BankLog {
  return {
    bank,
    hashes: new Uint8Array(32 * 64),
    offsets: new Float64Array(64),
    lengths: new Uint32Array(64),
    linked: 0,
    beyond: new Map(),
    branches: [],
    recent: new Map(),
    newest: undefined,
  };
}

/** The hash of the block `seq` of the branch seen first; 32 zero bytes for 0; `undefined` when not held. */
export function hashAt(log: BankLog, seq: number): Hash | undefined {
  if (seq === 0) return ZERO_HASH;
  if (seq <= log.linked) return log.hashes.subarray((seq - 1) * 32, seq * 32) as Hash;
  return log.beyond.get(seq)?.hash;
}

export const headHash = (log: BankLog): Hash => hashAt(log, log.linked) ?? ZERO_HASH;

export function holds(log: BankLog, seq: number, hash: Hash): boolean {
  const isFirst =
    seq >= 1 && seq <= log.linked ? isLinked(log, seq, hash) : isWaiting(log, seq, hash);
  if (isFirst) return true;
  return log.branches.some((b) => b.seq === seq && equalHash(b.block.hash, hash));
}

/** Whether the linked chain has this hash there; every certificate asks it of each block that it names. */
function isLinked(log: BankLog, seq: number, hash: Hash): boolean {
  const first = (seq - 1) * HASH_BYTES;
  for (let i = 0; i < HASH_BYTES; i++) if (log.hashes[first + i] !== hash[i]) return false;
  return true;
}

function isWaiting(log: BankLog, seq: number, hash: Hash): boolean {
  const waiting = hashAt(log, seq);
  return waiting !== undefined && equalHash(waiting, hash);
}

/** Where to read every block of this height, on whichever branch, that the journal has. */
export function storedAtHeight(log: BankLog, seq: number): readonly StoredBlock[] {
  const first = storedAt(log, seq, null);
  const others = log.branches.filter((b) => b.seq === seq).map((b) => b.block.stored);
  return [first, ...others].filter((stored) => stored !== undefined);
}

/** Where to read a block for a peer; `undefined` when it is not held or not yet in the journal. */
export function storedAt(log: BankLog, seq: number, tip: Hash | null): StoredBlock | undefined {
  const first = hashAt(log, seq);
  if (tip !== null && (first === undefined || !equalHash(first, tip))) {
    return log.branches.find((b) => b.seq === seq && equalHash(b.block.hash, tip))?.block.stored;
  }
  if (seq < 1 || seq > log.linked) return log.beyond.get(seq)?.stored;
  const offset = log.offsets[seq - 1] as number;
  return offset === 0 ? undefined : { offset, length: log.lengths[seq - 1] as number };
}

export type Placement =
  /** The next block of the linked chain (others may have followed from `beyond`). */
  | "linked"
  /** Beyond a gap: kept until the gap is filled. */
  | "beyond"
  /** Another block stands at this height, or the block does not follow the one before: a fork. */
  | "branch"
  | "duplicate"
  | "refused";

/**
 * Another block of this height that is held: with the new one it convicts their author. Its header is
 * `undefined` when it lies too far back to be at hand. `undefined` when there is no such block.
 */
export function rivalOf(
  log: BankLog,
  block: Block,
): { readonly signed: SignedHeader | undefined } | undefined {
  const { seq } = block.header;
  const first = hashAt(log, seq);
  if (first !== undefined && !equalHash(first, block.hash)) return { signed: log.recent.get(seq) };
  return log.branches.find((b) => b.seq === seq && !equalHash(b.block.hash, block.hash));
}

/**
 * Puts a validly signed block in its place. What nobody asked for is kept within narrow bounds, lest a
 * bank that forks its log fills the disk; a `wanted` block is one that an entry of a bank refers to.
 */
export function placeBlock(log: BankLog, block: Block, wanted: boolean): Placement {
  const { seq, prev } = block.header;
  const far = seq > log.linked + MAX_BLOCKS_BEYOND_GAP;
  if (seq < 1 || (far && !wanted)) return "refused";
  if (holds(log, seq, block.hash)) return "duplicate";
  const signed = copyOfHeader(block);
  if (log.newest === undefined || log.newest.seq < seq) log.newest = { seq, ...signed };
  const held: HeldBlock = { hash: block.hash, prev, stored: undefined };
  const before = hashAt(log, seq - 1);
  const conflicts = hashAt(log, seq) !== undefined;
  const unlinked = before !== undefined && !equalHash(before, prev);
  if (conflicts || unlinked || far) {
    const room = wanted ? MAX_WANTED_BLOCKS_PER_BANK : MAX_BRANCH_BLOCKS_PER_BANK;
    if (log.branches.length >= room) return "refused";
    log.branches.push({ seq, block: held, signed });
    return far ? "beyond" : "branch";
  }
  log.recent.set(seq, signed);
  log.recent.delete(seq - MAX_RECENT_HEADERS);
  if (seq > log.linked + 1) {
    log.beyond.set(seq, held);
    return "beyond";
  }
  link(log, held);
  followUp(log);
  return "linked";
}

/** Notes where the journal keeps a block that is held. */
export function markStored(log: BankLog, seq: number, hash: Hash, stored: StoredBlock): void {
  const linked = seq <= log.linked && equalHash(hashAt(log, seq) as Hash, hash);
  if (linked) {
    log.offsets[seq - 1] = stored.offset;
    log.lengths[seq - 1] = stored.length;
    return;
  }
  const waiting = log.beyond.get(seq);
  if (waiting !== undefined && equalHash(waiting.hash, hash)) {
    waiting.stored = stored;
    return;
  }
  const branch = log.branches.find((b) => b.seq === seq && equalHash(b.block.hash, hash));
  if (branch !== undefined) branch.block.stored = stored;
}

/** Links what waited for the block that was linked last; what waited for another one is a branch. */
function followUp(log: BankLog): void {
  for (;;) {
    const seq = log.linked + 1;
    const next = log.beyond.get(seq);
    log.beyond.delete(seq);
    if (next !== undefined && equalHash(next.prev, headHash(log))) {
      link(log, next);
      continue;
    }
    if (next !== undefined && log.branches.length < MAX_WANTED_BLOCKS_PER_BANK) {
      log.branches.push({ seq, block: next, signed: log.recent.get(seq) });
    }
    const at = log.branches.findIndex(
      (b) => b.seq === seq && equalHash(b.block.prev, headHash(log)),
    );
    const [follower] = at < 0 ? [] : log.branches.splice(at, 1);
    if (follower === undefined) return;
    if (follower.signed !== undefined) log.recent.set(seq, follower.signed);
    link(log, follower.block);
  }
}

function link(log: BankLog, block: HeldBlock): void {
  const at = log.linked++;
  if (at >= log.offsets.length) growColumns(log);
  log.hashes.set(block.hash, at * 32);
  log.offsets[at] = block.stored?.offset ?? 0;
  log.lengths[at] = block.stored?.length ?? 0;
}

function growColumns(log: BankLog): void {
  const rows = log.offsets.length * 2;
  const hashes = new Uint8Array(rows * 32);
  hashes.set(log.hashes);
  const offsets = new Float64Array(rows);
  offsets.set(log.offsets);
  const lengths = new Uint32Array(rows);
  lengths.set(log.lengths);
  Object.assign(log, { hashes, offsets, lengths });
}

/** Copies: a view would keep the whole message that the block came in. */
const copyOfHeader = ({ headerBytes, signature }: Block): SignedHeader => ({
  header: headerBytes.slice(),
  signature: signature.slice() as Signature,
});
