import type { Bytes } from "./bytes.ts";

/**
 * What the canonical profile of msgpack can carry: unsigned integers, byte strings, printable ASCII
 * text, nil, and arrays of these. No maps, floats, booleans, extensions or negative numbers.
 * A decoder gives integers below 2^32 as `number` and larger ones as `bigint`.
 */
export type CanonicalValue = number | bigint | Bytes | string | null | readonly CanonicalValue[];

/** Why bytes are not the one encoding of a value of the expected layout. */
export type CanonicalRejection =
  | { readonly code: "noncanonical"; readonly offset: number; readonly why: string }
  | { readonly code: "decode_limit"; readonly what: string; readonly limit: number }
  | { readonly code: "layout_mismatch"; readonly path: string; readonly want: string };

/** Nesting of arrays, counted from the outermost; blocks need 6. */
export const MAX_DEPTH = 8;

/** Elements of one array: as many as a block has entries. */
export const MAX_ELEMENTS = 4096;

/** One byte string or text: msgpack's 16-bit length; 32-bit lengths are not in the profile. */
export const MAX_STRING_BYTES = 65_535;

/** A whole message or block. */
export const MAX_MESSAGE_BYTES = 262_144;

/** The largest integer of the profile that an amount, a time or a sequence number may take: 2^63 - 1. */
export const MAX_UINT = 2n ** 63n - 1n;
