import { Packr, addExtension } from "msgpackr";
import { equalBytes, type Bytes } from "./bytes.ts";
import {
  newWriter,
  writeArrayHead,
  writeBigUint,
  writeBin,
  writeNil,
  writeText,
  writeUint,
  writtenBytes,
  unencodable,
  type CanonicalWriter,
} from "./canonical-encode.ts";
import { scanCanonical } from "./canonical-scan.ts";
import {
  MAX_ELEMENTS,
  MAX_MESSAGE_BYTES,
  MAX_UINT,
  type CanonicalRejection,
  type CanonicalValue,
} from "./canonical-value.ts";
import { ok, reject, type Outcome } from "./outcome.ts";

/**
 * The fixed shape of one structure of the wire format: how to write it, and how to read it from a
 * decoded value. `read` answers `MISMATCH` and notes where and what was wanted when it does not fit.
 */
export interface Layout<T> {
  readonly want: string;
  write(w: CanonicalWriter, value: T): void;
  read(value: CanonicalValue, note: Note): T | typeof MISMATCH;
}

export type LayoutValue<L> = L extends Layout<infer T> ? T : never;

export const MISMATCH = Symbol("layout mismatch");

/** Where reading failed: the path is collected from the inside out. */
export interface Note {
  path: string;
  want: string;
}

/** The canonical bytes of a value of the layout; more than `decode` takes are a bug. */
export function encode<T>(layout: Layout<T>, value: T): Bytes {
  const w = sharedWriter;
  w.start = w.at;
  layout.write(w, value);
  const bytes = writtenBytes(w);
  if (bytes.length <= SHARED_BYTES / 8) return bytes;
  if (bytes.length > MAX_MESSAGE_BYTES) unencodable(`message of ${bytes.length} bytes`);
  Object.assign(w, newWriter(SHARED_BYTES));
  return bytes.slice();
}

/**
 * Bytes to a value of the layout. The bytes must be the one canonical encoding: they are scanned,
 * decoded by msgpackr, read against the layout, written again and compared. Total on any bytes.
 * Byte strings in the result are views of `bytes`, which must not change afterwards.
 */
export function decode<T>(layout: Layout<T>, bytes: Bytes): Outcome<T, CanonicalRejection> {
  const refused = scanCanonical(bytes);
  if (refused !== undefined) return reject(refused);
  const note: Note = { path: "", want: layout.want };
  // msgpackr leaves a DataView on the array that it is given, so it is given one of its own.
  const value = layout.read(unpackr.unpack(bytes.subarray()) as CanonicalValue, note);
  if (value === MISMATCH) {
    return reject({ code: "layout_mismatch", path: note.path, want: note.want });
  }
  const w = sharedWriter;
  w.start = w.at;
  layout.write(w, value);
  const again = writtenBytes(w);
  w.at = w.start;
  if (!equalBytes(bytes, again)) {
    return reject({ code: "noncanonical", offset: 0, why: "differs from its own encoding" });
  }
  return ok(value);
}

/** An unsigned integer from 0 to `max`, which is at most 2^53 - 1. */
export function uint(max: number = Number.MAX_SAFE_INTEGER): Layout<number> {
  const want = `an integer from 0 to ${max}`;
  return {
    want,
    write: (w, value) => {
      if (value > max) unencodable(`${value} is not ${want}`);
      writeUint(w, value);
    },
    read: (value, note) => {
      const n = typeof value === "bigint" ? Number(value) : value;
      return typeof n === "number" && n <= max ? n : mismatch(note, want);
    },
  };
}

/** An unsigned integer from 0 to 2^63 - 1, as a bigint. */
export const bigUint: Layout<bigint> = {
  want: "an integer from 0 to 2^63 - 1",
  write: writeBigUint,
  read: (value, note) => {
    if (typeof value === "number") return BigInt(value);
    return typeof value === "bigint" && value <= MAX_UINT ? value : mismatch(note, bigUint.want);
  },
};

/** A byte string of exactly `length` bytes, branded as the caller says. */
export function bin<T extends Bytes = Bytes>(length: number): Layout<T> {
  const want = `${length} bytes`;
  return {
    want,
    write: (w, value) => {
      if (value.length !== length) unencodable(`${value.length} bytes, not ${length}`);
      writeBin(w, value);
    },
    read: (value, note) =>
      value instanceof Uint8Array && value.length === length ? (value as T) : mismatch(note, want),
  };
}

/** A byte string of `min` to `max` bytes. */
export function binUpTo(max: number, min = 0): Layout<Bytes> {
  const want = `${min} to ${max} bytes`;
  const fits = (value: Bytes): boolean => value.length >= min && value.length <= max;
  return {
    want,
    write: (w, value) => {
      if (!fits(value)) unencodable(`${value.length} bytes, not ${want}`);
      writeBin(w, value);
    },
    read: (value, note) =>
      value instanceof Uint8Array && fits(value) ? value : mismatch(note, want),
  };
}

/** Printable ASCII of `min` to `max` characters that also passes `accepts`, branded as the caller says. */
export function text<T extends string = string>(
  max: number,
  options: { readonly min?: number; readonly pattern?: RegExp } = {},
): Layout<T> {
  const { min = 0, pattern } = options;
  const want = `text of ${min} to ${max} characters${pattern ? ` like ${pattern.source}` : ""}`;
  const fits = (value: string): boolean =>
    value.length >= min && value.length <= max && (pattern === undefined || pattern.test(value));
  return {
    want,
    write: (w, value) => {
      if (!fits(value)) unencodable(`not ${want}`);
      writeText(w, value);
    },
    read: (value, note) =>
      typeof value === "string" && fits(value) ? (value as T) : mismatch(note, want),
  };
}

