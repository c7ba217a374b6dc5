import { heldLiquidity, summariseHeld } from "../../measures/held-liquidity.ts";
import { principalAtRisk } from "../../measures/principal-at-risk.ts";
import { paymentsByKind } from "../../measures/payments.ts";
import { countReasons } from "../../measures/reasons.ts";
import type { RunResult } from "../../run-result.ts";
import { decimalsOf, renderCount, renderDuration, renderMoney } from "../format.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Markup } from "./markup.ts";

const numeric = (head: string): { readonly head: string; readonly numeric: true } => ({
  head,
  numeric: true,
});

/** Where the money is: conservation by currency, and what was on hold. */
export function moneySection(result: RunResult, heldFigure: Markup): Markup {
  return html`<section id="money">
    <h2>Money</h2>
    <p class="lead">
      Amounts are exact. Issued less redeemed must equal what stands in accounts and on hold; the
      audit adds it up from the entries of each ledger.
    </p>
    ${conservationTable(result)}
    <h3>Money on hold</h3>
    <p class="lead">
      Between its LOCK and its SETTLE or VOID the money of a leg is on hold: nobody can spend it.
      Held money is liquidity that a corridor costs its members.
    </p>
    ${heldFigure} ${heldTable(result)} ${riskTable(result)}
  </section>`;
}

function conservationTable({ manifest }: RunResult): Markup {
  const decimals = decimalsOf(manifest.banks);
  return htmlTable(
    "Conservation of money at the end of the run, in major units",
    [
      { head: "Currency" },
      ...["Issued", "Redeemed", "In accounts", "On hold", "Difference"].map(numeric),
      { head: "" },
    ],
    manifest.conservation.map(({ currency, issued, redeemed, posted, pending, holds }) => {
      const amounts = [issued, redeemed, posted, pending].map(BigInt);
      const [plus = 0n, minus = 0n, free = 0n, held = 0n] = amounts;
      return [
        currency,
        ...[...amounts, free + held - (plus - minus)].map((minor) =>
          renderMoney(minor, decimals(currency)),
        ),
        holds
          ? html`<span class="good">conserved</span>`
          : html`<strong class="bad">violated</strong>`,
      ];
    }),
    { nothing: "Nothing was audited." },
  );
}

function heldTable({ swaps, manifest }: RunResult): Markup {
  const decimals = decimalsOf(manifest.banks);
  const held = summariseHeld(heldLiquidity(swaps, manifest.banks));
  return htmlTable(
    "Money on hold for swaps, by bank",
    [
      { head: "Bank" },
      { head: "Currency" },
      numeric("Most at one time"),
      numeric("Held amount × time (currency units × seconds)"),
    ],
    held.map(({ bank, currency, peak, unitMicros }) => [
      bank,
      currency,
      renderMoney(peak, decimals(currency)),
      renderMoney(unitMicros / 1_000_000n, decimals(currency)),
    ]),
    { nothing: "No money was ever on hold." },
  );
}

function riskTable({ swaps, manifest }: RunResult): Markup | null {
  const decimals = decimalsOf(manifest.banks);
  const rows = principalAtRisk(swaps, manifest.banks);
  if (rows.length === 0) return null;
  return htmlTable(
    "Principal at risk: paid for good while the other leg was not",
    [
      { head: "Currency" },
      numeric("Most at one time"),
      numeric("Amount × time (currency units × seconds)"),
      numeric("Never answered"),
    ],
    rows.map(({ currency, peak, unitMicros, left }) => [
      currency,
      ...[peak, unitMicros / 1_000_000n, left].map((minor) =>
        renderMoney(minor, decimals(currency)),
      ),
    ]),
  );
}

/** Payments within one bank, by kind and outcome, and why some were turned down. */
export function paymentsSection({ payments }: RunResult): Markup | null {
  if (payments.length === 0) return null;
  const reasons = countReasons(payments, "executed").slice(0, 50);
  return html`<section id="payments">
    <h2>Payments within one bank</h2>
    ${htmlTable(
      "Payments by kind and outcome",
      [
        { head: "Kind" },
        ...["Payments", "Executed", "Rejected", "Refused", "Unanswered", "p50", "p95"].map(numeric),
      ],
      paymentsByKind(payments).map(({ kind, count, outcomes, times }) => [
        kind,
        ...[count, outcomes.executed, outcomes.rejected, outcomes.refused, outcomes.unanswered].map(
          (n) => renderCount(n),
        ),
        ...(times === null ? ["", ""] : [renderDuration(times.p50), renderDuration(times.p95)]),
      ]),
    )}
    <p class="lead">
      p50 and p95: from submission to the durable entry. Rejected: a rule said no, and the ledger
      says so. Refused: turned away without a trace.
    </p>
    ${
      reasons.length === 0
        ? null
        : htmlTable(
            "Why payments were not executed",
            [{ head: "Reason" }, { head: "Outcome" }, numeric("Payments")],
            reasons.map(({ reason, outcome, count }) => [
              html`<code>${reason === "" ? "none given" : reason}</code>`,
              outcome,
              renderCount(count),
            ]),
          )
    }
  </section>`;
}
