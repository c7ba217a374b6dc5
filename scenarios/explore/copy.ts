/** Byte strings from here on are tables that are written in place; shorter ones never change. */
const TABLE_BYTES = 1024;

/**
 * An independent copy of plain data: objects, arrays, maps, sets and typed arrays, however deep. Byte
 * strings that never change are shared.
 */
export function deepCopy<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, item] of value) copy.set(key, copyOf(item));
    return copy;
  }
  if (value instanceof Set) return new Set(value);
  if (value instanceof Uint8Array) return value.length < TABLE_BYTES ? value : value.slice();
  if (value instanceof Float64Array || value instanceof Uint32Array) return value.slice();
  if (value instanceof Uint16Array) return value.slice();
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy;
}

/**
 * Plain data as text: equal texts mean equal data, in the same order throughout. `numberOf` gives equal
 * byte strings, and no others, one number.
 */
export function exactText(value: unknown, numberOf: (bytes: Uint8Array) => number): string {
  const parts: string[] = [];
  write(value, parts, numberOf);
  return parts.join("");
}

function write(value: unknown, parts: string[], numberOf: (bytes: Uint8Array) => number): void {
  if (typeof value !== "object" || value === null) {
    parts.push(typeof value === "string" ? JSON.stringify(value) : String(value), ",");
    return;
  }
  if (value instanceof Uint8Array && value.length < TABLE_BYTES) {
    parts.push("#", String(numberOf(value)), ",");
    return;
  }
  if (ArrayBuffer.isView(value)) return writeTable(value, parts);
  if (Array.isArray(value)) {
    parts.push("[");
    for (const item of value) write(item, parts, numberOf);
    parts.push("]");
    return;
  }
  if (value instanceof Map) {
    parts.push("M");
    for (const [key, item] of value) {
      write(key, parts, numberOf);
      write(item, parts, numberOf);
    }
    parts.push(")");
    return;
  }
  if (value instanceof Set) {
    parts.push("S");
    for (const item of value) write(item, parts, numberOf);
    parts.push(")");
    return;
  }
  parts.push("{");
  for (const key of Object.keys(value)) {
    parts.push(key, ":");
    write((value as Record<string, unknown>)[key], parts, numberOf);
  }
  parts.push("}");
}

/** Tables have few rows in use: only what is not zero is written, with its place. */
function writeTable({ buffer, byteOffset, byteLength }: ArrayBufferView, parts: string[]): void {
  const words = new Uint32Array(buffer, byteOffset, byteLength >> 2);
  parts.push("<");
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== 0) parts.push(String(i), "=", String(words[i]), " ");
  }
  parts.push(String(byteLength), ">");
}

const MAX_ARGUMENTS = 4096;

/** Bytes as a string of as many characters. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += MAX_ARGUMENTS) {
    text += String.fromCharCode(...bytes.subarray(at, at + MAX_ARGUMENTS));
  }
  return text;
}
