import type { TopLevelSpec } from "vega-lite";
import { currencyPairs, type PairSwaps } from "../../measures/currency-pairs.ts";
import { distribution } from "../../measures/distribution.ts";
import { CLOCKS, settledTimes, type Clock } from "../../measures/settle-times.ts";
import type { RunResult } from "../../run-result.ts";
import {
  PLOT_COLOURS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  type PlotLayer,
  type PlotPanel,
} from "./plot-style.ts";
import { alongTimeAxis, timeAxis } from "./time-axis.ts";

/** More rows than this do not fit on a page; the table lists all pairs. */
const MAX_PAIRS = 24;

/** More dots than this only make a row darker: of more swaps, evenly spaced ones in order of time are drawn. */
export const MAX_DOTS_A_PAIR = 300;

/** Time to settle by pair on both clocks: every swap a dot, with its quartiles; `null` when none settled. */
export function settlePlot(result: RunResult): TopLevelSpec | null {
  const pairs = currencyPairs(result.swaps, result.manifest.banks).filter(
    ({ swaps }) => settledTimes(swaps, "ledger").length > 0,
  );
  if (pairs.length === 0) return null;
  const most = pairs.toSorted((a, b) => b.swaps.length - a.swaps.length).slice(0, MAX_PAIRS);
  const drawn = pairs.filter((pair) => most.includes(pair));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Time to settle by currency pair, on two clocks",
    vconcat: [panel("ledger", drawn), panel("instruction", drawn)],
    spacing: 36,
    config: PLOT_CONFIG,
  };
}

function panel(clock: Clock, pairs: readonly PairSwaps[]): PlotPanel {
  const rows = pairs.map(({ name, swaps }) => ({ pair: name, times: settledTimes(swaps, clock) }));
  const axis = timeAxis(rows.flatMap(({ times }) => times));
  const dots = rows.flatMap(({ pair, times }) =>
    thinned(times).map((ms, i) => ({ pair, time: ms / axis.unitMs, spread: spread(i) })),
  );
  const boxes = rows.flatMap(({ pair, times }) => {
    const summary = distribution(times);
    if (summary === null) return [];
    const { p25, p50, p75, p95 } = summary;
    const inUnits = [p25, p50, p75, p95].map((ms) => ms / axis.unitMs);
    const [lower = 0, median = 0, upper = 0, high = 0] = inUnits;
    return [{ pair, p25: lower, p50: median, p75: upper, p95: high }];
  });
  const y = {
    field: "pair",
    type: "nominal",
    sort: rows.map(({ pair }) => pair),
    axis: { title: null },
  } as const;
  const x = (field: string) => alongTimeAxis(axis, field, { title: axis.title, tickCount: 8 });
  return {
    title: `${CLOCKS[clock].title}, ${CLOCKS[clock].spans}`,
    width: PLOT_WIDTH,
    height: { step: 28 },
    layer: [
      {
        data: { values: boxes },
        mark: { type: "bar", height: 18, color: PLOT_COLOURS.dots, opacity: 0.16, aria: false },
        encoding: { y, x: x("p25"), x2: { field: "p75" } },
      },
      {
        data: { values: dots },
        mark: { type: "circle", size: 18, color: PLOT_COLOURS.dots, opacity: 0.55, aria: false },
        encoding: {
          y,
          x: x("time"),
          yOffset: { field: "spread", type: "quantitative", scale: { domain: [-1.6, 1.6] } },
        },
      },
      tick("p50", PLOT_COLOURS.ink),
      tick("p95", PLOT_COLOURS.accent),
    ],
  };

  function tick(field: "p50" | "p95", color: string): PlotLayer {
    return {
      data: { values: boxes },
      mark: { type: "tick", thickness: 2.5, size: 22, color, opacity: 1, aria: false },
      encoding: { y, x: x(field) },
    };
  }
}

function thinned(times: readonly number[]): readonly number[] {
  if (times.length <= MAX_DOTS_A_PAIR) return times;
  const sorted = times.toSorted((a, b) => a - b);
  const step = (sorted.length - 1) / (MAX_DOTS_A_PAIR - 1);
  return Array.from({ length: MAX_DOTS_A_PAIR }, (_, i) => sorted[Math.round(i * step)] ?? 0);
}

/** From -1 to 1, evenly spread and the same every time: dots of a row stand beside each other. */
const spread = (i: number): number => Number((((i * 0.618_034) % 1) * 2 - 1).toFixed(3));
