import { createHash } from "node:crypto";
import type { TagRow } from "../measures/tag-row.ts";
import { html, trusted } from "./page/markup.ts";
import { STYLE } from "./page/style.ts";
import { tagFigure } from "./page/tags-section.ts";

/** One tag's way as a page of its own: it loads nothing and runs nothing. */
export function renderTagPage(
  tag: TagRow,
  { run, decimals }: { readonly run: string; readonly decimals: number },
): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${tag.reference}</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <header>
          <p class="eyebrow">Tag of ${tag.owner}, run ${run}</p>
          <h1>${tag.reference}</h1>
        </header>
        <main>${tagFigure(tag, decimals)}</main>
        <footer>A simulation, not money: no central bank took part.</footer>
      </body>
    </html> `;
  return page.text;
}
