import fs from "node:fs";
import process from "node:process";
import { badInput } from "../exit.ts";

/** Nothing shorter withstands guessing, and nobody types more. */
const MIN_LENGTH = 8;
const MAX_LENGTH = 1024;

export const PASSPHRASE_VARIABLE = "DALIZ_PASSPHRASE";

/**
 * The passphrase of key files: the first line of a file that only its owner can read, else the
 * environment variable `DALIZ_PASSPHRASE`, else none.
 */
export function readPassphrase(file: string | undefined): string | undefined {
  const found = file === undefined ? process.env[PASSPHRASE_VARIABLE] : firstLine(file);
  if (found === undefined || (file === undefined && found === "")) return undefined;
  if (found.length >= MIN_LENGTH && found.length <= MAX_LENGTH) return found;
  const where = file === undefined ? PASSPHRASE_VARIABLE : `--passphrase-file ${file}`;
  throw badInput(
    `${where}: a passphrase of ${found.length} characters, want ${MIN_LENGTH} to ${MAX_LENGTH}`,
  );
}

function firstLine(file: string): string {
  try {
    const { mode } = fs.statSync(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw badInput(
        `--passphrase-file ${file}: mode ${(mode & 0o777).toString(8)}, want 600: others can read it`,
      );
    }
    return fs.readFileSync(file, "utf8").split(/\r?\n/, 1)[0] ?? "";
  } catch (error) {
    throw badInput((error as Error).message);
  }
}
