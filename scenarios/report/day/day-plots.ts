import type { TopLevelSpec } from "vega-lite";
import {
  balanceSeries,
  queueSeries,
  waitQuantiles,
  type Point,
} from "../../measures/day-series.ts";
import type { SettledDay } from "../../rtgs/settled-day.ts";
import {
  NUMBER_LABELS,
  PLOT_COLOURS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  type PlotPanel,
} from "../plots/plot-style.ts";
import { alongTimeAxis, timeAxis } from "../plots/time-axis.ts";

/** Stretches of the day of which one value each is drawn: more are narrower than a pixel. */
const STRETCHES = 600;

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** A day is drawn in the largest unit of which it has a few. */
const UNITS = [
  { name: "hours", ms: 3_600_000 },
  { name: "minutes", ms: 60_000 },
  { name: "seconds", ms: 1_000 },
  { name: "milliseconds", ms: 1 },
] as const;

/** What was queued over the day; `null` when nothing ever was. */
export function dayQueuePlot(settled: SettledDay): TopLevelSpec | null {
  const points = queueSeries(settled, STRETCHES);
  if (points.every(({ value }) => value === 0n)) return null;
  const axis = dayAxis(settled);
  const values = [
    ...drawn(points, axis.ms),
    { at: settled.closeMs / axis.ms, value: last(points) },
  ];
  return {
    $schema: SCHEMA,
    description: "Value of all queued payments over the day",
    width: PLOT_WIDTH,
    height: 180,
    data: { values },
    mark: {
      type: "area",
      interpolate: "step-after",
      color: PLOT_COLOURS.area,
      opacity: 0.75,
      line: { color: PLOT_COLOURS.area, strokeWidth: 1 },
      aria: false,
    },
    encoding: { x: axis.encoding, y: amountAxis("minor units queued") },
    config: PLOT_CONFIG,
  };
}

/** The balances of some members over the day, a panel each; `null` without payments. */
export function balancesPlot(
  settled: SettledDay,
  members: readonly { readonly number: number; readonly label: string }[],
): TopLevelSpec | null {
  if (settled.submittedMs.length === 0 || members.length === 0) return null;
  const axis = dayAxis(settled);
  const numbers = members.map(({ number }) => number);
  const panels = balanceSeries(settled, numbers, STRETCHES).map((points, i): PlotPanel => ({
    title: members[i]?.label ?? "",
    width: PLOT_WIDTH,
    height: 56,
    data: {
      values: [...drawn(points, axis.ms), { at: settled.closeMs / axis.ms, value: last(points) }],
    },
    mark: { type: "line", interpolate: "step-after", color: PLOT_COLOURS.dots, aria: false },
    encoding: {
      x: i === members.length - 1 ? axis.encoding : { ...axis.encoding, axis: null },
      y: amountAxis(null),
    },
  }));
  return {
    $schema: SCHEMA,
    description: "Balances of the members that used most",
    vconcat: panels,
    spacing: 12,
    config: PLOT_CONFIG,
  };
}

/** The share of payments that waited at most so long; `null` when nothing waited. */
export function waitPlot(settled: SettledDay): TopLevelSpec | null {
  const waits = waitQuantiles(settled);
  const longest = waits.at(-1) ?? 0;
  if (longest === 0) return null;
  const axis = timeAxis([...waits]);
  const values = waits.map((wait, i) => ({ wait: wait / axis.unitMs, share: (i + 1) / 100 }));
  return {
    $schema: SCHEMA,
    description: "Share of payments that waited at most so long",
    width: PLOT_WIDTH,
    height: 200,
    data: { values },
    mark: { type: "line", interpolate: "step-before", color: PLOT_COLOURS.dots, aria: false },
    encoding: {
      x: alongTimeAxis(axis, "wait", { title: axis.title, tickCount: 10 }),
      y: {
        field: "share",
        type: "quantitative",
        scale: { domain: [0, 1] },
        axis: { title: "share of payments", format: "%" },
      },
    },
    config: PLOT_CONFIG,
  };
}

function dayAxis({ submittedMs, closeMs }: SettledDay) {
  const first = submittedMs[0] ?? closeMs;
  const unit = UNITS.find(({ ms }) => closeMs - first >= 3 * ms) ?? UNITS[3];
  return {
    ms: unit.ms,
    encoding: {
      field: "at",
      type: "quantitative" as const,
      scale: { domain: [first / unit.ms, Math.max(closeMs, first + 1) / unit.ms], nice: false },
      axis: {
        title: `${unit.name} since the start of the day`,
        grid: false,
        tickCount: 10,
        ...NUMBER_LABELS,
      },
    },
  };
}

const amountAxis = (title: string | null) => ({
  field: "value",
  type: "quantitative" as const,
  axis: { title, tickCount: 3, labelExpr: "format(datum.value, '~s')" },
});

/** Floating-point numbers are good enough to draw; the files have the exact amounts. */
const drawn = (points: readonly Point[], unitMs: number) =>
  points.map(({ atMs, value }) => ({ at: atMs / unitMs, value: Number(value) }));

const last = (points: readonly Point[]): number => Number(points.at(-1)?.value ?? 0n);
