import type { TopLevelSpec } from "vega-lite";
import {
  FIGURE_TEXT,
  figuresOf,
  type HomeFigures,
  type Variant,
} from "../measures/home-figures.ts";
import { figure } from "./page/figure.ts";
import { html } from "./page/markup.ts";
import { htmlTable } from "./page/html-table.ts";
import { offlinePage } from "./page/offline-page.ts";
import { PLOT_COLOURS, PLOT_CONFIG, PLOT_WIDTH } from "./plots/plot-style.ts";

export interface VaryReport {
  readonly title: string;
  readonly question: string;
  readonly labels: readonly string[];
  readonly parameter: string;
  readonly variants: readonly Variant[];
}

/** Runs of one scenario side by side: a table of all figures, and a curve for each. */
export async function renderVaryPage(report: VaryReport): Promise<string> {
  const { title, question, labels, parameter, variants } = report;
  const figures = figuresOf(variants);
  return offlinePage(
    `${title}: ${parameter}`,
    html`<header>
        <p class="eyebrow">One scenario, ${variants.length} values of ${parameter}</p>
        <h1>${title}</h1>
        <p class="lead">${question}</p>
      </header>
      <main>
        <p>Model output of simulated runs, not a forecast. ${labels.join("; ")}.</p>
        ${htmlTable(
          "Every figure of every run",
          [
            { head: parameter },
            ...figures.map((name) => ({ head: FIGURE_TEXT[name], numeric: true })),
          ],
          variants.map(({ value, figures: found }) => [
            value,
            ...figures.map((name) => shown(found[name])),
          ]),
        )}
        ${await figure(
          curves(parameter, variants, figures),
          "vary-plot",
          `What changes with ${parameter}`,
          html`One dot is one simulated run; each panel has its own scale.`,
        )}
      </main>
      <footer>A simulation, not money: no central bank took part.</footer>`,
  );
}

const shown = (value: number | null): string =>
  value === null ? "" : Number.isInteger(value) ? `${value}` : value.toFixed(2);

/** Numbers stand along an axis, anything else side by side. */
function curves(
  parameter: string,
  variants: readonly Variant[],
  figures: readonly (keyof HomeFigures)[],
): TopLevelSpec | null {
  if (figures.length === 0) return null;
  const isNumeric = variants.every(({ value }) => /^-?[0-9]+([.][0-9]+)?$/.test(value));
  const x = isNumeric
    ? ({ field: "value", type: "quantitative", axis: { title: parameter } } as const)
    : ({ field: "value", type: "nominal", sort: null, axis: { title: parameter } } as const);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `What changes with ${parameter}`,
    vconcat: figures.map((name) => ({
      title: FIGURE_TEXT[name],
      width: PLOT_WIDTH,
      height: 120,
      data: {
        values: variants.flatMap(({ value, figures: found }) =>
          found[name] === null
            ? []
            : [{ value: isNumeric ? Number(value) : value, figure: found[name] }],
        ),
      },
      mark: {
        type: "line" as const,
        point: { color: PLOT_COLOURS.dots, size: 40 },
        color: PLOT_COLOURS.dots,
        aria: false,
      },
      encoding: {
        x,
        y: {
          field: "figure",
          type: "quantitative" as const,
          axis: { title: null },
          scale: { zero: true },
        },
      },
    })),
    spacing: 30,
    config: PLOT_CONFIG,
  };
}
