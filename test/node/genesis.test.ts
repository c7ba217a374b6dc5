import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bytes } from "../../crypto/bytes.ts";
import { decode, encode } from "../../crypto/canonical-layout.ts";
import { acceleratedVerifier, type Signature } from "../../crypto/ed25519.ts";
import { hashKey } from "../../crypto/hash.ts";
import { parseGenesis, renderGenesis } from "../../node/genesis-json.ts";
import {
  bindTransport,
  checkGenesis,
  genesisLayout,
  MAX_BANKS,
  netOf,
  quorumSize,
  type BankRecord,
  type GenesisRecord,
} from "../../node/genesis.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { bytesNamed, flipBit, inHex } from "../bytes.ts";
import { holds } from "../property.ts";

const verifier = acceleratedVerifier(opensslVerifier());

function bank(number: number): BankRecord {
  const ledger = opensslSigner(bytesNamed(`ledger key ${number}`));
  const transportKey = opensslSigner(bytesNamed(`transport key ${number}`)).publicKey;
  const letters = [26 * 26, 26, 1].map((unit) => Math.floor(number / unit) % 26);
  return {
    number,
    id: `bank-${number}`,
    name: `Bank ${number}`,
    currency: String.fromCharCode(...letters.map((letter) => 65 + letter)) as CurrencyCode,
    decimals: 2,
    ledgerKey: ledger.publicKey,
    transportKey,
    binding: bindTransport(transportKey, ledger),
  };
}

const BANKS = [1, 2, 3, 4].map(bank);
const [first, second] = BANKS as [BankRecord, BankRecord];
const RECORD: GenesisRecord = {
  version: 1,
  name: "four-banks",
  banks: BANKS,
  byzantine: 1,
  crashed: 0,
  quorum: 3,
  deltaMs: 50,
  ttlMs: 2_000,
};

function verdictOn(record: GenesisRecord): string {
  const genesis = checkGenesis(record, verifier);
  return genesis.ok ? "valid" : `${genesis.error.field}: ${genesis.error.want}`;
}

