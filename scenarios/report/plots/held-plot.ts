import type { TopLevelSpec } from "vega-lite";
import { heldLiquidity, type HeldRow } from "../../measures/held-liquidity.ts";
import type { RunResult } from "../../run-result.ts";
import { decimalsOf } from "../format.ts";
import {
  NUMBER_LABELS,
  PLOT_COLOURS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  type PlotPanel,
} from "./plot-style.ts";

/** More panels than this do not fit on a page; `liquidity.csv` has all banks. */
const MAX_PANELS = 8;

/** More steps than this are narrower than a pixel: of each such stretch its peak is drawn. */
const MAX_STEPS = 800;

interface Step {
  readonly second: number;
  readonly amount: number;
}

/** Money on hold for swaps over time, a panel for each currency; `null` when nothing was ever held. */
export function heldPlot({ swaps, manifest }: RunResult): TopLevelSpec | null {
  const startUs = Date.parse(manifest.startedAt) * 1000;
  const decimals = decimalsOf(manifest.banks);
  const panels = [...Map.groupBy(heldLiquidity(swaps, manifest.banks), (row) => row.currency)]
    .slice(0, MAX_PANELS)
    .map(([currency, rows]) => ({
      currency,
      steps: peaks(rows.map((row) => plotStep(row, startUs, decimals(currency)))),
    }));
  const seconds = panels.flatMap(({ steps }) => steps.map(({ second }) => second));
  if (seconds.length === 0) return null;
  const from = seconds.reduce((a, b) => Math.min(a, b));
  const to = seconds.reduce((a, b) => Math.max(a, b));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Money on hold for swaps over time, by currency",
    vconcat: panels.map(({ currency, steps }, i) =>
      panel(currency, steps, [from, to], i === panels.length - 1),
    ),
    spacing: 14,
    config: PLOT_CONFIG,
  };
}

function panel(
  currency: string,
  steps: readonly Step[],
  domain: readonly [number, number],
  isLast: boolean,
): PlotPanel {
  const data = { values: [{ second: domain[0], amount: 0 }, ...steps] };
  return {
    width: PLOT_WIDTH,
    height: 46,
    data,
    mark: {
      type: "area",
      interpolate: "step-after",
      color: PLOT_COLOURS.area,
      opacity: 0.75,
      line: { color: PLOT_COLOURS.area, strokeWidth: 1 },
      aria: false,
    },
    encoding: {
      x: {
        field: "second",
        type: "quantitative",
        scale: { domain: [...domain], nice: false },
        axis: isLast
          ? {
              title: "seconds since the start of the run",
              grid: false,
              tickCount: 10,
              ...NUMBER_LABELS,
            }
          : null,
      },
      y: {
        field: "amount",
        type: "quantitative",
        axis: {
          title: currency,
          titleAngle: 0,
          titleAlign: "left",
          titleX: -84,
          tickCount: 2,
          labelExpr: "format(datum.value, '~s')",
        },
      },
    },
  };
}

/** Floating-point numbers are good enough to draw; the file has the exact amounts. */
const plotStep = (row: HeldRow, startUs: number, decimals: number): Step => ({
  second: Math.round((row.timeUs - startUs) / 10) / 100_000,
  amount: Number(row.pending) / 10 ** decimals,
});

function peaks(steps: readonly Step[]): readonly Step[] {
  if (steps.length <= MAX_STEPS) return steps;
  const size = Math.ceil(steps.length / MAX_STEPS);
  const last = steps.at(-1);
  const drawn = Array.from({ length: Math.ceil(steps.length / size) }, (_, i) => {
    const chunk = steps.slice(i * size, (i + 1) * size);
    const amount = chunk.reduce((peak, step) => Math.max(peak, step.amount), 0);
    return { second: chunk[0]?.second ?? 0, amount };
  });
  return last === undefined ? drawn : [...drawn, last];
}
