import type { TopLevelSpec } from "vega-lite";
import { settleTime } from "../../measures/settle-times.ts";
import type { RunResult, SwapRow } from "../../run-result.ts";
import {
  NUMBER_LABELS,
  PLOT_COLOURS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  type PlotLayer,
  type PlotPanel,
} from "./plot-style.ts";
import { alongTimeAxis, timeAxis } from "./time-axis.ts";

/** Beyond this many swaps dots hide each other; evenly spaced ones are drawn. */
export const MAX_TIMELINE_DOTS = 4_000;

/** Numbers of faults stand above the plot; more would run into each other. */
const MAX_FAULT_RULES = 20;

/** Every swap at the time it arrived, with its settle time, and the faults; `null` without swaps. */
export function timelinePlot({ swaps, manifest }: RunResult): TopLevelSpec | null {
  const startUs = Date.parse(manifest.startedAt) * 1000;
  const step = Math.max(1, Math.ceil(swaps.length / MAX_TIMELINE_DOTS));
  const drawn = swaps.filter((_, i) => i % step === 0);
  const settled = drawn.flatMap((swap) => {
    const ms = settleTime(swap, "ledger");
    return ms === null ? [] : [{ swap, ms }];
  });
  if (settled.length === 0) return null;
  const axis = timeAxis(settled.map(({ ms }) => ms));
  const seconds = (us: number): number => Math.round((us - startUs) / 100) / 10_000;
  const dots = settled.map(({ swap, ms }) => ({
    second: seconds(arrivedUs(swap)),
    time: ms / axis.unitMs,
    path: swap.view === 0 ? FAST : SLOW,
  }));
  const others = drawn
    .filter((swap) => swap.outcome !== "settled")
    .map((swap) => ({ second: seconds(arrivedUs(swap)), outcome: swap.outcome }));
  const faults = manifest.faults
    .slice(0, MAX_FAULT_RULES)
    .map(({ atMs }, i) => ({ second: atMs / 1000, number: String(i + 1) }));
  const all = [...dots, ...others, ...faults].map(({ second }) => second);
  const least = all.reduce((a, b) => Math.min(a, b));
  const most = all.reduce((a, b) => Math.max(a, b));
  const margin = Math.max(0.05, (most - least) * 0.02);
  const x = (title: string | null) => ({
    field: "second",
    type: "quantitative" as const,
    scale: { domain: [least - margin, most + margin], nice: false },
    axis: title === null ? null : { title, ...NUMBER_LABELS, grid: false, tickCount: 10 },
  });
  const X_TITLE = "seconds since the start of the run, when the instruction arrived";
  const isLast = others.length === 0;
  const scatter: PlotPanel = {
    title: { text: `Time to settle on the ledger clock, ${axis.title}`, offset: 22 },
    width: PLOT_WIDTH,
    height: 220,
    layer: [
      ...(faults.length === 0 ? [] : faultLayers()),
      {
        data: { values: dots },
        mark: { type: "point" as const, filled: true, opacity: 0.65, aria: false },
        encoding: {
          x: x(isLast ? X_TITLE : null),
          y: alongTimeAxis(axis, "time", {
            title: null,
            tickCount: 5,
          }),
          color: {
            field: "path",
            type: "nominal" as const,
            legend: null,
            scale: { domain: [FAST, SLOW], range: [PLOT_COLOURS.dots, PLOT_COLOURS.accent] },
          },
          size: {
            field: "path",
            type: "ordinal" as const,
            legend: null,
            scale: { domain: [FAST, SLOW], range: [30, 80] },
          },
          shape: {
            field: "path",
            type: "nominal" as const,
            legend: null,
            scale: { domain: [FAST, SLOW], range: ["circle", "diamond"] },
          },
        },
      },
    ],
  };
  const strip: PlotPanel = {
    width: PLOT_WIDTH,
    height: { step: 20 },
    data: { values: others },
    mark: { type: "tick" as const, thickness: 2, size: 12, color: PLOT_COLOURS.ink, aria: false },
    encoding: {
      x: x(X_TITLE),
      y: { field: "outcome", type: "nominal" as const, axis: { title: null } },
    },
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Every swap at the time it arrived",
    vconcat: isLast ? [scatter] : [scatter, strip],
    spacing: 12,
    config: PLOT_CONFIG,
  };

  function faultLayers(): PlotLayer[] {
    const data = { values: faults };
    const encoding = { x: x(isLast ? X_TITLE : null) };
    return [
      {
        data,
        mark: { type: "rule" as const, strokeDash: [4, 3], color: PLOT_COLOURS.soft, aria: false },
        encoding,
      },
      {
        data,
        mark: {
          type: "text" as const,
          y: -8,
          fontSize: 12,
          fontWeight: 600,
          color: PLOT_COLOURS.ink,
          aria: false,
        },
        encoding: { ...encoding, text: { field: "number", type: "nominal" as const } },
      },
    ];
  }
}

const FAST = "fast path";
const SLOW = "slow path";

const arrivedUs = (swap: SwapRow): number =>
  [swap.receivedUs, swap.submittedUs, swap.initiatedUs].find((us) => us > 0) ?? 0;
