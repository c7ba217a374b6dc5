import fs from "node:fs";
import path from "node:path";
import type { TopLevelSpec } from "vega-lite";
import { environmentFailed } from "../exit.ts";
import { printable } from "../problem.ts";
import { renderPlotFile } from "./plots/render-plot.ts";

export const renderJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Writes a file that is not there yet. */
export function writeNew(file: string, content: string | Uint8Array): void {
  try {
    fs.writeFileSync(file, content, { flag: "wx" });
  } catch (error) {
    throw environmentFailed(`${printable(file)}: ${(error as Error).message}`);
  }
}

/** The folder of a folder's plots. */
export const PLOTS = "plots";

/** Writes each plot as its Vega-Lite specification and as SVG, into a folder of their own; `null` is nothing to draw. */
export async function writePlots(
  folder: string,
  plots: Readonly<Record<string, TopLevelSpec | null>>,
): Promise<void> {
  const place = path.join(folder, PLOTS);
  fs.mkdirSync(place);
  for (const [name, spec] of Object.entries(plots)) {
    if (spec === null) continue;
    writeNew(path.join(place, `${name}.vl.json`), renderJson(spec));
    writeNew(path.join(place, `${name}.svg`), await renderPlotFile(spec));
  }
}
