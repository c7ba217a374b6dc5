import type { TopLevelSpec } from "vega-lite";
import { renderPlot } from "../plots/render-plot.ts";
import { html, trusted, type Markup } from "./markup.ts";

/** A plot with its caption and, folded away, its specification; a line of text when there is nothing to draw. */
export async function figure(
  spec: TopLevelSpec | null,
  id: string,
  title: string,
  caption: Markup,
): Promise<Markup> {
  if (spec === null) return html`<p class="nothing">${title}: nothing to draw.</p>`;
  return html`<figure id="${id}" aria-label="${title}">
    <div class="plot" role="region" aria-label="${title}" tabindex="0">
      ${trusted(await renderPlot(spec))}
    </div>
    <figcaption><strong>${title}.</strong> ${caption}</figcaption>
    <details>
      <summary>The plot's specification (Vega-Lite), to copy and change</summary>
      <pre>${JSON.stringify(spec, null, 1)}</pre>
    </details>
  </figure>`;
}
