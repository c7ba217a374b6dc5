import fs from "node:fs";
import { bytesToHex, parseHex, type Bytes } from "../../crypto/bytes.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";

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
  | { readonly code: "key_format"; readonly file: string; readonly why: string };

const FORMAT = "daliz-key/1";

/** Creates the key file, readable by its owner alone; an existing one is never overwritten (EEXIST throws). */
export function writeKeyFile(file: string, keys: BankKeys): void {
  const text = JSON.stringify(
    {
      format: FORMAT,
      bank: keys.bank,
      ledgerSeed: bytesToHex(keys.ledgerSeed),
      transportSeed: bytesToHex(keys.transportSeed),
      saltSecret: bytesToHex(keys.saltSecret),
    },
    undefined,
    2,
  );
  fs.writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
}

/** Reads a key file; one that others can read, that is a symlink or is not a file is refused. */
export function readKeyFile(file: string): Outcome<BankKeys, KeyFileRejection> {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return reject({ code: "key_missing", file });
  if (!stat.isFile()) return reject({ code: "key_format", file, why: "not a regular file" });
  const mode = stat.mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    return reject({ code: "key_permissions", file, mode: mode.toString(8), want: "600" });
  }
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    return reject({ code: "key_format", file, why: "not JSON" });
  }
  const secret = (name: string): Bytes | undefined => {
    const found = value?.[name];
    return typeof found === "string" ? parseHex(found, 32) : undefined;
  };
  const ledgerSeed = secret("ledgerSeed");
  const transportSeed = secret("transportSeed");
  const saltSecret = secret("saltSecret");
  const bank = value?.["bank"];
  if (value?.["format"] !== FORMAT || typeof bank !== "string") {
    return reject({ code: "key_format", file, why: `not a ${FORMAT} file` });
  }
  if (ledgerSeed === undefined || transportSeed === undefined || saltSecret === undefined) {
    return reject({ code: "key_format", file, why: "a secret that is not 32 bytes in hex" });
  }
  return ok({ bank, ledgerSeed, transportSeed, saltSecret });
}
