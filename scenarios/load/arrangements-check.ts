import { durationMs } from "../../node/time.ts";
import { DEFAULT_EPSILON_MS } from "../scenario-limits.ts";
import type {
  Arrangement,
  ByzantineBehaviour,
  Fault,
  ScenarioArrangements,
  ScenarioCorridor,
} from "../scenario.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
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
  const { htlc, twoPhase, gross } = draft.arrangements ?? {};
  const { deltaMs, ttlMs } = corridor;
  const last = banks.list.length > 2 ? banks.list.at(-1)?.number : undefined;
  const named = twoPhase?.hub;
  const path = ["arrangements", "twoPhase", "hub"];
  const hub =
    named === undefined || named === INITIATOR
      ? undefined
      : banks.byId.find(named, path, findings)?.number;
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
  };
}

/** Steps that a bank never reports under an arrangement: a fault that waits for one would never strike. */
const STEPS_OF_OTHERS: Readonly<Record<Arrangement, readonly string[]>> = {
  certified: ["claimed", "prepared", "inquired", "paid"],
  htlc: ["voted", "status", "led", "accepted", "confirmed", "prepared", "inquired", "paid"],
  "two-phase": ["voted", "status", "led", "accepted", "confirmed", "claimed", "paid"],
  gross:
    "voted status led accepted confirmed locked settled decided claimed prepared inquired".split(
      " ",
    ),
};

/** Lies about certificates, which the other arrangements do not have. */
const CERTIFIED_LIES: readonly ByzantineBehaviour[] = ["double-voting", "wrong-leader"];

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
    if (isStep && STEPS_OF_OTHERS[arrangement].includes(fault.when.step)) {
      const allowed = `a step that a swap under ${arrangement} has`;
      findings.invalid(["faults", i, "when", "step"], allowed, fault.when.step);
    }
    if (arrangement === "certified" || fault.kind !== "byzantine") continue;
    if (!CERTIFIED_LIES.includes(fault.behaviour)) continue;
    const allowed = `a lie that ${arrangement} knows; this one is about certificates`;
    findings.invalid(["faults", i, "behaviour"], allowed, fault.behaviour);
  }
}
