import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, equalBytes, type Bytes } from "../../crypto/bytes.ts";
import { digest, type Hash } from "../../crypto/hash.ts";
import {
  inclusionProof,
  leafHash,
  merkleRoot,
  rootOfHashes,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
} from "../../crypto/merkle.ts";
import { bytesNamed, flipBit, hex } from "../bytes.ts";
import { holds } from "../property.ts";

const LARGEST = 70;
const leaves = Array.from({ length: LARGEST }, (_, i) => bytesNamed(`leaf ${i}`).subarray(0, i));

// --- The definitions of RFC 6962, word for word, over the leaves from `lo` up to `hi`.

const inner = (left: Hash, right: Hash): Hash => digest(concatBytes(hex("01"), left, right));

/** Where a tree of two leaves or more is split: the largest power of two below n (section 2.1). */
const splitOf = (n: number): number => (n <= 2 ? 1 : 2 * splitOf(Math.ceil(n / 2)));

/** MTH(D[n]), section 2.1. */
function definedRoot(lo: number, hi: number): Hash {
  const known = roots.get(`${lo} ${hi}`);
  if (known !== undefined) return known;
  const root = ((): Hash => {
    if (lo === hi) return digest(new Uint8Array());
    if (hi - lo === 1) return digest(concatBytes(hex("00"), leaves[lo] as Bytes));
    const middle = lo + splitOf(hi - lo);
    return inner(definedRoot(lo, middle), definedRoot(middle, hi));
  })();
  roots.set(`${lo} ${hi}`, root);
  return root;
}
const roots = new Map<string, Hash>();

/** PATH(m, D[n]), section 2.1.1. */
function definedPath(leaf: number, lo: number, hi: number): readonly Hash[] {
  if (hi - lo === 1) return [];
  const middle = lo + splitOf(hi - lo);
  return leaf < middle
    ? [...definedPath(leaf, lo, middle), definedRoot(middle, hi)]
    : [...definedPath(leaf, middle, hi), definedRoot(lo, middle)];
}

/** SUBPROOF(m, D[n], b), section 2.1.2, where the old tree ends at `end`; PROOF has b = true. */
function definedProof(end: number, lo: number, hi: number, whole = true): readonly Hash[] {
  if (end === hi) return whole ? [] : [definedRoot(lo, hi)];
  const middle = lo + splitOf(hi - lo);
  return end <= middle
    ? [...definedProof(end, lo, middle, whole), definedRoot(middle, hi)]
    : [...definedProof(end, middle, hi, false), definedRoot(lo, middle)];
}

