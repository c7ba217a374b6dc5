import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, describe, expect, it } from "vitest";
import { QUEUE_RULES, type QueueRule } from "../../../corridor/liquidity/queue-rules.ts";
import {
  isDayFolder,
  readDayFolder,
  renderLiquidity,
  writeDayFolder,
} from "../../../scenarios/report/day/day-folder.ts";
import { renderDayReport } from "../../../scenarios/report/day/day-page.ts";
import { renderDayTables } from "../../../scenarios/report/day/day-tables.ts";
import { readSettledDay } from "../../../scenarios/report/day/read-settled-day.ts";
import { assembleDay, type DayResult } from "../../../scenarios/rtgs/day-result.ts";
import type { DayScenario } from "../../../scenarios/rtgs/day-scenario.ts";
import { runDay } from "../../../scenarios/rtgs/run-day.ts";
import { verifyDay } from "../../../scenarios/rtgs/verify-day.ts";
import { generateDay } from "../../../scenarios/workload/generated-day.ts";
import { dayRun, HEADER, type Texts } from "./files.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-day-"));
afterAll(() => fs.rmSync(root, { recursive: true }));

const GENERATED = {
  kind: "generated",
  members: 12,
  payments: 500,
  profile: [1],
  medianValue: 1_000,
  liquidityPercent: 10,
} as const;

const SCENARIO: DayScenario = {
  kind: "rtgs-day",
  name: "a-day",
  title: "A day <of> tests",
  question: "Is it right?",
  labels: ["Invented: all of it"],
  mode: "sim",
  seed: 5,
  queue: "gridlock-resolution",
  closeMs: 100_000,
  workload: GENERATED,
  expect: ["conservation", "non-negative", "all-payments-settle"],
  document: { name: "a-day" },
};

function resultOf(texts: Texts, queue: QueueRule = SCENARIO.queue): DayResult {
  const outcome = runDay(dayRun(texts, { queue, closeMs: SCENARIO.closeMs }));
  if (!outcome.ok) throw new Error("a day that is refused");
  return assembleDay({ ...SCENARIO, queue }, outcome.value);
}

const FILES = generateDay(SCENARIO, GENERATED);
const RESULT = resultOf(FILES);

let folders = 0;
/** A folder of the day, with the content of some files replaced. */
function folderOf(result: DayResult, change: (folder: string) => void = () => undefined): string {
  folders += 1;
  const folder = path.join(root, `run-${folders}`);
  fs.mkdirSync(folder);
  writeDayFolder(folder, result);
  change(folder);
  return folder;
}

const findings = (folder: string): readonly string[] =>
  verifyDay(readDayFolder(folder), renderLiquidity);

function edit(folder: string, file: string, from: RegExp, to: string): void {
  const place = path.join(folder, file);
  const text = fs.readFileSync(place, "utf8");
  if (!from.test(text)) throw new Error(`${file} has no ${from}`);
  fs.writeFileSync(place, text.replace(from, to));
}

