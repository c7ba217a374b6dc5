import { unreachable } from "../../crypto/outcome.ts";
import type { DomesticDraft } from "../../node/ledger/domestic-entries.ts";
import type { Step } from "../bank-state.ts";
import { append } from "../draft.ts";
import { CORRIDOR, type CorridorEntry, type SwapEntry } from "../entries.ts";
import type { Report, SwapStep } from "../report.ts";
import { including } from "./small-set.ts";
import { noted, type Swap } from "./swap.ts";

/** Appends own entries about one swap, with their domestic halves, as one group of one block. */
export function appendAbout(
  step: Step,
  swap: Swap,
  group: {
    readonly corridor: readonly CorridorEntry[];
    readonly domestic?: readonly DomesticDraft[];
    readonly reports?: readonly Report[];
  },
): void {
  const { corridor, domestic = [], reports = [] } = group;
  const steps: Report[] = [];
  for (const entry of corridor) {
    if (entry.kind === CORRIDOR.EVIDENCE) continue;
    if (entry.kind !== CORRIDOR.ANNOUNCE) markOwn(step, swap, entry);
    if (step.config.trace) {
      const { key: sid } = swap;
      steps.push({ kind: "step", sid, step: STEP_NAME[entry.kind], view: swap.view });
    }
  }
  swap.unsealed += corridor.length;
  append(step, { corridor, domestic, reports: [...steps, ...reports] });
}

/**
 * Notes what this bank has signed about a swap. The same function runs when an entry is appended and
 * when it is replayed after a restart, so the safety rules S1 to S6 survive a crash.
 */
export function markOwn(step: Step, swap: Swap, entry: SwapEntry): void {
  const { times, course } = swap;
  switch (entry.kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.HLOCK:
      swap.locked = including(swap.locked, entry.leg);
      noted(times, "locked", step.now);
      return;
    case CORRIDOR.REFUSE:
      swap.refused = true;
      return;
    case CORRIDOR.VOTE:
      swap.voted = true;
      noted(times, "voted", step.now);
      return;
    case CORRIDOR.STATUS:
      swap.view = Math.max(swap.view, entry.view);
      swap.wantedView = Math.max(swap.wantedView, swap.view);
      return;
    case CORRIDOR.LEAD:
      swap.led = including(swap.led, entry.view);
      return;
    case CORRIDOR.ACCEPT:
      swap.accepted = including(swap.accepted, entry.view);
      return;
    case CORRIDOR.CONFIRM:
      swap.confirmed = including(swap.confirmed, entry.view);
      swap.lock = { view: entry.view, decision: entry.decision };
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      swap.closed = including(swap.closed, entry.leg);
      swap.outcome = entry.kind === CORRIDOR.SETTLE ? "settled" : "voided";
      return;
    case CORRIDOR.CLAIM:
      noted(times, "decided", step.now);
      if (course?.kind === "htlc") course.claimed = including(course.claimed, entry.leg);
      return;
    case CORRIDOR.PREPARE:
      if (course?.kind !== "two-phase") return;
      course.hasPrepared = true;
      course.isRecovered = step.state.phase === "opening";
      return;
    case CORRIDOR.DECIDE:
      if (course?.kind === "two-phase") course.hasDecided = true;
      return;
    case CORRIDOR.INQUIRE:
      if (course?.kind === "two-phase") course.hasInquired = true;
      return;
    case CORRIDOR.PAY:
      swap.locked = including(swap.locked, entry.leg);
      swap.closed = including(swap.closed, entry.leg);
      swap.outcome = "settled";
      return;
    default:
      unreachable(entry);
  }
}

const STEP_NAME: Record<Exclude<CorridorEntry["kind"], typeof CORRIDOR.EVIDENCE>, SwapStep> = {
  [CORRIDOR.ANNOUNCE]: "announced",
  [CORRIDOR.LOCK]: "locked",
  [CORRIDOR.REFUSE]: "refused",
  [CORRIDOR.VOTE]: "voted",
  [CORRIDOR.STATUS]: "status",
  [CORRIDOR.LEAD]: "led",
  [CORRIDOR.ACCEPT]: "accepted",
  [CORRIDOR.CONFIRM]: "confirmed",
  [CORRIDOR.SETTLE]: "settled",
  [CORRIDOR.VOID]: "voided",
  [CORRIDOR.HLOCK]: "locked",
  [CORRIDOR.CLAIM]: "claimed",
  [CORRIDOR.PREPARE]: "prepared",
  [CORRIDOR.DECIDE]: "decided",
  [CORRIDOR.INQUIRE]: "inquired",
  [CORRIDOR.PAY]: "paid",
};