describe("RFC 6962", () => {
  it("the published roots of the first trees", () => {
    expect(bytesToHex(merkleRoot([]))).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(bytesToHex(leafHash(new Uint8Array()))).toBe(
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
  });

  it(`merkleRoot is the recursive definition, for every size up to ${LARGEST}`, () => {
    for (let n = 0; n <= LARGEST; n++) {
      const root = bytesToHex(definedRoot(0, n));
      expect(bytesToHex(merkleRoot(leaves.slice(0, n)))).toBe(root);
      expect(bytesToHex(rootOfHashes(leaves.slice(0, n).map(leafHash)))).toBe(root);
    }
  });

  it("leaves, inner nodes and the order of leaves are told apart", () => {
    const [a, b] = [leafHash(hex("aa")), leafHash(hex("bb"))];
    const roots = [
      merkleRoot([hex("aa"), hex("bb")]),
      merkleRoot([hex("bb"), hex("aa")]),
      merkleRoot([hex("aabb")]),
      merkleRoot([concatBytes(a, b)]),
      merkleRoot([concatBytes(hex("01"), a, b)]),
      merkleRoot([hex("aa"), hex("bb"), new Uint8Array()]),
      merkleRoot([hex("aa"), hex("bb"), hex("bb")]),
    ];
    expect(new Set(roots.map(bytesToHex)).size).toBe(roots.length);
  });
});

describe("published proofs (B13)", () => {
  interface Published {
    readonly leafIdx: number;
    readonly treeSize: number;
    readonly leafHash: string;
    readonly root: string;
    readonly size1: number;
    readonly size2: number;
    readonly root1: string;
    readonly root2: string;
    readonly proof: readonly string[] | null;
    readonly wantErr: boolean;
  }
  const folder = join(import.meta.dirname, "../vectors/rfc6962-merkle");
  const casesIn = (kind: string) =>
    readdirSync(join(folder, kind), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => {
        const text = readFileSync(join(folder, kind, name), "utf8");
        const published = JSON.parse(text) as Published;
        return { name, published, verdict: published.wantErr ? "refused" : "proved" };
      });
  const base64 = (text: string): Hash =>
    Uint8Array.from(Buffer.from(text, "base64")) as Bytes as Hash;
  const pathOf = ({ proof }: Published): readonly Hash[] => (proof ?? []).map(base64);

  const inclusion = casesIn("inclusion");
  const consistency = casesIn("consistency");

  it("are 98 of each kind, and 184 must be refused", () => {
    expect([inclusion.length, consistency.length]).toEqual([98, 98]);
    const refused = [...inclusion, ...consistency].filter(({ published }) => published.wantErr);
    expect(refused).toHaveLength(184);
  });

  it.each(inclusion)("inclusion/$name: $verdict", ({ published, verdict }) => {
    const proved = verifyInclusion({
      index: published.leafIdx,
      size: published.treeSize,
      leafHash: base64(published.leafHash),
      path: pathOf(published),
      root: base64(published.root),
    });
    expect(proved).toBe(verdict === "proved");
  });

  it.each(consistency)("consistency/$name: $verdict", ({ published, verdict }) => {
    const proved = verifyConsistency({
      size1: published.size1,
      size2: published.size2,
      root1: base64(published.root1),
      root2: base64(published.root2),
      path: pathOf(published),
    });
    expect(proved).toBe(verdict === "proved");
  });
});

/** Every way to change a proof a little; an unchanged copy is left out. */
function* damagedPaths(path: readonly Hash[]): Generator<readonly Hash[]> {
  const other = bytesNamed("other hash");
  for (let i = 0; i <= path.length; i++) {
    yield path.toSpliced(i, 0, other);
    if (i === path.length) break;
    yield path.toSpliced(i, 1);
    yield path.with(i, other);
    yield path.with(i, flipBit(path[i] as Hash, 7 * i) as Hash);
    const next = path[i + 1];
    if (next !== undefined) yield path.with(i, next).with(i + 1, path[i] as Hash);
  }
}

describe("inclusion", () => {
  const claimOf = (size: number, index: number): InclusionClaim => {
    const tree = leaves.slice(0, size);
    return {
      index,
      size,
      leafHash: leafHash(tree[index] as Bytes),
      path: inclusionProof(tree, index),
      root: definedRoot(0, size),
    };
  };
  const claims = Array.from({ length: LARGEST }, (_, n) => n + 1).flatMap((size) =>
    Array.from({ length: size }, (_, index) => claimOf(size, index)),
  );

  it("every leaf of every tree is proved, by the path of the definition", () => {
    for (const claim of claims) {
      expect(verifyInclusion(claim)).toBe(true);
      const path = definedPath(claim.index, 0, claim.size);
      expect(claim.path.map(bytesToHex)).toEqual(path.map(bytesToHex));
    }
  });

  it("every change of a proof is noticed", () => {
    const accepted: InclusionClaim[] = [];
    const expectRefused = (claim: InclusionClaim): void => {
      if (verifyInclusion(claim)) accepted.push(claim);
    };
    for (const claim of claims) {
      for (const path of damagedPaths(claim.path)) expectRefused({ ...claim, path });
      expectRefused({ ...claim, leafHash: bytesNamed("other leaf") });
      expectRefused({ ...claim, root: bytesNamed("other root") });
      expectRefused({ ...claim, index: claim.size });
    }
    expect(accepted).toEqual([]);
  });

  /** The sides from which siblings join on the way up from a leaf. */
  const wayUp = (index: bigint, size: bigint): readonly ("left" | "right")[] => {
    const sides: ("left" | "right")[] = [];
    for (let at = index, last = size - 1n; last > 0n; at >>= 1n, last >>= 1n) {
      if (at % 2n === 1n) sides.push("left");
      else if (at < last) sides.push("right");
    }
    return sides;
  };

  it("a path fits exactly the places from which the way up is the same", () => {
    const sidesOf = (index: number, size: number) => wayUp(BigInt(index), BigInt(size)).join();
    for (const claim of claims.filter(({ size }) => size <= 13)) {
      for (let size = 1; size <= 17; size++) {
        for (let index = 0; index < size; index++) {
          const fits = sidesOf(index, size) === sidesOf(claim.index, claim.size);
          expect(verifyInclusion({ ...claim, index, size })).toBe(fits);
        }
      }
    }
  });

  it.each([
    [2 ** 53 - 1, 0],
    [2 ** 53 - 1, 2 ** 53 - 2],
    [2 ** 53 - 1, 2 ** 52],
    [2 ** 52, 2 ** 51 + 12_345],
    [2 ** 32 + 1, 2 ** 32],
  ])("in a tree of %d leaves, leaf %d is proved", (size, index) => {
    const leaf = bytesNamed("a leaf");
    const sides = wayUp(BigInt(index), BigInt(size));
    const path = sides.map((_, i) => bytesNamed(`sibling ${i}`));
    const root = path.reduce(
      (hash, sibling, i) => (sides[i] === "left" ? inner(sibling, hash) : inner(hash, sibling)),
      leaf,
    );
    expect(verifyInclusion({ index, size, leafHash: leaf, path, root })).toBe(true);
    expect(verifyInclusion({ index, size, leafHash: leaf, path: path.slice(1), root })).toBe(false);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)])(
    "index or size %d is refused",
    (n) => {
      expect(verifyInclusion({ ...claimOf(4, 2), index: n })).toBe(false);
      expect(verifyInclusion({ ...claimOf(4, 2), size: n })).toBe(false);
    },
  );
});