describe("the folder of a day", () => {
  it("holds what was settled, what members used, what it means, and copies of its input", () => {
    const folder = folderOf(RESULT);
    expect(fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()).toEqual([
      "codebook.csv",
      "inputs",
      "inputs/opening.csv",
      "inputs/payments.csv",
      "liquidity.csv",
      "manifest.json",
      "payments.csv",
    ]);
    expect(fs.readFileSync(path.join(folder, "inputs/payments.csv"), "utf8")).toBe(FILES.payments);
    expect(isDayFolder(folder)).toBe(true);
    expect(isDayFolder(root)).toBe(false);
    expect(readDayFolder(folder).manifest).toEqual(JSON.parse(JSON.stringify(RESULT.manifest)));
  });

  it("is the same bytes for the same input", () => {
    const [first, second] = [folderOf(RESULT), folderOf(resultOf(FILES))];
    for (const file of ["manifest.json", "payments.csv", "liquidity.csv", "codebook.csv"]) {
      const bytes = (folder: string): Buffer => fs.readFileSync(path.join(folder, file));
      expect(bytes(second).equals(bytes(first)), file).toBe(true);
    }
  });

  it("has a codebook with a line for every column of every table", () => {
    const folder = folderOf(RESULT);
    const rows = parse(fs.readFileSync(path.join(folder, "codebook.csv"), "utf8"), {
      columns: true,
    }) as readonly Readonly<Record<string, string>>[];
    for (const file of [
      "payments.csv",
      "liquidity.csv",
      "inputs/payments.csv",
      "inputs/opening.csv",
    ]) {
      const [header = ""] = fs.readFileSync(path.join(folder, file), "utf8").split("\n");
      const columns = rows.filter((row) => row["file"] === file).map((row) => row["column"]);
      expect(columns).toEqual(expect.arrayContaining(header.split(",")));
    }
    const measures = rows.filter((row) => row["file"] === "manifest.json");
    expect(measures.map((row) => row["column"])).toContain("measures.delayIndicator");
    expect(rows.filter((row) => row["meaning"] === "")).toEqual([]);
  });

  it("lists members so that what they open with and close with adds up", () => {
    const rows = parse(renderLiquidity(RESULT.members), { columns: true }) as readonly Readonly<
      Record<string, string>
    >[];
    const sum = (column: string): bigint =>
      rows.reduce((total, row) => total + BigInt(row[column] ?? ""), 0n);
    expect(rows).toHaveLength(12);
    expect(sum("opening")).toBe(sum("closing"));
    expect(sum("sent")).toBe(sum("received"));
    expect(String(sum("unsettled_value"))).toBe(RESULT.manifest.measures.unsettled.value);
    expect(String(sum("lower_bound"))).toBe(RESULT.manifest.measures.liquidity.lowerBound);
  });

  it("says of an expectation that is not met how far it is", () => {
    const { payments } = RESULT.manifest.measures.unsettled;
    expect(RESULT.manifest.expectations).toEqual([
      { name: "conservation", holds: true, detail: "" },
      { name: "non-negative", holds: true, detail: "" },
      {
        name: "all-payments-settle",
        holds: payments === 0,
        detail: `${payments} of 500 payments did not settle`,
      },
    ]);
    expect(payments).toBeGreaterThan(0);
  });
});

