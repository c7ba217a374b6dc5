import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, equalBytes, utf8ToBytes, type Bytes } from "./bytes.ts";

/** A SHA-256 digest: 32 bytes. */
export type Hash = Bytes & { readonly __brand: "Hash" };

export const HASH_BYTES = 32;

export const ZERO_HASH = new Uint8Array(HASH_BYTES) as Hash;

/** Whether 32 bytes were given; any 32 bytes may be a digest. */
export const isHash = (bytes: Bytes): bytes is Hash => bytes.length === HASH_BYTES;

/**
 * One domain for every kind of thing that is signed or hashed with a prefix. Each ends in 0x00, so
 * none is the beginning of another, and none can begin a canonical msgpack array (0x90 and up).
 */
export const DOMAIN = {
  block: domain("corridor/block/v1"),
  domestic: domain("corridor/domestic/v1"),
  terms: domain("corridor/terms/v1"),
  instruction: domain("corridor/instruction/v1"),
  genesis: domain("corridor/genesis/v1"),
  transport: domain("corridor/transport/v1"),
  salt: domain("corridor/salt/v1"),
  tag: domain("corridor/tag/v1"),
  qr: domain("corridor/qr/v1"),
  consent: domain("corridor/consent/v1"),
  revocation: domain("corridor/revocation/v1"),
} as const;

export type Domain = (typeof DOMAIN)[keyof typeof DOMAIN];

/** Computes SHA-256. Every implementation gives the same digest; some are faster. */
export type Sha256 = (bytes: Bytes) => Bytes;

let sha256: Sha256 = nobleSha256;

/** Lets another implementation, such as OpenSSL's, compute SHA-256 from now on in this process. */
export function accelerateSha256(implementation: Sha256): void {
  sha256 = implementation;
}

/** SHA-256 of the bytes as they stand. */
export const digest = (bytes: Bytes): Hash => sha256(bytes) as Hash;

/** SHA-256 of the concatenation of the parts. */
export const digestParts = (...parts: readonly Bytes[]): Hash => digest(concatBytes(...parts));

/** A digest as a map key and in print: 64 lower-case hex digits. */
export const hashKey = (hash: Bytes): string => bytesToHex(hash);

export const equalHash = (a: Hash, b: Hash): boolean => equalBytes(a, b);

function domain(name: string): Bytes {
  return utf8ToBytes(`${name}\0`);
}
