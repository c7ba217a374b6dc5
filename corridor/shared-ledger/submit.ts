import { decode } from "../../crypto/canonical-layout.ts";
import { enrolKey, type EnrolledKey } from "../../crypto/ed25519.ts";
import { equalHash, hashKey } from "../../crypto/hash.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import {
  instructionSignedBytes,
  ORDER,
  parseInstruction,
  type Instruction,
  type SignedInstruction,
} from "../../node/instruction.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { MAX_ACCOUNTS } from "../../node/limits.ts";
import { judgeNumber } from "../../node/members.ts";
import { instructionHash } from "../../node/instruction.ts";
import { parseRuleSet } from "../../node/rules/rule-set.ts";
import type { Terms } from "../../node/terms.ts";
import { toMs } from "../../node/time.ts";
import { encodeSharedAnnouncement, SHARED_LEDGER } from "./announcement.ts";
import { EPOCH, report, warn } from "../bank-state.ts";
import { MAX_INPUTS_WHILE_CHECKING, MAX_WAITING_SUBMISSIONS } from "../limits.ts";
import { SUBMISSION, submissionLayout, type Submission } from "../submissions.ts";
import { commitmentOf, parseTerms } from "../terms.ts";
import { queueAction } from "./actions.ts";
import {
  addInstructions,
  endorseAndForward,
  noteReceived,
  openSwap,
  takeOwn,
  tryEndorse,
} from "./countersign.ts";
import { decideLegs } from "./execute-swap.ts";
import { traceStep, underWayKey } from "./final.ts";
import { booksOf } from "./ledger.ts";
import type { OpenSwap } from "./open-swap.ts";
import type { ValidatorStep } from "./state.ts";
import { ACTION, encodeBody, TRANSACTION, unendorsed } from "./transaction.ts";

type SubmissionOf<K extends Submission["kind"]> = Extract<Submission, { readonly kind: K }>;

/** Takes one submission of the bank's own side; what fails as bytes, signature or number changes nothing. */
export function receiveSubmission(step: ValidatorStep, bytes: Uint8Array): void {
  const submission = decode(submissionLayout, bytes);
  if (!submission.ok) return warn(step, submission.error.code, null, "a submission");
  if (step.state.actions.length >= MAX_INPUTS_WHILE_CHECKING) {
    return warn(step, "busy", null, "too many submissions wait for the ledger");
  }
  switch (submission.value.kind) {
    case SUBMISSION.instruction:
      return submitInstruction(step, submission.value.instruction);
    case SUBMISSION.swap:
      return submitSwap(step, submission.value);
    case SUBMISSION.enrolment:
      return enrol(step, submission.value);
    case SUBMISSION.rules:
      if (!parseRuleSet(submission.value.rules).ok) return warn(step, "rules_invalid", null, "");
      return queueAction(step, { kind: ACTION.RULES, rules: submission.value.rules });
    default:
      unreachable(submission.value);
  }
}

function enrol(step: ValidatorStep, request: SubmissionOf<typeof SUBMISSION.enrolment>): void {
  const { kind: _, ...enrolment } = request;
  const { member } = enrolment;
  const { members } = booksOf(step.state.ledger, step.config.self);
  const { enrolling } = step.state;
  if (members.has(member) || enrolling.has(member)) return;
  const key = enrolKey(enrolment.key);
  if (!key.ok) return warn(step, key.error.code, null, `${member}: ${key.error.why}`);
  if (members.size + enrolling.size >= MAX_ACCOUNTS) {
    return warn(step, "busy", null, `${MAX_ACCOUNTS} accounts`);
  }
  enrolling.set(member, key.value);
  queueAction(step, { kind: ACTION.ENROL, ...enrolment });
}

function submitInstruction(step: ValidatorStep, signed: SignedInstruction): void {
  const instruction = authenticate(step, signed);
  if (instruction === undefined) return;
  const { member, number, order } = instruction;
  if (order.kind === ORDER.swap) {
    return refuse(step, instruction, "", "a swap is submitted with its terms");
  }
  const key = underWayKey(member, number);
  // It is answered when it is final; who asks again waits for the same answer.
  if (step.state.underWay.has(key) || !isFree(step, instruction, signed)) return;
  step.state.underWay.add(key);
  queueAction(step, { kind: ACTION.INSTRUCTION, instruction: signed });
}

function submitSwap(step: ValidatorStep, submission: SubmissionOf<typeof SUBMISSION.swap>): void {
  const { terms: bytes, salt, instructions } = submission;
  const { config, state, now } = step;
  const no = (code: string, found: string): void => {
    for (const one of ownOf(step, instructions)) refuse(step, one, code, found);
  };
  const terms = parseTerms(bytes);
  if (!terms.ok) return no(terms.error.code, terms.error.why);
  const legBanks = legBanksOf(step, terms.value);
  if (legBanks === undefined) return no("TERMS_INVALID", "a currency of no bank here");
  if (!legBanks.includes(config.self)) return no("TERMS_INVALID", "no leg on this bank's ledger");
  const commitment = commitmentOf(bytes, salt);
  const key = hashKey(commitment);
  const open = state.swaps.get(key);
  if (open !== undefined) return resubmit(step, open, instructions);
  if (state.ledger.closed.has(key)) return answerExists(step, instructions);
  if (toMs(now) >= terms.value.expiryMs) return no("PVP_EXPIRED", "the expiry has passed");
  if (legBanks[0] !== (config.self as number)) {
    if (state.submitted.size >= MAX_WAITING_SUBMISSIONS) return no("busy", "not kept");
    state.submitted.set(key, { instructions, received: now });
    return;
  }
  const announcement = encodeSharedAnnouncement({
    version: 1,
    net: config.genesis.net,
    epoch: EPOCH,
    legBanks,
    createdMs: toMs(now),
    expiryMs: terms.value.expiryMs,
    arrangement: SHARED_LEDGER,
    params: { ttlMs: config.genesis.ttlMs },
    commitment,
  });
  const body = encodeBody({ kind: TRANSACTION.SWAP, announcement, terms: bytes, salt });
  const transaction = unendorsed(body, config.genesis);
  invariant(transaction.ok && transaction.value.kind === "swap", "CanonicalBytes", "an own swap");
  const swap = openSwap(step, transaction.value);
  if (typeof swap === "string") return no(swap, "not opened");
  noteReceived(swap, now);
  addInstructions(swap, instructions);
  announce(step, swap, no);
}

