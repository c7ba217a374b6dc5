import type { RunResult } from "../../run-result.ts";
import { MAX_LANES, MAX_MESSAGES } from "../sequence/layout.ts";
import { sequenceSvg } from "../sequence/sequence-svg.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Markup } from "./markup.ts";

/** One swap of the run as its messages went: drawing and table. */
export function sequenceSection({ diagram, swaps }: RunResult): Markup | null {
  if (diagram === null) return null;
  const swap = swaps.find(({ sid, id }) => sid === diagram.sid || id === diagram.id);
  const drawing = sequenceSvg(diagram, swap?.receivedUs ?? 0);
  if (drawing === null) return null;
  const { banks, messages, steps } = diagram;
  const times = [...messages.map(({ sentUs }) => sentUs), ...steps.map(({ atUs }) => atUs)];
  const earliest = times.reduce((a, b) => Math.min(a, b));
  const zeroUs = swap !== undefined && swap.receivedUs > 0 ? swap.receivedUs : earliest;
  const at = (us: number): string => ((us - zeroUs) / 1000).toFixed(2);
  const left = Math.max(0, banks.length - MAX_LANES);
  return html`<section id="sequence">
    <h2>One swap, message by message</h2>
    <p class="lead">
      ${diagram.id}, ${diagram.pair}, as its messages really went. Time runs down from the arrival
      of the instruction, in milliseconds; every bank tells the time by its own clock.
    </p>
    <figure id="sequence-plot" aria-label="One swap, message by message">
      <div class="plot" role="region" aria-label="Messages of one swap" tabindex="0">
        ${drawing}
      </div>
      <figcaption>
        Slanted lines are messages, from sending to arrival; a text right of a line is what was
        sent, a text left of it what the bank did and when. Dashed: private terms, which only the
        two banks taking part receive. Witnesses vote on an announcement whose amounts they do not
        know.${left > 0 ? ` ${left} further witnesses are left out.` : ""}
      </figcaption>
      <details>
        <summary>The messages as a table</summary>
        ${htmlTable(
          `Messages of ${diagram.id}, times in milliseconds after the arrival`,
          [
            { head: "From" },
            { head: "To" },
            { head: "Message" },
            { head: "Sent", numeric: true },
            { head: "Received", numeric: true },
            { head: "On the way", numeric: true },
          ],
          messages
            .slice(0, MAX_MESSAGES)
            .map(({ from, to, label, isPrivate, sentUs, receivedUs }) => [
              from,
              to,
              isPrivate ? `${label} (private)` : label,
              at(sentUs),
              at(receivedUs),
              ((receivedUs - sentUs) / 1000).toFixed(2),
            ]),
        )}
      </details>
    </figure>
  </section>`;
}
