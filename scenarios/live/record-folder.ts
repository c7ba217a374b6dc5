import fs from "node:fs";
import path from "node:path";
import type { ArrangementChoice } from "../../corridor/choice.ts";
import { writeKeyFile } from "../../node/io/key-file.ts";
import { renderChoice } from "../arrangement-choice.ts";
import type { Corridor } from "../play/corridor-keys.ts";

/** The part of a run folder that holds the banks' recorded inputs and their keys. */
export const RECORD_FOLDER = "record";

const NOTICE = `This folder holds SECRET KEYS of the run's banks, beside everything that the banks were fed.
The banks were made for this one run and thrown away with it; their keys open nothing else.
"daliz replay-inputs" of the run folder feeds the inputs to the banks' machines again and compares
the ledgers that they write with those of the run, byte by byte.
`;

/** What the process of a bank was fed that was started as the `start`-th, from 1. */
export const recordFile = (folder: string, bank: string, start: number): string =>
  path.join(folder, `${bank}.${start}.inputs`);

export const recordedKeyFile = (folder: string, bank: string): string =>
  path.join(folder, `${bank}.key`);

/** How the banks were told to let swaps settle. */
export const choiceFile = (folder: string): string => path.join(folder, "arrangement.txt");

/** Makes the folder, with the keys of the corridor's banks and a notice that says so. */
export function createRecordFolder(
  folder: string,
  corridor: Corridor,
  choice: ArrangementChoice = { arrangement: "certified" },
): void {
  fs.mkdirSync(folder, { mode: 0o700 });
  fs.writeFileSync(path.join(folder, "README.txt"), NOTICE);
  fs.writeFileSync(choiceFile(folder), `${renderChoice(choice)}\n`);
  for (const [bank, keys] of corridor.keys) writeKeyFile(recordedKeyFile(folder, bank), keys);
}
