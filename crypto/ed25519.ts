import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, type Bytes } from "./bytes.ts";
import type { Domain } from "./hash.ts";
import { ok, reject, type Outcome } from "./outcome.ts";

noble.hashes.sha512 = sha512;

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** An Ed25519 public key that passed `enrolKey`; nothing else may be verified against. */
export type EnrolledKey = Bytes & { readonly __brand: "EnrolledKey" };

/** 64 bytes, R then S of RFC 8032. */
export type Signature = Bytes & { readonly __brand: "Signature" };

export interface KeyRejection {
  readonly code: "key_not_enrollable";
  readonly why: "length" | "encoding" | "small order" | "torsion";
}

/** A second verifier that may accept more quickly; its refusal is never final. */
export type FastVerifier = (key: EnrolledKey, message: Bytes, signature: Signature) => boolean;

/** Signs with one private key; RFC 8032 signing is deterministic, so every implementation agrees. */
export interface Signer {
  readonly publicKey: EnrolledKey;
  sign(message: Bytes): Signature;
}

/** What a bank needs to check signatures: the definition, or the definition behind a fast path. */
export interface Verifier {
  /** `slow` says that the fast path refused and the definition decided: it costs twenty times more. */
  verify(
    key: EnrolledKey,
    message: Bytes,
    signature: Bytes,
  ): { readonly valid: boolean; readonly slow: boolean };
}

/**
 * Enrols a public key: 32 bytes, canonical encoding of a point on the curve that is torsion-free
 * and not of small order. Done once per key, at genesis or key change. Source: RFC 8032, 5.1.3.
 */
export function enrolKey(bytes: Bytes): Outcome<EnrolledKey, KeyRejection> {
  const refuse = (why: KeyRejection["why"]): Outcome<EnrolledKey, KeyRejection> =>
    reject({ code: "key_not_enrollable", why });
  if (bytes.length !== KEY_BYTES) return refuse("length");
  const name = bytesToHex(bytes);
  const known = enrolled.get(name);
  if (known !== undefined) return ok(known);
  let point: noble.Point;
  try {
    point = noble.Point.fromBytes(bytes, false);
  } catch {
    return refuse("encoding");
  }
  if (point.isSmallOrder()) return refuse("small order");
  if (!point.isTorsionFree()) return refuse("torsion");
  const key = Uint8Array.from(bytes) as EnrolledKey;
  if (enrolled.size < MAX_REMEMBERED_KEYS) enrolled.set(name, key);
  return ok(key);
}

/** The check takes over a millisecond, its answer never changes, and a replay asks for every key again. */
const enrolled = new Map<string, EnrolledKey>();
const MAX_REMEMBERED_KEYS = 16_384;

/**
 * The definition of validity: `@noble/ed25519` verification with `zip215: false` (cofactored
 * equation, canonical encodings) under an enrolled key. Total: any bytes give true or false.
 */
export function isValidSignature(key: EnrolledKey, message: Bytes, signature: Bytes): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  try {
    return noble.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

export const definitionVerifier: Verifier = {
  verify: (key, message, signature) => ({
    valid: isValidSignature(key, message, signature),
    slow: true,
  }),
};

/** Asks `fast` first; when it accepts, the definition accepts too; when it refuses, the definition decides. */
export function acceleratedVerifier(fast: FastVerifier): Verifier {
  return {
    verify: (key, message, signature) => {
      if (signature.length !== SIGNATURE_BYTES) return { valid: false, slow: false };
      if (fast(key, message, signature as Signature)) return { valid: true, slow: false };
      return { valid: isValidSignature(key, message, signature), slow: true };
    },
  };
}

/** A signer on noble alone, from a 32-byte seed. Live banks use the faster one of `node/io`. */
export function nobleSigner(seed: Bytes): Signer {
  const publicKey = noble.getPublicKey(seed) as Bytes as EnrolledKey;
  return { publicKey, sign: (message) => noble.sign(message, seed) as Bytes as Signature };
}

/** The bytes that are signed: the domain, which the verifier rebuilds and never reads from the wire, then the body. */
export const signedBytes = (domain: Domain, body: Bytes): Bytes => concatBytes(domain, body);
