import { existsSync } from "node:fs";
import { join } from "node:path";
import { reject, type Outcome } from "../crypto/outcome.ts";
import { readText } from "./load/text.ts";
import { wholeFile, type ScenarioProblem } from "./problem.ts";
import { parseRates, type RateTable } from "./rates.ts";
import { readBounded } from "./read-bounded.ts";

/** Files of rates that come with the program. */
export const DATA_FOLDER = join(import.meta.dirname, "data");

/** Reads a file of rates by its name, from the first of the folders that has it. */
export function readRatesFile(
  name: string,
  folders: readonly string[] = [DATA_FOLDER],
): Outcome<RateTable, readonly ScenarioProblem[]> {
  const path = folders.map((folder) => join(folder, name)).find(existsSync);
  if (path === undefined) {
    const allowed =
      "a file beside the scenario file, or fx-usd-daily.csv, which comes with the program";
    return reject([
      { code: "scenario_invalid", ...wholeFile(name), found: "no such file", allowed },
    ]);
  }
  const bytes = readBounded(path, name);
  if (!bytes.ok) return reject([bytes.error]);
  const text = readText(bytes.value, name);
  return text.ok ? parseRates(text.value, name) : reject([text.error]);
}
