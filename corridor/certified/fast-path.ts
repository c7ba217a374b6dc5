import { toMs } from "../../node/time.ts";
import { decideHold, type Decision, type TakenInstruction } from "../../node/domestic/decide.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { judgeNumber } from "../../node/members.ts";
import { instructionHash } from "../../node/instruction.ts";
import { participantsOf } from "../announcement.ts";
import type { Step } from "../bank-state.ts";
import { CORRIDOR, type CorridorEntry, type EntryRef } from "../entries.ts";
import { encodeDecline } from "../messages.ts";
import type { Report } from "../report.ts";
import { checkTermsAgree } from "../terms.ts";
import { appendAbout } from "./own-entries.ts";
import { instructionForLeg } from "./payer-consent.ts";
import { includes, type Swap, type SwapTerms } from "./swap.ts";

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
 * LOCKs this bank's legs when terms, commitment and announcement agree, every own payer has signed,
 * the rules let the money go, and it is not too late; otherwise REFUSEs. Never both, and after a LOCK
 * the bank cannot refuse.
 */
export function tryLock(step: Step, swap: Swap): void {
  const { announcement, terms } = swap;
  if (announcement === undefined || terms === undefined || swap.myLegs.length === 0) return;
  if (swap.locked !== 0 || swap.refused || swap.certificate !== undefined) return;
  if (swap.wantedView > 0 || toMs(step.now) >= announcement.expiryMs) return;
  const agreed = checkTermsAgree(terms.terms, announcement, (n) => step.banks.get(n));
  if (!agreed.ok) return refuse(step, swap, "TERMS_INVALID", "TERMS-1", []);
  if (participantsOf(announcement).some((bank) => step.state.convicted.has(bank))) {
    return refuse(step, swap, "BANK_EQUIVOCATED", "EVIDENCE-1", []);
  }
  const taken = takeInstructions(step, swap, terms);
  if (taken === undefined) return;
  if (taken === "used") return refuse(step, swap, "INSTRUCTION_USED", "NUMBER-1", []);
  const decisions = decideLegs(step, swap, terms, taken);
  const no = decisions.find((decision) => decision.rejection !== undefined)?.rejection;
  if (no !== undefined) return refuse(step, swap, no.code, no.rule, decisions);
  appendAbout(step, swap, {
    corridor: swap.myLegs.map((leg) => ({ kind: CORRIDOR.LOCK, sid: swap.sid, leg })),
    domestic: decisions.map((decision) => decision.entry),
    reports: instructionReports(taken, decisions),
  });
}

/** The payers' instructions for all own legs; nothing while one is missing; "used" when one was spent. */
export function takeInstructions(
  step: Step,
  swap: Pick<Swap, "myLegs">,
  terms: SwapTerms,
): readonly TakenInstruction[] | "used" | undefined {
  const taken: TakenInstruction[] = [];
  for (const leg of swap.myLegs) {
    const found = instructionForLeg(step, terms, leg);
    if (found === undefined) return undefined;
    const { member, number } = found.instruction;
    const numbers = step.state.books.members.get(member)?.numbers;
    const hash = instructionHash(found.signed);
    if (numbers !== undefined && judgeNumber(numbers, number, hash) !== "free") return "used";
    taken.push(found);
  }
  return taken;
}

/** Asks the bank's own rules about each own leg. Accounts stand on one leg only, so the answers are independent. */
export function decideLegs(
  step: Step,
  swap: Pick<Swap, "myLegs" | "sid">,
  agreed: SwapTerms,
  taken: readonly TakenInstruction[],
): readonly Decision[] {
  const { terms, bytes, salt } = agreed;
  return swap.myLegs.map((leg, i) => {
    const { payer, payee, amount } = terms.legs[leg] as (typeof terms.legs)[number];
    const { sid } = swap;
    const held = { sid, leg, payer, payee, amount, agreed: terms, terms: bytes, termsSalt: salt };
    return decideHold(step.state.books, taken[i] as TakenInstruction, held, toMs(step.now));
  });
}

export function instructionReports(
  taken: readonly TakenInstruction[],
  decisions: readonly Decision[],
): readonly Report[] {
  return taken.map(({ instruction }, i) => {
    const { member, number } = instruction;
    const { rejection: no, flags: notes = [] } = decisions[i] ?? {};
    if (no === undefined) {
      const noted = notes.length === 0 ? {} : { notes };
      return { kind: "instruction", member, number, status: "executed", ...noted };
    }
    return { kind: "instruction", member, number, status: "rejected", ...no };
  });
}

function refuse(
  step: Step,
  swap: Swap,
  code: string,
  rule: string,
  decisions: readonly Decision[],
): void {
  swap.refusal = code;
  swap.decline = encodeDecline({ sid: swap.sid, code, rules: [rule] });
  const turnedDown = decisions.filter((d) => d.entry.kind === DOMESTIC.REJECTED);
  const refusal: CorridorEntry = { kind: CORRIDOR.REFUSE, sid: swap.sid };
  appendAbout(step, swap, {
    corridor: [refusal],
    domestic: turnedDown.map((decision) => decision.entry),
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
