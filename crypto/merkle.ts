import { EMPTY_BYTES, type Bytes } from "./bytes.ts";
import { digest, digestParts, equalHash, isHash, type Hash } from "./hash.ts";

/**
 * Merkle trees of RFC 6962, section 2.1: leaves are hashed with prefix 0x00, inner nodes with 0x01,
 * and the tree over no leaves has the hash of the empty string.
 */
export function merkleRoot(leaves: readonly Bytes[]): Hash {
  return rootOfHashes(leaves.map(leafHash));
}

/** The root over leaf hashes that are already computed. */
export function rootOfHashes(hashes: readonly Hash[]): Hash {
  if (hashes.length === 0) return EMPTY_ROOT;
  let level = hashes;
  while (level.length > 1) {
    const next: Hash[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      next.push(innerHash(level[i] as Hash, level[i + 1] as Hash));
    }
    if (level.length % 2 === 1) next.push(level[level.length - 1] as Hash);
    level = next;
  }
  return level[0] as Hash;
}

export function leafHash(leaf: Bytes): Hash {
  return digestParts(LEAF_PREFIX, leaf);
}

/** The audit path of the leaf at `index`, from the leaf upwards (RFC 6962, section 2.1.1). */
export function inclusionProof(leaves: readonly Bytes[], index: number): readonly Hash[] {
  const path: Hash[] = [];
  let level: readonly Hash[] = leaves.map(leafHash);
  let at = index;
  while (level.length > 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    const next: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const right = level[i + 1];
      next.push(right === undefined ? (level[i] as Hash) : innerHash(level[i] as Hash, right));
    }
    level = next;
    at >>= 1;
  }
  return path;
}

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Hash;
  readonly path: readonly Hash[];
  readonly root: Hash;
}

/** RFC 9162, section 2.1.3.2. Sizes up to 2^53 - 1. Total: any claim gets a yes or a no. */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { index, size, path, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return false;
  if (index < 0 || index >= size) return false;
  if (![claim.leafHash, root, ...path].every(isHash)) return false;
  let fn = index;
  let sn = size - 1;
  let hash = claim.leafHash;
  for (const sibling of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = innerHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = innerHash(hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalHash(hash, root);
}

export interface ConsistencyClaim {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Hash;
  readonly root2: Hash;
  readonly path: readonly Hash[];
}

/** RFC 9162, section 2.1.4.2; a claim that starts from the empty tree is refused. Total. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { size1, size2, root1, root2, path } = claim;
  if (!Number.isSafeInteger(size1) || !Number.isSafeInteger(size2)) return false;
  if (size1 < 1 || size1 > size2) return false;
  if (size1 === size2) return path.length === 0 && equalHash(root1, root2);
  if (path.length === 0 || ![root1, root2, ...path].every(isHash)) return false;
  const proof = isPowerOfTwo(size1) ? [root1, ...path] : path;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  let first = proof[0] as Hash;
  let second = first;
  for (const hash of proof.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      first = innerHash(hash, first);
      second = innerHash(hash, second);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      second = innerHash(second, hash);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalHash(first, root1) && equalHash(second, root2);
}

function innerHash(left: Hash, right: Hash): Hash {
  INNER_SCRATCH.set(left, 1);
  INNER_SCRATCH.set(right, 33);
  return digest(INNER_SCRATCH);
}

function isPowerOfTwo(n: number): boolean {
  let m = n;
  while (m % 2 === 0) m /= 2;
  return m === 1;
}

const EMPTY_ROOT = digest(EMPTY_BYTES);

const LEAF_PREFIX = Uint8Array.of(0);

/** Where an inner hash's input is put together; a block has hundreds. */
const INNER_SCRATCH = Uint8Array.of(1, ...new Uint8Array(64));
