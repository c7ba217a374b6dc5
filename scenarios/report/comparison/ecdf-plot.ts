import type { TopLevelSpec } from "vega-lite";
import { CLOCKS, type Clock } from "../../measures/settle-times.ts";
import {
  PLOT_CONFIG,
  PLOT_WIDTH,
  SERIES_LEGEND,
  seriesScales,
  type PlotPanel,
} from "../plots/plot-style.ts";
import { alongTimeAxis, timeAxis } from "../plots/time-axis.ts";
import type { ComparisonResult } from "./comparison-result.ts";
import { drawnCases } from "./drawn-cases.ts";

/** Which share of all swaps is settled within which time, a line for each case; `null` when none settled. */
export function ecdfPlot(result: ComparisonResult): TopLevelSpec | null {
  const drawn = drawnCases(result.manifest);
  const panels = (["ledger", "instruction"] as const).flatMap((clock) => {
    const lines = drawn.map(({ name, place }) => ({
      name,
      points: result.distributions[place]?.[clock] ?? [],
    }));
    return lines.every(({ points }) => points.length === 0) ? [] : [panel(clock, lines)];
  });
  if (panels.length === 0) return null;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Share of all swaps settled within a time, by case",
    vconcat: panels,
    spacing: 36,
    config: PLOT_CONFIG,
  };
}

interface Line {
  readonly name: string;
  readonly points: ComparisonResult["distributions"][number][Clock];
}

function panel(clock: Clock, lines: readonly Line[]): PlotPanel {
  const axis = timeAxis(lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const names = lines.map(({ name }) => name);
  const scales = seriesScales(names);
  const values = lines.flatMap(({ name, points }) => {
    const [first] = points;
    const start = first === undefined ? [] : [{ value: first.value, share: 0 }];
    return [...start, ...points].map(({ value, share }, order) => ({
      case: name,
      time: value / axis.unitMs,
      share,
      order,
    }));
  });
  const series = { field: "case", type: "nominal" as const, legend: SERIES_LEGEND };
  return {
    title: `${CLOCKS[clock].title}, ${CLOCKS[clock].spans}`,
    width: PLOT_WIDTH,
    height: 240,
    data: { values },
    mark: { type: "line", interpolate: "step-after", strokeWidth: 2, aria: false },
    encoding: {
      x: alongTimeAxis(axis, "time", { title: axis.title, tickCount: 10 }),
      y: {
        field: "share",
        type: "quantitative",
        scale: { domain: [0, 1] },
        axis: { title: "share of all swaps settled", tickCount: 5, format: ".0%" },
      },
      order: { field: "order", type: "quantitative" },
      color: { ...series, scale: scales.color },
      strokeDash: { ...series, scale: scales.strokeDash },
    },
  };
}
