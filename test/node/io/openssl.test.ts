import fc from "fast-check";
import { expect, it } from "vitest";
import { bytesToHex } from "../../../crypto/bytes.ts";
import { acceleratedVerifier, nobleSigner, type EnrolledKey } from "../../../crypto/ed25519.ts";
import { newKeyObjectCache, opensslSigner, opensslVerifier } from "../../../node/io/openssl.ts";
import { bytesNamed } from "../../bytes.ts";
import { misjudged, signatureCases } from "../../crypto/ed25519-cases.ts";
import { holds } from "../../property.ts";

it("OpenSSL and noble make the same key and the same signature", () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  holds(
    fc.property(seed, fc.uint8Array({ maxLength: 300 }), (seed, message) => {
      const [a, b] = [nobleSigner(seed), opensslSigner(seed)];
      expect(bytesToHex(b.publicKey)).toBe(bytesToHex(a.publicKey));
      expect(bytesToHex(b.sign(message))).toBe(bytesToHex(a.sign(message)));
    }),
    200,
  );
});

it("a seed of another length is a bug", () => {
  for (const length of [0, 31, 33, 64]) {
    expect(() => opensslSigner(new Uint8Array(length))).toThrow("KeyLength");
  }
});

it("the cache keeps as many keys as its limit, those that were used last", () => {
  const keyOf = (name: string): EnrolledKey => opensslSigner(bytesNamed(name)).publicKey;
  const [a, b, c] = [keyOf("a"), keyOf("b"), keyOf("c")];
  const cache = newKeyObjectCache(2);
  const [first, second] = [cache.keyObjectOf(a), cache.keyObjectOf(b)];
  expect(cache.size).toBe(2);
  expect(cache.keyObjectOf(a)).toBe(first);
  cache.keyObjectOf(c);
  expect(cache.size).toBe(2);
  expect(cache.keyObjectOf(a)).toBe(first);
  expect(cache.keyObjectOf(b)).not.toBe(second);
});

it("a forgotten key changes no verdict", () => {
  const cases = ["first", "second"].map(signatureCases);
  const alternating = (cases[0] ?? []).flatMap((c, i) => [c, cases[1]?.[i] ?? c]);
  const forgetful = acceleratedVerifier(opensslVerifier(newKeyObjectCache(1)));
  expect(misjudged(alternating, (...args) => forgetful.verify(...args).valid)).toEqual([]);
});
