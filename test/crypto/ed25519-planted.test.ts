import * as noble from "@noble/ed25519";
import { expect, it } from "vitest";
import type { Bytes } from "../../crypto/bytes.ts";
import { acceleratedVerifier, isValidSignature, type Signature } from "../../crypto/ed25519.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { hex } from "../bytes.ts";
import {
  enrolment,
  GROUP_ORDER,
  littleEndian,
  misenrolled,
  misjudged,
  orThrown,
  signatureCases,
  type KeyCase,
} from "./ed25519-cases.ts";

// Each test plants a bug that real verifiers have had. The cases that judge the real verifier must
// see it, and only where it is wrong.

const CASES = ["first", "second", "third"].flatMap(signatureCases);

/** The families of the cases, without the particulars of each. */
const families = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map((name) => name.replace(/[:(\d].*/, "").trim()))].sort((a, b) =>
    a < b ? -1 : 1,
  );

it("the fast path alone", () => {
  const fast = opensslVerifier();
  const wrong = misjudged(CASES, (key, message, signature) =>
    fast(key, message, signature as Signature),
  );
  expect(families(wrong)).toEqual(["R = rB + T of order", "R of small order"]);
});

it("a fast path that accepts what the definition refuses", () => {
  const gullible = acceleratedVerifier(() => true);
  const wrong = misjudged(CASES, (...args) => gullible.verify(...args).valid);
  expect(families(wrong)).toEqual(
    families(CASES.filter((c) => !c.valid && c.signature.length === 64).map((c) => c.name)),
  );
});

it("the library's default mode, ZIP-215", () => {
  const wrong = misjudged(CASES, (key, message, signature) => {
    try {
      return noble.verify(signature, message, key);
    } catch {
      return false;
    }
  });
  expect(families(wrong)).toEqual(["non-canonical R"]);
});

it("a verifier that throws", () => {
  const wrong = misjudged(CASES, (key, message, signature) =>
    noble.verify(signature, message, key, { zip215: false }),
  );
  expect(families(wrong)).toEqual(["length"]);
});

it("S taken modulo L", () => {
  const wrong = misjudged(CASES, (key, message, signature) => {
    if (signature.length !== 64) return false;
    const s = littleEndian(signature.subarray(32)) % GROUP_ORDER;
    const reduced = Uint8Array.from(signature);
    reduced.set(hex(s.toString(16).padStart(64, "0")).toReversed(), 32);
    return isValidSignature(key, message, reduced);
  });
  expect(families(wrong)).toEqual(["S +"]);
});

const enrolmentWith =
  (checks: { readonly strict: boolean; readonly smallOrder: boolean; readonly torsion: boolean }) =>
  (bytes: Bytes): KeyCase["verdict"] => {
    if (bytes.length !== 32) return "length";
    const point = orThrown(() => noble.Point.fromBytes(bytes, !checks.strict));
    if (point === "thrown") return "encoding";
    if (checks.smallOrder && point.isSmallOrder()) return "small order";
    return checks.torsion && !point.isTorsionFree() ? "torsion" : "enrolled";
  };

it("no bug is seen where none is planted", () => {
  expect(misenrolled(enrolment)).toEqual([]);
  const all = { strict: true, smallOrder: true, torsion: true };
  expect(misenrolled(enrolmentWith(all))).toEqual([]);
  expect(misjudged(CASES, isValidSignature)).toEqual([]);
});

it("enrolment without the check for torsion", () => {
  const wrong = misenrolled(enrolmentWith({ strict: true, smallOrder: true, torsion: false }));
  expect(families(wrong)).toEqual(["A + T of order"]);
});

it("enrolment without the check for small order", () => {
  const wrong = misenrolled(enrolmentWith({ strict: true, smallOrder: false, torsion: true }));
  expect(families(wrong)).toEqual(["order"]);
});

it("enrolment that decodes leniently", () => {
  const wrong = misenrolled(enrolmentWith({ strict: false, smallOrder: true, torsion: true }));
  expect(wrong).toContain("identity, y = p + 1");
  expect(wrong).toContain("order 4, y = p");
  expect(wrong).toContain("order 2, sign of x set");
});
