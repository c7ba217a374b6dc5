import type { Config, TopLevelSpec } from "vega-lite";

/** One of the plots that stand below each other in a figure. */
export type PlotPanel = Extract<TopLevelSpec, { readonly vconcat: unknown }>["vconcat"][number];

/** One of the layers of a plot. */
export type PlotLayer = Extract<PlotPanel, { readonly layer: unknown }>["layer"][number];

/** Colours of the plots: distinct for colour-blind readers, dark enough on paper. */
export const PLOT_COLOURS = {
  ink: "#1d2733",
  soft: "#55606e",
  grid: "#e4e1d9",
  dots: "#0f6f78",
  accent: "#c4501b",
  area: "#c9a227",
  plum: "#7a3e8e",
  green: "#1c7a4a",
} as const;

/** In the page each of them is a variable of the style sheet, so that plots follow the dark theme. */
export const PLOT_VARIABLES: Readonly<Record<keyof typeof PLOT_COLOURS, string>> = {
  ink: "var(--ink)",
  soft: "var(--soft)",
  grid: "var(--rule)",
  dots: "var(--teal)",
  accent: "var(--rust)",
  area: "var(--gold)",
  plum: "var(--plum)",
  green: "var(--good)",
};

/** Lines of one plot that are told apart: solid ones in six colours, then the same dashed. */
export const SERIES_COLOURS = [
  PLOT_COLOURS.dots,
  PLOT_COLOURS.accent,
  PLOT_COLOURS.plum,
  PLOT_COLOURS.area,
  PLOT_COLOURS.green,
  PLOT_COLOURS.ink,
] as const;

/** How the line at a place in the list of lines looks. */
export const seriesStyle = (place: number) => ({
  colour: SERIES_COLOURS[place % SERIES_COLOURS.length] ?? PLOT_COLOURS.ink,
  dash: DASHES[Math.floor(place / SERIES_COLOURS.length) % DASHES.length] ?? [1, 0],
});

const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [6, 4],
  [2, 3],
];

/** Their names above the plot, in full. */
export const SERIES_LEGEND = {
  title: null,
  orient: "top",
  columns: 4,
  labelLimit: 420,
  labelFontSize: 12,
  symbolType: "stroke",
  symbolStrokeWidth: 2.5,
  symbolSize: 300,
} as const;

/** The scales of colour and dash for lines with these names, in this order. */
export const seriesScales = (names: readonly string[]) => ({
  color: {
    domain: [...names],
    range: names.map((_, i): string => seriesStyle(i).colour),
  },
  strokeDash: { domain: [...names], range: names.map((_, i) => [...seriesStyle(i).dash]) },
});

/** Labels of numbers: in full, where Vega would shorten them to `1e+2`. */
export const NUMBER_LABELS = { labelExpr: "format(datum.value, ',.12~g')" } as const;

export const PLOT_WIDTH = 940;

export const PLOT_CONFIG: Config = {
  background: "transparent",
  font: "system-ui, sans-serif",
  locale: { number: { decimal: ".", thousands: "\u202f", grouping: [3], currency: ["", ""] } },
  view: { stroke: null },
  axis: {
    labelColor: PLOT_COLOURS.soft,
    labelFontSize: 12,
    titleColor: PLOT_COLOURS.soft,
    titleFontSize: 12,
    titleFontWeight: "normal",
    gridColor: PLOT_COLOURS.grid,
    domain: false,
    ticks: false,
    labelPadding: 6,
  },
  axisBand: { grid: false },
  title: { color: PLOT_COLOURS.ink, fontSize: 13, anchor: "start", offset: 10, fontWeight: 600 },
};
