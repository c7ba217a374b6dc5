import type { Outcome } from "../../crypto/outcome.ts";
import { FITTED, type ScenarioCosts } from "../costs.ts";
import { parseMatrix } from "../network/matrix.ts";
import { NO_NETWORK, TOPOLOGIES, type ScenarioNetwork, type Topology } from "../network/network.ts";
import { CAPITALS, isCapital } from "../network/topologies.ts";
import type { Path, ScenarioProblem } from "../problem.ts";
import { isLiveFault } from "../scenario.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
import type { Findings, Problems } from "./problems.ts";

/** Finds a text file that the scenario names and reads it. */
export type ReadText = (name: string) => Outcome<string, ScenarioProblem>;

interface Notes {
  readonly findings: Findings;
  readonly problems: Problems;
}

/** The network with every default filled in; `undefined` when something is wrong with its topology. */
export function checkNetwork(
  draft: Draft<ScenarioDocument>,
  { banks, readMatrix }: { readonly banks: BankBook; readonly readMatrix: ReadText },
  notes: Notes,
): ScenarioNetwork | undefined {
  const { topology: named = "none", ...rest } = draft.network ?? {};
  const topology = checkTopology(named, { banks, readMatrix }, notes);
  return topology && { ...NO_NETWORK, ...stated(rest), topology };
}

/** What each piece of work costs, with every default filled in. */
export const checkCosts = ({ costs = {} }: Draft<ScenarioDocument>): ScenarioCosts => ({
  ...FITTED,
  ...stated(costs),
});

/** Without the keys whose values were refused. */
function stated<T extends object>(draft: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(draft).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

function checkTopology(
  named: string,
  { banks, readMatrix }: { readonly banks: BankBook; readonly readMatrix: ReadText },
  { findings, problems }: Notes,
): Topology | undefined {
  const path = ["network", "topology"];
  const kind = TOPOLOGIES.find((topology) => topology === named);
  if (kind === "six-capitals") {
    for (const { id, currency } of banks.list) {
      if (currency.code === "" || isCapital(currency.code)) continue;
      const allowed = `banks of ${Object.keys(CAPITALS).join(", ")} alone, or another topology`;
      findings.invalid(path, allowed, `${kind} with bank ${id} of ${currency.code}`);
    }
  }
  if (kind !== undefined) return { kind };
  const text = readMatrix(named);
  if (!text.ok) {
    const { error } = text;
    if (error.line === 0 && error.code === "scenario_invalid") {
      findings.invalid(path, error.allowed, `${error.found} ${named}`);
    } else problems.add(error);
    return undefined;
  }
  // A file cannot be checked against banks that something is wrong with.
  if (!banks.byId.isComplete) return undefined;
  const ids = banks.list.map(({ id }) => id);
  const roundTrips = parseMatrix(text.value, named, ids);
  if (roundTrips.ok) return { kind: "matrix", file: named, roundTrips: roundTrips.value };
  for (const problem of roundTrips.error) problems.add(problem);
  return undefined;
}

/** What only the simulator can do is refused in a live run, rather than left out in silence. */
export function checkLive(draft: Draft<ScenarioDocument>, findings: Findings): void {
  // A mode that was refused is no live run.
  if ("mode" in draft && draft.mode !== "live") return;
  const refuse = (path: Path, allowed: string): void =>
    findings.invalid(path, `${allowed} in a live run; more needs a simulated one (mode: sim)`);
  if (draft.signatures === "modelled") refuse(["signatures"], "real");
  if (draft.arrangement === "netting") refuse(["arrangement"], "another than netting");
  const { lossPercent = 0, duplicatePercent = 0, reorder = false } = draft.network ?? {};
  if (lossPercent > 0) refuse(["network", "lossPercent"], "0");
  if (duplicatePercent > 0) refuse(["network", "duplicatePercent"], "0");
  if (reorder) refuse(["network", "reorder"], "false");
  for (const [i, fault] of (draft.faults ?? []).entries()) {
    const kind = fault?.kind;
    if (kind !== undefined && !isLiveFault({ kind })) refuse(["faults", i, "kind"], "kill or away");
  }
}
