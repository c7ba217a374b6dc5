import type { TagRow } from "../../measures/tag-row.ts";
import type { RunResult } from "../../run-result.ts";
import { decimalsOf, renderCount, renderMoney } from "../format.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Markup } from "./markup.ts";
import { tagFlowSvg } from "./tag-flow-svg.ts";

/** Where tagged money went: one flow graph for each tag, its lines, and what rules did not let happen. */
export function tagsSection({ manifest }: RunResult): Markup | null {
  const { tags = [], banks } = manifest;
  if (tags.length === 0) return null;
  const decimals = decimalsOf(banks);
  return html`<section id="tags">
    <h2>Tagged money</h2>
    ${tags.map(
      (tag) =>
        html`<h3>${tag.reference}, ${tag.owner} at ${tag.bank}</h3>
          ${tagFigure(tag, decimals(tag.currency))}`,
    )}
  </section>`;
}

const numeric = (head: string) => ({ head, numeric: true });

/** One tag: its sums, its flow graph, its estimate line by line, and its rejections and notes. */
export function tagFigure(tag: TagRow, decimals: number): Markup {
  const amount = (minor: string): string => renderMoney(BigInt(minor), decimals);
  return html`<p>
      ${tag.currency} issued ${amount(tag.issued)} = held ${amount(tag.held)} + released
      ${amount(tag.released)} + returned ${amount(tag.returned)}.
    </p>
    <figure>${tagFlowSvg(tag.flows, decimals)}</figure>
    ${htmlTable(
      "Line by line of the estimate",
      [{ head: "Line" }, ...["Estimate", "Paid in", "Released", "Unspent"].map(numeric)],
      tag.lines.map(({ line, maxAmount, paidIn, released }) => [
        line,
        amount(maxAmount),
        amount(paidIn),
        amount(released),
        renderMoney(BigInt(paidIn) - BigInt(released), decimals),
      ]),
    )}
    ${
      tag.refusals.length === 0
        ? null
        : htmlTable(
            "What the rules did not let happen",
            [{ head: "Code" }, { head: "Rule" }, numeric("Times"), numeric("Amount")],
            tag.refusals.map(({ code, rule, count, amount: sum }) => [
              html`<code>${code}</code>`,
              rule,
              renderCount(count),
              amount(sum),
            ]),
          )
    }
    ${
      tag.notes.length === 0
        ? null
        : htmlTable(
            "Payments that passed with a note",
            [{ head: "Rule" }, numeric("Payments")],
            tag.notes.map(({ rule, payments }) => [rule, renderCount(payments)]),
          )
    }`;
}
