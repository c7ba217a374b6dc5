import { decideHold, type Decision, type TakenInstruction } from "../../node/domestic/decide.ts";
import { instructionHash } from "../../node/instruction.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { judgeNumber } from "../../node/members.ts";
import { toMs } from "../../node/time.ts";
import { participantsOf } from "../announcement.ts";
import type { Step } from "../bank-state.ts";
import { CORRIDOR, type CorridorEntry } from "../entries.ts";
import { encodeDecline } from "../messages.ts";
import type { Report } from "../report.ts";
import { checkTermsAgree } from "../terms.ts";
import { appendAbout } from "./own-entries.ts";
import { instructionForLeg } from "./payer-consent.ts";
import type { Swap, SwapTerms } from "./swap.ts";

/** Own legs that may be locked: what their payers have signed, and what the rules made of it. */
export interface AgreedLegs {
  readonly taken: readonly TakenInstruction[];
  readonly decisions: readonly Decision[];
}

/**
 * Judges this bank's own legs: terms, commitment and announcement agree, every own payer has signed, and
 * the rules let the money go. If not, the bank REFUSEs; nothing happens while terms or a payer's
 * instruction are missing.
 */
export function agreeToOwnLegs(step: Step, swap: Swap): AgreedLegs | undefined {
  const { announcement, terms } = swap;
  if (announcement === undefined || terms === undefined || swap.myLegs.length === 0) {
    return undefined;
  }
  const no = (code: string, rule: string, decisions: readonly Decision[] = []): undefined => {
    refuse(step, swap, { code, rule, decisions });
  };
  const agreed = checkTermsAgree(terms.terms, announcement, (n) => step.banks.get(n));
  if (!agreed.ok) return no("TERMS_INVALID", "TERMS-1");
  if (participantsOf(announcement).some((bank) => step.state.convicted.has(bank))) {
    return no("BANK_EQUIVOCATED", "EVIDENCE-1");
  }
  const taken = takeInstructions(step, swap, terms);
  if (taken === undefined) return undefined;
  if (taken === "used") return no("INSTRUCTION_USED", "NUMBER-1");
  const decisions = decideLegs(step, swap, terms, taken);
  const rejection = decisions.find((decision) => decision.rejection !== undefined)?.rejection;
  if (rejection !== undefined) return no(rejection.code, rejection.rule, decisions);
  return { taken, decisions };
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

/** REFUSEs for good; the reason goes to the other banks taking part once the entry is durable. */
export function refuse(
  step: Step,
  swap: Swap,
  {
    code,
    rule,
    decisions = [],
  }: {
    readonly code: string;
    readonly rule: string;
    readonly decisions?: readonly Decision[];
  },
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
