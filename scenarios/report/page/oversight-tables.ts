import type { OversightRow } from "../../measures/home/oversight.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Markup } from "./markup.ts";

/** What a monitor of the finance ministry and an auditor see; nothing without anything to see. */
export function oversightTables(
  { freezes, concentration, claims }: OversightRow,
  money: (minor: string) => string,
): Markup | null {
  if (freezes.length + concentration.length + claims.length === 0) return null;
  return html`${
    freezes.length === 0
      ? null
      : htmlTable(
          "Freezes by auditors",
          [
            { head: "Time" },
            { head: "Auditor" },
            { head: "Case" },
            { head: "Tag" },
            { head: "What" },
          ],
          freezes.map(({ timeMs, by, case: name, reference, account, isLifted }) => [
            new Date(timeMs).toISOString(),
            by,
            name,
            reference,
            `${isLifted ? "lifted" : "frozen"}: ${account === "" ? "the whole tag" : account}`,
          ]),
        )
  }
  ${
    concentration.length === 0
      ? null
      : htmlTable(
          "Who received most of what was spent for good",
          [{ head: "Tag" }, { head: "Payee" }, { head: "Share", numeric: true }],
          concentration.map(({ reference, payee, basisPoints }) => [
            reference,
            payee,
            `${(basisPoints / 100).toFixed(1)} %`,
          ]),
        )
  }
  ${
    claims.length === 0
      ? null
      : htmlTable(
          "Claims register: imports from tagged money, and their customs documents (outside the balances)",
          [
            { head: "Tag" },
            { head: "Importer" },
            { head: "Amount", numeric: true },
            { head: "Due" },
            { head: "State" },
          ],
          claims.map(({ reference, importer, amount, dueMs, state }) => [
            reference,
            importer,
            money(amount),
            new Date(dueMs).toISOString().slice(0, 10),
            state,
          ]),
        )
  }`;
}
