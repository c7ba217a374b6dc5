import fs from "node:fs";
import path from "node:path";
import { NAME_PATTERN } from "../../node/ids.ts";
import { badInput, environmentFailed, type CommandError } from "../exit.ts";
import { printable } from "../problem.ts";

/** How many runs of one name a folder holds: beyond that, somebody should tidy up. */
const MAX_RUNS_OF_A_NAME = 9_999;

/** Names of devices on Windows, where no folder can have them. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Linux refuses longer names anyway; the message is clearer. */
const MAX_PATH_BYTES = 4_000;

export interface RunFolderOptions {
  /** The scenario's name. */
  readonly name: string;
  /** The folder that the user asked for; it must be new or empty. */
  readonly out?: string | undefined;
  /** Where `runs/` stands, and what `out` is relative to. */
  readonly workingFolder: string;
}

/**
 * Makes the folder of a run and returns its absolute path. `runs/<name>` is never used twice: the
 * second run of a name gets `runs/<name>-2`. Symbolic links are not followed (hostile-world O3).
 */
export function createRunFolder({ name, out, workingFolder }: RunFolderOptions): string {
  try {
    if (out !== undefined) return useFolder(path.resolve(workingFolder, out), out);
    if (!NAME_PATTERN.test(name) || DEVICE.test(name)) {
      throw pathRefused(name, "a run's name is made of small letters, digits and hyphens");
    }
    const runs = path.resolve(workingFolder, "runs");
    fs.mkdirSync(runs, { recursive: true });
    if (!fs.lstatSync(runs).isDirectory()) throw pathRefused(runs, "it is a symbolic link");
    return createNumbered(runs, name);
  } catch (error) {
    throw asCommandError(error, out ?? "runs");
  }
}

function createNumbered(runs: string, name: string): string {
  for (let number = 1; number <= MAX_RUNS_OF_A_NAME; number += 1) {
    const folder = path.join(runs, number === 1 ? name : `${name}-${number}`);
    try {
      fs.mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw badInput(
    `limit_exceeded: ${printable(runs)} holds ${MAX_RUNS_OF_A_NAME} runs of ${name}; move some away`,
  );
}

function useFolder(folder: string, asked: string): string {
  if (asked === "" || asked.includes("\0")) throw pathRefused(asked, "it is empty or holds a NUL");
  if (Buffer.byteLength(folder) > MAX_PATH_BYTES) throw pathRefused(asked, "it is too long");
  if (DEVICE.test(path.basename(folder))) throw pathRefused(asked, "it is the name of a device");
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!fs.lstatSync(folder).isDirectory()) throw pathRefused(asked, "it is not a folder");
    if (fs.readdirSync(folder).length > 0) {
      throw pathRefused(asked, "the folder is not empty, and nothing is ever overwritten");
    }
  }
  return folder;
}

const pathRefused = (found: string, why: string): CommandError =>
  badInput(`path_refused: ${printable(found).slice(0, 200)}: ${why}`);

/** What the file system says, as one line: a name that cannot be is the user's, the rest is not. */
function asCommandError(error: unknown, at: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  if (["ENAMETOOLONG", "ENOTDIR", "EEXIST", "ELOOP"].includes(code)) return pathRefused(at, code);
  return environmentFailed(`${printable(at).slice(0, 200)}: ${printable(message)}`);
}
