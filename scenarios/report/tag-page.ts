import { createHash } from "node:crypto";
import { renderMoney } from "./format.ts";
import type { TagTrace } from "../measures/tag-trace.ts";
import { html, trusted, type Markup } from "./page/markup.ts";
import { STYLE } from "./page/style.ts";
import { tagFlowSvg } from "./tag-flow-svg.ts";

/** Colours of the bands by what became of the money. */
const FLOW_STYLE = `
.tag-flow { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
.tag-flow rect { fill: var(--ink); }
.tag-flow text { fill: var(--ink); }
.tag-flow path { fill: none; stroke: var(--teal); stroke-opacity: .35; }
.tag-flow path.released { stroke: var(--good); }
.tag-flow path.imported, .tag-flow path.retagged { stroke: var(--plum); }
.tag-flow path.returned { stroke: var(--gold); }
table { border-collapse: collapse; margin: 12px 0; }
td, th { padding: 4px 12px 4px 0; text-align: left; border-bottom: 1px solid var(--rule); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
`;

/** One tag's way as a page of its own: it loads nothing and runs nothing. */
export function renderTagPage(
  trace: TagTrace,
  { run, decimals }: { readonly run: string; readonly decimals: number },
): string {
  const styles = STYLE + FLOW_STYLE;
  const hash = createHash("sha256").update(styles).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const { reference, fundOwner } = trace.tag.definition;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${reference}</title>
        ${trusted(`<style>${styles}</style>`)}
      </head>
      <body>
        <header>
          <p class="eyebrow">Tag of ${fundOwner}, run ${run}</p>
          <h1>${reference}</h1>
        </header>
        <main>
          ${sums(trace, decimals)} ${tagFlowSvg(trace, decimals)} ${lines(trace, decimals)}
          ${refusals(trace, decimals)}
        </main>
        <footer>A simulation, not money: no central bank took part.</footer>
      </body>
    </html> `;
  return page.text;
}

function sums({ tag }: TagTrace, decimals: number): Markup {
  const { issued, held, released, returned } = tag;
  const amount = (minor: bigint) => renderMoney(minor, decimals);
  return html`<p>
    Issued ${amount(issued)} = held ${amount(held)} + released ${amount(released)} + returned
    ${amount(returned)}.
  </p>`;
}

function lines({ tag }: TagTrace, decimals: number): Markup {
  const cell = (minor: bigint) => html`<td class="n">${renderMoney(minor, decimals)}</td>`;
  return html`<h2>Line by line of the estimate</h2>
    <table>
      <tr>
        <th>Line</th>
        <th class="n">Estimate</th>
        <th class="n">Paid in</th>
        <th class="n">Released</th>
        <th class="n">Unspent</th>
      </tr>
      ${[...tag.lines].slice(0, MAX_SHOWN).map(
        ([line, { maxAmount, paidIn, released }]) =>
          html`<tr>
            <td>${line}</td>
            ${cell(maxAmount)} ${cell(paidIn)} ${cell(released)} ${cell(paidIn - released)}
          </tr>`,
      )}
    </table>`;
}

/** Rows of one table on the page. */
const MAX_SHOWN = 1_000;

function refusals({ refusals: refused }: TagTrace, decimals: number): Markup {
  if (refused.length === 0) return html``;
  return html`<h2>What the rules did not let happen</h2>
    <table>
      <tr>
        <th>Code</th>
        <th>Rule</th>
        <th class="n">Times</th>
        <th class="n">Amount</th>
      </tr>
      ${refused.slice(0, MAX_SHOWN).map(
        ({ code, rule, count, amount }) =>
          html`<tr>
            <td>${code}</td>
            <td>${rule}</td>
            <td class="n">${count}</td>
            <td class="n">${renderMoney(amount, decimals)}</td>
          </tr>`,
      )}
    </table>`;
}
