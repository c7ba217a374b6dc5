import { bytesToHex, parseHex, utf8ToBytes, type Bytes } from "../crypto/bytes.ts";
import { digest, type Hash } from "../crypto/hash.ts";

/** The bytes of a hex literal; a typing error in a test throws. */
export function hex(text: string): Bytes {
  const bytes = parseHex(text);
  if (bytes === undefined) throw new RangeError(`not hex: ${text}`);
  return bytes;
}

/** 32 bytes that look random and are the same in every run. */
export const bytesNamed = (name: string): Hash => digest(utf8ToBytes(name));

/** A copy with one bit turned over; bit 0 is the lowest of the first byte. */
export function flipBit(bytes: Bytes, bit: number): Bytes {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** The number of every bit of `bytes`. */
export const bitsOf = (bytes: Bytes): readonly number[] =>
  Array.from({ length: bytes.length * 8 }, (_, bit) => bit);

/** The value with every byte string in hex, for comparing and for reading differences. */
export function inHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return `0x${bytesToHex(value)}`;
  if (Array.isArray(value)) return value.map(inHex);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, inHex(item)]));
  if (typeof value !== "object" || value === null || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inHex(item)]));
}