/** The bank of leg 0 endorses at once; a rule's no ends the swap before it began. */
function announce(
  step: ValidatorStep,
  swap: OpenSwap,
  no: (code: string, found: string) => void,
): void {
  const { state, now } = step;
  const taken = takeOwn(step, swap);
  if (typeof taken === "string") {
    state.swaps.delete(swap.key);
    if (taken === "INSTRUCTION_USED") return answerExists(step, swap.instructions);
    return no(taken, "a payer has not signed");
  }
  const decisions = decideLegs(state.ledger, swap.content, taken, swap.legs, toMs(now));
  const turnedDown = decisions.filter(({ rejection }) => rejection !== undefined);
  if (turnedDown.length === 0) {
    traceStep(step, swap.sid, "announced");
    return endorseAndForward(step, swap, taken, decisions);
  }
  state.swaps.delete(swap.key);
  for (const { entry } of turnedDown) {
    if (entry.kind !== DOMESTIC.REJECTED || entry.terms === null) continue;
    const { instruction, terms, code, rule } = entry;
    queueAction(step, { kind: ACTION.REJECT, instruction, ...terms, code, rule });
  }
}

/** A swap that is open here: the submission may bring an instruction that was missing. */
function resubmit(
  step: ValidatorStep,
  swap: OpenSwap,
  instructions: readonly SignedInstruction[],
): void {
  if (swap.isEndorsed) return answerExists(step, instructions);
  noteReceived(swap, step.now);
  addInstructions(swap, instructions);
  tryEndorse(step, swap);
}

/** The instructions that are meant for this bank. */
function ownOf(
  { config }: ValidatorStep,
  instructions: readonly SignedInstruction[],
): readonly Instruction[] {
  return instructions.flatMap((signed) => {
    const parsed = parseInstruction(signed);
    return parsed.ok && isAddressedHere(config, parsed.value) ? [parsed.value] : [];
  });
}

function answerExists(step: ValidatorStep, instructions: readonly SignedInstruction[]): void {
  for (const { member, number } of ownOf(step, instructions)) {
    const found = "taken in before";
    report(step, { kind: "instruction", member, number, status: "exists", found });
  }
}

const isAddressedHere = (config: ValidatorStep["config"], { bank, net }: Instruction): boolean =>
  bank === (config.self as number) && equalHash(net, config.genesis.net);

/** Whether the member it names signed it, under the key that this bank enrolled or is enrolling. */
function authenticate(step: ValidatorStep, signed: SignedInstruction): Instruction | undefined {
  const { state, config } = step;
  const parsed = parseInstruction(signed);
  if (!parsed.ok) {
    warn(step, parsed.error.code, null, "an instruction");
    return undefined;
  }
  const instruction = parsed.value;
  if (!isAddressedHere(config, instruction)) {
    refuse(step, instruction, "", "another bank or corridor");
    return undefined;
  }
  const { member } = instruction;
  const key: EnrolledKey | undefined =
    booksOf(state.ledger, config.self).members.get(member)?.key ??
    (state.enrolling.get(member) as EnrolledKey | undefined);
  if (key === undefined) {
    refuse(step, instruction, "MEMBER_NOT_CONNECTED", "no such member");
    return undefined;
  }
  const message = instructionSignedBytes(signed.body);
  if (config.verifier.verify(key, message, signed.signature).valid) return instruction;
  refuse(step, instruction, "signature_invalid", "another signature");
  return undefined;
}

function isFree(step: ValidatorStep, instruction: Instruction, signed: SignedInstruction): boolean {
  const { member, number } = instruction;
  const books = booksOf(step.state.ledger, step.config.self);
  const numbers = books.members.get(member)?.numbers;
  if (numbers === undefined) return true;
  const verdict = judgeNumber(numbers, number, instructionHash(signed));
  if (verdict === "replay") refuse(step, instruction, "replay", `number ${number}`);
  if (verdict === "exists") {
    const found = "taken in before";
    report(step, { kind: "instruction", member, number, status: "exists", found });
  }
  return verdict === "free";
}

function refuse(
  step: ValidatorStep,
  { member, number }: Instruction,
  code: string,
  found: string,
): void {
  const more = code === "" ? {} : { code };
  report(step, { kind: "instruction", member, number, status: "refused", found, ...more });
}

function legBanksOf({ genesis }: ValidatorStep, terms: Terms): readonly number[] | undefined {
  const legBanks: number[] = [];
  for (const leg of terms.legs) {
    const bank = genesis.banks.find((b) => b.currency.code === leg.currency);
    if (bank === undefined) return undefined;
    legBanks.push(bank.number);
  }
  return legBanks;
}
