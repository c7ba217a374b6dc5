import { html, type Content, type Markup } from "./markup.ts";

export interface HtmlColumn {
  readonly head: Content;
  /** Numbers stand right, in digits of one width. */
  readonly numeric?: boolean;
}

/** A table that scrolls within its own frame when the page is narrow. */
export function htmlTable(
  caption: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly Content[])[],
  options: { readonly foot?: readonly Content[]; readonly nothing?: string } = {},
): Markup {
  const { foot, nothing = "Nothing to show." } = options;
  if (rows.length === 0) return html`<p class="nothing">${nothing}</p>`;
  const cell = (content: Content, i: number): Markup =>
    i === 0
      ? html`<th scope="row">${content}</th>`
      : html`<td${numericClass(columns[i])}>${content}</td>`;
  const row = (cells: readonly Content[]): Markup =>
    html`<tr>
      ${cells.map(cell)}
    </tr> `;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" ${numericClass(column)}>${column.head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(row)}
      </tbody>
      ${
        foot === undefined
          ? null
          : html`<tfoot>
              ${row(foot)}
            </tfoot>`
      }
    </table>
  </div>`;
}

const numericClass = (column: HtmlColumn | undefined): Markup =>
  column?.numeric === true ? html` class="n"` : html``;
