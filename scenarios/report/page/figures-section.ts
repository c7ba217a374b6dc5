import type { RunResult } from "../../run-result.ts";
import { heldPlot } from "../plots/held-plot.ts";
import { MAX_DOTS_A_PAIR, settlePlot } from "../plots/settle-plot.ts";
import { timelinePlot } from "../plots/timeline-plot.ts";
import { figure } from "./figure.ts";
import { html, type Markup } from "./markup.ts";

/** Plots of the settle times: by pair, and over the run. */
export async function timesSection(result: RunResult): Promise<Markup> {
  const [settle, timeline] = [settlePlot(result), timelinePlot(result)];
  const hasFaults = result.manifest.faults.length > 0;
  return html`<section id="distribution">
    <h2>How long settlement took</h2>
    ${await figure(
      settle,
      "settle-plot",
      "Time to settle by currency pair",
      html`<span class="key"></span>one settled swap (of more than ${MAX_DOTS_A_PAIR} a pair, as
        many evenly spaced ones) <span class="key box"></span>the middle half
        <span class="key bar"></span>median <span class="key bar95"></span>95th percentile`,
    )}
    ${await figure(
      timeline,
      "timeline-plot",
      "Every swap at the time it arrived",
      html`<span class="key"></span>decided on the fast path <span class="key rust"></span>on the
        slow path, after a wait for a bank that did not
        answer${hasFaults ? ". Dashed lines: faults, numbered as in the table of faults" : ""}.
        Ticks below: swaps that did not settle. Time to settle is on the ledger clock.`,
    )}
  </section>`;
}

/** Money on hold over time. */
export const heldFigure = (result: RunResult): Promise<Markup> =>
  figure(
    heldPlot(result),
    "held-plot",
    "Money on hold over time",
    html`Money on hold for swaps, in units of each currency (k: thousand, M: million, G: billion).
    Each panel has its own scale.`,
  );
