import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failIfBroken } from "../../../scenarios/commands/finish-comparison.ts";
import { joinParts } from "../../../scenarios/compare/join.ts";
import { makePartsFolder, partFile, writePart } from "../../../scenarios/compare/part-file.ts";
import type { RunPart } from "../../../scenarios/compare/run-part.ts";
import { RUN_MEASURE_NAMES } from "../../../scenarios/measures/run-measures.ts";
import {
  COMPARED_SWAP_COLUMNS,
  ESTIMATE_COLUMNS,
  runColumns,
} from "../../../scenarios/report/comparison/comparison-columns.ts";
import { writeComparison } from "../../../scenarios/report/comparison/comparison-folder.ts";
import { renderComparisonPage } from "../../../scenarios/report/comparison/comparison-page.ts";
import type { ComparisonResult } from "../../../scenarios/report/comparison/comparison-result.ts";
import { renderComparisonTables } from "../../../scenarios/report/comparison/comparison-tables.ts";
import { parameterPlot } from "../../../scenarios/report/comparison/parameter-plot.ts";
import { summary } from "../../../scenarios/report/comparison/summary.ts";
import { parseCsv } from "../../../scenarios/report/csv.ts";
import { playedComparison, smallPlan } from "./comparison-fixture.ts";

const plan = smallPlan();
let root = "";
let folder = "";
let result: ComparisonResult;

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-compare-"));
  folder = path.join(root, "small");
  result = playedComparison(folder, plan);
  await writeComparison(folder, result);
});

afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const read = (name: string): string => fs.readFileSync(path.join(folder, name), "utf8");

describe("a comparison of two cases", () => {
  it("sees the difference that is there, and none where there is none", () => {
    const [base, far] = result.manifest.cases;
    expect(base?.differences).toBeNull();
    expect(far?.differences?.ledgerP50).toMatchObject({ verdict: "higher", runs: 7 });
    expect(far?.differences?.settled).toMatchObject({ verdict: "no difference", mean: 0 });
    const paired = result.runs.map(({ caseNumber, seed }) => [caseNumber, seed]);
    expect(paired.slice(0, 4)).toEqual([
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ]);
  });

  it("says so in words, in a table of at most 100 columns, and on a page that loads nothing", async () => {
    const words = summary(result.manifest).join(" ");
    expect(words).toContain("the median time on the ledgers is higher, by");
    expect(words).toContain("No difference is shown in the number of swaps that settle");
    const text = renderComparisonTables(result);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).toContain("No property was violated in any run.");
    const page = await renderComparisonPage(result);
    expect(page).not.toMatch(/<script|https?:\/\/(?!vega\.github\.io|www\.w3\.org)/);
    for (const id of ["ecdf-plot", "liquidity-plot", "guarantees", "observed", "measures"]) {
      expect(page).toContain(`id="${id}"`);
    }
  });

  it("leaves files that fit together, with a codebook for every column", async () => {
    const names = fs.readdirSync(folder).sort();
    expect(names).toEqual([
      "codebook.csv",
      "estimates.csv",
      "exposure.csv",
      "liquidity.csv",
      "manifest.json",
      "parts",
      "plots",
      "report.html",
      "runs.csv",
      "swaps.csv",
      "swaps.parquet",
    ]);
    const runs = parseCsv<Record<string, string | number | null>>(
      read("runs.csv"),
      runColumns(result.manifest),
    );
    expect(runs.ok && runs.value.length).toBe(14);
    expect(runs.ok && runs.value[1]).toMatchObject({
      case: "topology six-capitals",
      "network.topology": "six-capitals",
      seed: 1,
      settled: 3,
    });
    const swaps = parseCsv(read("swaps.csv"), COMPARED_SWAP_COLUMNS);
    expect(swaps.ok && swaps.value.length).toBe(42);
    const bytes = fs.readFileSync(path.join(folder, "swaps.parquet"));
    const buffer = new Uint8Array(bytes).buffer;
    expect(Number(parquetMetadata(buffer).num_rows)).toBe(42);
    const objects = await parquetReadObjects({ file: buffer });
    expect(objects[41]).toMatchObject({ run: 13, case: "topology six-capitals" });
    const estimates = parseCsv(read("estimates.csv"), ESTIMATE_COLUMNS);
    expect(estimates.ok && estimates.value.length).toBe(2 * RUN_MEASURE_NAMES.length);
    const book = read("codebook.csv");
    for (const name of ["runs", "estimates", "swaps", "liquidity", "exposure"]) {
      const [head = ""] = read(`${name}.csv`).split("\n");
      for (const column of head.split(",")) expect(book).toContain(`${name}.csv,${column},`);
    }
    expect(fs.readdirSync(path.join(folder, "plots")).sort()).toEqual([
      "delay-liquidity.svg",
      "delay-liquidity.vl.json",
      "settle-ecdf.svg",
      "settle-ecdf.vl.json",
    ]);
  });

  it("draws measures against a parameter that is a number", () => {
    const { manifest } = result;
    expect(parameterPlot(manifest)).toBeNull();
    const cases = manifest.cases.map((one, i) => ({ ...one, values: [String(1000 * (i + 1))] }));
    const plot = parameterPlot({ ...manifest, cases, paths: ["corridor.ttlMs"] });
    expect(JSON.stringify(plot)).toContain('"parameter":2000');
  });
});

