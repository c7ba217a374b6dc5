import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { badInput } from "../exit.ts";
import { readGamePlan } from "../load/game-sets.ts";
import {
  gameCurves,
  likeliest,
  startedWithin,
  type GameCurve,
  type GamePlan,
} from "../measures/htlc-game/curves.ts";
import { PACKAGE_VERSION } from "../play/assemble.ts";
import { CODEBOOK_COLUMNS, codebookOf } from "../report/columns.ts";
import { renderCsv } from "../report/csv.ts";
import { SUCCESS_COLUMNS, successRows } from "../report/game/game-columns.ts";
import {
  GAME_LABELS,
  GAME_QUESTION,
  GAME_SOURCE,
  GAME_TITLE,
  HTLC_GAME,
  type GameManifest,
} from "../report/game/game-manifest.ts";
import { renderGamePage } from "../report/game/game-page.ts";
import { renderGameTables } from "../report/game/game-tables.ts";
import { successPlot } from "../report/game/success-plot.ts";
import { createRunFolder } from "../report/output-path.ts";
import { writeReport } from "../report/run-folder.ts";
import { renderJson, writeNew, writePlots } from "../report/write-files.ts";
import { refused } from "./choose-scenario.ts";
import type { RunOptions } from "./run.ts";

/** `daliz run htlc-game`: the model of rational withdrawal, as a table and a folder with its report. */
export async function runHtlcGame(options: RunOptions): Promise<void> {
  refuseWhatDoesNotApply(options);
  const plan = readGamePlan(options.set);
  if (!plan.ok) throw refused(plan.error);
  const curves = gameCurves(plan.value);
  const manifest = manifestOf(plan.value, curves);
  const { out } = options;
  const folder = createRunFolder({ name: HTLC_GAME, workingFolder: process.cwd(), out });
  try {
    const file = (name: string): string => path.join(folder, name);
    const book = codebookOf([["success.csv", SUCCESS_COLUMNS]]);
    writeNew(file("success.csv"), renderCsv(successRows(curves), SUCCESS_COLUMNS));
    writeNew(file("codebook.csv"), renderCsv(book, CODEBOOK_COLUMNS));
    await writePlots(folder, { success: successPlot(curves) });
    writeReport(folder, await renderGamePage(curves));
    // Last: a folder with a manifest is complete.
    writeNew(file("manifest.json"), renderJson(manifest));
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  if (options.json) process.stdout.write(renderJson(manifest));
  else {
    process.stdout.write(renderGameTables(curves));
    process.stdout.write(
      `\nRun folder: ${folder}\nReport:     ${path.join(folder, "report.html")}\n`,
    );
  }
}

/** The game has no banks and draws nothing. */
function refuseWhatDoesNotApply(options: RunOptions): void {
  const { mode, arrangement, seed, record } = options;
  const given = Object.entries({ mode, arrangement, seed, record: record ? "" : undefined });
  const [first] = given.filter(([, value]) => value !== undefined);
  if (first === undefined) return;
  throw badInput(`--${first[0]}: found with ${HTLC_GAME}, allowed: --set, --out and --json`);
}

function manifestOf({ agreed }: GamePlan, curves: readonly GameCurve[]): GameManifest {
  const orNull = (rate: number): number | null => (Number.isNaN(rate) ? null : rate);
  return {
    format: "daliz-game/1",
    game: HTLC_GAME,
    title: GAME_TITLE,
    question: GAME_QUESTION,
    source: GAME_SOURCE,
    modelled: GAME_LABELS,
    versions: { daliz: PACKAGE_VERSION, node: process.versions.node },
    agreed: { from: agreed[0] ?? 0, to: agreed.at(-1) ?? 0, points: agreed.length },
    curves: curves.map((curve) => {
      const best = likeliest(curve);
      return {
        name: curve.name,
        rate: curve.rate,
        parameters: curve.game,
        startedWithin: startedWithin(curve),
        likeliest: best === null ? null : { agreed: best.agreed, successRate: best.successRate },
        highlighted: curve.highlighted.map(({ agreed: price, successRate }) => ({
          agreed: price,
          successRate: orNull(successRate),
        })),
      };
    }),
  };
}
