import { currencyPairs } from "../../measures/currency-pairs.ts";
import type { Distribution } from "../../measures/distribution.ts";
import { countOutcomes, OUTCOMES } from "../../measures/outcomes.ts";
import { countReasons } from "../../measures/reasons.ts";
import { CLOCKS, settleTimes } from "../../measures/settle-times.ts";
import { settledValue } from "../../measures/settled-value.ts";
import { USD } from "../../rates.ts";
import type { RunResult, SwapRow } from "../../run-result.ts";
import { decimalsOf, renderCount, renderDuration, renderMoney } from "../format.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Content, type Markup } from "./markup.ts";

/** Tables of swaps by pair: outcomes and value, times on both clocks, reasons. */
export function swapsSection(result: RunResult): Markup {
  const { swaps } = result;
  return html`<section id="swaps">
    <h2>Swaps by currency pair</h2>
    <p class="lead">
      Both directions of a pair are counted together.
      ${Object.entries(OUTCOMES).map(
        ([outcome, meaning]) => html`<strong>${capital(outcome)}:</strong> ${meaning}. `,
      )}
    </p>
    ${outcomeTable(result)} ${timeTable(result)}
    ${countReasons(swaps, "settled").length > 0 ? reasonTable(result) : null}
  </section>`;
}

function outcomeTable({ swaps, manifest }: RunResult): Markup {
  const decimals = decimalsOf(manifest.banks);
  const cells = (of: readonly SwapRow[], currencies: readonly string[]): readonly Content[] => {
    const counts = countOutcomes(of);
    const { byCurrency, usdCents } = settledValue(of);
    const value = currencies.map((currency) => {
      return `${renderMoney(byCurrency.get(currency) ?? 0n, decimals(currency))}\u00a0${currency}`;
    });
    return [
      ...[
        of.length,
        counts.settled,
        counts.voided,
        counts.split,
        counts.rejected,
        counts.unresolved,
      ].map((n) => renderCount(n)),
      ...(value.length === 2 ? value : ["", ""]),
      renderMoney(usdCents, USD.decimals),
    ];
  };
  return htmlTable(
    "Outcomes, and the value that settled",
    [
      { head: "Pair" },
      ...["Swaps", "Settled", "Voided", "Split", "Rejected", "Unresolved"].map(numeric),
      numeric("First currency"),
      numeric("Second currency"),
      numeric("Value in USD"),
    ],
    currencyPairs(swaps, manifest.banks).map(({ name, first, second, swaps: of }) => [
      name,
      ...cells(of, [first, second]),
    ]),
    { foot: ["All", ...cells(swaps, [])], nothing: "The run had no swaps." },
  );
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

function timeTable({ swaps, manifest }: RunResult): Markup {
  const cells = (of: readonly SwapRow[]): readonly Content[] => {
    const { instruction, ledger } = settleTimes(of);
    return [...quantiles(ledger), ...quantiles(instruction)];
  };
  const pairs = currencyPairs(swaps, manifest.banks).filter(
    ({ swaps: of }) => countOutcomes(of).settled > 0,
  );
  return html`<h3 id="times">Time to settle</h3>
    <p class="lead">
      Ledger clock: ${CLOCKS.ledger.spans}. Instruction clock: ${CLOCKS.instruction.spans}. p50 and
      p95 are nearest-rank quantiles: the time that 50 or 95 of 100 swaps did not exceed.
    </p>
    ${htmlTable(
      "Time to settle of the swaps that settled",
      [
        { head: "Pair" },
        ...["Ledger p50", "p95", "longest", "Instruction p50", "p95", "longest"].map(numeric),
      ],
      pairs.map(({ name, swaps: of }) => [name, ...cells(of)]),
      { foot: ["All", ...cells(swaps)], nothing: "No swap settled." },
    )}`;
}

const numeric = (head: string): { readonly head: string; readonly numeric: true } => ({
  head,
  numeric: true,
});

const quantiles = (times: Distribution | null): readonly string[] =>
  times === null ? ["", "", ""] : [times.p50, times.p95, times.max].map((ms) => renderDuration(ms));

const MAX_REASON_ROWS = 50;

function reasonTable({ swaps, manifest }: RunResult): Markup {
  const rows = countReasons(swaps, "settled")
    .slice(0, MAX_REASON_ROWS)
    .map(({ outcome, reason, count }) => {
      const of = swaps.filter((swap) => swap.outcome === outcome && swap.reason === reason);
      const pairs = currencyPairs(of, manifest.banks).map(
        ({ name, swaps: some }) => `${name}\u00a0${some.length}`,
      );
      return [
        html`<code>${reason === "" ? "none given" : reason}</code>`,
        outcome,
        renderCount(count),
        pairs.join(", "),
      ];
    });
  return html`<h3>Why swaps did not settle</h3>
    ${htmlTable("Reasons, the most frequent first", [{ head: "Reason" }, { head: "Outcome" }, numeric("Swaps"), { head: "Pairs" }], rows)}`;
}
