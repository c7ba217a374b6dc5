import { toMs } from "../../node/time.ts";
import type { AnnouncementOf } from "../announcement.ts";
import { report, type Step } from "../bank-state.ts";
import { recordOver } from "../decided.ts";
import { ABORT, COMMIT, CORRIDOR, type CorridorEntry } from "../entries.ts";
import { closeLegs } from "../swap/closing.ts";
import { forget } from "../swap/forget.ts";
import { appendAbout } from "../swap/own-entries.ts";
import { agreeToOwnLegs, instructionReports, refuse } from "../swap/own-legs.ts";
import { includes } from "../swap/small-set.ts";
import type { Swap } from "../swap/swap.ts";
import type { HtlcCourse } from "./course.ts";
import { opens, secretOf } from "./secret.ts";
import { isInOrder, lockByMs, mayClaim, untilMs } from "./timelocks.ts";

/** A swap as one of its banks goes on with it: each bank has one leg. */
interface Htlc {
  readonly swap: Swap;
  readonly announcement: AnnouncementOf<"htlc">;
  readonly course: HtlcCourse;
  readonly leg: number;
}

/** Takes every step of protocols.md 2.1 that what is known of a swap allows, by the bank's own clock. */
export function pump(step: Step, swap: Swap): void {
  const { announcement, course } = swap;
  const [leg] = swap.myLegs;
  if (announcement?.arrangement !== "htlc" || course?.kind !== "htlc" || leg === undefined) return;
  if (step.state.phase === "running") {
    const htlc = { swap, announcement, course, leg };
    tryLock(step, htlc);
    tryClaimLast(step, htlc);
    trySettle(step, htlc);
    tryRefund(step, htlc);
  }
  if (swap.closedDurably < swap.myLegs.length) return;
  recordOver(step.state.decided, swap.sid);
  forget(step, swap, { outcome: swap.outcome ?? "voided", view: 0 });
}

/**
 * Step 2: locks the own leg behind the hash of the leg before, if that one is locked and lasts long
 * enough, and there is time for all that follows. Otherwise the bank never locks: it REFUSEs.
 */
function tryLock(step: Step, { swap, announcement, course, leg }: Htlc): void {
  if (leg === 0 || swap.locked !== 0 || swap.refused) return;
  const nowMs = toMs(step.now);
  if (nowMs >= announcement.expiryMs || nowMs > lockByMs(announcement, leg)) {
    return refuse(step, swap, { code: "PVP_EXPIRED", rule: "TIMELOCK-1" });
  }
  const before = course.locks[leg - 1];
  if (before === undefined) return;
  const own = untilMs(announcement, leg);
  if (!isInOrder(announcement.params, before.untilMs, own)) {
    return refuse(step, swap, { code: "PVP_EXPIRED", rule: "TIMELOCK-2" });
  }
  const agreed = agreeToOwnLegs(step, swap);
  if (agreed === undefined) return;
  const { taken, decisions } = agreed;
  appendAbout(step, swap, {
    corridor: [{ kind: CORRIDOR.HLOCK, sid: swap.sid, leg, hash: before.hash, untilMs: own }],
    domestic: decisions.map((decision) => decision.entry),
    reports: instructionReports(taken, decisions),
  });
}

/** Step 3: the leader shows the secret for the last leg, if the claim reaches its ledger in time. */
function tryClaimLast(step: Step, { swap, announcement, course, leg }: Htlc): void {
  const last = announcement.legBanks.length - 1;
  const lock = course.locks[last];
  if (leg !== 0 || lock === undefined || includes(course.claimed, last)) return;
  // Its own lock over, the leader could only lose by taking part any longer.
  if (includes(swap.closed, leg)) return;
  const secret = secretOf(step.config.saltSecret, swap.sid);
  if (!opens(secret, lock.hash)) return;
  if (!mayClaim(announcement.params, toMs(step.now), lock.untilMs)) return;
  appendAbout(step, swap, { corridor: [claim(swap, last, secret)] });
}

/**
 * Steps 4 to 6: pays the own leg to whoever claims it with the secret before the lock is over, and
 * claims the leg before with the secret so learnt, in the same block.
 */
function trySettle(step: Step, { swap, course, leg }: Htlc): void {
  const lock = course.locks[leg];
  if (lock === undefined || includes(swap.closed, leg)) return;
  const timeMs = toMs(step.now);
  if (timeMs >= lock.untilMs) return;
  const secret = course.claims[leg]?.find((shown) => opens(shown, lock.hash));
  if (secret === undefined) return;
  const before = leg === 0 ? [] : [claim(swap, leg - 1, secret)];
  closeLegs(step, swap, COMMIT, { secret, timeMs }, before);
  if (step.config.trace) report(step, { kind: "step", sid: swap.key, step: "decided", view: 0 });
}

/** Step T: gives the money back once the lock is over; closes a leg that was never locked after a REFUSE. */
function tryRefund(step: Step, { swap, course, leg }: Htlc): void {
  if (includes(swap.closed, leg)) return;
  if (swap.refused) {
    if (course.refusal !== undefined) closeLegs(step, swap, ABORT, course.refusal);
    return;
  }
  const lock = course.locks[leg];
  const timeMs = toMs(step.now);
  if (lock !== undefined && timeMs >= lock.untilMs) closeLegs(step, swap, ABORT, { timeMs });
}

const claim = ({ sid }: Swap, leg: number, secret: Uint8Array): CorridorEntry => ({
  kind: CORRIDOR.CLAIM,
  sid,
  leg,
  secret,
});
