import type { Bytes } from "../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  literal,
  oneOf,
  tuple,
  union,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import { enrolKey } from "../crypto/ed25519.ts";
import { equalHash, hashKey } from "../crypto/hash.ts";
import { unreachable } from "../crypto/outcome.ts";
import { decideInstruction, type TakenInstruction } from "../node/domestic/decide.ts";
import { hashLayout, memberLayout } from "../node/ids.ts";
import {
  instructionHash,
  ORDER,
  parseInstruction,
  signedInstructionLayout,
  type SignedInstruction,
} from "../node/instruction.ts";
import { DOMESTIC, MAX_TERMS_BYTES } from "../node/ledger/domestic-entries.ts";
import { MAX_ACCOUNTS, MAX_DEFINITION_BYTES } from "../node/limits.ts";
import { judgeNumber, memberClassLayout } from "../node/members.ts";
import { amountLayout } from "../node/money.ts";
import { parseRuleSet } from "../node/rules/rule-set.ts";
import type { Terms } from "../node/terms.ts";
import { after, durationMs, toMs } from "../node/time.ts";
import { encodeAnnouncement, swapIdOf, type Announcement } from "./announcement.ts";
import { EPOCH, report, warn, type Step } from "./bank-state.ts";
import { chosenBy } from "./choice.ts";
import { machineFor, pump, whyUnusable } from "./swap/arrangements.ts";
import { observeAnnouncement } from "./swap/observe.ts";
import { appendAbout } from "./swap/own-entries.ts";
import { decideLegs, instructionReports, takeInstructions } from "./swap/own-legs.ts";
import { isAddressedHere, isSignedByMember } from "./swap/payer-consent.ts";
import { noted, type SwapTerms } from "./swap/swap.ts";
import { addTerms } from "./swap/terms-exchange.ts";
import { addDeadline } from "./deadlines.ts";
import { append, reportWhenDurable } from "./draft.ts";
import { CORRIDOR } from "./entries.ts";
import { scheduleExpiry } from "./expiry.ts";
import { MAX_LEGS, MAX_WAITING_SUBMISSIONS } from "./limits.ts";
import { commitmentOf, parseTerms } from "./terms.ts";

export const SUBMISSION = { instruction: 1, swap: 2, enrolment: 3, rules: 4 } as const;

/** What reaches a bank from its own side (FORMAT.md, section 11). */
export const submissionLayout = union({
  /** A member's order that concerns this bank alone. */
  [SUBMISSION.instruction]: tuple({
    kind: literal(SUBMISSION.instruction),
    instruction: signedInstructionLayout,
  }),
  /** A swap's terms with the instructions of the members who pay its legs, as far as they are known. */
  [SUBMISSION.swap]: tuple({
    kind: literal(SUBMISSION.swap),
    terms: binUpTo(MAX_TERMS_BYTES, 1),
    salt: bin<Bytes>(32),
    instructions: list(signedInstructionLayout, MAX_LEGS),
  }),
  /** The operator enrols a member. */
  [SUBMISSION.enrolment]: tuple({
    kind: literal(SUBMISSION.enrolment),
    member: memberLayout,
    memberClass: memberClassLayout,
    resident: oneOf(0, 1),
    key: hashLayout,
    reserves: amountLayout,
  }),
  /** The operator sets the bank's own rules (FORMAT.md, section 8.8). */
  [SUBMISSION.rules]: tuple({
    kind: literal(SUBMISSION.rules),
    rules: binUpTo(MAX_DEFINITION_BYTES, 1),
  }),
});

export type Submission = LayoutValue<typeof submissionLayout>;
type SubmissionOf<K extends Submission["kind"]> = Extract<Submission, { readonly kind: K }>;

export const encodeSubmission = (submission: Submission): Bytes =>
  encode(submissionLayout, submission);

/** Takes one submission; what fails as bytes, signature or number changes nothing. */
export function receiveSubmission(step: Step, bytes: Bytes): void {
  const submission = decode(submissionLayout, bytes);
  if (!submission.ok) return warn(step, submission.error.code, null, "a submission");
  switch (submission.value.kind) {
    case SUBMISSION.instruction:
      return submitInstruction(step, submission.value.instruction);
    case SUBMISSION.swap:
      return submitSwap(step, submission.value);
    case SUBMISSION.enrolment:
      return enrol(step, submission.value);
    case SUBMISSION.rules:
      return setRules(step, submission.value.rules);
    default:
      unreachable(submission.value);
  }
}

