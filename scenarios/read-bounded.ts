import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { readText, tooLarge } from "./load/text.ts";
import { wholeFile, type ScenarioProblem } from "./problem.ts";
import { MAX_FILE_BYTES } from "./scenario-limits.ts";

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "a file that may not be read",
  EPERM: "a file that may not be read",
  EISDIR: "a folder",
  ELOOP: "a link that leads nowhere",
  ENAMETOOLONG: "a name that is too long",
};

/** Reads a text file by its name, from the first of the folders that has it; `allowed` says which has. */
export function readNamedText(
  name: string,
  { folders, allowed }: { readonly folders: readonly string[]; readonly allowed: string },
): Outcome<string, ScenarioProblem> {
  const path = folders.map((folder) => resolve(folder, name)).find((file) => existsSync(file));
  if (path === undefined) {
    const code = "scenario_invalid" as const;
    return reject({ code, ...wholeFile(name), found: "no such file", allowed });
  }
  const bytes = readBounded(path, name);
  return bytes.ok ? readText(bytes.value, name) : bytes;
}

/** Reads a regular file of at most so many bytes; `file` names it in messages. */
export function readBounded(
  path: string,
  file: string,
  limit: number = MAX_FILE_BYTES,
): Outcome<Uint8Array, ScenarioProblem> {
  const refuse = (found: string) => {
    const code = "scenario_invalid" as const;
    return reject({ code, ...wholeFile(file), found, allowed: "a file that can be read" });
  };
  let handle: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(handle);
    if (stats.isDirectory()) return refuse("a folder");
    if (!stats.isFile()) return refuse("something that is not a file");
    if (stats.size > limit) return reject(tooLarge(stats.size, file, limit));
    const bytes = readAll(handle, stats.size);
    return bytes.length <= stats.size ? ok(bytes) : refuse("a file that grows while it is read");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    return refuse(FILE_PROBLEMS[code] ?? `a file that cannot be read (${code})`);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The bytes up to the size that the file had when it was opened, and one more to see it grow. */
function readAll(handle: number, size: number): Uint8Array {
  const buffer = new Uint8Array(size + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(handle, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}
