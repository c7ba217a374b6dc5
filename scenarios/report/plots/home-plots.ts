import type { TopLevelSpec } from "vega-lite";
import type { SupplyRow } from "../../measures/home/supply.ts";
import { REFUND_DAYS, type VatRow } from "../../measures/home/vat.ts";
import { PLOT_COLOURS, PLOT_CONFIG, PLOT_WIDTH } from "./plot-style.ts";

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** Cumulative issue, what is outstanding, and what of it is tagged; `null` when nothing was issued. */
export function supplyPlot({ course }: SupplyRow, decimals: number): TopLevelSpec | null {
  const [first] = course;
  if (first === undefined) return null;
  const unit = 10 ** decimals;
  const values = course.flatMap(({ timeMs, issued, outstanding, tagged }) =>
    Object.entries({ issued, outstanding, tagged }).map(([what, amount]) => ({
      seconds: (timeMs - first.timeMs) / 1000,
      what,
      amount: Number(BigInt(amount)) / unit,
    })),
  );
  return {
    $schema: SCHEMA,
    description: "Issued in all, outstanding, and tagged",
    width: PLOT_WIDTH,
    height: 180,
    data: { values },
    mark: { type: "line", interpolate: "step-after", aria: false },
    encoding: {
      x: { field: "seconds", type: "quantitative", axis: { title: "seconds of the run" } },
      y: { field: "amount", type: "quantitative", axis: { title: null, format: "~s" } },
      color: {
        field: "what",
        type: "nominal",
        scale: {
          domain: ["issued", "outstanding", "tagged"],
          range: [PLOT_COLOURS.soft, PLOT_COLOURS.dots, PLOT_COLOURS.accent],
        },
        legend: { title: null },
      },
    },
    config: PLOT_CONFIG,
  };
}

/** How many claims for VAT waited, day by day; `null` without claims. */
export function queuePlot({ queue }: VatRow): TopLevelSpec | null {
  if (queue.length === 0) return null;
  return {
    $schema: SCHEMA,
    description: "Open claims for refunds of VAT",
    width: PLOT_WIDTH,
    height: 150,
    data: { values: [...queue] },
    mark: { type: "area", color: PLOT_COLOURS.area, opacity: 0.6, line: true, aria: false },
    encoding: {
      x: { field: "day", type: "quantitative", axis: { title: "day of the run" } },
      y: { field: "open", type: "quantitative", axis: { title: "open claims" } },
    },
    config: PLOT_CONFIG,
  };
}

export const refundBaselines = (): string =>
  `${REFUND_DAYS.before.join(" to ")} days before, ${REFUND_DAYS.pilot.join(" to ")} in the pilot`;
