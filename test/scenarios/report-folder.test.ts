import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandError } from "../../scenarios/exit.ts";
import { createRunFolder } from "../../scenarios/report/output-path.ts";
import {
  readRunFolder,
  shownFolder,
  writeReport,
  writeRunFolder,
} from "../../scenarios/report/run-folder.ts";
import { NAUGHTY, runOfTexts } from "./naughty-run.ts";
import { inventRun } from "./run-fixture.ts";

let root = "";
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-report-"));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const create = (name: string, out?: string): string =>
  createRunFolder({ name, out, workingFolder: root });

/** What the user is told: exit code and message. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CommandError) return `${error.exitCode} ${error.message}`;
    throw error;
  }
  return "nothing";
}

describe("the folder of a run", () => {
  it("is new every time", () => {
    const folders = [create("tenge-corridor"), create("tenge-corridor"), create("tenge-corridor")];
    const names = ["tenge-corridor", "tenge-corridor-2", "tenge-corridor-3"];
    expect(folders).toEqual(names.map((name) => path.join(root, "runs", name)));
    fs.writeFileSync(path.join(root, "runs", "taken"), "a file");
    expect(create("taken")).toBe(path.join(root, "runs", "taken-2"));
  });

  it("is the one asked for, when that is new or empty", () => {
    expect(create("x", "deep/er")).toBe(path.join(root, "deep", "er"));
    expect(create("x", "deep/er")).toBe(path.join(root, "deep", "er"));
    const elsewhere = path.join(root, "elsewhere");
    expect(create("x", elsewhere)).toBe(elsewhere);
    expect(fs.existsSync(path.join(root, "runs"))).toBe(false);
  });

  it("is refused when it holds something, and that stays as it is", () => {
    fs.mkdirSync(path.join(root, "full"));
    fs.writeFileSync(path.join(root, "full", "letter"), "dear");
    expect(refusal(() => create("x", "full"))).toMatch(
      /^2 path_refused: full: the folder is not empty/,
    );
    expect(refusal(() => create("x", "full/letter"))).toMatch(/^2 path_refused: .*not a folder/);
    expect(refusal(() => create("x", "full/letter/more"))).toMatch(/^2 path_refused/);
    expect(fs.readFileSync(path.join(root, "full", "letter"), "utf8")).toBe("dear");
  });

  it("is never behind a symbolic link", () => {
    fs.mkdirSync(path.join(root, "target"));
    fs.symlinkSync(path.join(root, "target"), path.join(root, "link"));
    expect(refusal(() => create("x", "link"))).toMatch(/^2 path_refused: link/);
    fs.symlinkSync(path.join(root, "target"), path.join(root, "runs"));
    expect(refusal(() => create("tenge-corridor"))).toMatch(/^2 path_refused: .*symbolic link/);
    expect(fs.readdirSync(path.join(root, "target"))).toEqual([]);
  });

  it("is never outside runs, whatever the scenario is called", () => {
    const names = [
      "..",
      "../x",
      "/etc",
      "a/b",
      "a\\b",
      "",
      ".",
      "con",
      "aux",
      "x".repeat(300),
      "a\0b",
      "A",
    ];
    for (const name of [...names, ...NAUGHTY]) {
      if (/^[a-z][a-z0-9-]{1,31}$/.test(name) && name !== "con" && name !== "aux") continue;
      expect(refusal(() => create(name))).toMatch(/^2 path_refused: /);
    }
    expect(fs.readdirSync(root)).toEqual([]);
    for (const out of ["", "a\0b", "x".repeat(300), "y/".repeat(3_000), "NUL", "con.txt"]) {
      expect(refusal(() => create("x", out))).toMatch(/^2 path_refused: /);
    }
  });
});

describe("the files of a run", () => {
  it.each([
    ["a usual run", inventRun()],
    ["without a diagram", { ...inventRun(), diagram: null }],
    ["nothing in it", { ...inventRun(), swaps: [], payments: [] }],
  ])("come back as the result: %s", (_, run) => {
    writeRunFolder(root, run);
    expect(readRunFolder(root)).toEqual(run);
  });

  it("come back with naughty texts, but for halves of pairs, which no file can hold", () => {
    const run = runOfTexts((i) => (NAUGHTY[i] ?? "").toWellFormed());
    writeRunFolder(root, run);
    expect(readRunFolder(root)).toEqual(run);
  });

  it("are all there, with one row for every swap", () => {
    const run = inventRun();
    writeRunFolder(root, run);
    expect(fs.readdirSync(root).sort((a, b) => (a < b ? -1 : 1))).toEqual([
      "codebook.csv",
      "diagram.json",
      "liquidity.csv",
      "manifest.json",
      "payments.csv",
      "swaps.csv",
      "swaps.parquet",
    ]);
    const lines = fs.readFileSync(path.join(root, "swaps.csv"), "utf8").split("\n");
    expect(lines.length).toBe(run.swaps.length + 2);
    expect(fs.readFileSync(path.join(root, "liquidity.csv"), "utf8")).toMatch(
      /^timeUs,bank,currency,pending,holds\n/,
    );
  });

  it("are never overwritten, but for the report", () => {
    writeRunFolder(root, inventRun());
    expect(refusal(() => writeRunFolder(root, inventRun({ seed: 8 })))).toMatch(/^3 .*EEXIST/);
    expect(readRunFolder(root)).toEqual(inventRun());
    writeReport(root, "first");
    expect(fs.readFileSync(writeReport(root, "second"), "utf8")).toBe("second");
    const outside = path.join(root, "outside");
    fs.writeFileSync(outside, "precious");
    fs.rmSync(path.join(root, "report.html"));
    fs.symlinkSync(outside, path.join(root, "report.html"));
    writeReport(root, "third");
    expect(fs.readFileSync(outside, "utf8")).toBe("precious");
    expect(fs.readdirSync(root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("that are damaged are refused with their name and place", () => {
    expect(refusal(() => readRunFolder(path.join(root, "none")))).toMatch(
      /^2 run_folder_invalid: .*no manifest/,
    );
    writeRunFolder(root, inventRun());
    const manifest = path.join(root, "manifest.json");
    const good = fs.readFileSync(manifest, "utf8");
    const damage = (text: string): string => {
      fs.writeFileSync(manifest, text);
      return refusal(() => readRunFolder(root));
    };
    expect(damage("{")).toMatch(/^2 run_folder_invalid: .*manifest\.json/);
    expect(damage("null")).toMatch(/^2 run_folder_invalid: .*must be object/);
    expect(damage(good.replace("daliz-run/1", "daliz-run/2"))).toMatch(/"\/format" must be equal/);
    expect(damage(good.replace('"decimals": 2', '"decimals": 2.5'))).toMatch(
      /"\/banks\/0\/decimals"/,
    );
    expect(damage(good.replace(/"issued": "\d+"/, '"issued": "1e9"'))).toMatch(
      /"\/conservation\/0\/issued"/,
    );
    expect(damage(good.replace('"seed"', '"grain"'))).toMatch(/required property 'seed'/);
    expect(damage(good)).toBe("nothing");
    const csv = path.join(root, "swaps.csv");
    const text = fs.readFileSync(csv, "utf8");
    fs.writeFileSync(csv, text.replace(",certified,KZT/", ",certified\nKZT/"));
    expect(refusal(() => readRunFolder(root))).toMatch(
      /^2 table_invalid: .*swaps\.csv, record \d+/,
    );
    fs.rmSync(csv);
    expect(refusal(() => readRunFolder(root))).toMatch(/^2 run_folder_invalid: .*no swaps\.csv/);
  });

  it("is named as the reader would name it", () => {
    expect(shownFolder("/a/b/runs/x", "/a/b")).toBe("runs/x");
    expect(shownFolder("/elsewhere/x", "/a/b")).toBe("x");
    expect(shownFolder("/a/b", "/a/b")).toBe("b");
    expect(shownFolder("/a/b/..x", "/a/b")).toBe("..x");
  });
});
