import { toMs } from "../../node/time.ts";
import type { AnnouncementOf } from "../announcement.ts";
import { report, type Step } from "../bank-state.ts";
import { decisionName, recordDecided } from "../decided.ts";
import { ABORT, COMMIT, CORRIDOR, type Decision, type EntryRef } from "../entries.ts";
import { closeLegs } from "../swap/closing.ts";
import { forget } from "../swap/forget.ts";
import { appendAbout } from "../swap/own-entries.ts";
import { agreeToOwnLegs, instructionReports, refuse } from "../swap/own-legs.ts";
import { includes } from "../swap/small-set.ts";
import { noted, type Swap } from "../swap/swap.ts";
import type { TwoPhaseCourse } from "./course.ts";

/** A swap as one of its banks, or its hub, goes on with it. */
interface TwoPhase {
  readonly swap: Swap;
  readonly announcement: AnnouncementOf<"two-phase">;
  readonly course: TwoPhaseCourse;
  readonly isHub: boolean;
}

/** What ends a swap for a bank: the hub's decision, or the no of a bank without which there is no COMMIT. */
interface Ending {
  readonly decision: Decision;
  readonly ref: EntryRef;
}

/** Takes every step of protocols.md 2.2 that what is known of a swap allows. */
export function pump(step: Step, swap: Swap): void {
  const { announcement, course } = swap;
  if (announcement?.arrangement !== "two-phase" || course?.kind !== "two-phase") return;
  const isHub = announcement.params.hub === step.config.self;
  const ending = endingOf(swap, course);
  if (ending !== undefined) learn(step, swap);
  if (step.state.phase === "running") {
    const twoPhase = { swap, announcement, course, isHub };
    if (isHub) tryPrepare(step, twoPhase);
    if (ending === undefined) {
      tryVote(step, twoPhase);
      tryInquire(step, twoPhase);
    }
    if (isHub) tryDecide(step, twoPhase);
    if (ending !== undefined) closeLegs(step, swap, ending.decision, ending.ref);
  }
  if (ending === undefined || swap.closedDurably < swap.myLegs.length) return;
  if (isHub && course.decide === undefined) return;
  const { decision, ref } = ending;
  recordDecided(step.state.decided, swap.sid, { view: 0, decision, refs: [ref] });
  forget(step, swap, { outcome: swap.outcome ?? decisionName(decision), view: 0 });
}

/** COMMIT counts with the LOCKs of all legs only: a hub may lie, and a bank never pays what it did not hold. */
function endingOf(swap: Swap, { decide, refusal }: TwoPhaseCourse): Ending | undefined {
  if (decide?.decision === ABORT) return decide;
  if (decide !== undefined && swap.locks.every((seen) => seen.length > 0)) return decide;
  return refusal === undefined ? undefined : { decision: ABORT, ref: refusal };
}

function learn(step: Step, swap: Swap): void {
  const isNew = swap.times.decided === 0;
  noted(swap.times, "decided", step.now);
  if (!isNew || step.state.phase === "opening" || !step.config.trace) return;
  report(step, { kind: "step", sid: swap.key, step: "decided", view: 0 });
}

/** Step 2: the hub asks for votes once the initiator has LOCKed, which is its yes. */
function tryPrepare(step: Step, { swap, course }: TwoPhase): void {
  if (course.hasPrepared || course.hasDecided || course.refusal !== undefined) return;
  const isBegun = (swap.locks[0]?.length ?? 0) > 0 || includes(swap.locked, 0);
  if (!isBegun || isLate(step, course)) return;
  appendAbout(step, swap, { corridor: [{ kind: CORRIDOR.PREPARE, sid: swap.sid }] });
}

/**
 * Step 3: LOCKs the own legs when the hub asks for it and the bank agrees to them; from then on it is
 * prepared, and never decides alone. A bank that is not prepared REFUSEs when it has waited long enough,
 * or when another asks what was decided.
 */
function tryVote(step: Step, { swap, announcement, course }: TwoPhase): void {
  if (swap.locked !== 0 || swap.refused || swap.myLegs.length === 0) return;
  const isExpired = toMs(step.now) >= announcement.expiryMs;
  if (course.isAsked || isExpired || isLate(step, course)) {
    return refuse(step, swap, { code: "PVP_EXPIRED", rule: "TIMEOUT-1" });
  }
  if (!course.hasPrepared) return;
  const agreed = agreeToOwnLegs(step, swap);
  if (agreed === undefined) return;
  const { taken, decisions } = agreed;
  appendAbout(step, swap, {
    corridor: swap.myLegs.map((leg) => ({ kind: CORRIDOR.LOCK, sid: swap.sid, leg })),
    domestic: decisions.map((decision) => decision.entry),
    reports: instructionReports(taken, decisions),
  });
}

/** A prepared bank that has heard nothing for too long asks; until it is answered its money is held. */
function tryInquire(step: Step, { swap, course, isHub }: TwoPhase): void {
  if (isHub || swap.locked === 0 || course.hasInquired || !isLate(step, course)) return;
  appendAbout(step, swap, { corridor: [{ kind: CORRIDOR.INQUIRE, sid: swap.sid }] });
}

/**
 * Step 4: all yes is COMMIT; any no, or a vote that is late, is ABORT. A hub that crashed between the
 * phases decides ABORT when it is back (presumed abort).
 */
function tryDecide(step: Step, { swap, course }: TwoPhase): void {
  if (course.hasDecided) return;
  const decide = (decision: Decision): void => {
    appendAbout(step, swap, { corridor: [{ kind: CORRIDOR.DECIDE, sid: swap.sid, decision }] });
  };
  if (swap.refused || course.refusal !== undefined || course.isRecovered) return decide(ABORT);
  const isYes = (seen: readonly EntryRef[], leg: number): boolean =>
    seen.length > 0 || includes(swap.locked, leg);
  if (course.hasPrepared && swap.locks.every(isYes)) return decide(COMMIT);
  if (isLate(step, course)) decide(ABORT);
}

const isLate = (step: Step, { waitsUntil }: TwoPhaseCourse): boolean =>
  waitsUntil !== undefined && step.now >= waitsUntil;
