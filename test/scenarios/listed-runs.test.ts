import { describe, expect, it } from "vitest";
import type { Bytes } from "../../crypto/bytes.ts";
import { decode } from "../../crypto/canonical-layout.ts";
import { auditRun } from "../../corridor/audit/audit.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { expectedRejections } from "../../scenarios/workload/listed.ts";
import { homeRow } from "../../scenarios/measures/home/home-row.ts";
import { Cast } from "../../scenarios/play/cast.ts";
import { libraryNames, openScenario } from "../../scenarios/resolve.ts";
import type { ListedWorkload, Scenario } from "../../scenarios/scenario.ts";
import { planWorkload } from "../../scenarios/workload/plan-workload.ts";
import type { PlannedPayment, PlannedSwap } from "../../scenarios/workload/plan.ts";
import { fixedGenesis, Machines, verifier } from "../auditor/machines.ts";

/** A Monday in 2026, in the morning of every bank. */
const START_MS = Date.UTC(2026, 5, 1, 3);

type Listed = Scenario & { readonly workload: ListedWorkload };

/** Scenarios that list what happens and need no faults: their outcome is decided by the rules alone. */
function listedScenarios(): readonly Listed[] {
  return libraryNames().flatMap((name) => {
    const scenario = openScenario(name);
    if (!scenario.ok) throw new Error(`${name} does not load`);
    const { workload, faults } = scenario.value;
    return workload.kind === "listed" && faults.length === 0
      ? [{ ...scenario.value, workload }]
      : [];
  });
}

/** Plays a scenario with real banks in one thread; what each item of it came to, by its id. */
function play(scenario: Listed) {
  const banks = scenario.banks.map(({ id, currency }) => ({ id, currency: currency.code }));
  const machines = new Machines(fixedGenesis(banks), START_MS);
  const cast = new Cast(scenario, machines.genesis.net, START_MS);
  for (const { id, number } of scenario.banks) {
    for (const bytes of cast.enrolmentsAt(id)) machines.submit(number, bytes);
  }
  machines.settle();
  for (const { bank, bytes } of cast.openingOrders()) machines.submit(bank, bytes);
  machines.settle();
  const refusedAtStart = machines.reports.filter(isTurnedDown);
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error("no plan");
  const outcomes = new Map<string, string>();
  for (const item of inOrder(plan.value.swaps, plan.value.payments)) {
    machines.pass(Math.max(0, START_MS + atMs(item) - machines.nowMs));
    const before = machines.reports.length;
    const { bank, bytes } = "legs" in item ? cast.swap(item, machines.nowMs) : cast.payment(item);
    machines.submit(bank, bytes);
    machines.settle();
    const codes = machines.reports
      .slice(before)
      .flatMap((report) => (isTurnedDown(report) ? [report.code ?? report.status] : []));
    outcomes.set(item.id, codes.join(" and ") || "done");
  }
  machines.pass(60_000);
  return { machines, outcomes, refusedAtStart };
}

type Answer = Extract<Machines["reports"][number], { readonly kind: "instruction" }>;

const isTurnedDown = (report: Machines["reports"][number]): report is Answer =>
  report.kind === "instruction" && report.status !== "executed";

/** The rules that noted payments, in the order of the bank's ledger. */
function notesIn(ledger: Bytes): readonly string[] {
  return parseLedgerFile(ledger).records.flatMap(({ kind, payload }) => {
    const block = kind === OWN_BLOCK ? parseFullBlock(payload) : undefined;
    if (block?.ok !== true) return [];
    return block.value.domestic.flatMap((bytes) => {
      const entry = decode(domesticEntryLayout, bytes);
      return entry.ok && "flags" in entry.value ? entry.value.flags : [];
    });
  });
}

const atMs = (item: PlannedSwap | PlannedPayment): number =>
  "legs" in item ? item.initiatedMs : item.atMs;

/** At the same time orders come first, then payments, then swaps: as the files mean them. */
function inOrder(swaps: readonly PlannedSwap[], payments: readonly PlannedPayment[]) {
  const rank = (item: PlannedSwap | PlannedPayment) =>
    "legs" in item ? 2 : item.kind === "order" ? 0 : 1;
  return [...swaps, ...payments].toSorted((a, b) => atMs(a) - atMs(b) || rank(a) - rank(b));
}

/** Payments that pass with a note: a contract split in three, and tagged tenge that comes back plain. */
const NOTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "border-rules": { kz: ["KZ-4", "KZ-4"] },
  "contract-splitting": { kz: ["KZ-4", "KZ-4", "KZ-8"] },
  "imported-rails": { kz: ["KZ-10"] },
};

describe("a listed scenario of the library", () => {
  it.each(listedScenarios().map((scenario) => [scenario.name, scenario] as const))(
    "%s: what is listed as rejected is, with its code, and nothing else",
    (_, scenario) => {
      const { machines, outcomes, refusedAtStart } = play(scenario);
      expect(refusedAtStart).toEqual([]);
      const expected = expectedRejections(scenario.workload);
      const wanted = [...outcomes.keys()].map((id) => [id, expected.get(id) ?? "done"]);
      expect([...outcomes]).toEqual(wanted);
      const ledgers = scenario.banks.map(({ number }) => {
        return { bank: number, bytes: machines.ledger(number), head: undefined };
      });
      const reported = machines.reports.flatMap((report) =>
        report.kind === "instruction" ? (report.notes ?? []).map(({ rule }) => rule) : [],
      );
      expect(reported).toEqual(Object.values(NOTED[scenario.name] ?? {}).flat());
      const noted: Record<string, readonly string[]> = {};
      for (const { id, number } of scenario.banks) {
        const notes = notesIn(machines.ledger(number));
        if (notes.length > 0) noted[id] = notes;
      }
      expect(noted).toEqual(NOTED[scenario.name] ?? {});
      const audit = auditRun(ledgers, machines.genesis, verifier);
      expect(audit.findings).toEqual([]);
      for (const ledger of audit.ledgers) {
        const { supply } = homeRow(
          ledger,
          ledger.own.flatMap(({ domestic }) => domestic),
        );
        const held = [...ledger.books.tags.values()].reduce((sum, tag) => sum + tag.held, 0n);
        const { issued, redeemed } = ledger.books;
        expect(supply).toMatchObject({ issued: `${issued}`, outstanding: `${issued - redeemed}` });
        expect(supply.tagged, "what the report calls tagged is what tags hold").toBe(`${held}`);
      }
    },
  );
});
