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
  readonly findings: Findings;
}

type DraftOf<Kind extends Fault["kind"]> = Draft<Extract<FaultDocument, { readonly kind: Kind }>>;

export function checkFaults(
  draft: Draft<ScenarioDocument>,
  banks: BankBook,
  findings: Findings,
): readonly Fault[] {
  const setting = { banks, hasSwaps: hasSwaps(draft), findings };
  const gone = new Map<string, number>();
  const once = new Map<string, number>();
  return (draft.faults ?? []).flatMap((drafted, i) => {
    const fault = drafted && checkFault(drafted, ["faults", i], setting);
    if (fault === undefined) return [];
    if (fault.kind === "away" || (fault.kind === "kill" && fault.restartAfterMs === null)) {
      const first = gone.get(fault.bank);
      if (first !== undefined) {
        const allowed = `a bank that comes back; by faults[${first}] it does not`;
        findings.invalid(["faults", i, "bank"], allowed);
      }
      gone.set(fault.bank, first ?? i);
    }
    if (fault.kind === "clock" || fault.kind === "byzantine") {
      const key = `${fault.kind} ${fault.bank}`;
      const first = once.get(key);
      if (first !== undefined) {
        const allowed = `each bank once for ${fault.kind}; faults[${first}] has it already`;
        findings.invalid(["faults", i, "bank"], allowed);
      }
      once.set(key, first ?? i);
    }
    return [fault];
  });
}

function checkFault(draft: Draft<FaultDocument>, path: Path, setting: Setting): Fault | undefined {
  switch (draft.kind) {
    case undefined:
      return undefined;
    case "kill":
      return checkKill(draft, path, setting);
    case "away":
      return checkAway(draft, path, setting);
    case "partition":
      return checkPartition(draft, path, setting);
    case "clog": {
      const banks = findBanks(draft.banks, [...path, "banks"], setting);
      const { kind, atMs, forMs, delayMs } = draft;
      if (banks === undefined || atMs === undefined || forMs === undefined) return undefined;
      if (delayMs === undefined) return undefined;
      const times = { atMs: durationMs(atMs), forMs: durationMs(forMs) };
      return { kind, banks, ...times, delayMs: durationMs(delayMs) };
    }
    case "clock":
      return checkClock(draft, path, setting);
    case "disk": {
      const bank = findBank(draft, path, setting);
      const { kind, damage, atMs } = draft;
      if (bank === undefined || damage === undefined || atMs === undefined) return undefined;
      return { kind, bank, damage, atMs: durationMs(atMs) };
    }
    case "byzantine": {
      const bank = findBank(draft, path, setting);
      const { kind, behaviour, atMs } = draft;
      if (bank === undefined || behaviour === undefined || atMs === undefined) return undefined;
      return { kind, bank, behaviour, atMs: durationMs(atMs) };
    }
    default:
      return unreachable(draft);
  }
}

function checkKill(draft: DraftOf<"kill">, path: Path, setting: Setting): Fault | undefined {
  const bank = findBank(draft, path, setting);
  const when = draft.when && checkTime(draft.when, [...path, "when"], setting);
  if (bank === undefined || when === undefined) return undefined;
  const { restartAfterMs } = draft;
  const restart = restartAfterMs === undefined ? null : durationMs(restartAfterMs);
  return { kind: "kill", bank, when, restartAfterMs: restart };
}

function checkAway(draft: DraftOf<"away">, path: Path, setting: Setting): Fault | undefined {
  const bank = findBank(draft, path, setting);
  const atMs = draft.when?.atMs;
  if (bank === undefined || atMs === undefined) return undefined;
  return { kind: "away", bank, when: { kind: "at", atMs: durationMs(atMs) } };
}

function checkPartition(
  draft: DraftOf<"partition">,
  path: Path,
  setting: Setting,
): Fault | undefined {
  const from = findBanks(draft.from, [...path, "from"], setting);
  const to = findBanks(draft.to, [...path, "to"], setting);
  for (const [i, bank] of (draft.to ?? []).entries()) {
    if (bank === undefined || draft.from?.includes(bank) !== true) continue;
    setting.findings.invalid(
      [...path, "to", i],
      "a bank that is not in from: none is cut off from itself",
    );
  }
  const { atMs, forMs, bothWays = true } = draft;
  if (from === undefined || to === undefined) return undefined;
  if (atMs === undefined || forMs === undefined) return undefined;
  const times = { atMs: durationMs(atMs), forMs: durationMs(forMs) };
  return { kind: "partition", from, to, ...times, bothWays };
}

function checkClock(draft: DraftOf<"clock">, path: Path, setting: Setting): Fault | undefined {
  const bank = findBank(draft, path, setting);
  const { offsetMs = 0, driftPpm = 0 } = draft;
  if (!("offsetMs" in draft) && !("driftPpm" in draft)) {
    setting.findings.invalid(path, "at least one of offsetMs, driftPpm", "none of them");
  }
  return bank === undefined ? undefined : { kind: "clock", bank, offsetMs, driftPpm };
}

function findBank(
  draft: { readonly bank?: string | undefined },
  path: Path,
  { banks, findings }: Setting,
): string | undefined {
  return banks.byId.find(draft.bank, [...path, "bank"], findings)?.id;
}

function findBanks(
  ids: readonly (string | undefined)[] | undefined,
  path: Path,
  { banks, findings }: Setting,
): readonly string[] | undefined {
  const found = ids?.map((id, i) => banks.byId.find(id, [...path, i], findings)?.id);
  return found?.filter((id) => id !== undefined);
}

function checkTime(
  draft: Draft<FaultTimeDocument>,
  path: Path,
  { hasSwaps: someSwaps, findings }: Setting,
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
  if (!someSwaps) {
    findings.invalid(path, "atMs: the workload has no swaps", named.join(""));
  }
  if (settledShare !== undefined) return { kind: "settled-share", percent: settledShare };
  return step === undefined ? undefined : { kind: "step", step, count };
}
