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
} as const;

/** In the page each of them is a variable of the style sheet, so that plots follow the dark theme. */
export const PLOT_VARIABLES: Readonly<Record<keyof typeof PLOT_COLOURS, string>> = {
  ink: "var(--ink)",
  soft: "var(--soft)",
  grid: "var(--rule)",
  dots: "var(--teal)",
  accent: "var(--rust)",
  area: "var(--gold)",
};

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
