import fs from "node:fs";
import { bytesToHex, parseHex, type Bytes } from "../../crypto/bytes.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { seal, unseal } from "./passphrase-seal.ts";

/**
 * A bank's secrets: 32 bytes each. They are never printed or logged, and put into a run folder only at
 * the user's word (`run --record`), when the banks were made for that run alone.
 */
export interface BankKeys {
  readonly bank: string;
  readonly ledgerSeed: Bytes;
  readonly transportSeed: Bytes;
  readonly saltSecret: Bytes;
}

export type KeyFileRejection =
  | { readonly code: "key_missing"; readonly file: string }
  | {
      readonly code: "key_permissions";
      readonly file: string;
      readonly mode: string;
      readonly want: string;
    }
  | { readonly code: "key_format"; readonly file: string; readonly why: string }
  /** The file is encrypted and no passphrase was given. */
  | { readonly code: "key_locked"; readonly file: string }
  /** Another passphrase than the file was encrypted with, or the file was changed. */
  | { readonly code: "key_passphrase"; readonly file: string };

const PLAIN_FORMAT = "daliz-key/1";
const SEALED_FORMAT = "daliz-sealed-key/1";

/**
 * Creates the key file, readable by its owner alone, its secrets encrypted if a passphrase is given; an
 * existing file is never overwritten (EEXIST throws).
 */
export function writeKeyFile(file: string, keys: BankKeys, passphrase?: string): void {
  const { bank } = keys;
  const secrets = {
    ledgerSeed: bytesToHex(keys.ledgerSeed),
    transportSeed: bytesToHex(keys.transportSeed),
    saltSecret: bytesToHex(keys.saltSecret),
  };
  const content =
    passphrase === undefined
      ? { format: PLAIN_FORMAT, bank, ...secrets }
      : {
          format: SEALED_FORMAT,
          bank,
          sealed: bytesToHex(seal(JSON.stringify(secrets), passphrase, sealedFor(bank))),
        };
  const text = JSON.stringify(content, undefined, 2);
  fs.writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
}

/** What the encryption authenticates besides the secrets: they open under no other bank's name. */
const sealedFor = (bank: string): string => `${SEALED_FORMAT}\0${bank}`;

/**
 * Reads a key file; one that others can read, that is a symlink or is not a file is refused. An
 * encrypted one needs its passphrase; for another it is not used.
 */
export function readKeyFile(
  file: string,
  passphrase?: string,
): Outcome<BankKeys, KeyFileRejection> {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return reject({ code: "key_missing", file });
  if (!stat.isFile()) return reject({ code: "key_format", file, why: "not a regular file" });
  const mode = stat.mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    return reject({ code: "key_permissions", file, mode: mode.toString(8), want: "600" });
  }
  const value = parseObject(readText(file));
  const format = value?.["format"];
  const bank = value?.["bank"];
  const known = format === PLAIN_FORMAT || format === SEALED_FORMAT;
  if (!known || typeof bank !== "string") {
    const why = `not a ${PLAIN_FORMAT} or ${SEALED_FORMAT} file`;
    return reject({ code: "key_format", file, why });
  }
  let secrets: Fields = value;
  if (format === SEALED_FORMAT) {
    const sealed = typeof value?.["sealed"] === "string" ? parseHex(value["sealed"]) : undefined;
    if (sealed === undefined) return reject({ code: "key_format", file, why: "sealed is not hex" });
    if (passphrase === undefined) return reject({ code: "key_locked", file });
    const text = unseal(sealed, passphrase, sealedFor(bank));
    if (text === undefined) return reject({ code: "key_passphrase", file });
    secrets = parseObject(text);
  }
  const ledgerSeed = secretOf(secrets, "ledgerSeed");
  const transportSeed = secretOf(secrets, "transportSeed");
  const saltSecret = secretOf(secrets, "saltSecret");
  if (ledgerSeed === undefined || transportSeed === undefined || saltSecret === undefined) {
    return reject({ code: "key_format", file, why: "a secret that is not 32 bytes in hex" });
  }
  return ok({ bank, ledgerSeed, transportSeed, saltSecret });
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

type Fields = Readonly<Record<string, unknown>> | undefined;

function parseObject(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function secretOf(fields: Fields, name: string): Bytes | undefined {
  const found = fields?.[name];
  return typeof found === "string" ? parseHex(found, 32) : undefined;
}