function submitInstruction(step: Step, signed: SignedInstruction): void {
  const taken = authenticate(step, signed);
  if (taken === undefined) return;
  if (taken.instruction.order.kind === ORDER.swap) {
    return answer(step, taken, "refused", "a swap is submitted with its terms");
  }
  if (!isFree(step, taken)) return;
  const decision = decideInstruction(step.state.books, taken, toMs(step.now));
  append(step, {
    corridor: [],
    domestic: [decision.entry],
    reports: instructionReports([taken], [decision]),
  });
  const { entry } = decision;
  if (entry.kind === DOMESTIC.TAG_DEFINE) scheduleExpiry(step);
}

function submitSwap(step: Step, submission: SubmissionOf<typeof SUBMISSION.swap>): void {
  const { terms: bytes, salt, instructions } = submission;
  const terms = parseTerms(bytes);
  if (!terms.ok) return refuseSwap(step, instructions, terms.error.code, terms.error.why);
  const legBanks = legBanksOf(step, terms.value);
  if (legBanks === undefined) {
    return refuseSwap(step, instructions, "TERMS_INVALID", "a currency of no bank here");
  }
  const myLegs = legBanks.flatMap((bank, leg) => (bank === step.config.self ? [leg] : []));
  if (myLegs.length === 0) {
    return refuseSwap(step, instructions, "TERMS_INVALID", "no leg on this bank's ledger");
  }
  const commitment = commitmentOf(bytes, salt);
  const agreed: SwapTerms = { terms: terms.value, bytes, salt, commitment, instructions };
  if (legBanks[0] === step.config.self) return announce(step, agreed, legBanks, myLegs);
  offer(step, agreed);
}

/** The bank of leg 0 announces and agrees to its legs in one block; a rule's no ends the swap before it began. */
function announce(
  step: Step,
  agreed: SwapTerms,
  legBanks: readonly number[],
  myLegs: readonly number[],
): void {
  const { genesis } = step.config;
  const announced = {
    version: 1,
    net: genesis.net,
    epoch: EPOCH,
    legBanks,
    createdMs: toMs(step.now),
    expiryMs: agreed.terms.expiryMs,
    ...chosenBy(step.config.arrangement, step.config),
    commitment: agreed.commitment,
  } as Announcement;
  const useless = whyUnusable(announced, genesis);
  if (useless !== undefined) {
    return refuseSwap(step, agreed.instructions, "TERMS_INVALID", useless);
  }
  const announcement = encodeAnnouncement(announced);
  const sid = swapIdOf(announcement);
  const taken = takeInstructions(step, { myLegs }, agreed);
  if (taken === undefined) {
    return refuseSwap(step, agreed.instructions, "INSTRUCTION_MISSING", "a payer has not signed");
  }
  if (taken === "used") {
    return answerUsed(step, agreed.instructions);
  }
  const decisions = decideLegs(step, { myLegs, sid }, agreed, taken);
  const reports = instructionReports(taken, decisions);
  const turnedDown = decisions.filter((d) => d.entry.kind === DOMESTIC.REJECTED);
  if (turnedDown.length > 0) {
    const domestic = turnedDown.map((decision) => decision.entry);
    return append(step, { corridor: [], domestic, reports });
  }
  const swap = observeAnnouncement(step, step.config.self, announcement);
  if (swap === undefined)
    return refuseSwap(step, agreed.instructions, "busy", "expired or too many");
  addTerms(swap, agreed);
  noted(swap.times, "received", step.now);
  const { corridor, domestic } = machineFor(announced).open(swap, step);
  appendAbout(step, swap, {
    corridor: [{ kind: CORRIDOR.ANNOUNCE, announcement }, ...corridor],
    domestic: [...decisions.map((decision) => decision.entry), ...domestic],
    reports,
  });
  pump(step, swap);
}

/** Keeps a submission until the bank of leg 0 announces the swap, or adds it to one that waits for it. */
function offer(step: Step, agreed: SwapTerms): void {
  const { state, now } = step;
  const { commitment, instructions } = agreed;
  const waiting = [...state.swaps.values()].find(
    (swap) =>
      swap.myLegs.length > 0 &&
      swap.locked === 0 &&
      swap.announcement !== undefined &&
      equalHash(swap.announcement.commitment, commitment),
  );
  if (waiting !== undefined) {
    noted(waiting.times, "received", now);
    addTerms(waiting, agreed);
    return pump(step, waiting);
  }
  const leftMs = agreed.terms.expiryMs - toMs(now);
  if (state.offers.size >= MAX_WAITING_SUBMISSIONS || leftMs <= 0) {
    return refuseSwap(step, instructions, leftMs <= 0 ? "PVP_EXPIRED" : "busy", "not kept");
  }
  const key = hashKey(commitment);
  state.offers.set(key, { agreed, received: now });
  addDeadline(state.deadlines, after(now, durationMs(leftMs)), { kind: "offer", key });
}

