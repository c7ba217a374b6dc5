import type { Bytes } from "./bytes.ts";
import {
  MAX_DEPTH,
  MAX_ELEMENTS,
  MAX_MESSAGE_BYTES,
  MAX_STRING_BYTES,
  type CanonicalRejection,
} from "./canonical-value.ts";

/**
 * Checks that `bytes` are exactly one value in the canonical profile: only allowed tags, every
 * integer and length in its shortest form, within the limits on depth, elements and size, nothing
 * left over. Returns `undefined` when they are. Total on arbitrary bytes, allocates nothing, and
 * reads each byte at most once.
 */
export function scanCanonical(bytes: Bytes): CanonicalRejection | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    return { code: "decode_limit", what: "message bytes", limit: MAX_MESSAGE_BYTES };
  }
  const scanner: Scanner = { bytes, at: 0, rejection: undefined };
  if (!scanValue(scanner, 0)) return scanner.rejection;
  if (scanner.at !== bytes.length) return noncanonical(scanner.at, "bytes left over");
  return undefined;
}

interface Scanner {
  readonly bytes: Bytes;
  at: number;
  rejection: CanonicalRejection | undefined;
}

function scanValue(s: Scanner, depth: number): boolean {
  const { bytes, at } = s;
  if (at >= bytes.length) return refuse(s, at, "cut short");
  const tag = bytes[at] as number;
  if (tag <= 0x7f || tag === 0xc0) return advance(s, 1);
  if (tag >= 0x90 && tag <= 0x9f) return scanArray(s, 1, tag & 0x0f, depth);
  if (tag >= 0xa0 && tag <= 0xbf) return scanText(s, 1, tag & 0x1f);
  switch (tag) {
    case 0xc4:
      return scanBin(s, 1, 0);
    case 0xc5:
      return scanBin(s, 2, 256);
    case 0xcc:
      return scanUint(s, 1, 0x80);
    case 0xcd:
      return scanUint(s, 2, 0x100);
    case 0xce:
      return scanUint(s, 4, 0x10000);
    case 0xcf:
      return scanUint64(s);
    case 0xd9:
      return scanLongText(s, 1, 32);
    case 0xda:
      return scanLongText(s, 2, 256);
    case 0xdc:
      return scanArray16(s, depth);
    default:
      return refuse(s, at, `tag 0x${tag.toString(16).padStart(2, "0")} is not in the profile`);
  }
}

function scanArray(s: Scanner, headBytes: number, count: number, depth: number): boolean {
  if (depth >= MAX_DEPTH) return limit(s, "depth", MAX_DEPTH);
  if (count > MAX_ELEMENTS) return limit(s, "array elements", MAX_ELEMENTS);
  s.at += headBytes;
  for (let i = 0; i < count; i++) if (!scanValue(s, depth + 1)) return false;
  return true;
}

function scanArray16(s: Scanner, depth: number): boolean {
  const count = lengthAt(s, 2);
  if (count === undefined) return false;
  if (count < 16) return refuse(s, s.at, "array length is not in its shortest form");
  return scanArray(s, 3, count, depth);
}

function scanBin(s: Scanner, lengthBytes: 1 | 2, least: number): boolean {
  const length = lengthAt(s, lengthBytes);
  if (length === undefined) return false;
  if (length < least) return refuse(s, s.at, "byte length is not in its shortest form");
  return skip(s, 1 + lengthBytes, length);
}

function scanLongText(s: Scanner, lengthBytes: 1 | 2, least: number): boolean {
  const length = lengthAt(s, lengthBytes);
  if (length === undefined) return false;
  if (length < least) return refuse(s, s.at, "text length is not in its shortest form");
  return scanText(s, 1 + lengthBytes, length);
}

function scanText(s: Scanner, headBytes: number, length: number): boolean {
  const start = s.at + headBytes;
  if (!skip(s, headBytes, length)) return false;
  for (let i = start; i < s.at; i++) {
    const byte = s.bytes[i] as number;
    if (byte < 0x20 || byte > 0x7e) return refuse(s, i, "text is printable ASCII only");
  }
  return true;
}

function scanUint(s: Scanner, width: 1 | 2 | 4, least: number): boolean {
  const { bytes, at } = s;
  if (at + 1 + width > bytes.length) return refuse(s, at, "cut short");
  let value = 0;
  for (let i = 1; i <= width; i++) value = value * 256 + (bytes[at + i] as number);
  if (value < least) return refuse(s, at, "integer is not in its shortest form");
  return advance(s, 1 + width);
}

function scanUint64(s: Scanner): boolean {
  const { bytes, at } = s;
  if (at + 9 > bytes.length) return refuse(s, at, "cut short");
  const high =
    (bytes[at + 1] as number) |
    (bytes[at + 2] as number) |
    (bytes[at + 3] as number) |
    (bytes[at + 4] as number);
  if (high === 0) return refuse(s, at, "integer is not in its shortest form");
  if ((bytes[at + 1] as number) > 0x7f) return refuse(s, at, "integer above 2^63 - 1");
  return advance(s, 9);
}

function lengthAt(s: Scanner, width: 1 | 2): number | undefined {
  const { bytes, at } = s;
  if (at + 1 + width > bytes.length) {
    refuse(s, at, "cut short");
    return undefined;
  }
  const first = bytes[at + 1] as number;
  return width === 1 ? first : first * 256 + (bytes[at + 2] as number);
}

function skip(s: Scanner, headBytes: number, length: number): boolean {
  if (length > MAX_STRING_BYTES) return limit(s, "string bytes", MAX_STRING_BYTES);
  if (s.at + headBytes + length > s.bytes.length) return refuse(s, s.at, "cut short");
  return advance(s, headBytes + length);
}

function advance(s: Scanner, count: number): true {
  s.at += count;
  return true;
}

function refuse(s: Scanner, offset: number, why: string): false {
  s.rejection = noncanonical(offset, why);
  return false;
}

function limit(s: Scanner, what: string, bound: number): false {
  s.rejection = { code: "decode_limit", what, limit: bound };
  return false;
}

function noncanonical(offset: number, why: string): CanonicalRejection {
  return { code: "noncanonical", offset, why };
}
