import { bytesToHex as nobleBytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export { utf8ToBytes };

export type Bytes = Uint8Array;

export const EMPTY_BYTES: Bytes = new Uint8Array(0);

/** An engine takes a bounded number of arguments; whatever is looked up is a hash or a key. */
const MAX_HEX_IN_ONE_PIECE = 1024;

const HEX_DIGITS = utf8ToBytes("0123456789abcdef");

/** The digits of the one call under way. */
const digits: number[] = [];

/**
 * Lower-case hex, made in one piece: a string put together digit by digit is a tree inside, and every
 * look-up by it would walk that tree first.
 */
export function bytesToHex(bytes: Bytes): string {
  if (bytes.length > MAX_HEX_IN_ONE_PIECE) return nobleBytesToHex(bytes);
  digits.length = 2 * bytes.length;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    digits[2 * i] = HEX_DIGITS[byte >> 4] as number;
    digits[2 * i + 1] = HEX_DIGITS[byte & 15] as number;
  }
  return String.fromCharCode(...digits);
}

const SLAB_BYTES = 32_768;
let slab = new Uint8Array(SLAB_BYTES);
let slabUsed = 0;

/**
 * Room for bytes that do not live long, cut from a shared slab: a typed array of its own costs about a
 * microsecond. What is kept for long is copied with `slice`, or it would keep its whole slab.
 */
export function shortLived(length: number): Uint8Array {
  if (length > SLAB_BYTES / 8) return new Uint8Array(length);
  if (slabUsed + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += length;
  return slab.subarray(start, slabUsed);
}

/** The parts one after the other, as bytes that do not live long. */
export function concatBytes(...parts: readonly Bytes[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = shortLived(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lower-case or upper-case hex to bytes; `undefined` when it is not hex of the expected length in bytes. */
export function parseHex(text: string, length?: number): Bytes | undefined {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) return undefined;
  if (length !== undefined && text.length !== 2 * length) return undefined;
  return hexToBytes(text);
}

/** Reads a big-endian unsigned 32-bit integer; the caller has checked the bounds. */
export function readU32(bytes: Bytes, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

export function writeU32(bytes: Bytes, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 0xff;
  bytes[at + 2] = (value >>> 8) & 0xff;
  bytes[at + 3] = value & 0xff;
}

export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}
