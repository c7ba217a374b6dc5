import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { MAX_BANKS, quorumSize } from "../../node/genesis.ts";
import { renderGenesis } from "../../node/genesis-json.ts";
import { NAME_PATTERN } from "../../node/ids.ts";
import { writeKeyFile } from "../../node/io/key-file.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { CURRENCY_PATTERN } from "../../node/money.ts";
import { badInput } from "../exit.ts";
import { makeCorridor, type Corridor } from "../play/corridor-keys.ts";
import { readPassphrase } from "./passphrase.ts";

export interface KeygenOptions {
  readonly out: string;
  readonly name: string;
  readonly bank: readonly string[];
  readonly byzantine: string;
  readonly crashed: string;
  readonly deltaMs: string;
  readonly ttlMs: string;
  readonly passphraseFile?: string;
}

/** `daliz keygen`: makes fresh keys for every bank of a corridor, and the genesis that names them. */
export function runKeygen(options: KeygenOptions): void {
  const banks = options.bank.map(parseBank);
  if (banks.length === 0) throw badInput("--bank ID:CURRENCY[:DECIMALS[:NAME]]: want at least one");
  if (!NAME_PATTERN.test(options.name))
    throw badInput(`--name ${options.name}: want ${NAME_PATTERN.source}`);
  if (banks.length > MAX_BANKS)
    throw badInput(`--bank: ${banks.length} banks, want ${MAX_BANKS} at most`);
  const byzantine = wholeNumber("--byzantine", options.byzantine, 0, MAX_BANKS);
  const crashed = wholeNumber("--crashed", options.crashed, 0, MAX_BANKS);
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
      deltaMs: wholeNumber("--delta-ms", options.deltaMs, 1, HOUR_MS),
      ttlMs: wholeNumber("--ttl-ms", options.ttlMs, 1, DAY_MS),
    },
    acceleratedVerifier(opensslVerifier()),
  );
  const genesisFile = path.join(options.out, "genesis.json");
  const passphrase = readPassphrase(options.passphraseFile);
  writeCorridor(corridor, options.out, genesisFile, passphrase);
  const q = quorumSize(banks.length, byzantine);
  process.stdout.write(`${genesisFile}: ${banks.length} banks, quorum ${q}\n`);
  const encrypted = passphrase === undefined ? "" : ", encrypted";
  for (const { id } of banks) {
    const file = path.join(options.out, `${id}.key`);
    process.stdout.write(`${file}: secret${encrypted}, for bank ${id} alone\n`);
  }
}

function parseBank(text: string) {
  const [id = "", currency = "", decimals = "2", ...name] = text.split(":");
  const fine = NAME_PATTERN.test(id) && CURRENCY_PATTERN.test(currency) && /^[0-6]$/.test(decimals);
  if (!fine) throw badInput(`--bank ${text}: want ID:CURRENCY[:DECIMALS[:NAME]], such as kz:KZT`);
  const displayed = name.join(":") || id;
  if (!DISPLAY_NAME.test(displayed)) {
    throw badInput(`--bank ${text}: want a NAME of at most 64 letters, digits and signs of ASCII`);
  }
  return { id, currency, decimals: Number(decimals), name: displayed };
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d{1,8}$/.test(text) || number < least || number > most) {
    throw badInput(`${flag} ${text}: want a whole number from ${least} to ${most}`);
  }
  return number;
}

/** Writes the keys and then the genesis; when one of the files is there already, none is made. */
function writeCorridor(
  { genesis, keys }: Corridor,
  folder: string,
  genesisFile: string,
  passphrase: string | undefined,
): void {
  const made: string[] = [];
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [bank, secrets] of keys) {
      const file = path.join(folder, `${bank}.key`);
      writeKeyFile(file, secrets, passphrase);
      made.push(file);
    }
    fs.writeFileSync(genesisFile, renderGenesis(genesis), { flag: "wx" });
  } catch (error) {
    for (const file of made) fs.rmSync(file);
    throw badInput(`${folder}: ${(error as Error).message}`);
  }
}

/** What a genesis record has room for. */
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DISPLAY_NAME = /^[\x20-\x7e]{1,64}$/;
