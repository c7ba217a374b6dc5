import { expect, it } from "vitest";
import { readGamePlan } from "../../../scenarios/load/game-sets.ts";
import { gameCurves, type GameCurve } from "../../../scenarios/measures/htlc-game/curves.ts";
import { parseCsv, renderCsv } from "../../../scenarios/report/csv.ts";
import {
  SUCCESS_COLUMNS,
  successRows,
  type SuccessRow,
} from "../../../scenarios/report/game/game-columns.ts";
import { renderGamePage } from "../../../scenarios/report/game/game-page.ts";
import { renderGameTables } from "../../../scenarios/report/game/game-tables.ts";
import { successPlot } from "../../../scenarios/report/game/success-plot.ts";
import { renderPlotFile } from "../../../scenarios/report/plots/render-plot.ts";

function curvesOf(...sets: string[]): readonly GameCurve[] {
  const plan = readGamePlan(sets);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  return gameCurves(plan.value);
}

it("the table says where the swap is started and how likely it is to complete", () => {
  const text = renderGameTables(curvesOf());
  expect(text).toContain("1.5694 to 2.4850  72.19 %  2.0844  38.92 %  71.43 %  62.47 %");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(renderGameTables(curvesOf("sigma=2"))).toContain("never");
});

it("the file has a row for each agreed price, and comes back as it was", () => {
  const rows = successRows(curvesOf("collateral=0,0.1", "points=20"));
  expect(rows).toHaveLength(40);
  const read = parseCsv<SuccessRow>(renderCsv(rows, SUCCESS_COLUMNS), SUCCESS_COLUMNS);
  expect(read).toEqual({ ok: true, value: rows });
  const [first] = rows;
  expect([first?.starts, first?.successRate]).toEqual([0, null]);
  const unbounded = successRows(curvesOf("rate=adjusted", "points=1"));
  expect(unbounded.map(({ lockFrom, lockTo }) => [lockFrom, lockTo])).toEqual([[0, null]]);
});

it("the page loads nothing, runs nothing and holds the plot", async () => {
  const page = await renderGamePage(curvesOf("sigma=0.05,0.1", "points=20"));
  expect(page).toContain("default-src &#39;none&#39;");
  expect(page).not.toMatch(/<script|https?:\/\/(?!vega\.github\.io|www\.w3\.org)/);
  expect(page).toContain("<svg");
  expect(page).toContain("sigma 0.05");
});

it("where no swap is started there is nothing to draw, and the page says so", async () => {
  const curves = curvesOf("sigma=2", "points=5");
  expect(successPlot(curves)).toBeNull();
  const page = await renderGamePage(curves);
  expect(page).toContain("nothing to draw");
  expect(page).toContain("at none of the agreed prices looked at is the swap started");
});

it("a plot file has colours of its own", async () => {
  const spec = successPlot(curvesOf("points=10"));
  if (spec === null) throw new Error("nothing drawn");
  const svg = await renderPlotFile(spec);
  expect(svg).toContain("#0f6f78");
  expect(svg).not.toContain("var(--");
});
