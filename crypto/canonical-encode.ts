import { shortLived, type Bytes } from "./bytes.ts";
import { MAX_ELEMENTS, MAX_STRING_BYTES, MAX_UINT } from "./canonical-value.ts";
import { invariant } from "./outcome.ts";

/** Writes the one canonical encoding, value by value, into a buffer that grows. */
export interface CanonicalWriter {
  bytes: Uint8Array;
  at: number;
}

export const newWriter = (capacity = 512): CanonicalWriter => ({
  bytes: new Uint8Array(capacity),
  at: 0,
});

/** The bytes written so far, as a copy that later writing does not touch and that does not live long. */
export function writtenBytes(w: CanonicalWriter): Bytes {
  const bytes = shortLived(w.at);
  bytes.set(w.bytes.subarray(0, w.at));
  return bytes;
}

export function writeNil(w: CanonicalWriter): void {
  reserve(w, 1);
  w.bytes[w.at++] = 0xc0;
}

/** Writes an unsigned integer up to 2^53 - 1 in its shortest form. */
export function writeUint(w: CanonicalWriter, value: number): void {
  invariant(Number.isSafeInteger(value) && value >= 0, "CanonicalBytes", `integer ${value}`);
  if (value > 0xffffffff) return writeUint64(w, BigInt(value));
  reserve(w, 5);
  if (value < 0x80) {
    w.bytes[w.at++] = value;
  } else if (value < 0x100) {
    w.bytes[w.at++] = 0xcc;
    w.bytes[w.at++] = value;
  } else if (value < 0x10000) {
    w.bytes[w.at++] = 0xcd;
    writeBigEndian(w, value, 2);
  } else {
    w.bytes[w.at++] = 0xce;
    writeBigEndian(w, value, 4);
  }
}

/** Writes an unsigned integer up to 2^63 - 1 in its shortest form. */
export function writeBigUint(w: CanonicalWriter, value: bigint): void {
  invariant(value >= 0n && value <= MAX_UINT, "CanonicalBytes", `integer ${value}`);
  if (value <= 0xffffffffn) return writeUint(w, Number(value));
  writeUint64(w, value);
}

export function writeBin(w: CanonicalWriter, value: Bytes): void {
  const { length } = value;
  invariant(length <= MAX_STRING_BYTES, "CanonicalBytes", `byte string of ${length}`);
  reserve(w, 3 + length);
  if (length < 256) {
    w.bytes[w.at++] = 0xc4;
    w.bytes[w.at++] = length;
  } else {
    w.bytes[w.at++] = 0xc5;
    writeBigEndian(w, length, 2);
  }
  w.bytes.set(value, w.at);
  w.at += length;
}

export function writeText(w: CanonicalWriter, value: string): void {
  const { length } = value;
  invariant(isCanonicalText(value), "CanonicalBytes", "text outside printable ASCII");
  reserve(w, 3 + length);
  if (length < 32) {
    w.bytes[w.at++] = 0xa0 | length;
  } else if (length < 256) {
    w.bytes[w.at++] = 0xd9;
    w.bytes[w.at++] = length;
  } else {
    w.bytes[w.at++] = 0xda;
    writeBigEndian(w, length, 2);
  }
  for (let i = 0; i < length; i++) w.bytes[w.at++] = value.charCodeAt(i);
}

/** Writes the head of an array; its elements follow. */
export function writeArrayHead(w: CanonicalWriter, count: number): void {
  invariant(count <= MAX_ELEMENTS, "CanonicalBytes", `array of ${count}`);
  reserve(w, 3);
  if (count < 16) {
    w.bytes[w.at++] = 0x90 | count;
  } else {
    w.bytes[w.at++] = 0xdc;
    writeBigEndian(w, count, 2);
  }
}

/** Whether a string can stand in canonical text: printable ASCII, at most 65,535 characters. */
export function isCanonicalText(value: string): boolean {
  return value.length <= MAX_STRING_BYTES && /^[\x20-\x7e]*$/.test(value);
}

function writeUint64(w: CanonicalWriter, value: bigint): void {
  reserve(w, 9);
  w.bytes[w.at++] = 0xcf;
  writeBigEndian(w, Number(value >> 32n), 4);
  writeBigEndian(w, Number(value & 0xffffffffn), 4);
}

function writeBigEndian(w: CanonicalWriter, value: number, width: 2 | 4): void {
  if (width === 4) {
    w.bytes[w.at++] = value >>> 24;
    w.bytes[w.at++] = (value >>> 16) & 0xff;
  }
  w.bytes[w.at++] = (value >>> 8) & 0xff;
  w.bytes[w.at++] = value & 0xff;
}

function reserve(w: CanonicalWriter, count: number): void {
  if (w.at + count <= w.bytes.length) return;
  const grown = new Uint8Array(Math.max(w.bytes.length * 2, w.at + count));
  grown.set(w.bytes.subarray(0, w.at));
  w.bytes = grown;
}
