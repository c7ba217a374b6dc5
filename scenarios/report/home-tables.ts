import { leakage } from "../measures/leakage.ts";
import { reach } from "../measures/reach.ts";
import type { RunResult } from "../run-result.ts";
import { decimalsOf, renderCount, renderMoney } from "./format.ts";
import { grid } from "./terminal-grid.ts";

const SPACE = " ";
const MAX_ROWS = 20;

/** What the rules of each bank did not let happen, and what that saved. */
export function refusalTable({ manifest }: RunResult): string {
  const decimals = decimalsOf(manifest.banks);
  const rows = (manifest.home ?? []).flatMap(({ bank, currency, refused }) =>
    refused.map(({ code, rule, count, amount }) => [
      bank,
      code,
      rule,
      renderCount(count, SPACE),
      `${renderMoney(BigInt(amount), decimals(currency), SPACE)} ${currency}`,
    ]),
  );
  return grid(
    [
      ["Bank", "left", 12],
      ["Code", "left"],
      ["Rule", "left"],
      ["Times", "right"],
      ["Saved", "right"],
    ],
    rows.slice(0, MAX_ROWS),
  );
}

/** Ways of diverting money that were tried, and what leaked. */
export function leakageTable({ payments, manifest }: RunResult): string {
  const decimals = decimalsOf(manifest.banks);
  return grid(
    [
      ["Way", "left", 24],
      ["Tried", "right"],
      ["Stopped", "right"],
      ["Leaked", "right"],
    ],
    leakage(payments).map(({ way, currency, tried, stopped, leaked }) => [
      way,
      renderCount(tried, SPACE),
      renderCount(stopped, SPACE),
      `${renderMoney(leaked, decimals(currency), SPACE)} ${currency}`,
    ]),
  );
}

/** VAT by the ledgers, and how long claims for it waited. */
export function vatTable({ manifest }: RunResult): string {
  const decimals = decimalsOf(manifest.banks);
  const rows = (manifest.home ?? []).flatMap(({ currency, vat }) => {
    if (vat === null) return [];
    const money = (minor: string): string =>
      `${renderMoney(BigInt(minor), decimals(currency), SPACE)} ${currency}`;
    return [
      ["due", money(vat.due)],
      ["paid to the budget", money(vat.paid)],
      ["secured under the tag", money(vat.secured)],
      ["lost", money(vat.gap)],
      ...vat.refunds.flatMap(({ where, open, days }) =>
        days === null
          ? []
          : [[`days to a refund ${where} the scheme (${open} open)`, days.p50.toFixed(1)]],
      ),
    ];
  });
  return grid(
    [
      ["Value added tax", "left"],
      ["", "right"],
    ],
    rows,
  );
}

/** Who could not be paid, in a sentence; empty when everybody could. */
export function reachText({ payments }: RunResult): string {
  const found = reach(payments);
  if (found === null) return "";
  const { payees, reached, unreachable } = found;
  const names = unreachable.slice(0, MAX_ROWS / 2).join(", ");
  const more = unreachable.length - MAX_ROWS / 2;
  return `${reached} of ${payees} payees; not ${names}${more > 0 ? ` and ${more} more` : ""}`;
}
