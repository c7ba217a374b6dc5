import type { Step } from "../bank-state.ts";
import { decisionName } from "../decided.ts";
import { closeLegs } from "../swap/closing.ts";
import { forget } from "../swap/forget.ts";
import type { Swap } from "../swap/swap.ts";
import { learnDecision } from "./decide.ts";
import { tryLock, tryVote } from "./fast-path.ts";
import {
  askToLeaveFastPath,
  tryAccept,
  tryConfirm,
  tryEnter,
  tryJoin,
  tryLead,
} from "./slow-path.ts";

/**
 * Takes every step of the protocol that what is known of a swap allows. Each step is guarded by its own
 * rule and by what this bank has already signed, so calling it again changes nothing (Idempotence).
 */
export function pump(step: Step, swap: Swap): void {
  if (swap.announcement === undefined) return;
  learnDecision(step, swap);
  const { certificate } = swap;
  if (step.state.phase === "running") {
    if (certificate !== undefined) {
      closeLegs(step, swap, certificate.decision, certificate);
    } else {
      askToLeaveFastPath(swap);
      if (swap.statuses.length > 0) tryJoin(step, swap);
      tryLock(step, swap);
      tryVote(step, swap);
      if (swap.wantedView > 0) {
        tryEnter(step, swap);
        tryLead(step, swap);
        tryAccept(step, swap);
        tryConfirm(step, swap);
      }
    }
  }
  forgetIfDone(step, swap);
}

export function forgetIfDone(step: Step, swap: Swap): void {
  const { certificate } = swap;
  if (certificate === undefined || swap.closedDurably < swap.myLegs.length) return;
  forget(step, swap, { outcome: decisionName(certificate.decision), view: certificate.view });
}
