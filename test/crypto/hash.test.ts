import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as noble from "@noble/ed25519";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import { isValidSignature, signedBytes } from "../../crypto/ed25519.ts";
import { digest, digestParts, DOMAIN, equalHash, hashKey, isHash } from "../../crypto/hash.ts";
import { opensslSigner } from "../../node/io/openssl.ts";
import { bytesNamed, hex } from "../bytes.ts";
import { holds } from "../property.ts";

interface Message {
  readonly bytes: Bytes;
  readonly md: string;
}

/** `Len` counts bits, and an empty message is written as one zero byte. */
function messagesIn(name: string): readonly Message[] {
  const text = readFileSync(join(import.meta.dirname, "../vectors/nist-sha2", name), "utf8");
  const blocks = text.matchAll(/Len = (\d+)\s+Msg = ([0-9a-f]+)\s+MD = ([0-9a-f]+)/g);
  return [...blocks].map(([, bits = "", message = "", md = ""]) => ({
    bytes: hex(message).subarray(0, Number(bits) / 8),
    md,
  }));
}

describe("NIST CAVP messages", () => {
  it.each([
    ["SHA256ShortMsg.rsp", 65],
    ["SHA256LongMsg.rsp", 64],
  ])("%s: SHA-256 of %d messages", (name, count) => {
    const messages = messagesIn(name);
    expect(messages).toHaveLength(count);
    for (const { bytes, md } of messages) {
      expect(hashKey(digest(bytes))).toBe(md);
      const middle = bytes.length >> 1;
      const parts = [bytes.subarray(0, middle), new Uint8Array(), bytes.subarray(middle)];
      expect(hashKey(digestParts(...parts))).toBe(md);
    }
  });

  it("SHA512ShortMsg.rsp: the SHA-512 that signatures are made with", () => {
    const messages = messagesIn("SHA512ShortMsg.rsp");
    expect(messages).toHaveLength(129);
    // The definition of validity sets it once, when crypto/ed25519.ts is loaded.
    expect(isValidSignature).toBeDefined();
    for (const { bytes, md } of messages) expect(bytesToHex(noble.hash(bytes))).toBe(md);
  });
});

describe("domains", () => {
  const domains = Object.entries(DOMAIN);
  const startsWith = (bytes: Bytes, start: Bytes): boolean =>
    bytesToHex(bytes).startsWith(bytesToHex(start));

  it("have these bytes for ever", () => {
    expect(
      Object.fromEntries(domains.map(([name, d]) => [name, String.fromCharCode(...d)])),
    ).toEqual({
      block: "corridor/block/v1\0",
      domestic: "corridor/domestic/v1\0",
      terms: "corridor/terms/v1\0",
      instruction: "corridor/instruction/v1\0",
      genesis: "corridor/genesis/v1\0",
      transport: "corridor/transport/v1\0",
      salt: "corridor/salt/v1\0",
      tag: "corridor/tag/v1\0",
      secret: "corridor/secret/v1\0",
      chainBlock: "corridor/chain-block/v1\0",
      chainVote: "corridor/chain-vote/v1\0",
      chainTimeout: "corridor/chain-timeout/v1\0",
      chainTransaction: "corridor/chain-transaction/v1\0",
      chainResult: "corridor/chain-result/v1\0",
      qr: "corridor/qr/v1\0",
      consent: "corridor/consent/v1\0",
      revocation: "corridor/revocation/v1\0",
    });
  });

  it("none is the beginning of another", () => {
    for (const [a, first] of domains) {
      for (const [b, second] of domains) if (a !== b) expect(startsWith(first, second)).toBe(false);
    }
  });

  it("each ends in its only zero byte, and none begins like a msgpack array", () => {
    for (const [, bytes] of domains) {
      expect(bytes.indexOf(0)).toBe(bytes.length - 1);
      expect(bytes[0]).toBeLessThan(0x90);
    }
  });

  it("what is signed under one domain is valid under no other (B5)", () => {
    const signer = opensslSigner(bytesNamed("domains"));
    const body = utf8ToBytes("one body");
    for (const [from, domain] of domains) {
      const signature = signer.sign(signedBytes(domain, body));
      const valid = domains.filter(([, other]) =>
        isValidSignature(signer.publicKey, signedBytes(other, body), signature),
      );
      expect(valid.map(([name]) => name)).toEqual([from]);
    }
  });
});

describe("digests", () => {
  it("parts are hashed as their concatenation", () => {
    holds(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 }), (parts) => {
        expect(hashKey(digestParts(...parts))).toBe(hashKey(digest(concatBytes(...parts))));
      }),
      300,
    );
  });

  it("parts of any length are hashed as their concatenation", () => {
    for (const length of [0, 1, 511, 512, 513, 2_000]) {
      const part = new Uint8Array(length).fill(7);
      expect(digestParts(part, part)).toEqual(digest(concatBytes(part, part)));
    }
  });

  it("has its own digits in print, however alike digests begin and however often they are asked for", () => {
    const alike = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
      bytes[0] = bytes[1] = 0;
      return bytes;
    });
    holds(
      fc.property(fc.array(alike, { minLength: 1, maxLength: 6 }), (hashes) => {
        const digits = hashes.map((hash) => Buffer.from(hash).toString("hex"));
        expect([...hashes, ...hashes].map(hashKey)).toEqual([...digits, ...digits]);
      }),
      100,
    );
  });

  it("any 32 bytes may be a digest, and no others", () => {
    expect([0, 31, 32, 33, 64].filter((length) => isHash(new Uint8Array(length)))).toEqual([32]);
  });

  it("are equal when their bytes are, and have one form in print", () => {
    const [a, b] = [bytesNamed("a"), bytesNamed("b")];
    expect(equalHash(a, bytesNamed("a"))).toBe(true);
    expect(equalHash(a, b)).toBe(false);
    expect(hashKey(a)).toMatch(/^[0-9a-f]{64}$/);
  });
});