describe("a run in which a property was broken", () => {
  const broken =
    (verdict: "violated" | "documented" | "beyond budget") => (part: RunPart, index: number) =>
      index !== 3
        ? part
        : {
            ...part,
            properties: part.properties.map((row) =>
              row.name === "P1" ? { ...row, verdict, detail: "one leg alone <b>" } : row,
            ),
          };
  /** The same runs with a part changed. */
  const changed = (name: string, change: (part: RunPart, index: number) => RunPart) => {
    const place = path.join(root, name);
    makePartsFolder(place);
    for (let index = 0; index < 14; index++) {
      const part = JSON.parse(fs.readFileSync(partFile(folder, index), "utf8")) as RunPart;
      writePart(place, index, change(part, index));
    }
    return joinParts(plan, place);
  };

  it("is a failure, and is told with its seed", async () => {
    const found = changed("violated", broken("violated"));
    expect(() => failIfBroken(found)).toThrow(
      "topology six-capitals: P1 is violated in 1 runs, first with seed 2: one leg alone",
    );
    expect(renderComparisonTables(found)).toContain("VIOLATED");
    const page = await renderComparisonPage(found);
    expect(page).toContain("a failure");
    expect(page).toContain("replay bilateral --arrangement certified --seed 2 --set mode=sim");
    expect(page).not.toContain("one leg alone <b>");
  });

  it("is a result where the faults are more than the corridor withstands", () => {
    const found = changed("beyond", broken("beyond budget"));
    expect(() => failIfBroken(found)).not.toThrow();
    expect(renderComparisonTables(found)).toContain("beyond budget");
  });

  it("is a result where the arrangement does not promise it", () => {
    const found = changed("allowed", broken("documented"));
    expect(() => failIfBroken(found)).not.toThrow();
    expect(renderComparisonTables(found)).toContain("not promised");
  });

  it.each([
    ["that is no JSON", "{", "run_folder_invalid"],
    ["that lacks something", "{}", "must have required property"],
  ])("a part %s is refused", (_, content, said) => {
    const place = path.join(root, `bad ${said}`);
    changed(`bad ${said}`, (part) => part);
    for (const file of ["swaps.csv", "liquidity.csv", "exposure.csv"]) {
      fs.rmSync(path.join(place, file));
    }
    fs.writeFileSync(partFile(place, 5), content);
    expect(() => joinParts(plan, place)).toThrow(said);
  });
});
