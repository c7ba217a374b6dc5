import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import { acceleratedVerifier, type Signature, type Verifier } from "../../crypto/ed25519.ts";
import { digest, DOMAIN, hashKey, ZERO_HASH } from "../../crypto/hash.ts";
import { merkleRoot } from "../../crypto/merkle.ts";
import {
  checkBlockSignature,
  domesticRoot,
  encodeBothForms,
  encodePublicBlock,
  fullBlockLayout,
  headerLayout,
  parseFullBlock,
  parsePublicBlock,
  sameBlock,
  sealBlock,
  type Block,
  type FullBlock,
  type Header,
  type SealRequest,
} from "../../node/ledger/block.ts";
import { encodeRecord, LEDGER_MAGIC, OWN_BLOCK, PEER_BLOCK } from "../../node/ledger/record.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { bitsOf, bytesNamed, flipBit, hex } from "../bytes.ts";
import { holds } from "../property.ts";

const signer = opensslSigner(bytesNamed("bank 7"));
const stranger = opensslSigner(bytesNamed("somebody else"));
const verifier = acceleratedVerifier(opensslVerifier());
const net = bytesNamed("genesis");

const request: SealRequest = {
  net,
  bank: 7,
  epoch: 0,
  seq: 2,
  prev: bytesNamed("block 1"),
  timeMs: 1_767_225_600_000,
  corridor: [hex("9205c40101"), hex("9207c40102")],
  domestic: [utf8ToBytes("first"), utf8ToBytes("second"), utf8ToBytes("third")],
};
const block = sealBlock(request, signer);

/** What a peer, or the bank itself at its replay, says of a block's bytes: a code, or `valid`. */
function verdictOn(bytes: Bytes, form: "public" | "full", by: Verifier = verifier): string {
  const parsed = form === "public" ? parsePublicBlock(bytes) : parseFullBlock(bytes);
  if (!parsed.ok) return codeOf(parsed.error);
  const keyOf = (bank: number, epoch: number) =>
    bank === 7 && epoch === 0 ? signer.publicKey : undefined;
  const checked = checkBlockSignature(parsed.value, { net, keyOf, verifier: by });
  return checked.ok ? "valid" : codeOf(checked.error);
}

const codeOf = (rejection: { readonly code: string; readonly which?: string }): string =>
  rejection.which === undefined ? rejection.code : `${rejection.code} ${rejection.which}`;

const publicForm = (b: Block): Bytes => encodePublicBlock(b);
const fullForm = (b: FullBlock): Bytes => encodeBothForms(b).full;

/** The block with some header fields changed, under the old signature. */
function withHeader(change: Partial<Header>): FullBlock {
  const header = { ...block.header, ...change };
  return { ...block, header, headerBytes: encode(headerLayout, header) };
}