describe("a corridor's record", () => {
  it("is valid, with its hash, its banks and its quorum", () => {
    const genesis = checkGenesis(RECORD, verifier);
    if (!genesis.ok) throw new Error(genesis.error.field);
    expect(hashKey(genesis.value.net)).toBe(hashKey(netOf(RECORD)));
    expect(genesis.value.banks.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(genesis.value).toMatchObject({ quorum: 3, byzantine: 1, deltaMs: 50, ttlMs: 2_000 });
    expect(decode(genesisLayout, encode(genesisLayout, RECORD))).toEqual({
      ok: true,
      value: RECORD,
    });
  });

  it.each([
    [2, 0, 0, 2],
    [3, 0, 1, 2],
    [4, 1, 0, 3],
    [5, 1, 0, 4],
    [5, 0, 2, 3],
    [6, 1, 1, 4],
    [7, 2, 0, 5],
  ])("n = %d, b = %d, c = %d: quorum %d (protocols.md 3.2)", (n, b, c, q) => {
    expect(quorumSize(n, b)).toBe(q);
    expect(n).toBeGreaterThanOrEqual(3 * b + 2 * c + 1);
    expect(q).toBeLessThanOrEqual(n - b - c);
    expect(2 * q - n).toBeGreaterThanOrEqual(b + 1);
  });

  const sound = "n >= 3b + 2c + 1 =";
  it.each<[string, Partial<GenesisRecord>, string]>([
    ["too few banks for b", { banks: BANKS.slice(0, 3) }, `banks: ${sound} 4`],
    ["too few banks for c", { crashed: 1 }, `banks: ${sound} 6`],
    ["no bank", { banks: [], byzantine: 0 }, `banks: ${sound} 1`],
    ["one bank", { banks: [first], byzantine: 0, quorum: 1 }, "valid"],
    ["a quorum too small", { quorum: 2 }, "quorum: ceil((n + b + 1) / 2) = 3"],
    ["a quorum too large", { quorum: 4 }, "quorum: ceil((n + b + 1) / 2) = 3"],
    ["no delay", { deltaMs: 0 }, "deltaMs, ttlMs: at least 1 ms"],
    ["no time to live", { ttlMs: 0 }, "deltaMs, ttlMs: at least 1 ms"],
  ])("%s", (_, change, verdict) => {
    expect(verdictOn({ ...RECORD, ...change })).toBe(verdict);
  });

  const small = new Uint8Array(32).fill(0, 1) as Bytes;
  small[0] = 1;
  it.each<[string, Partial<BankRecord>, string]>([
    ["a number twice", { number: 1 }, "banks[1]: each once"],
    ["an id twice", { id: "bank-1" }, "banks[1]: each once"],
    ["a currency twice", { currency: first.currency }, "banks[1]: each once"],
    ["a ledger key twice", { ledgerKey: first.ledgerKey }, "banks[1]: each once"],
    ["a transport key twice", { transportKey: first.transportKey }, "banks[1]: each once"],
    ["one key for both uses", { transportKey: second.ledgerKey }, "banks[1]: each once"],
    ["another's key for another use", { transportKey: first.ledgerKey }, "banks[1]: each once"],
    ["a ledger key of small order", { ledgerKey: small }, "banks[1].ledgerKey: an enrolled key"],
    [
      "a transport key of small order",
      { transportKey: small },
      "banks[1].transportKey: an enrolled key",
    ],
    [
      "a binding by another bank",
      { binding: first.binding },
      "banks[1].binding: the ledger key's own",
    ],
    [
      "a damaged binding",
      { binding: flipBit(second.binding, 9) as Signature },
      "banks[1].binding: the ledger key's own",
    ],
    ["another name", { name: "Another name" }, "valid"],
  ])("%s", (_, change, verdict) => {
    expect(verdictOn({ ...RECORD, banks: BANKS.with(1, { ...second, ...change }) })).toBe(verdict);
  });

  it("has at most 64 banks", () => {
    const banks = Array.from({ length: MAX_BANKS + 1 }, (_, i) => bank(i + 1));
    const many = (n: number): GenesisRecord => ({
      ...RECORD,
      banks: banks.slice(0, n),
      quorum: quorumSize(n, 1),
    });
    expect(verdictOn(many(MAX_BANKS))).toBe("valid");
    expect(verdictOn(many(MAX_BANKS + 1))).toBe("banks: at most 64");
  });

  it("names its corridor by every field", () => {
    const others: readonly GenesisRecord[] = [
      { ...RECORD, name: "others" },
      { ...RECORD, banks: [second, first, ...BANKS.slice(2)] },
      { ...RECORD, byzantine: 0 },
      { ...RECORD, crashed: 1 },
      { ...RECORD, quorum: 4 },
      { ...RECORD, deltaMs: 51 },
      { ...RECORD, ttlMs: 2_001 },
      { ...RECORD, banks: BANKS.with(0, { ...first, decimals: 3 }) },
    ];
    const nets = [RECORD, ...others].map((record) => hashKey(netOf(record)));
    expect(new Set(nets).size).toBe(nets.length);
  });
});

describe("a genesis file", () => {
  const genesis = checkGenesis(RECORD, verifier);
  const text = genesis.ok ? renderGenesis(genesis.value) : "";
  const parsed = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const verdictOnFile = (value: unknown): string => {
    const result = parseGenesis(JSON.stringify(value), verifier);
    return result.ok ? "valid" : `${result.error.field}: found ${result.error.found}`;
  };
  const [bankOne] = parsed["banks"] as readonly Readonly<Record<string, unknown>>[];
  const withBank = (change: object) => ({
    ...parsed,
    banks: [{ ...bankOne, ...change }, ...(parsed["banks"] as unknown[]).slice(1)],
  });

  it("is read back as it was written", () => {
    expect(inHex(parseGenesis(text, verifier))).toEqual(inHex(genesis));
  });

  it.each<[string, unknown, string]>([
    ["another format", { ...parsed, format: "daliz-genesis/2" }, "format: found daliz-genesis/2"],
    ["another version", { ...parsed, version: 2 }, "version: found 2"],
    ["an unknown field", { ...parsed, colour: "blue" }, "colour: found an unknown field"],
    [
      "a hash of another record",
      { ...parsed, ttlMs: 2_001 },
      `net: found ${String(parsed["net"])}`,
    ],
    ["a hash cut short", { ...parsed, net: "00" }, "net: found 00"],
    ["a name with capitals", { ...parsed, name: "Four" }, "name: found Four"],
    ["a missing field", { ...parsed, quorum: undefined }, "quorum: found nothing"],
    ["a fraction", { ...parsed, deltaMs: 0.5 }, "deltaMs: found 0.5"],
    ["a number as text", { ...parsed, deltaMs: "50" }, "deltaMs: found 50"],
    ["banks that are no list", { ...parsed, banks: {} }, "banks: found {}"],
    ["a bank that is no object", { ...parsed, banks: [7] }, "banks[0].: found 7"],
    ["an unknown field of a bank", withBank({ bic: "X" }), "banks[0].bic: found an unknown field"],
    ["a currency of four letters", withBank({ currency: "KZTT" }), "banks[0].currency: found KZTT"],
    ["a key that is no hex", withBank({ ledgerKey: "zz" }), "banks[0].ledgerKey: found zz"],
    ["a list", [], ": found []"],
    ["nil", null, ": found null"],
  ])("%s", (_, value, verdict) => {
    expect(verdictOnFile(value)).toBe(verdict);
  });

  it("gives a verdict on any text and any JSON", () => {
    const texts = fc.oneof(fc.string(), fc.json(), fc.constant("[".repeat(100_000)));
    holds(
      fc.property(texts, (text) => {
        expect(parseGenesis(text, verifier)).toMatchObject({ error: { code: "genesis_invalid" } });
      }),
      300,
    );
  });
});
