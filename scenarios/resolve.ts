import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { loadAnyScenario, loadScenario, type AllNamedFiles, type ScenarioSource } from "./load.ts";
import { oneOf } from "./load/words.ts";
import { quote, wholeFile, type ScenarioProblem } from "./problem.ts";
import { DATA_FOLDER, readRatesFile } from "./rates-file.ts";
import { readBounded, readNamedText } from "./read-bounded.ts";
import { DAY_KIND, type DayScenario } from "./rtgs/day-scenario.ts";
import { MAX_DAY_FILE_BYTES } from "./scenario-limits.ts";
import type { Scenario } from "./scenario.ts";

export const LIBRARY_FOLDER = join(import.meta.dirname, "library");

const ENDING = ".yaml";

/** The names of the scenarios that come with the program, sorted. */
export function libraryNames(): readonly string[] {
  return readdirSync(LIBRARY_FOLDER)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** The names of those that are corridors of banks. */
export const corridorNames = (): readonly string[] =>
  libraryNames().filter((name) => {
    const scenario = openAnyScenario(name);
    return scenario.ok && !isDay(scenario.value);
  });

export const isDay = (scenario: Scenario | DayScenario): scenario is DayScenario =>
  "kind" in scenario && scenario.kind === DAY_KIND;

/**
 * Opens a scenario of a corridor: a name stands for one of the library; whatever has a folder or an
 * ending in it is the path of a user's own file.
 */
export const openScenario = (
  nameOrPath: string,
  sets: readonly string[] = [],
): Outcome<Scenario, readonly ScenarioProblem[]> => open(nameOrPath, sets, loadScenario);

/** The same for a scenario of any kind. */
export const openAnyScenario = (
  nameOrPath: string,
  sets: readonly string[] = [],
): Outcome<Scenario | DayScenario, readonly ScenarioProblem[]> =>
  open(nameOrPath, sets, loadAnyScenario);

function open<T>(
  nameOrPath: string,
  sets: readonly string[],
  load: (source: ScenarioSource, files: AllNamedFiles) => Outcome<T, readonly ScenarioProblem[]>,
): Outcome<T, readonly ScenarioProblem[]> {
  const found = locate(nameOrPath);
  if (!found.ok) return reject([found.error]);
  const { path, ...named } = found.value;
  const bytes = readBounded(path, named.file);
  if (!bytes.ok) return reject([bytes.error]);
  return load({ ...named, bytes: bytes.value, sets }, filesBeside(dirname(path)));
}

/** How the files are read that a scenario in this folder names. */
const filesBeside = (folder: string): AllNamedFiles => ({
  readRates: (name) => readRatesFile(name, [folder, DATA_FOLDER]),
  readRules: (name) =>
    readNamedText(name, {
      folders: [folder, DATA_FOLDER],
      allowed: "a file beside the scenario file, or one that comes with the program",
    }),
  // A path in `--set` is typed where the user stands.
  readMatrix: (name) =>
    readNamedText(name, {
      folders: [folder, "."],
      allowed: "a CSV file beside the scenario file or in the working folder",
    }),
  readDayFile: (name, isFromSet) => {
    const bytes = readBounded(resolve(isFromSet ? "." : folder, name), name, MAX_DAY_FILE_BYTES);
    return bytes.ok ? ok({ bytes: bytes.value, file: name }) : bytes;
  },
});

type Located = Pick<ScenarioSource, "file" | "name"> & { readonly path: string };

function locate(nameOrPath: string): Outcome<Located, ScenarioProblem> {
  const isPath = /[/\\]|\.(ya?ml|json)$/i.test(nameOrPath);
  if (isPath && !nameOrPath.includes("\0")) {
    return ok({ file: nameOrPath, path: resolve(nameOrPath) });
  }
  const names = libraryNames();
  if (names.includes(nameOrPath)) {
    const file = nameOrPath + ENDING;
    return ok({ file, name: nameOrPath, path: join(LIBRARY_FOLDER, file) });
  }
  return reject({
    code: "scenario_invalid",
    ...wholeFile("scenario"),
    found: quote(nameOrPath),
    allowed: `${oneOf(names, nameOrPath)}, or a path such as ./my.yaml`,
  });
}