describe("sealing and parsing", () => {
  it("gives back the block in both forms", () => {
    const { full, publicBytes } = encodeBothForms(block);
    expect(parseFullBlock(full)).toEqual({ ok: true, value: block });
    const { domestic: _, ...publicPart } = block;
    expect(parsePublicBlock(publicBytes)).toEqual({ ok: true, value: publicPart });
    expect(publicBytes).toEqual(encodePublicBlock(block));
    expect(verdictOn(full, "full")).toBe("valid");
    expect(verdictOn(publicBytes, "public")).toBe("valid");
  });

  it("the header is what the entries and the place make it", () => {
    const { corridor, domestic, ...place } = request;
    expect(block.header).toEqual({
      version: 1,
      ...place,
      domesticRoot: domesticRoot(domestic),
      corridorRoot: merkleRoot(corridor),
      corridorCount: 2,
    });
    expect(hashKey(block.hash)).toBe(hashKey(digest(block.headerBytes)));
  });

  it("the signature is over the domain and the header, and nothing else", () => {
    const { signature, headerBytes } = block;
    const valid = (bytes: Bytes) => verifier.verify(signer.publicKey, bytes, signature).valid;
    expect(valid(concatBytes(DOMAIN.block, headerBytes))).toBe(true);
    expect(valid(headerBytes)).toBe(false);
    expect(valid(concatBytes(DOMAIN.instruction, headerBytes))).toBe(false);
  });

  it("any entries and any place", () => {
    const entries = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 40 });
    const place = fc.record({
      bank: fc.nat(65_535),
      epoch: fc.nat(0xffffffff),
      seq: fc.maxSafeNat(),
      timeMs: fc.maxSafeNat(),
    });
    holds(
      fc.property(place, entries, entries, (place, corridor, domestic) => {
        const sealed = sealBlock({ net, prev: ZERO_HASH, ...place, corridor, domestic }, signer);
        const { full, publicBytes } = encodeBothForms(sealed);
        expect(parseFullBlock(full)).toEqual({ ok: true, value: sealed });
        expect(parsePublicBlock(publicBytes).ok).toBe(true);
        const layout = { ...sealed, header: sealed.headerBytes };
        expect(bytesToHex(full)).toBe(bytesToHex(encode(fullBlockLayout, layout)));
      }),
      200,
    );
  });

  it("a header alone tells neither the number nor the content of domestic entries", () => {
    const none = sealBlock({ ...request, domestic: [] }, signer);
    expect(none.headerBytes).toHaveLength(block.headerBytes.length);
    expect(bytesToHex(domesticRoot([]))).not.toBe(bytesToHex(merkleRoot([])));
    expect(bytesToHex(domesticRoot(request.domestic))).not.toBe(
      bytesToHex(merkleRoot(request.domestic)),
    );
  });

  it("two blocks are one when their headers are, whatever their signatures", () => {
    expect(sameBlock(block, sealBlock(request, stranger))).toBe(true);
    expect(sameBlock(block, withHeader({ timeMs: 1 }))).toBe(false);
  });
});

describe("a changed field has its own code", () => {
  const other = bytesNamed("other");
  /** OpenSSL alone refuses more than the definition; on these it agrees, and takes no time. */
  const fast = opensslVerifier();
  const quick: Verifier = {
    verify: (...args) => ({ valid: fast(...(args as Parameters<typeof fast>)), slow: false }),
  };
  const slow: Verifier = { verify: () => ({ valid: true, slow: true }) };

  it.each<[string, Partial<Header>, string, string]>([
    ["net", { net: other }, "wrong_corridor", "wrong_corridor"],
    ["bank", { bank: 8 }, "unknown_signer", "unknown_signer"],
    ["epoch", { epoch: 1 }, "unknown_signer", "unknown_signer"],
    ["seq", { seq: 3 }, "signature_invalid", "signature_invalid"],
    ["prev", { prev: other }, "signature_invalid", "signature_invalid"],
    ["time", { timeMs: 1 }, "signature_invalid", "signature_invalid"],
    ["domestic root", { domesticRoot: other }, "signature_invalid", "root_mismatch domestic"],
    ["corridor root", { corridorRoot: other }, "root_mismatch corridor", "root_mismatch corridor"],
    ["corridor count", { corridorCount: 1 }, "root_mismatch corridor", "root_mismatch corridor"],
  ])("%s", (_, change, asPublic, asFull) => {
    const changed = withHeader(change);
    expect(verdictOn(publicForm(changed), "public")).toBe(asPublic);
    expect(verdictOn(fullForm(changed), "full")).toBe(asFull);
  });

  it("version", () => {
    const headerBytes = Uint8Array.from(block.headerBytes);
    expect(headerBytes.subarray(0, 2)).toEqual(hex("9a01"));
    headerBytes[1] = 2;
    expect(verdictOn(publicForm({ ...block, headerBytes }), "public")).toBe("layout_mismatch");
  });

  const [first, second] = request.corridor as [Bytes, Bytes];
  it.each<[string, readonly Bytes[]]>([
    ["one left out", [first]],
    ["one added", [first, second, second]],
    ["two swapped", [second, first]],
    ["one changed", [first, flipBit(second, 3)]],
    ["two joined", [concatBytes(first, second)]],
    ["none", []],
  ])("corridor entries: %s", (_, corridor) => {
    const changed = { ...block, corridor };
    expect(verdictOn(publicForm(changed), "public")).toBe("root_mismatch corridor");
    expect(verdictOn(fullForm(changed), "full")).toBe("root_mismatch corridor");
  });

  const [a, b, c] = request.domestic as [Bytes, Bytes, Bytes];
  it.each<[string, readonly Bytes[]]>([
    ["one left out", [a, b]],
    ["one added", [a, b, c, c]],
    ["two swapped", [a, c, b]],
    ["one changed", [a, b, flipBit(c, 3)]],
    ["none", []],
  ])("domestic entries: %s", (_, domestic) => {
    const changed = { ...block, domestic };
    expect(verdictOn(fullForm(changed), "full")).toBe("root_mismatch domestic");
    expect(verdictOn(publicForm(changed), "public")).toBe("valid");
  });

  it("signature: another signer's, another block's, a flipped bit (B2)", () => {
    const signatures: readonly Signature[] = [
      sealBlock(request, stranger).signature,
      sealBlock({ ...request, seq: 3 }, signer).signature,
      flipBit(block.signature, 77) as Signature,
    ];
    for (const signature of signatures) {
      const changed = { ...block, signature };
      expect(verdictOn(publicForm(changed), "public")).toBe("signature_invalid");
      expect(verdictOn(fullForm(changed), "full")).toBe("signature_invalid");
    }
  });

  it("the form: a full block where a public one is due, and the other way round", () => {
    expect(verdictOn(fullForm(block), "public")).toBe("layout_mismatch");
    expect(verdictOn(publicForm(block), "full")).toBe("layout_mismatch");
  });

  it("says who, where and how slowly", () => {
    const keyOf = () => signer.publicKey;
    expect(checkBlockSignature(block, { net, keyOf, verifier: slow })).toEqual({
      ok: true,
      value: { slow: true },
    });
    expect(checkBlockSignature(block, { net, keyOf: () => undefined, verifier })).toEqual({
      ok: false,
      error: { code: "unknown_signer", bank: 7, epoch: 0 },
    });
    const forged = withHeader({ seq: 9 });
    expect(checkBlockSignature(forged, { net, keyOf, verifier })).toEqual({
      ok: false,
      error: { code: "signature_invalid", bank: 7, seq: 9 },
    });
  });

  it("no bit of a full block can be flipped (B2)", () => {
    const bytes = fullForm(block);
    const accepted = bitsOf(bytes).filter(
      (bit) => verdictOn(flipBit(bytes, bit), "full", quick) === "valid",
    );
    expect(accepted).toEqual([]);
  });

  it("no full block can be cut or lengthened", () => {
    const bytes = fullForm(block);
    for (let length = 0; length < bytes.length; length++) {
      expect(parseFullBlock(bytes.subarray(0, length))).toMatchObject({
        error: { code: "noncanonical" },
      });
    }
    expect(parseFullBlock(concatBytes(bytes, hex("00")))).toMatchObject({
      error: { code: "noncanonical", offset: bytes.length },
    });
  });
});