function legBanksOf(step: Step, terms: Terms): readonly number[] | undefined {
  const legBanks: number[] = [];
  for (const leg of terms.legs) {
    const bank = step.config.genesis.banks.find((b) => b.currency.code === leg.currency);
    if (bank === undefined) return undefined;
    legBanks.push(bank.number);
  }
  return legBanks;
}

function enrol(step: Step, request: SubmissionOf<typeof SUBMISSION.enrolment>): void {
  const { member, memberClass, resident, key, reserves } = request;
  const { members } = step.state.books;
  if (members.has(member)) return;
  const enrolled = enrolKey(key);
  if (!enrolled.ok)
    return warn(step, enrolled.error.code, null, `${member}: ${enrolled.error.why}`);
  if (members.size >= MAX_ACCOUNTS) return warn(step, "busy", null, `${MAX_ACCOUNTS} accounts`);
  append(step, {
    corridor: [],
    domestic: [
      {
        kind: DOMESTIC.ENROL,
        member,
        memberClass,
        resident,
        key,
        reserves,
        timeMs: toMs(step.now),
      },
    ],
    reports: [],
  });
}

/** Takes a rule set that can be read; what was decided before stays as it was decided. */
function setRules(step: Step, bytes: Bytes): void {
  const rules = parseRuleSet(bytes);
  if (!rules.ok) return warn(step, "rules_invalid", null, rules.error.code);
  const entry = { kind: DOMESTIC.RULES, rules: bytes, timeMs: toMs(step.now) };
  append(step, { corridor: [], domestic: [entry], reports: [] });
}

function authenticate(step: Step, signed: SignedInstruction): TakenInstruction | undefined {
  const parsed = parseInstruction(signed);
  if (!parsed.ok) {
    warn(step, parsed.error.code, null, "an instruction");
    return undefined;
  }
  const taken = { instruction: parsed.value, signed };
  if (!isAddressedHere(step, parsed.value)) {
    answer(step, taken, "refused", "another bank or corridor");
    return undefined;
  }
  if (!isSignedByMember(step, parsed.value, signed)) {
    const known = step.state.books.members.has(parsed.value.member);
    answer(step, taken, "refused", known ? "another signature" : "no such member", {
      code: known ? "signature_invalid" : "MEMBER_NOT_CONNECTED",
    });
    return undefined;
  }
  return taken;
}

function isFree(step: Step, taken: TakenInstruction): boolean {
  const { member, number } = taken.instruction;
  const numbers = step.state.books.members.get(member)?.numbers;
  if (numbers === undefined) return false;
  const verdict = judgeNumber(numbers, number, instructionHash(taken.signed));
  if (verdict === "free") return true;
  if (verdict === "replay") {
    answer(step, taken, "refused", `number ${number}`, { code: "replay" });
    return false;
  }
  reportWhenDurable(step, {
    kind: "instruction",
    member,
    number,
    status: "exists",
    found: "taken in before",
  });
  return false;
}

/** The swap was submitted before, or one of its payers used the number for something else. */
function answerUsed(step: Step, instructions: readonly SignedInstruction[]): void {
  for (const signed of instructions) {
    const parsed = parseInstruction(signed);
    if (!parsed.ok || !isAddressedHere(step, parsed.value)) continue;
    isFree(step, { instruction: parsed.value, signed });
  }
}

function refuseSwap(
  step: Step,
  instructions: readonly SignedInstruction[],
  code: string,
  found: string,
): void {
  for (const signed of instructions) {
    const parsed = parseInstruction(signed);
    if (!parsed.ok || !isAddressedHere(step, parsed.value)) continue;
    answer(step, { instruction: parsed.value, signed }, "refused", found, { code });
  }
}

function answer(
  step: Step,
  taken: TakenInstruction,
  status: "refused",
  found: string,
  more: { readonly code?: string } = {},
): void {
  const { member, number } = taken.instruction;
  report(step, { kind: "instruction", member, number, status, found, ...more });
}
