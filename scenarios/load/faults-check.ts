import { unreachable } from "../../crypto/outcome.ts";
import { durationMs } from "../../node/time.ts";
import type { Path } from "../problem.ts";
import type { Fault, FaultTime } from "../scenario.ts";
import type { BankBook } from "./corridor-check.ts";
import { hasSwaps } from "./expect-check.ts";
import type { Draft, FaultDocument, FaultTimeDocument, ScenarioDocument } from "./document.ts";
import type { Findings } from "./problems.ts";

interface Setting {
  readonly banks: BankBook;
  readonly hasSwaps: boolean;
}

export function checkFaults(
  draft: Draft<ScenarioDocument>,
  banks: BankBook,
  findings: Findings,
): readonly Fault[] {
  const setting = { banks, hasSwaps: hasSwaps(draft) };
  const gone = new Map<string, number>();
  return (draft.faults ?? []).flatMap((drafted, i) => {
    const fault = drafted && checkFault(drafted, setting, ["faults", i], findings);
    if (fault === undefined) return [];
    if (fault.kind === "kill" && fault.restartAfterMs !== null) return [fault];
    const first = gone.get(fault.bank);
    if (first !== undefined) {
      const allowed = `a bank that comes back; by faults[${first}] it does not`;
      findings.invalid(["faults", i, "bank"], allowed);
    }
    gone.set(fault.bank, first ?? i);
    return [fault];
  });
}

function checkFault(
  draft: Draft<FaultDocument>,
  { banks, hasSwaps }: Setting,
  path: Path,
  findings: Findings,
): Fault | undefined {
  const bank = banks.byId.find(draft.bank, [...path, "bank"], findings);
  const when = draft.when && checkTime(draft.when, hasSwaps, [...path, "when"], findings);
  const { kind } = draft;
  if (kind === undefined || bank === undefined || when === undefined) return undefined;
  switch (kind) {
    case "away":
      return when.kind === "at" ? { kind, bank: bank.id, when } : undefined;
    case "kill": {
      const restartAfterMs = "restartAfterMs" in draft ? draft.restartAfterMs : undefined;
      const restart = restartAfterMs === undefined ? null : durationMs(restartAfterMs);
      return { kind, bank: bank.id, when, restartAfterMs: restart };
    }
    default:
      return unreachable(kind);
  }
}

function checkTime(
  draft: Draft<FaultTimeDocument>,
  hasSwaps: boolean,
  path: Path,
  findings: Findings,
): FaultTime | undefined {
  const choices = ["atMs", "settledShare", "step"] as const;
  const named = choices.filter((key) => key in draft);
  if (named.length !== 1) {
    const found = named.length === 0 ? "none of them" : named.join(" and ");
    findings.invalid(path, `exactly one of ${choices.join(", ")}`, found);
    return undefined;
  }
  const { atMs, settledShare, step, count = 1 } = draft;
  if (atMs !== undefined) return { kind: "at", atMs: durationMs(atMs) };
  if (!hasSwaps) {
    findings.invalid(path, "atMs: the workload has no swaps", named.join(""));
  }
  if (settledShare !== undefined) return { kind: "settled-share", percent: settledShare };
  return step === undefined ? undefined : { kind: "step", step, count };
}
