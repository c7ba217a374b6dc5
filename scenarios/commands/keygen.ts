import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { quorumSize } from "../../node/genesis.ts";
import { renderGenesis } from "../../node/genesis-json.ts";
import { NAME_PATTERN } from "../../node/ids.ts";
import { writeKeyFile } from "../../node/io/key-file.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { CURRENCY_PATTERN } from "../../node/money.ts";
import { badInput } from "../exit.ts";
import { makeCorridor } from "../live/corridor-keys.ts";

export interface KeygenOptions {
  readonly out: string;
  readonly name: string;
  readonly bank: readonly string[];
  readonly byzantine: string;
  readonly crashed: string;
  readonly deltaMs: string;
  readonly ttlMs: string;
}

/** `daliz keygen`: makes fresh keys for every bank of a corridor, and the genesis that names them. */
export function runKeygen(options: KeygenOptions): void {
  const banks = options.bank.map(parseBank);
  if (banks.length === 0) throw badInput("--bank ID:CURRENCY[:DECIMALS[:NAME]]: want at least one");
  if (!NAME_PATTERN.test(options.name))
    throw badInput(`--name ${options.name}: want ${NAME_PATTERN.source}`);
  const byzantine = wholeNumber("--byzantine", options.byzantine);
  const crashed = wholeNumber("--crashed", options.crashed);
  const least = 3 * byzantine + 2 * crashed + 1;
  if (banks.length < least) {
    throw badInput(
      `impossible quorum: ${banks.length} banks, b = ${byzantine}, c = ${crashed} need n >= 3b + 2c + 1 = ${least}`,
    );
  }
  for (const field of ["id", "currency"] as const) {
    const values = banks.map((bank) => bank[field]);
    const twice = values.find((value, i) => values.indexOf(value) !== i);
    if (twice !== undefined) throw badInput(`--bank: ${field} ${twice} twice`);
  }
  const corridor = makeCorridor(
    {
      name: options.name,
      banks,
      byzantine,
      crashed,
      deltaMs: wholeNumber("--delta-ms", options.deltaMs),
      ttlMs: wholeNumber("--ttl-ms", options.ttlMs),
    },
    acceleratedVerifier(opensslVerifier()),
  );
  fs.mkdirSync(options.out, { recursive: true, mode: 0o700 });
  const genesisFile = path.join(options.out, "genesis.json");
  try {
    fs.writeFileSync(genesisFile, renderGenesis(corridor.genesis), { flag: "wx" });
    for (const [bank, keys] of corridor.keys) {
      writeKeyFile(path.join(options.out, `${bank}.key`), keys);
    }
  } catch (error) {
    throw badInput(`${options.out}: ${(error as Error).message}`);
  }
  const q = quorumSize(banks.length, byzantine);
  process.stdout.write(`${genesisFile}: ${banks.length} banks, quorum ${q}\n`);
  for (const { id } of banks) {
    process.stdout.write(`${path.join(options.out, `${id}.key`)}: secret, for bank ${id} alone\n`);
  }
}

function parseBank(text: string) {
  const [id = "", currency = "", decimals = "2", ...name] = text.split(":");
  const fine = NAME_PATTERN.test(id) && CURRENCY_PATTERN.test(currency) && /^[0-6]$/.test(decimals);
  if (!fine) throw badInput(`--bank ${text}: want ID:CURRENCY[:DECIMALS[:NAME]], such as kz:KZT`);
  return { id, currency, decimals: Number(decimals), name: name.join(":") || id };
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw badInput(`${flag} ${text}: want a whole number`);
  return Number(text);
}
