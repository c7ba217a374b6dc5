import { concatBytes, readU32, utf8ToBytes, writeU32, type Bytes } from "../../crypto/bytes.ts";
import { invariant } from "../../crypto/outcome.ts";
import { MAX_BLOCK_BYTES } from "../limits.ts";
import { crc32c } from "./crc32c.ts";

/** The first bytes of a ledger file: its format and version. */
export const LEDGER_MAGIC = utf8ToBytes("daliz-ledger/1\n\0");

/** A record's kind: the bank's own block in full, or the public part of a peer's. */
export const OWN_BLOCK = 1;
export const PEER_BLOCK = 2;
/**
 * Kinds of a validator's journal under `shared-ledger`: a block of the one chain, what the validator
 * must never forget (its last vote and timeout, its lock, its highest certificate), and a transaction
 * that it signed.
 */
export const CHAIN_BLOCK = 16;
export const CHAIN_STATE = 17;
export const CHAIN_TRANSACTION = 18;

const RECORD_KINDS = [OWN_BLOCK, PEER_BLOCK, CHAIN_BLOCK, CHAIN_STATE, CHAIN_TRANSACTION] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

/** Bytes before a record's payload: length (u32), CRC-32C (u32), kind (u8). */
export const RECORD_HEAD_BYTES = 9;

export interface LedgerRecord {
  readonly kind: RecordKind;
  /** Offset of the record's first byte in the file. */
  readonly offset: number;
  readonly payload: Bytes;
}

export interface LedgerDamage {
  readonly code: "ledger_corrupt";
  readonly offset: number;
  readonly why: string;
}

/**
 * Frames a payload: u32 length of kind and payload, u32 CRC-32C of both, kind, payload (big-endian).
 * A payload is a block: 1 to `MAX_BLOCK_BYTES` bytes.
 */
export function encodeRecord(kind: RecordKind, payload: Bytes): Bytes {
  const { length } = payload;
  invariant(length >= 1 && length <= MAX_BLOCK_BYTES, "RecordLength", `a block of ${length} bytes`);
  const head = new Uint8Array(RECORD_HEAD_BYTES);
  writeU32(head, 0, 1 + length);
  head[8] = kind;
  const record = concatBytes(head, payload);
  writeU32(record, 4, crc32c(record, 8));
  return record;
}

/**
 * Takes a ledger file apart. `end` is the offset up to which every record is whole; `damage` says what
 * stands there when it is not the end of the file. The caller knows whether a torn tail is forgiven.
 */
export function parseLedgerFile(bytes: Bytes): {
  readonly records: readonly LedgerRecord[];
  readonly end: number;
  readonly damage: LedgerDamage | undefined;
} {
  const records: LedgerRecord[] = [];
  const damaged = (offset: number, why: string) => ({
    records,
    end: offset,
    damage: { code: "ledger_corrupt", offset, why } as const,
  });
  for (let i = 0; i < LEDGER_MAGIC.length; i++) {
    if (bytes[i] !== LEDGER_MAGIC[i]) return damaged(0, "not a ledger file of version 1");
  }
  let at = LEDGER_MAGIC.length;
  while (at < bytes.length) {
    const record = readRecord(bytes, at);
    if (typeof record === "string") return damaged(at, record);
    records.push(record);
    at += RECORD_HEAD_BYTES + record.payload.length;
  }
  return { records, end: at, damage: undefined };
}

/** The whole record that stands at an offset, or why there is none. */
export function readRecord(bytes: Bytes, at: number): LedgerRecord | string {
  if (at + RECORD_HEAD_BYTES > bytes.length) return "record head is cut short";
  const length = readU32(bytes, at);
  if (length < 2 || length > MAX_BLOCK_BYTES + 1) return "record length is impossible";
  const end = at + 8 + length;
  if (end > bytes.length) return "record is cut short";
  if (crc32c(bytes, at + 8, end) !== readU32(bytes, at + 4)) return "checksum differs";
  const kind = RECORD_KINDS.find((known) => known === bytes[at + 8]);
  if (kind === undefined) return "record kind is unknown";
  return { kind, offset: at, payload: bytes.subarray(at + RECORD_HEAD_BYTES, end) };
}
