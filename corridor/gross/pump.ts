import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { after, durationMs, toMs } from "../../node/time.ts";
import type { Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { recordOver } from "../decided.ts";
import { ABORT, CORRIDOR, type SwapEntry } from "../entries.ts";
import { closeLegs } from "../swap/closing.ts";
import { reportEnd } from "../swap/forget.ts";
import { appendAbout } from "../swap/own-entries.ts";
import { agreeToOwnLegs, instructionReports, refuse } from "../swap/own-legs.ts";
import { includes, including } from "../swap/small-set.ts";
import { noted, type SeenEntry, type Swap } from "../swap/swap.ts";

/** Notes the advice that a leg is paid; entries of other arrangements mean nothing here. */
export function record(step: Step, swap: Swap, { author, ref, entry }: SeenEntry<SwapEntry>): void {
  const { announcement, course } = swap;
  if (announcement === undefined || course?.kind !== "gross") return;
  if (entry.kind === CORRIDOR.PAY && announcement.legBanks[entry.leg] === author) {
    course.paid = including(course.paid, entry.leg);
  }
  if (entry.kind !== CORRIDOR.REFUSE || !announcement.legBanks.includes(author)) return;
  swap.participantRefused = true;
  if (author === step.config.self) course.refusal = ref;
}

/**
 * Takes every step of protocols.md 2.4 that what is known of a swap allows: a bank pays its leg, finally,
 * some time after all legs before are paid; or it REFUSEs, and whoever has paid has lost the principal.
 */
export function pump(step: Step, swap: Swap): void {
  const { course } = swap;
  const [leg] = swap.myLegs;
  if (course?.kind !== "gross" || leg === undefined) return;
  if (step.state.phase === "running") {
    tryPay(step, swap, leg);
    if (course.refusal !== undefined) closeLegs(step, swap, ABORT, course.refusal);
  }
  if (swap.closedDurably < swap.myLegs.length) return;
  if (!course.isReported) reportEnd(step, swap, { outcome: swap.outcome ?? "voided", view: 0 });
  course.isReported = true;
  if (!isOver(step, swap)) return;
  recordOver(step.state.decided, swap.sid);
  step.state.swaps.delete(swap.key);
}

/** A bank that has paid serves the terms until the last leg is confirmed, or cannot be paid any more. */
function isOver(step: Step, { announcement, course, participantRefused }: Swap): boolean {
  if (announcement === undefined || course?.kind !== "gross" || participantRefused) return true;
  const isPaid = announcement.legBanks.every((_, leg) => includes(course.paid, leg));
  return isPaid || toMs(step.now) >= announcement.expiryMs;
}

function tryPay(step: Step, swap: Swap, leg: number): void {
  const { announcement, course } = swap;
  if (announcement?.arrangement !== "gross" || course?.kind !== "gross") return;
  if (leg === 0 || swap.locked !== 0 || swap.refused) return;
  if (toMs(step.now) >= announcement.expiryMs) {
    return refuse(step, swap, { code: "PVP_EXPIRED", rule: "GROSS-1" });
  }
  for (let before = 0; before < leg; before++) if (!includes(course.paid, before)) return;
  if (course.payAt === undefined) {
    course.payAt = after(step.now, durationMs(announcement.params.lagMs));
    const { deadlines } = step.state;
    addDeadline(deadlines, course.payAt, { kind: "swap-due", key: swap.key });
  }
  if (step.now < course.payAt) return;
  const agreed = agreeToOwnLegs(step, swap);
  if (agreed === undefined) return;
  const { taken, decisions } = agreed;
  const { sid } = swap;
  noted(swap.times, "decided", step.now);
  appendAbout(step, swap, {
    corridor: [{ kind: CORRIDOR.PAY, sid, leg }],
    domestic: [...decisions.map((decision) => decision.entry), { kind: DOMESTIC.POST, sid, leg }],
    reports: instructionReports(taken, decisions),
  });
}