describe("consistency", () => {
  const claimOf = (size1: number, size2: number): ConsistencyClaim => ({
    size1,
    size2,
    root1: definedRoot(0, size1),
    root2: definedRoot(0, size2),
    path: definedProof(size1, 0, size2),
  });
  const claims = Array.from({ length: LARGEST }, (_, n) => n + 1).flatMap((size2) =>
    Array.from({ length: size2 }, (_, n) => claimOf(n + 1, size2)),
  );

  it("the proof of the definition is accepted, for every pair of sizes", () => {
    expect(claims.filter((claim) => !verifyConsistency(claim))).toEqual([]);
  });

  it("every change of a proof is noticed", () => {
    const accepted: ConsistencyClaim[] = [];
    const expectRefused = (claim: ConsistencyClaim): void => {
      if (verifyConsistency(claim)) accepted.push(claim);
    };
    for (const claim of claims) {
      for (const path of damagedPaths(claim.path)) expectRefused({ ...claim, path });
      expectRefused({ ...claim, root1: bytesNamed("other root") });
      expectRefused({ ...claim, root2: bytesNamed("other root") });
      expectRefused({ ...claim, size1: 0 });
      expectRefused({ ...claim, size1: claim.size2 + 1 });
      if (!equalBytes(claim.root1, claim.root2)) {
        expectRefused({ ...claim, root1: claim.root2, root2: claim.root1 });
      }
    }
    expect(accepted).toEqual([]);
  });
});

it("a hash of another length is refused, wherever it stands", () => {
  const [a, b] = [leafHash(hex("aa")), leafHash(hex("bb"))];
  const claim = { index: 0, size: 2, leafHash: a, path: [b], root: inner(a, b) };
  const pair = { size1: 1, size2: 2, root1: a, root2: inner(a, b), path: [b] };
  expect(verifyInclusion(claim)).toBe(true);
  expect(verifyConsistency(pair)).toBe(true);
  for (const length of [0, 31, 33, 64, 100]) {
    const odd = new Uint8Array(length) as Bytes as Hash;
    expect(verifyInclusion({ ...claim, leafHash: odd })).toBe(false);
    expect(verifyInclusion({ ...claim, path: [odd] })).toBe(false);
    expect(verifyInclusion({ ...claim, size: 1, leafHash: odd, path: [], root: odd })).toBe(false);
    expect(verifyConsistency({ ...pair, root1: odd })).toBe(false);
    expect(verifyConsistency({ ...pair, path: [odd] })).toBe(false);
  }
});

it("verification is total: any claim gets a yes or a no", () => {
  const hash = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => bytes as Bytes as Hash);
  const path = fc.array(hash, { maxLength: 60 });
  const number = fc.oneof(fc.nat(100), fc.maxSafeInteger(), fc.double());
  holds(
    fc.property(number, number, hash, hash, path, (a, b, first, second, path) => {
      const claim = { index: a, size: b, leafHash: first, path, root: second };
      expect(verifyInclusion(claim)).toBe(false);
      const pair = { size1: a, size2: b, root1: first, root2: second, path };
      const trivial = a === b && Number.isSafeInteger(a) && a > 0 && path.length === 0;
      expect(verifyConsistency(pair)).toBe(trivial && equalBytes(first, second));
    }),
    1_000,
  );
});
