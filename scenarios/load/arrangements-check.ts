import { durationMs } from "../../node/time.ts";
import { DEFAULT_CYCLE_MS, DEFAULT_EPSILON_MS, DEFAULT_PAY_IN_MS } from "../scenario-limits.ts";
import type {
  Arrangement,
  ByzantineBehaviour,
  Fault,
  ScenarioArrangements,
  ScenarioCorridor,
} from "../scenario.ts";
import { NETTING_HUB } from "../netting-hub.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
import type { MemberBook } from "./members-check.ts";
import type { Findings } from "./problems.ts";

const INITIATOR = "initiator";

/** What the arrangements leave to choose, with every default filled in. */
export function checkArrangements(
  draft: Draft<ScenarioDocument>,
  {
    banks,
    corridor,
    findings,
  }: {
    readonly banks: BankBook;
    readonly corridor: ScenarioCorridor | undefined;
    readonly findings: Findings;
  },
): ScenarioArrangements | undefined {
  if (corridor === undefined) return undefined;
  const { htlc, twoPhase, gross, netting } = draft.arrangements ?? {};
  const { deltaMs, ttlMs } = corridor;
  const last = banks.list.length > 2 ? banks.list.at(-1)?.number : undefined;
  const named = twoPhase?.hub;
  const path = ["arrangements", "twoPhase", "hub"];
  const hub =
    named === undefined || named === INITIATOR
      ? undefined
      : banks.byId.find(named, path, findings)?.number;
  const hubPath = ["arrangements", "netting", "hub"];
  const nettingHub =
    netting?.hub === undefined
      ? banks.list[0]?.number
      : banks.byId.find(netting.hub, hubPath, findings)?.number;
  if (nettingHub === undefined) return undefined;
  return {
    htlc: {
      deltaMaxMs: durationMs(htlc?.deltaMaxMs ?? deltaMs),
      epsilonMs: durationMs(htlc?.epsilonMs ?? DEFAULT_EPSILON_MS),
    },
    twoPhase: {
      hub: (named === undefined ? last : hub) ?? null,
      prepareMs: durationMs(twoPhase?.prepareMs ?? ttlMs),
    },
    gross: { lagMs: durationMs(gross?.lagMs ?? 0) },
    netting: {
      hub: nettingHub,
      cycleMs: durationMs(netting?.cycleMs ?? DEFAULT_CYCLE_MS),
      payInMs: durationMs(netting?.payInMs ?? DEFAULT_PAY_IN_MS),
    },
  };
}

/** Steps that a bank reports under an arrangement: a fault that waits for another would never strike. */
const STEPS: Readonly<Record<Arrangement, string>> = {
  certified:
    "announced terms locked refused voted status led accepted confirmed decided settled voided",
  htlc: "announced terms locked refused claimed decided settled voided",
  "two-phase": "announced terms locked refused prepared inquired decided settled voided",
  gross: "announced terms refused paid voided",
  "shared-ledger": "announced terms locked refused voted decided settled voided",
  netting: "",
};

/** Lies about votes and leaders, which the other arrangements do not have. */
const LIES_OF_VOTERS: readonly ByzantineBehaviour[] = ["double-voting", "wrong-leader"];
const WITH_VOTERS: readonly Arrangement[] = ["certified", "shared-ledger"];

/** What cannot go together is refused, rather than left out in silence. */
export function checkFaultsFit(
  draft: Draft<ScenarioDocument>,
  faults: readonly Fault[],
  findings: Findings,
): void {
  const arrangement = "arrangement" in draft ? draft.arrangement : "certified";
  if (arrangement === undefined || draft.faults?.length !== faults.length) return;
  for (const [i, fault] of faults.entries()) {
    const isStep = "when" in fault && fault.when.kind === "step";
    if (isStep && !STEPS[arrangement].split(" ").includes(fault.when.step)) {
      const allowed = `a step that a swap under ${arrangement} has`;
      findings.invalid(["faults", i, "when", "step"], allowed, fault.when.step);
    }
    if (WITH_VOTERS.includes(arrangement) || fault.kind !== "byzantine") continue;
    if (!LIES_OF_VOTERS.includes(fault.behaviour)) continue;
    const allowed = `a lie that ${arrangement} knows; this one is about votes and leaders`;
    findings.invalid(["faults", i, "behaviour"], allowed, fault.behaviour);
  }
}

/** The hub holds its accounts under a name of its own. */
export function checkHubIsFree(
  draft: Draft<ScenarioDocument>,
  members: MemberBook,
  findings: Findings,
): void {
  if (draft.arrangement !== "netting" || members.get(NETTING_HUB) === undefined) return;
  const at = draft.members?.findIndex((member) => member?.id === NETTING_HUB) ?? 0;
  findings.invalid(
    ["members", at, "id"],
    "another name: the netting hub has this one",
    NETTING_HUB,
  );
}
