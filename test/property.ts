import process from "node:process";
import { relative } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";

/**
 * Checks a property on `runs` generated cases, always the same ones: a change is judged on what it
 * changes. `PROPERTY_SEED` picks other cases and `PROPERTY_RUNS` multiplies their number (then add
 * `--testTimeout=0`). A failure begins with the one command that repeats it, and ends with the
 * smallest counterexample found.
 */
export function holds<T>(property: fc.IRawProperty<T, false>, runs: number): void {
  const path = process.env["PROPERTY_PATH"];
  const details = fc.check(property, {
    seed: integerFromEnv("PROPERTY_SEED", DEFAULT_SEED),
    numRuns: runs * integerFromEnv("PROPERTY_RUNS", 1),
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed) return;
  const report = fc.defaultReportMessage(details) ?? "the property failed";
  const command = reproduction(details.seed, details.counterexamplePath);
  throw new Error(`${command}\n${report}`, { cause: details.errorInstance });
}

const DEFAULT_SEED = 20_260_131;

function integerFromEnv(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined) return otherwise;
  if (!/^-?[0-9]{1,10}$/.test(text)) throw new RangeError(`${name} is an integer, not ${text}`);
  return Number(text);
}

function reproduction(seed: number, path: string | null): string {
  const { testPath = "", currentTestName = "" } = expect.getState();
  const file = relative(process.cwd(), testPath);
  const title = currentTestName.replaceAll(" > ", " ").replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return `PROPERTY_SEED=${seed} PROPERTY_PATH=${path ?? ""} npm test -- ${file} -t '${title}'`;
}
