import type { AuditReport } from "../../corridor/audit/audit.ts";
import { renderSplit } from "../../corridor/audit/findings.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { PaymentRow, PropertyRow, SwapRow } from "../run-result.ts";
import type { Expectation, Scenario } from "../scenario.ts";
import { expectedRejections } from "../workload/listed.ts";

/** What a run is judged by. */
export interface Judged {
  readonly scenario: Scenario;
  readonly swaps: readonly SwapRow[];
  readonly payments: readonly PaymentRow[];
  readonly audit: AuditReport;
  readonly faults: readonly { readonly bank: string; readonly what: string }[];
  /** Of a simulated run, which is judged by them too. */
  readonly properties: readonly PropertyRow[] | undefined;
}

export interface Verdict {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

/** Judges a run by what its scenario expects of it; conservation and the audit are always looked at. */
export function checkExpectations(judged: Judged): readonly Verdict[] {
  const names = new Set<Expectation>(["conservation", "audit-passes", ...judged.scenario.expect]);
  const verdicts = [...names].map((name) => {
    const verdict = verdictOf(name, failuresOf(name, judged));
    return verdict.holds && ABOUT_ATOMICITY.has(name) ? withSplits(verdict, judged) : verdict;
  });
  const { properties } = judged;
  if (properties === undefined) return verdicts;
  const broken = properties.filter(({ verdict }) => verdict === "violated");
  const failures = broken.map(({ name, detail }) => `${name}: ${detail}`);
  return [...verdicts, verdictOf("properties-hold", failures)];
}

const ABOUT_ATOMICITY: ReadonlySet<Expectation> = new Set(["atomicity", "both-sides-agree"]);

/** Atomicity that the arrangement does not promise is no failure, but it is said with an example. */
function withSplits(verdict: Verdict, { audit }: Judged): Verdict {
  const [first] = audit.splits;
  if (first === undefined) return verdict;
  const { arrangement } = first;
  const count = `${audit.splits.length} swaps split, as ${arrangement} allows`;
  return { ...verdict, detail: `${count}, such as ${renderSplit(first)}` };
}

function verdictOf(name: string, failures: readonly string[]): Verdict {
  const [first] = failures;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
  return { name, holds: first === undefined, detail: first === undefined ? "" : first + more };
}

function failuresOf(name: Expectation, judged: Judged): readonly string[] {
  const { swaps, audit, scenario } = judged;
  switch (name) {
    case "conservation":
      return findings(audit, ["conservation", "tag_conservation"]);
    case "atomicity":
      return findings(audit, ["atomicity"]);
    case "audit-passes":
      return audit.findings.map((f) => `${f.code}: ${f.bank}, ${f.where}: ${f.detail}`);
    case "all-swaps-settle":
      return swaps.flatMap((s) =>
        s.outcome === "settled" ? [] : [`${s.id} ${s.outcome} ${s.reason}`],
      );
    case "unaffected-swaps-settle-in-view-0": {
      const faulty = new Set(judged.faults.map((fault) => fault.bank));
      const currencies = new Set(
        scenario.banks.flatMap((b) => (faulty.has(b.id) ? [String(b.currency.code)] : [])),
      );
      return swaps.flatMap((s) => {
        if (currencies.has(s.sellCurrency) || currencies.has(s.buyCurrency)) return [];
        return s.outcome === "settled" && s.view === 0
          ? []
          : [`${s.id} ${s.outcome}, view ${s.view}`];
      });
    }
    case "both-sides-agree":
      return [
        ...findings(audit, ["atomicity"]),
        ...swaps.flatMap((s) => (s.outcome === "unresolved" ? [`${s.id} is unresolved`] : [])),
      ];
    case "all-holds-voided": {
      const settled = swaps.flatMap((s) => (s.outcome === "settled" ? [`${s.id} settled`] : []));
      const placed = audit.ledgers.flatMap(({ bank, books }) =>
        books.holds.size === 0 ? [] : [`${books.holds.size} holds at ${bank.id}`],
      );
      return [...settled, ...placed];
    }
    case "tag-stays-home":
      return audit.ledgers.flatMap(({ bank, books }) =>
        [...books.balances.values()].flatMap((balance) => {
          const member = books.members.get(balance.account as string as never);
          const abroad = balance.tag !== "" && member?.resident !== true;
          return abroad ? [`${balance.account} at ${bank.id} holds tagged money`] : [];
        }),
      );
    case "rejections-as-listed":
      return rejections(judged);
    default:
      return unreachable(name);
  }
}

function findings(audit: AuditReport, codes: readonly string[]): readonly string[] {
  return audit.findings.flatMap((f) => (codes.includes(f.code) ? [`${f.bank}: ${f.detail}`] : []));
}

function rejections({ scenario, swaps, payments }: Judged): readonly string[] {
  const { workload } = scenario;
  const listed = workload.kind === "listed" ? expectedRejections(workload) : undefined;
  const judged = [
    ...swaps.map((swap) => ({ ...swap, expected: listed?.get(swap.id) ?? "" })),
    ...payments,
  ];
  return judged.flatMap(({ id, outcome, reason, expected }) => {
    const found = outcome === "rejected" ? reason : "";
    return found === expected || expected === "any"
      ? []
      : [`${id}: ${found || outcome}, expected ${expected || "to pass"}`];
  });
}