/** Exactly this integer: the kind of a union, or a version. */
export function literal<const N extends number>(expected: N): Layout<N> {
  const want = `the integer ${expected}`;
  return {
    want,
    write: (w, value) => {
      if (value !== expected) unencodable(`${value} is not ${want}`);
      writeUint(w, value);
    },
    read: (value, note) => (value === expected ? expected : mismatch(note, want)),
  };
}

/** One of these integers. */
export function oneOf<const N extends number>(...allowed: readonly N[]): Layout<N> {
  const want = `one of ${allowed.join(", ")}`;
  return {
    want,
    write: (w, value) => {
      if (!allowed.includes(value)) unencodable(`${value} is not ${want}`);
      writeUint(w, value);
    },
    read: (value, note) => allowed.find((n) => n === value) ?? mismatch(note, want),
  };
}

/** The layout, or nil. */
export function nullable<T>(inner: Layout<T>): Layout<T | null> {
  return {
    want: `${inner.want}, or nil`,
    write: (w, value) => (value === null ? writeNil(w) : inner.write(w, value)),
    read: (value, note) => (value === null ? null : inner.read(value, note)),
  };
}

/** An array of `min` to `max` elements of one layout. */
export function list<T>(
  inner: Layout<T>,
  max: number = MAX_ELEMENTS,
  min = 0,
): Layout<readonly T[]> {
  const want = `an array of ${min} to ${max} elements`;
  const fits = (count: number): boolean => count >= min && count <= max;
  return {
    want,
    write: (w, value) => {
      if (!fits(value.length)) unencodable(`${value.length} elements, not ${want}`);
      writeArrayHead(w, value.length);
      for (const element of value) inner.write(w, element);
    },
    read: (value, note) => {
      if (!Array.isArray(value) || !fits(value.length)) return mismatch(note, want);
      const result: T[] = [];
      for (let i = 0; i < value.length; i++) {
        const element = inner.read(value[i] as CanonicalValue, note);
        if (element === MISMATCH) return within(note, `[${i}]`);
        result.push(element);
      }
      return result;
    },
  };
}

/** A tuple written as an array, read as an object with the fields in this order. */
export function tuple<F extends Readonly<Record<string, Layout<never> | Layout<unknown>>>>(
  fields: F,
): Layout<{ readonly [K in keyof F]: LayoutValue<F[K]> }> {
  type T = { readonly [K in keyof F]: LayoutValue<F[K]> };
  const names = Object.keys(fields);
  const layouts = Object.values(fields) as readonly Layout<unknown>[];
  const want = `an array of [${names.join(", ")}]`;
  // A copy of this has room for every field from the start; fields that are added one by one do not.
  const blank = Object.fromEntries(names.map((name) => [name, undefined]));
  return {
    want,
    write: (w, value) => {
      writeArrayHead(w, names.length);
      for (let i = 0; i < names.length; i++) {
        (layouts[i] as Layout<unknown>).write(w, value[names[i] as keyof T]);
      }
    },
    read: (value, note) => {
      if (!Array.isArray(value) || value.length !== names.length) return mismatch(note, want);
      const result: Record<string, unknown> = { ...blank };
      for (let i = 0; i < names.length; i++) {
        const field = (layouts[i] as Layout<unknown>).read(value[i] as CanonicalValue, note);
        if (field === MISMATCH) return within(note, `.${names[i] as string}`);
        result[names[i] as string] = field;
      }
      return result as T;
    },
  };
}

/** A union of tuples told apart by their first element, an integer named `kind`. */
export function union<
  M extends Readonly<Record<number, Layout<{ readonly kind: number }> | Layout<never>>>,
>(members: M): Layout<LayoutValue<M[keyof M]>> {
  type T = LayoutValue<M[keyof M]>;
  const want = `an array that begins with a kind of ${Object.keys(members).join(", ")}`;
  const byKind = new Map<unknown, Layout<T>>();
  for (const [kind, member] of Object.entries(members)) {
    byKind.set(Number(kind), member as unknown as Layout<T>);
  }
  return {
    want,
    write: (w, value) => {
      const member = byKind.get((value as { readonly kind: number }).kind);
      if (member === undefined) unencodable("kind outside its union");
      member.write(w, value);
    },
    read: (value, note) => {
      const member = Array.isArray(value) ? byKind.get(value[0]) : undefined;
      return member === undefined ? mismatch(note, want) : member.read(value, note);
    },
  };
}

function mismatch(note: Note, want: string): typeof MISMATCH {
  note.want = want;
  return MISMATCH;
}

function within(note: Note, step: string): typeof MISMATCH {
  note.path = step + note.path;
  return MISMATCH;
}

/** Short encodings stand in one buffer: one of its own would cost each about a microsecond. */
const SHARED_BYTES = 32_768;
const sharedWriter = newWriter(SHARED_BYTES);

const unpackr = new Packr({
  useRecords: false,
  variableMapSize: true,
  int64AsType: "bigint",
  moreTypes: false,
});

// The scanner lets no extension through; these make sure that none would be decoded if it did.
for (const type of [0x42, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x74, 0x78, 0xff]) {
  addExtension({
    type,
    unpack: () => {
      throw new RangeError(`extension ${type} is not in the profile`);
    },
  });
}
