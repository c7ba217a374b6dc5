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
  secret: domain("corridor/secret/v1"),
  chainBlock: domain("corridor/chain-block/v1"),
  chainVote: domain("corridor/chain-vote/v1"),
  chainTimeout: domain("corridor/chain-timeout/v1"),
  chainTransaction: domain("corridor/chain-transaction/v1"),
  chainResult: domain("corridor/chain-result/v1"),
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
export function digestParts(...parts: readonly Bytes[]): Hash {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > SCRATCH_BYTES) return digest(concatBytes(...parts));
  const input = scratch(length);
  let at = 0;
  for (const part of parts) {
    input.set(part, at);
    at += part.length;
  }
  return digest(input);
}

/**
 * Where short inputs are put together, at most `SCRATCH_BYTES`: the next caller overwrites it. There is
 * one view for each length, since making a view costs as much as hashing a block of SHA-256.
 */
const SCRATCH_BYTES = 1024;
const scratchBytes = new Uint8Array(SCRATCH_BYTES);
const scratchViews: Uint8Array[] = [];

function scratch(length: number): Uint8Array {
  return (scratchViews[length] ??= scratchBytes.subarray(0, length));
}

/** A digest as a map key and in print: 64 lower-case hex digits. */
export function hashKey(hash: Bytes): string {
  if (hash.length !== HASH_BYTES) return bytesToHex(hash);
  const slot = (((hash[0] as number) << 8) | (hash[1] as number)) % KEY_SLOTS;
  const known = keys[slot];
  if (known !== undefined && isKeyOf(slot, hash)) return known;
  const key = bytesToHex(hash);
  keyBytes.set(hash, slot * HASH_BYTES);
  keys[slot] = key;
  return key;
}

/**
 * The keys made last, at most one for each slot: a bank looks the same few hundred swaps up over and
 * over, and making a key takes ten times longer than finding it.
 */
const KEY_SLOTS = 8192;
const keys: (string | undefined)[] = Array.from({ length: KEY_SLOTS }, () => undefined);
const keyBytes = new Uint8Array(KEY_SLOTS * HASH_BYTES);

function isKeyOf(slot: number, hash: Bytes): boolean {
  const first = slot * HASH_BYTES;
  for (let i = 0; i < HASH_BYTES; i++) if (keyBytes[first + i] !== hash[i]) return false;
  return true;
}

export const equalHash = (a: Hash, b: Hash): boolean => equalBytes(a, b);

function domain(name: string): Bytes {
  return utf8ToBytes(`${name}\0`);
}
