import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { PROPERTIES } from "../../scenarios/checkers/checker.ts";
import { renderReport } from "../../scenarios/report/html.ts";
import { renderTables } from "../../scenarios/report/tables.ts";
import type { PropertyRow, RunResult } from "../../scenarios/run-result.ts";
import { inventRun } from "./run-fixture.ts";

const VERDICTS = ["holds", "violated", "documented", "beyond budget", "not applicable"] as const;

const ROWS: readonly PropertyRow[] = Object.entries(PROPERTIES).map(([name, meaning], i) => ({
  name,
  meaning,
  verdict: VERDICTS[i % VERDICTS.length] ?? "holds",
  detail: i % VERDICTS.length === 0 ? "" : `<b>found</b> ${"in block 17 ".repeat(9)}`,
}));

function simulatedRun(): RunResult {
  const run = inventRun();
  return { ...run, manifest: { ...run.manifest, mode: "sim", properties: ROWS } };
}

describe("the properties of a simulated run", () => {
  it("stand in the terminal's tables, each with its verdict, within 100 columns", () => {
    for (const colour of [true, false]) {
      const lines = stripVTControlCharacters(renderTables(simulatedRun(), { colour })).split("\n");
      const first = lines.indexOf("Properties");
      const rows = lines.slice(first, lines.indexOf("Offline audit"));
      for (const { name, verdict } of ROWS) {
        const isRow = (line: string): boolean =>
          line.startsWith(verdict) && line.split(/ +/).includes(name);
        expect(rows.filter(isRow)).toHaveLength(1);
      }
      expect(rows.filter((line) => line.length > 100)).toEqual([]);
    }
  });

  it("stand in the report, as text", async () => {
    const page = await renderReport(simulatedRun(), "runs/x");
    const [, section = ""] = page.split('<section id="properties">');
    for (const { name } of ROWS) expect(section).toMatch(new RegExp(`>\\s*${name}\\s*</t[dh]>`));
    expect(section).toContain('<strong class="bad">violated</strong>');
    expect(page).not.toContain("<b>found</b>");
    expect(page).toContain('href="#properties"');
  });

  it("are not there in a live run", async () => {
    const run = inventRun();
    expect(renderTables(run, { colour: false }).split("\n")).not.toContain("Properties");
    expect(await renderReport(run, "runs/x")).not.toContain('"properties"');
  });
});
