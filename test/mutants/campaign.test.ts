import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import Table from "cli-table3";
import { describe, expect, it } from "vitest";
import type { Detection } from "./detection.ts";
import { plant, type DetectorName, type Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

/** `MUTANT=second-vote npm test -- test/mutants` looks for that one alone. */
const { MUTANT: ONLY } = process.env;
const CHOSEN = ONLY === undefined ? MUTANTS : MUTANTS.filter(({ name }) => name === ONLY);

const WORKERS = 2;
const MINUTE_MS = 60_000;
/** A search that does not end is a mistake in the list: its mutant is to be planted otherwise. */
const MOST_MS = 3 * MINUTE_MS;

const DETECTORS = [...new Set(MUTANTS.flatMap(({ detectors }) => detectors))];

describe("the list of planted bugs", () => {
  it("has at least forty, each with its own name, rule and detector", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.filter(({ rule, detectors }) => rule === "" || detectors.length === 0)).toEqual(
      [],
    );
  });

  it.each(MUTANTS)("$name fits the code: its text stands there exactly once", (mutant) => {
    const source = readFileSync(mutant.file, "utf8");
    expect(plant(mutant, source)).not.toBe(source);
  });

  it("the judges are never planted with bugs", () => {
    const judges = MUTANTS.filter(({ file }) => !/^(crypto|node|corridor)\//.test(file));
    expect(judges).toEqual([]);
  });
});

describe("the campaign", () => {
  it(
    "nothing is detected where nothing is planted",
    async () => {
      const found = await inTurn(DETECTORS, (name) => search(undefined, [name]));
      const wrong = found.filter((d) => d.finding !== undefined || d.failure !== undefined);
      expect(wrong).toEqual([]);
    },
    20 * MINUTE_MS,
  );

  it(
    "every planted bug is caught",
    async () => {
      const rows = await inTurn(CHOSEN, async (mutant) => {
        const detection = await search(mutant, mutant.detectors);
        return { mutant, detection };
      });
      console.info(renderTable(rows));
      const missed = rows.filter(({ detection }) => !isCaught(detection));
      expect(missed.map(({ mutant, detection }) => [mutant.name, detection])).toEqual([]);
    },
    20 * MINUTE_MS,
  );
});

/** A bug in a file that was never loaded has not been seen, whatever was found. */
const isCaught = ({ finding, isPlanted }: Detection): boolean => finding !== undefined && isPlanted;

/** A few at a time, in order. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return results;
}

/** Lets the detectors look for the bug, one after the other, in a process that has it. */
function search(
  mutant: Mutant | undefined,
  detectors: readonly DetectorName[],
): Promise<Detection> {
  const args = ["--import", "./test/mutants/register.ts", "test/mutants/detect.ts", ...detectors];
  const { MUTANT: _, ...env } = process.env;
  const child = spawn(process.execPath, args, {
    env: mutant === undefined ? env : { ...env, MUTANT: mutant.name },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: MOST_MS,
  });
  return new Promise((resolve) => {
    let [answer, complaint] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (answer += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")));
    child.on("close", (code, signal) => {
      const line = answer.split("\n").find((text) => text.startsWith("{"));
      if (code === 0 && line !== undefined) return resolve(JSON.parse(line) as Detection);
      const failure = `exit ${code ?? signal}: ${complaint.slice(-2_000)}`;
      resolve({ detector: detectors.join(", "), failure, isPlanted: false });
    });
  });
}

function renderTable(
  rows: readonly { readonly mutant: Mutant; readonly detection: Detection }[],
): string {
  const table = new Table({ head: ["planted", "rule", "caught by", "at", "what was seen"] });
  for (const { mutant, detection } of rows) {
    const { detector, finding } = detection;
    const { where = "", what = "NOT CAUGHT" } = finding ?? {};
    table.push([mutant.name, mutant.rule, detector, shortened(where), shortened(what)]);
  }
  const byDetector = new Map<string, number>();
  for (const { detection } of rows) {
    byDetector.set(detection.detector, (byDetector.get(detection.detector) ?? 0) + 1);
  }
  const counts = [...byDetector].map(([name, count]) => `${name} ${count}`).join(", ");
  return `${table.toString()}\n${rows.length} planted; caught by ${counts}`;
}

const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};
