import type { HomeRow } from "../../measures/home/home-row.ts";
import type { VatRow } from "../../measures/home/vat.ts";
import { honestRefusals, leakage } from "../../measures/leakage.ts";
import { reach } from "../../measures/reach.ts";
import type { Manifest, RunResult } from "../../run-result.ts";
import { decimalsOf, renderCount, renderDuration, renderMoney } from "../format.ts";
import { queuePlot, refundBaselines, supplyPlot } from "../plots/home-plots.ts";
import { figure } from "./figure.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Markup } from "./markup.ts";
import { oversightTables } from "./oversight-tables.ts";

type Money = (minor: string | bigint) => string;

const numeric = (head: string) => ({ head, numeric: true });

/** Whether a bank did something at home that is worth a section. */
export const hasHome = ({ home = [] }: Manifest): boolean =>
  home.some(
    ({ refused, noted, supply }) =>
      refused.length + noted.length > 0 || supply.tagged !== "0" || supply.redeemed !== "0",
  );

/** What the ledgers say of the banks at home: supply, what rules stopped, VAT, times, oversight. */
export async function homeSection(result: RunResult): Promise<Markup | null> {
  const { manifest, payments } = result;
  if (!hasHome(manifest)) return null;
  const decimals = decimalsOf(manifest.banks);
  const parts: Markup[] = [];
  for (const row of manifest.home ?? []) {
    const money: Money = (minor) => renderMoney(BigInt(minor), decimals(row.currency));
    parts.push(await bankPart(row, money, decimals(row.currency)));
  }
  const [first] = manifest.banks;
  const money: Money = (minor) => renderMoney(BigInt(minor), first?.decimals ?? 2);
  return html`<section id="home">
    <h2>At home</h2>
    <p class="lead">
      Read from the signed ledgers alone. What a rejection saved is the amount that the payment
      would have moved.
    </p>
    ${leakageTable(payments, money)} ${reachPart(payments, money)} ${parts}
  </section>`;
}

async function bankPart(row: HomeRow, money: Money, decimals: number): Promise<Markup> {
  const { supply, refused, noted, toFinal, vat, oversight } = row;
  return html`<h3>${row.bank}</h3>
    <p>
      ${row.currency} issued in all ${money(supply.issued)}, redeemed ${money(supply.redeemed)},
      outstanding ${money(supply.outstanding)}, of which tagged ${money(supply.tagged)}. Published
      figures do not say which of them they mean.
    </p>
    ${await figure(
      supplyPlot(supply, decimals),
      `supply-${row.bank}`,
      `Supply of ${row.currency}`,
      html`Issued in all, outstanding, and tagged, by the ledger.`,
    )}
    ${
      refused.length === 0
        ? null
        : htmlTable(
            "What the rules did not let happen, and what that saved",
            [{ head: "Code" }, { head: "Rule" }, numeric("Times"), numeric("Amount")],
            refused.map(({ code, rule, count, amount }) => [
              html`<code>${code}</code>`,
              rule,
              renderCount(count),
              money(amount),
            ]),
          )
    }
    ${
      noted.length === 0
        ? null
        : htmlTable(
            "Passed with a note",
            [{ head: "Rule" }, numeric("Times")],
            noted.map(({ rule, count }) => [rule, renderCount(count)]),
          )
    }
    ${
      toFinal.length === 0
        ? null
        : htmlTable(
            "From the owner's payment to the final supplier (first in, first out within a line)",
            [{ head: "Tag" }, ...["Payments", "Median", "95th percentile", "Longest"].map(numeric)],
            toFinal.map(({ reference, payments, times }) => [
              reference,
              renderCount(payments),
              ...[times.p50, times.p95, times.max].map((ms) => renderDuration(ms)),
            ]),
          )
    }
    ${vat === null ? null : await vatPart(vat, money)} ${oversightTables(oversight, money)}`;
}

async function vatPart(vat: VatRow, money: Money): Promise<Markup> {
  return html`<h4>Value added tax</h4>
    <p>
      Due ${money(vat.due)}, of which marked at payment ${money(vat.marked)}; paid to the budget
      ${money(vat.paid)}, secured under the tag ${money(vat.secured)}, lost ${money(vat.gap)}.
    </p>
    ${htmlTable(
      `Days from claim to refund (published figures: ${refundBaselines()})`,
      [
        { head: "Invoices" },
        ...["Claims", "Refunded", "Open", "Fastest", "Median", "Slowest"].map(numeric),
      ],
      vat.refunds.map(({ where, claims, refunded, open, days }) => [
        `${where} the scheme`,
        renderCount(claims),
        money(refunded),
        renderCount(open),
        ...(days === null
          ? ["", "", ""]
          : [days.min, days.p50, days.max].map((value) => value.toFixed(1))),
      ]),
    )}
    ${await figure(
      queuePlot(vat),
      "refund-queue",
      "Claims that wait for their refund",
      html`Open claims, day by day. A claim without its supplier's return stays open.`,
    )}`;
}

function leakageTable(payments: RunResult["payments"], money: Money): Markup | null {
  const rows = leakage(payments);
  if (rows.length === 0) return null;
  const { honest, refused } = honestRefusals(payments);
  return html`${htmlTable(
      "Diversions that were tried (model output)",
      [
        { head: "Way" },
        ...["Tried", "Stopped", "Amount tried", "Leaked", "Saved"].map(numeric),
        { head: "Stopped by" },
      ],
      rows.map(({ way, tried, stopped, triedAmount, leaked, codes }) => [
        way,
        renderCount(tried),
        renderCount(stopped),
        money(triedAmount),
        money(leaked),
        money(triedAmount - leaked),
        codes.join(", "),
      ]),
    )}
    <p>${renderCount(refused)} of ${renderCount(honest)} honest payments were turned down.</p>`;
}

/** Names that are listed; the rest are counted. */
const MAX_NAMES = 40;

function reachPart(payments: RunResult["payments"], money: Money): Markup | null {
  const found = reach(payments);
  if (found === null) return null;
  const { planned, executed, payees, reached, unreachable } = found;
  const more = unreachable.length - MAX_NAMES;
  return html`<h3>Who could be reached</h3>
    <p>
      ${money(executed)} of ${money(planned)} were paid; ${renderCount(reached)} of
      ${renderCount(payees)} payees were reached. A payee without a digital account breaks the
      chain.
    </p>
    <p>
      Not reached:
      ${unreachable.slice(0, MAX_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}.
    </p>`;
}
