import type { TopLevelSpec } from "vega-lite";
import { RUN_MEASURES, type RunMeasureName } from "../../measures/run-measures.ts";
import type { Estimate } from "../../measures/statistics/paired.ts";
import {
  NUMBER_LABELS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  SERIES_LEGEND,
  seriesScales,
  type PlotPanel,
} from "../plots/plot-style.ts";
import type { CaseResult, ComparisonManifest } from "./comparison-result.ts";
import { MAX_DRAWN_CASES } from "./drawn-cases.ts";

/** The measures that are drawn against a parameter. */
const DRAWN = [
  "ledgerP50",
  "ledgerP95",
  "settled",
  "heldDollarHours",
  "messages",
  "flushes",
] as const satisfies readonly RunMeasureName[];

/**
 * Measures against the first varied parameter whose values are numbers, a line for each arrangement and
 * combination of the others, with intervals; `null` if there is none.
 */
export function parameterPlot(manifest: ComparisonManifest): TopLevelSpec | null {
  const { cases, paths } = manifest;
  const place = paths.findIndex((_, i) => cases.every((one) => isNumber(one.values[i] ?? "")));
  const path = paths[place];
  if (path === undefined) return null;
  const nameOf = ({ arrangement, values }: CaseResult): string =>
    [arrangement, ...values.filter((_, i) => i !== place)].join(", ");
  const names = [...new Set(cases.map(nameOf))].slice(0, MAX_DRAWN_CASES);
  const points = (measure: RunMeasureName): readonly Point[] =>
    cases.flatMap((one) => {
      const found = one.estimates[measure];
      const line = nameOf(one);
      if (found === null || !names.includes(line)) return [];
      return [{ line, parameter: Number(one.values[place]), ...range(found) }];
    });
  const panels = DRAWN.flatMap((measure) => {
    const values = points(measure);
    return values.length === 0 ? [] : [panel(measure, { values, path, names })];
  });
  if (panels.length === 0) return null;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: `Measures against ${path}`,
    concat: panels,
    columns: 2,
    spacing: 30,
    config: PLOT_CONFIG,
  };
}

const isNumber = (text: string): boolean => /^-?[0-9]+(\.[0-9]+)?$/.test(text);

interface Point {
  readonly line: string;
  readonly parameter: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const range = ({ mean, interval }: Estimate) => ({
  mean,
  low: interval?.low ?? mean,
  high: interval?.high ?? mean,
});

interface Drawing {
  readonly values: readonly Point[];
  readonly path: string;
  readonly names: readonly string[];
}

function panel(measure: RunMeasureName, { values, path, names }: Drawing): PlotPanel {
  const { title, unit } = RUN_MEASURES[measure];
  const scales = seriesScales(names);
  const x = {
    field: "parameter",
    type: "quantitative" as const,
    scale: { zero: false },
    axis: { title: path, tickCount: 5, ...NUMBER_LABELS },
  };
  const legend = names.length === 1 ? null : { ...SERIES_LEGEND, columns: 2 };
  const color = { field: "line", type: "nominal" as const, legend, scale: scales.color };
  const axis = { title: null, tickCount: 5, ...NUMBER_LABELS };
  return {
    title: unit === "" ? title : `${title}, ${unit}`,
    width: PLOT_WIDTH / 2 - 60,
    height: 180,
    data: { values: [...values] },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2, opacity: 0.5, aria: false },
        encoding: {
          x,
          y: { field: "low", type: "quantitative", axis },
          y2: { field: "high" },
          color,
        },
      },
      {
        mark: { type: "line", point: { size: 40 }, strokeWidth: 2, aria: false },
        encoding: { x, y: { field: "mean", type: "quantitative", axis }, color },
      },
    ],
  };
}
