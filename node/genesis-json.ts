import { bytesToHex, parseHex } from "../crypto/bytes.ts";
import type { Signature, Verifier } from "../crypto/ed25519.ts";
import { hashKey } from "../crypto/hash.ts";
import { reject, type Outcome } from "../crypto/outcome.ts";
import {
  checkGenesis,
  type BankRecord,
  type Genesis,
  type GenesisRecord,
  type GenesisRejection,
} from "./genesis.ts";
import { NAME_PATTERN } from "./ids.ts";
import { CURRENCY_PATTERN, type CurrencyCode } from "./money.ts";

const FORMAT = "daliz-genesis/1";

/** The genesis file: the record in JSON, with its hash for people to compare. */
export function renderGenesis(genesis: Genesis): string {
  const { record, net } = genesis;
  const banks = record.banks.map((bank) => ({
    ...bank,
    ledgerKey: bytesToHex(bank.ledgerKey),
    transportKey: bytesToHex(bank.transportKey),
    binding: bytesToHex(bank.binding),
  }));
  return `${JSON.stringify({ format: FORMAT, net: hashKey(net), ...record, banks }, undefined, 2)}\n`;
}

/** Parses and checks a genesis file. Every field is looked at; unknown fields are refused. */
export function parseGenesis(text: string, verifier: Verifier): Outcome<Genesis, GenesisRejection> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid("", "text that is no JSON", "a genesis file");
  }
  const problems: GenesisRejection[] = [];
  const read = new Reader(value, "", problems);
  read.only([
    "format",
    "net",
    "version",
    "name",
    "banks",
    "byzantine",
    "crashed",
    "quorum",
    "deltaMs",
    "ttlMs",
  ]);
  read.exactly("format", FORMAT);
  read.exactly("version", 1);
  const net = read.hex("net", 32);
  const record: GenesisRecord = {
    version: 1,
    name: read.text("name", NAME_PATTERN, 32),
    banks: read.list("banks").map(readBank),
    byzantine: read.integer("byzantine", 64),
    crashed: read.integer("crashed", 64),
    quorum: read.integer("quorum", 64),
    deltaMs: read.integer("deltaMs", 3_600_000),
    ttlMs: read.integer("ttlMs", 86_400_000),
  };
  const [first] = problems;
  if (first !== undefined) return reject(first);
  const genesis = checkGenesis(record, verifier);
  if (!genesis.ok) return genesis;
  if (hashKey(genesis.value.net) !== bytesToHex(net)) {
    return invalid("net", bytesToHex(net), `the hash of the record, ${hashKey(genesis.value.net)}`);
  }
  return genesis;
}

function readBank(read: Reader): BankRecord {
  read.only([
    "number",
    "id",
    "name",
    "currency",
    "decimals",
    "ledgerKey",
    "transportKey",
    "binding",
  ]);
  return {
    number: read.integer("number", 65_535),
    id: read.text("id", NAME_PATTERN, 32),
    name: read.text("name", /^[\x20-\x7e]+$/, 64),
    currency: read.text("currency", CURRENCY_PATTERN, 3) as CurrencyCode,
    decimals: read.integer("decimals", 6),
    ledgerKey: read.hex("ledgerKey", 32),
    transportKey: read.hex("transportKey", 32),
    binding: read.hex("binding", 64) as Signature,
  };
}

/** Reads fields of a parsed JSON object and collects what is wrong with them. */
class Reader {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #problems: GenesisRejection[];

  constructor(value: unknown, path: string, problems: GenesisRejection[]) {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    this.#value = isObject ? (value as Record<string, unknown>) : {};
    this.#path = path;
    this.#problems = problems;
    if (!isObject) this.#refuse("", value, "an object");
  }

  only(names: readonly string[]): void {
    for (const name of Object.keys(this.#value)) {
      if (!names.includes(name)) this.#refuse(name, "an unknown field", names.join(", "));
    }
  }

  exactly(name: string, expected: string | number): void {
    const found = this.#get(name);
    if (found !== expected) this.#refuse(name, found, JSON.stringify(expected));
  }

  text(name: string, pattern: RegExp, max: number): string {
    const found = this.#get(name);
    if (typeof found === "string" && found.length <= max && pattern.test(found)) return found;
    this.#refuse(name, found, `text like ${pattern.source}, at most ${max} characters`);
    return "";
  }

  integer(name: string, max: number): number {
    const found = this.#get(name);
    if (typeof found === "number" && Number.isInteger(found) && found >= 0 && found <= max) {
      return found;
    }
    this.#refuse(name, found, `an integer from 0 to ${max}`);
    return 0;
  }

  hex(name: string, bytes: number): Uint8Array {
    const found = this.#get(name);
    const parsed = typeof found === "string" ? parseHex(found, bytes) : undefined;
    if (parsed !== undefined) return parsed;
    this.#refuse(name, found, `${bytes} bytes in hex`);
    return new Uint8Array(bytes);
  }

  list(name: string): readonly Reader[] {
    const found = this.#get(name);
    if (!Array.isArray(found)) {
      this.#refuse(name, found, "a list");
      return [];
    }
    return found.map(
      (value, i) => new Reader(value, `${this.#path}${name}[${i}].`, this.#problems),
    );
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }

  #refuse(name: string, found: unknown, want: string): void {
    const shown = (typeof found === "string" ? found : (JSON.stringify(found) ?? "nothing")).slice(
      0,
      80,
    );
    this.#problems.push({ code: "genesis_invalid", field: this.#path + name, found: shown, want });
  }
}

const invalid = (field: string, found: string, want: string) =>
  reject({ code: "genesis_invalid", field, found, want } as const);
