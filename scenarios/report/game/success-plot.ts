import type { TopLevelSpec } from "vega-lite";
import type { GameCurve } from "../../measures/htlc-game/curves.ts";
import type { GameOutcome } from "../../measures/htlc-game/withdrawal-game.ts";
import {
  NUMBER_LABELS,
  PLOT_COLOURS,
  PLOT_CONFIG,
  PLOT_WIDTH,
  SERIES_LEGEND,
  seriesScales,
} from "../plots/plot-style.ts";

const HEIGHT = 360;

/** Success rate against agreed price, a line for each setting; `null` when no swap is started in any of them. */
export function successPlot(curves: readonly GameCurve[]): TopLevelSpec | null {
  const points = (of: (curve: GameCurve) => readonly GameOutcome[]) =>
    curves.flatMap((curve) =>
      of(curve).flatMap(({ agreed, successRate }) =>
        Number.isNaN(successRate) ? [] : [{ curve: curve.name, agreed, success: successRate }],
      ),
    );
  const values = points(({ outcomes }) => outcomes);
  if (values.length === 0) return null;
  const marks = points(({ highlighted }) => highlighted);
  const names = curves.map(({ name }) => name);
  const scales = seriesScales(names);
  const legend = names.length === 1 ? null : SERIES_LEGEND;
  const agreed = [...values, ...marks].map((value) => value.agreed);
  const [least, most] = [Math.min(...agreed), Math.max(...agreed)];
  const margin = (most - least) / 20 || most / 20;
  const domain = [Math.max(0, least - margin), most + margin];
  const x = {
    field: "agreed",
    type: "quantitative" as const,
    scale: { domain, nice: false },
    axis: { title: "agreed price, token a for one token b", tickCount: 12, ...NUMBER_LABELS },
  };
  const y = {
    field: "success",
    type: "quantitative" as const,
    scale: { domain: [0, 1] },
    axis: { title: "probability that a swap that was started completes", tickCount: 5 },
  };
  const color = { field: "curve", type: "nominal" as const, scale: scales.color, legend };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Success rate of an HTLC swap against the agreed price",
    width: PLOT_WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values },
        mark: { type: "line", strokeWidth: 2.5, aria: false },
        encoding: {
          x,
          y,
          color,
          strokeDash: {
            field: "curve",
            type: "nominal",
            scale: scales.strokeDash,
            legend,
          },
        },
      },
      {
        data: { values: marks },
        mark: { type: "circle", size: 60, opacity: 1, stroke: PLOT_COLOURS.ink, aria: false },
        encoding: { x, y, color: { ...color, legend: null } },
      },
    ],
    config: PLOT_CONFIG,
  };
}