describe("verifying the folder of a day", () => {
  it.each(Object.keys(QUEUE_RULES) as QueueRule[])("finds nothing wrong after %s", (queue) => {
    expect(findings(folderOf(resultOf(FILES, queue)))).toEqual([]);
  });

  const small = resultOf(
    { payments: `${HEADER}p1,0,a,b,5\np2,3,b,a,5\np3,4,a,b,9\n`, opening: "member,amount\na,5\n" },
    "fifo",
  );

  it("names the payment that settled when the rule does not let it", () => {
    const later = folderOf(small, (folder) => edit(folder, "payments.csv", /p2,3,3/, "p2,3,4"));
    expect(findings(later)).toEqual([
      "payments.csv: its SHA-256 is not the trace hash of manifest.json",
      "payment p2: settles at 4 ms; by fifo it settles at 3 ms",
    ]);
    const never = folderOf(small, (folder) => edit(folder, "payments.csv", /p2,3,3/, "p2,3,"));
    expect(findings(never)[1]).toBe("payment p2: does not settle; by fifo it settles at 3 ms");
  });

  it("shows a balance below zero by the books alone", () => {
    const folder = folderOf(small, (at) => edit(at, "payments.csv", /p3,4,\n/, "p3,4,4\n"));
    expect(findings(folder)).toEqual([
      "payments.csv: its SHA-256 is not the trace hash of manifest.json",
      "payment p3: settles at 4 ms; by fifo it does not settle",
      "payments.csv: I2: a is below zero after payment p3",
    ]);
  });

  it.each([
    [
      "an id",
      /p2,3/,
      "p9,3",
      'payments.csv:3:1 id: found "p9", allowed: p2, as in the file of payments',
    ],
    [
      "a time",
      /p2,3/,
      "p2,2",
      'payments.csv:3:4 submitted_ms: found "2", allowed: 3, as in the file of payments',
    ],
    ["a line less", /p3,4,\n/, "", "payments.csv:3:1: found 2 payments, allowed: 3 payments"],
    ["a line more", /$/, "p4,5,5\n", "payments.csv:5:1: found a line more, allowed: 3 payments"],
    [
      "nonsense",
      /p2,3,3/,
      "p2,3,x",
      'payments.csv:3:6 settled_ms: found "x", allowed: whole milliseconds, or nothing',
    ],
  ])("refuses a table with another %s", (_what, from, to, finding) => {
    const folder = folderOf(small, (at) => edit(at, "payments.csv", from, to));
    expect(findings(folder)).toContain(finding);
  });

  it("finds changed inputs, measures, and figures of members", () => {
    const changed = folderOf(small, (folder) => {
      edit(folder, "inputs/opening.csv", /a,5/, "a,6");
      edit(folder, "liquidity.csv", /a,5/, "a,7");
      edit(folder, "manifest.json", /"waited": 1/, '"waited": 0');
    });
    expect(findings(changed)).toEqual([
      "inputs/opening.csv: not the file that was run, by its SHA-256 in manifest.json",
      "manifest.json: measures that are not those of the day",
      "liquidity.csv: not the liquidity of the members on this day",
    ]);
    const broken = folderOf(small, (folder) => edit(folder, "inputs/payments.csv", /p1,0/, "p1,x"));
    expect(findings(broken)[1]).toMatch(/^inputs\/payments\.csv:2:4 time_ms: found "x"/);
  });

  it("needs a whole folder", () => {
    const folder = folderOf(small, (at) => fs.rmSync(path.join(at, "inputs/opening.csv")));
    expect(() => readDayFolder(folder)).toThrow(
      /run_folder_invalid: .*inputs\/opening\.csv: found no such file/,
    );
    const odd = folderOf(small, (at) => edit(at, "manifest.json", /"fifo"/, '"lifo"'));
    expect(() => readDayFolder(odd)).toThrow(/run_folder_invalid: .*\/queue/);
  });
});

describe("the report of a day", () => {
  it("is the same from its folder as from the run", async () => {
    const folder = folderOf(RESULT);
    const page = await renderDayReport(RESULT, "runs/x");
    expect(await renderDayReport(readSettledDay(folder), "runs/x")).toBe(page);
    edit(folder, "payments.csv", /,\n/, ",100000\n");
    expect(() => readSettledDay(folder)).toThrow(/daliz verify says more/);
  });

  it("loads nothing, escapes what it shows, and draws queue, balances and waits", async () => {
    const page = await renderDayReport(RESULT, "runs/x");
    expect(page).toContain("A day &#60;of&#62; tests");
    expect(page).not.toMatch(
      /<script|<link|<img|https?:\/\/(?!vega\.github\.io\/schema|www\.w3\.org)/,
    );
    for (const id of ["queue-plot", "balances-plot", "wait-plot"]) {
      expect(page).toMatch(new RegExp(`<figure id="${id}"[^]*?<svg`));
    }
    const { delayIndicator, unsettled } = RESULT.manifest.measures;
    expect(page).toContain(delayIndicator?.rounded);
    expect(page).toContain(String(unsettled.payments));
    expect(page).toContain("npm run daliz -- verify runs/x");
  });

  it("has nothing to draw of a day without payments, and says so", async () => {
    const page = await renderDayReport(resultOf({ payments: HEADER }), "runs/x");
    expect(page).toContain("Queue value: nothing to draw.");
    expect(page).toContain("The day has no members.");
  });

  it("stands in a terminal in lines of at most 100 characters", () => {
    const text = renderDayTables(RESULT, { colour: false });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).toContain("Delay indicator rho");
    expect(text).toMatch(/holds +I1/);
    expect(text).toMatch(/NOT MET +all-payments-settle/);
  });
});
