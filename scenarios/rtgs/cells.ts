import { MAX_AMOUNT } from "../../node/money.ts";
import { MAX_LABEL_CHARACTERS } from "../scenario-limits.ts";

export const MEMBER_LABEL = `a member: 1 to ${MAX_LABEL_CHARACTERS} letters, digits, - and _`;

export const AMOUNT = `whole minor units up to ${MAX_AMOUNT}, in plain digits`;

/** A label of letters, digits, `-` and `_`: `7` and `007` are two members. */
export const isMemberLabel = (bytes: Uint8Array, start: number, end: number): boolean =>
  consistsOf(IN_MEMBERS, bytes, start, end);

/** An id of visible ASCII characters, which CSV needs no quotes for. */
export const isPaymentId = (bytes: Uint8Array, start: number, end: number): boolean =>
  consistsOf(IN_IDS, bytes, start, end);

function consistsOf(allowed: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > MAX_LABEL_CHARACTERS) return false;
  for (let i = start; i < end; i++) if (allowed[bytes[i] as number] === 0) return false;
  return true;
}

/** By byte: 1 for an ASCII character that matches. */
const bytesMatching = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) =>
    byte < 0x80 && pattern.test(String.fromCharCode(byte)) ? 1 : 0,
  );

const IN_MEMBERS = bytesMatching(/^[A-Za-z0-9_-]$/);
const IN_IDS = bytesMatching(/^[!#-+\--~]$/);