describe("golden bytes", () => {
  const { full, publicBytes } = encodeBothForms(block);
  const ledger = concatBytes(
    LEDGER_MAGIC,
    encodeRecord(OWN_BLOCK, full),
    encodeRecord(PEER_BLOCK, publicBytes),
  );
  const lines: readonly (readonly [string, Bytes])[] = [
    ["seed", bytesNamed("bank 7")],
    ["public-key", signer.publicKey],
    ["net", net],
    ["prev", request.prev],
    ...request.corridor.map((entry, i) => [`corridor-${i}`, entry] as const),
    ...request.domestic.map((entry, i) => [`domestic-${i}`, entry] as const),
    ["corridor-root", block.header.corridorRoot],
    ["domestic-root", block.header.domesticRoot],
    ["header", block.headerBytes],
    ["signed", concatBytes(DOMAIN.block, block.headerBytes)],
    ["signature", block.signature],
    ["block-hash", block.hash],
    ["public-block", publicBytes],
    ["full-block", full],
    ["ledger-file", ledger],
  ];
  const golden = join(import.meta.dirname, "../staged/block.txt");

  it("a block has these bytes for ever", async () => {
    const text = lines.map(([name, bytes]) => `${name} ${bytesToHex(bytes)}\n`).join("");
    await expect(text).toMatchFileSnapshot(golden);
  });

  it("the golden block is valid", () => {
    const text = readFileSync(golden, "utf8");
    const bytes = hex(/^full-block (.*)$/m.exec(text)?.[1] ?? "none");
    expect(verdictOn(bytes, "full")).toBe("valid");
  });
});
