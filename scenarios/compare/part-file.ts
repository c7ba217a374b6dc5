import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { readChecked } from "../report/read-json.ts";
import { PART_SCHEMA } from "./part-schemas.ts";
import type { RunPart } from "./run-part.ts";

const PARTS = "parts";
const DIGITS = 6;

/** Where the result of one run of a comparison stands until all are joined. */
export const partFile = (folder: string, index: number): string =>
  path.join(folder, PARTS, `${String(index).padStart(DIGITS, "0")}.json`);

export const makePartsFolder = (folder: string): void => {
  fs.mkdirSync(path.join(folder, PARTS), { recursive: true });
};

export const removeParts = (folder: string): void =>
  fs.rmSync(path.join(folder, PARTS), { recursive: true, force: true });

export const hasPart = (folder: string, index: number): boolean =>
  fs.existsSync(partFile(folder, index));

/** Written beside its place and then renamed: a part that is there is whole. */
export function writePart(folder: string, index: number, part: RunPart): void {
  const file = partFile(folder, index);
  const fresh = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(fresh, JSON.stringify(part));
  fs.renameSync(fresh, file);
}

/** Reads what `writePart` wrote, in this command or in a task of a job. */
export const readPart = (folder: string, index: number): RunPart =>
  readChecked(folder, path.relative(folder, partFile(folder, index)), PART_SCHEMA) as RunPart;
