import { toMs } from "../../node/time.ts";
import type { Step } from "../bank-state.ts";
import { CORRIDOR, type EntryRef } from "../entries.ts";
import { appendAbout } from "../swap/own-entries.ts";
import { agreeToOwnLegs, instructionReports } from "../swap/own-legs.ts";
import { includes } from "../swap/small-set.ts";
import type { Swap } from "../swap/swap.ts";

/**
 * The predicate P (protocols.md 3.4): for every leg, a LOCK by the bank that owns the leg's ledger, on
 * whichever branch of its log. Returns one reference per leg, or `undefined`.
 */
export function locksOfAllLegs(swap: Swap): readonly EntryRef[] | undefined {
  const refs: EntryRef[] = [];
  for (const seen of swap.locks) {
    const [first] = seen;
    if (first === undefined) return undefined;
    refs.push(first);
  }
  return refs.length === 0 ? undefined : refs;
}

/** P, also counting own LOCKs that stand before the VOTE in the block to come. */
function allLegsLocked(swap: Swap): boolean {
  return swap.locks.every((seen, leg) => seen.length > 0 || includes(swap.locked, leg));
}

/**
 * LOCKs this bank's legs when it agrees to them and it is not too late. Never after a REFUSE, and after
 * a LOCK the bank cannot refuse.
 */
export function tryLock(step: Step, swap: Swap): void {
  const { announcement } = swap;
  if (announcement === undefined) return;
  if (swap.locked !== 0 || swap.refused || swap.certificate !== undefined) return;
  if (swap.wantedView > 0 || toMs(step.now) >= announcement.expiryMs) return;
  const agreed = agreeToOwnLegs(step, swap);
  if (agreed === undefined) return;
  const { taken, decisions } = agreed;
  appendAbout(step, swap, {
    corridor: swap.myLegs.map((leg) => ({ kind: CORRIDOR.LOCK, sid: swap.sid, leg })),
    domestic: decisions.map((decision) => decision.entry),
    reports: instructionReports(taken, decisions),
  });
}

/**
 * S1: VOTEs once, in view 0, when P holds and the swap has not expired. A bank that forked its log gets
 * no VOTE for its LOCKs (3.8): the slow path accepts them.
 */
export function tryVote(step: Step, swap: Swap): void {
  const { announcement } = swap;
  if (announcement === undefined || swap.voted || swap.certificate !== undefined) return;
  if (swap.wantedView > 0 || toMs(step.now) >= announcement.expiryMs) return;
  if (!allLegsLocked(swap)) return;
  if (announcement.legBanks.some((bank) => step.state.convicted.has(bank))) return;
  appendAbout(step, swap, { corridor: [{ kind: CORRIDOR.VOTE, sid: swap.sid }] });
}
