import type { TopLevelSpec } from "vega-lite";
import { RUN_MEASURES } from "../../measures/run-measures.ts";
import {
  NUMBER_LABELS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  SERIES_LEGEND,
  seriesScales,
} from "../plots/plot-style.ts";
import { alongTimeAxis, timeAxis } from "../plots/time-axis.ts";
import type { ComparisonResult } from "./comparison-result.ts";
import { drawnCases } from "./drawn-cases.ts";

/** More dots than this hide each other; evenly spaced ones are drawn. */
const MAX_DOTS = 2_000;

/**
 * Every run a dot: what it held of money, and for how long, against how long its swaps took to settle;
 * `null` without rates or settled swaps.
 */
export function liquidityPlot({ manifest, runs }: ComparisonResult): TopLevelSpec | null {
  const drawn = drawnCases(manifest);
  const names = new Map(drawn.map(({ name, place }) => [place, name]));
  const known = runs.flatMap(({ caseNumber, seed, values }) => {
    const { ledgerMean: delay, heldDollarHours: held } = values;
    const name = names.get(caseNumber);
    return delay === null || held === null || name === undefined
      ? []
      : [{ case: name, delay, held, seed }];
  });
  if (known.length === 0) return null;
  const step = Math.max(1, Math.ceil(known.length / MAX_DOTS));
  const axis = timeAxis(known.map(({ delay }) => delay));
  const dots = known
    .filter((_, i) => i % step === 0)
    .map((dot) => ({ ...dot, delay: dot.delay / axis.unitMs }));
  const { color } = seriesScales(drawn.map(({ name }) => name));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Delay against liquidity, a dot for each run",
    width: PLOT_WIDTH,
    height: 320,
    data: { values: dots },
    mark: { type: "point", filled: true, size: 55, opacity: 0.75, aria: false },
    encoding: {
      x: {
        field: "held",
        type: "quantitative",
        scale: { zero: false },
        axis: {
          title: `${RUN_MEASURES.heldDollarHours.title}, ${RUN_MEASURES.heldDollarHours.unit}`,
          tickCount: 10,
          ...NUMBER_LABELS,
        },
      },
      y: alongTimeAxis(axis, "delay", {
        title: `${RUN_MEASURES.ledgerMean.title}, ${axis.title}`,
        tickCount: 6,
      }),
      color: {
        field: "case",
        type: "nominal",
        legend: { ...SERIES_LEGEND, symbolType: "circle", symbolSize: 70 },
        scale: color,
      },
    },
    config: PLOT_CONFIG,
  };
}
