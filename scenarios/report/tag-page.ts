import type { TagRow } from "../measures/tag-row.ts";
import { html } from "./page/markup.ts";
import { offlinePage } from "./page/offline-page.ts";
import { tagFigure } from "./page/tags-section.ts";

/** One tag's way as a page of its own. */
export function renderTagPage(
  tag: TagRow,
  { run, decimals }: { readonly run: string; readonly decimals: number },
): string {
  return offlinePage(
    tag.reference,
    html`<header>
        <p class="eyebrow">Tag of ${tag.owner}, run ${run}</p>
        <h1>${tag.reference}</h1>
      </header>
      <main>${tagFigure(tag, decimals)}</main>
      <footer>A simulation, not money: no central bank took part.</footer>`,
  );
}
