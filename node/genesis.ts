import { concatBytes, type Bytes } from "../crypto/bytes.ts";
import {
  bin,
  encode,
  list,
  literal,
  text,
  tuple,
  uint,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import { enrolKey, signedBytes, type EnrolledKey, type Signature } from "../crypto/ed25519.ts";
import type { Signer, Verifier } from "../crypto/ed25519.ts";
import { digestParts, DOMAIN, hashKey, type Hash } from "../crypto/hash.ts";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { NAME_PATTERN, type BankNumber } from "./ids.ts";
import { CURRENCY_PATTERN, type Currency, type CurrencyCode } from "./money.ts";

/** Banks of one corridor. Scenarios go to 25; more than 64 would not fit one certificate comfortably. */
export const MAX_BANKS = 64;

const bankRecordLayout = tuple({
  number: uint(65_535),
  id: text<string>(32, { min: 2, pattern: NAME_PATTERN }),
  name: text<string>(64, { min: 1 }),
  currency: text<CurrencyCode>(3, { min: 3, pattern: CURRENCY_PATTERN }),
  decimals: uint(6),
  /** Signs blocks. */
  ledgerKey: bin<Bytes>(32),
  /** The Ed25519 identity of the bank's libp2p host, apart from the ledger key. */
  transportKey: bin<Bytes>(32),
  /** The ledger key's signature that binds the transport key to it. */
  binding: bin<Signature>(64),
});

/** The record whose hash names the corridor; every signed thing contains that hash (FORMAT.md, section 2). */
export const genesisLayout = tuple({
  version: literal(1),
  name: text<string>(32, { min: 2, pattern: NAME_PATTERN }),
  banks: list(bankRecordLayout, MAX_BANKS, 1),
  byzantine: uint(MAX_BANKS),
  crashed: uint(MAX_BANKS),
  quorum: uint(MAX_BANKS),
  /** The banks' working figure for one one-way message delay, in milliseconds (Δ̂). */
  deltaMs: uint(3_600_000),
  /** How long a swap waits for its fast path before the slow path opens, in milliseconds. */
  ttlMs: uint(86_400_000),
});

export type GenesisRecord = LayoutValue<typeof genesisLayout>;
export type BankRecord = LayoutValue<typeof bankRecordLayout>;

export interface Bank {
  readonly number: BankNumber;
  readonly id: string;
  readonly name: string;
  readonly currency: Currency;
  readonly ledgerKey: EnrolledKey;
  readonly transportKey: Bytes;
}

/** A corridor whose record was checked: keys enrolled, names and numbers distinct, quorum possible. */
export interface Genesis {
  readonly net: Hash;
  readonly record: GenesisRecord;
  readonly banks: readonly Bank[];
  readonly quorum: number;
  readonly byzantine: number;
  readonly deltaMs: number;
  readonly ttlMs: number;
}

export interface GenesisRejection {
  readonly code: "genesis_invalid";
  readonly field: string;
  readonly found: string;
  readonly want: string;
}

/** q = ceil((n + b + 1) / 2): two quorums share at least b + 1 banks (protocols.md 3.2, Q1). */
export const quorumSize = (n: number, b: number): number => Math.ceil((n + b + 1) / 2);

export const netOf = (record: GenesisRecord): Hash =>
  digestParts(DOMAIN.genesis, encode(genesisLayout, record));

const bindingBytes = (transportKey: Bytes, ledgerKey: Bytes): Bytes =>
  signedBytes(DOMAIN.transport, concatBytes(transportKey, ledgerKey));

export const bindTransport = (transportKey: Bytes, signer: Signer): Signature =>
  signer.sign(bindingBytes(transportKey, signer.publicKey));

/** Checks a corridor's record. A record that fails makes no corridor. */
export function checkGenesis(
  record: GenesisRecord,
  verifier: Verifier,
): Outcome<Genesis, GenesisRejection> {
  const refuse = (field: string, found: string, want: string) =>
    reject({ code: "genesis_invalid", field, found, want } as const);
  const { byzantine: b, crashed: c, quorum, deltaMs, ttlMs } = record;
  const n = record.banks.length;
  if (n > MAX_BANKS) return refuse("banks", `${n} banks`, `at most ${MAX_BANKS}`);
  if (n < 3 * b + 2 * c + 1) {
    return refuse("banks", `${n} banks`, `n >= 3b + 2c + 1 = ${3 * b + 2 * c + 1}`);
  }
  if (quorum !== quorumSize(n, b)) {
    return refuse("quorum", `${quorum}`, `ceil((n + b + 1) / 2) = ${quorumSize(n, b)}`);
  }
  if (deltaMs === 0 || ttlMs === 0) return refuse("deltaMs, ttlMs", "0", "at least 1 ms");
  const seen = new Set<string>();
  const banks: Bank[] = [];
  for (const [i, bank] of record.banks.entries()) {
    const at = `banks[${i}]`;
    const marks = [
      `number ${bank.number}`,
      `id ${bank.id}`,
      `currency ${bank.currency}`,
      `key ${hashKey(bank.ledgerKey)}`,
      `key ${hashKey(bank.transportKey)}`,
    ];
    for (const mark of marks) {
      if (seen.has(mark)) return refuse(at, `${mark} twice`, "each once");
      seen.add(mark);
    }
    const ledgerKey = enrolKey(bank.ledgerKey);
    if (!ledgerKey.ok) return refuse(`${at}.ledgerKey`, ledgerKey.error.why, "an enrolled key");
    const transportKey = enrolKey(bank.transportKey);
    if (!transportKey.ok) {
      return refuse(`${at}.transportKey`, transportKey.error.why, "an enrolled key");
    }
    const bound = bindingBytes(bank.transportKey, bank.ledgerKey);
    if (!verifier.verify(ledgerKey.value, bound, bank.binding).valid) {
      return refuse(`${at}.binding`, "another signature", "the ledger key's own");
    }
    const currency = { code: bank.currency, decimals: bank.decimals };
    banks.push({
      number: bank.number as BankNumber,
      id: bank.id,
      name: bank.name,
      currency,
      ledgerKey: ledgerKey.value,
      transportKey: bank.transportKey,
    });
  }
  return ok({ net: netOf(record), record, banks, quorum, byzantine: b, deltaMs, ttlMs });
}
