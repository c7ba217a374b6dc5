import type { TopLevelSpec } from "vega-lite";
import type { SoakSample } from "../../bench/soak.ts";
import {
  NUMBER_LABELS,
  PLOT_COLOURS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  type PlotPanel,
} from "./plot-style.ts";

const PANELS = [
  ["p95Ms", "settle time p95, ms"],
  ["heapMb", "heap of the largest bank, MB"],
  ["descriptors", "open descriptors"],
] as const;

/** Latency, memory and descriptors over the time of a soak. */
export function soakPlot(samples: readonly SoakSample[]): TopLevelSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "A live corridor under an even load",
    vconcat: PANELS.map(([field, title], i) =>
      panel(samples, { field, title, isLast: i === PANELS.length - 1 }),
    ),
    spacing: 18,
    config: PLOT_CONFIG,
  };
}

function panel(
  samples: readonly SoakSample[],
  { field, title, isLast }: { field: string; title: string; isLast: boolean },
): PlotPanel {
  return {
    title,
    width: PLOT_WIDTH,
    height: 90,
    data: { values: samples.map((sample) => ({ ...sample })) },
    mark: { type: "line", color: PLOT_COLOURS.area, aria: false },
    encoding: {
      x: {
        field: "minute",
        type: "quantitative",
        axis: isLast ? { title: "minutes", grid: false, ...NUMBER_LABELS } : null,
      },
      y: { field, type: "quantitative", axis: { title: null, tickCount: 3, ...NUMBER_LABELS } },
    },
  };
}
