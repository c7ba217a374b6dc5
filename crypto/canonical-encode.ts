import type { Bytes } from "./bytes.ts";
import { MAX_ELEMENTS, MAX_STRING_BYTES, MAX_UINT } from "./canonical-value.ts";
import { InvariantViolation } from "./outcome.ts";

/** Writes the one canonical encoding, value by value, into a buffer that is replaced when it is full. */
export interface CanonicalWriter {
  bytes: Uint8Array;
  /** Where the value under way begins, and where it goes on. */
  start: number;
  at: number;
}

export const newWriter = (capacity = 512): CanonicalWriter => ({
  bytes: new Uint8Array(capacity),
  start: 0,
  at: 0,
});

/**
 * The bytes of the value that has been written: later values are written behind them. They should not
 * live long, or be copied: they keep the whole buffer, which holds other values too.
 */
export const writtenBytes = (w: CanonicalWriter): Bytes => w.bytes.subarray(w.start, w.at);

/** What is to be written has no canonical encoding, which is a bug of whoever made it (CanonicalBytes). */
export function unencodable(detail: string): never {
  throw new InvariantViolation("CanonicalBytes", detail);
}

export function writeNil(w: CanonicalWriter): void {
  reserve(w, 1);
  w.bytes[w.at++] = 0xc0;
}

/** Writes an unsigned integer up to 2^53 - 1 in its shortest form. */
export function writeUint(w: CanonicalWriter, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) unencodable(`integer ${value}`);
  if (value > 0xffffffff) return writeUint64(w, Math.floor(value / TWO_32), value >>> 0);
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
  if (value < 0n || value > MAX_UINT) unencodable(`integer ${value}`);
  if (value <= 0xffffffffn) return writeUint(w, Number(value));
  writeUint64(w, Number(value >> 32n), Number(value & 0xffffffffn));
}

export function writeBin(w: CanonicalWriter, value: Bytes): void {
  const { length } = value;
  if (length > MAX_STRING_BYTES) unencodable(`byte string of ${length}`);
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
  if (!isCanonicalText(value)) unencodable("text outside printable ASCII");
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
  if (count > MAX_ELEMENTS) unencodable(`array of ${count}`);
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

const TWO_32 = 0x1_0000_0000;

function writeUint64(w: CanonicalWriter, high: number, low: number): void {
  reserve(w, 9);
  w.bytes[w.at++] = 0xcf;
  writeBigEndian(w, high, 4);
  writeBigEndian(w, low, 4);
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
  const used = w.at - w.start;
  const larger = new Uint8Array(Math.max(w.bytes.length, 2 * used, used + count));
  larger.set(w.bytes.subarray(w.start, w.at));
  w.bytes = larger;
  w.start = 0;
  w.at = used;
}
