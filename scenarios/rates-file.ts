import { join } from "node:path";
import { reject, type Outcome } from "../crypto/outcome.ts";
import type { ScenarioProblem } from "./problem.ts";
import { parseRates, type RateTable } from "./rates.ts";
import { readNamedText } from "./read-bounded.ts";

/** Files of rates that come with the program. */
export const DATA_FOLDER = join(import.meta.dirname, "data");

/** Reads a file of rates by its name, from the first of the folders that has it. */
export function readRatesFile(
  name: string,
  folders: readonly string[] = [DATA_FOLDER],
): Outcome<RateTable, readonly ScenarioProblem[]> {
  const allowed =
    "a file beside the scenario file, or fx-usd-daily.csv, which comes with the program";
  const text = readNamedText(name, { folders, allowed });
  return text.ok ? parseRates(text.value, name) : reject([text.error]);
}
