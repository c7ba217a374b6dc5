import { equalBytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { Decision, TakenInstruction } from "../../node/domestic/decide.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import type { SignedInstruction } from "../../node/instruction.ts";
import { after, durationMs, fromMs, toMs, type Instant } from "../../node/time.ts";
import { encodeSharedAnnouncement } from "./announcement.ts";
import { report, warn } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { MAX_ASKING_PAUSE_MS, MAX_LEGS } from "../limits.ts";
import { countViolation } from "../violations.ts";
import { queueAction, submitOwn } from "./actions.ts";
import { checkContent, decideLegs, takeInstruction } from "./execute-swap.ts";
import { instructionReport, traceStep } from "./final.ts";
import { recordTransaction, reportLater, sendLater } from "./journal.ts";
import { MAX_OPEN_OFFERS } from "./limits.ts";
import { encodeOffer, encodeTransactionMessage } from "./messages.ts";
import { newOpenSwap, type OpenSwap } from "./open-swap.ts";
import type { ValidatorStep } from "./state.ts";
import {
  ACTION,
  endorse,
  isEndorsed,
  parseTransaction,
  type SwapTransaction,
  type Transaction,
} from "./transaction.ts";

/** How long a bank waits for the others' endorsements before it asks again, in working delays. */
const OFFER_AGAIN_DELTAS = 4;

/** Opens a swap here: it is followed until the ledger closes it. */
export function openSwap(step: ValidatorStep, transaction: SwapTransaction): OpenSwap | string {
  const { state, config, now } = step;
  if (state.swaps.size >= MAX_OPEN_OFFERS) return "busy";
  const { sid, announcement, body } = transaction;
  const { terms: termsBytes, salt } = body;
  const content = checkContent(state.ledger, { sid, announcement, termsBytes, salt });
  if (typeof content === "string") return content;
  const swap = newOpenSwap(content, transaction, config.self);
  state.swaps.set(swap.key, swap);
  swap.times.announced = now;
  armExpiry(step, swap, announcement.expiryMs);
  return swap;
}

function armExpiry(step: ValidatorStep, { key, content }: OpenSwap, atMs: number): void {
  const { self } = step.config;
  const { genesis } = step;
  // The bank of leg 0 goes first; the others step in if it does not.
  const isFirst = content.announcement.legBanks[0] === (self as number);
  const waitMs = isFirst ? 0 : 4 * genesis.deltaMs;
  addDeadline(step.state.deadlines, fromMs(atMs + waitMs), { kind: "expiry", key });
}

/** The expiry has come, by the own clock: the ledger is asked to close the swap, until it has. */
export function serveExpiry(step: ValidatorStep, key: string): void {
  const swap = step.state.swaps.get(key);
  if (swap === undefined) return;
  if (step.state.phase === "running" && !swap.isVoiding) voidOpenSwap(step, swap, "PVP_EXPIRED");
  armExpiry(step, swap, toMs(step.now) + 8 * step.genesis.deltaMs);
}

function voidOpenSwap(step: ValidatorStep, swap: OpenSwap, code: string): void {
  swap.isVoiding = true;
  const announcement = encodeSharedAnnouncement(swap.content.announcement);
  queueAction(step, { kind: ACTION.VOID, announcement, code });
}

/**
 * Endorses an open swap: what LOCK is under `certified`, the bank's own rules, tags, limits and funds
 * come before it. The executed ledger judges them again, because it may have moved on by then.
 */
export function tryEndorse(step: ValidatorStep, swap: OpenSwap): void {
  const { state, now } = step;
  if (swap.isEndorsed || swap.isVoiding || state.phase !== "running") return;
  if (toMs(now) >= swap.content.announcement.expiryMs) return;
  const taken = takeOwn(step, swap);
  if (taken === "INSTRUCTION_MISSING") return;
  if (taken === "INSTRUCTION_USED") return decline(step, swap, taken, []);
  const decisions = decideLegs(state.ledger, swap.content, taken, swap.legs, toMs(now));
  const no = decisions.find(({ rejection }) => rejection !== undefined)?.rejection;
  if (no !== undefined) return decline(step, swap, no.code, decisions);
  endorseAndForward(step, swap, taken, decisions);
}

export function takeOwn(
  { state }: ValidatorStep,
  { content, legs, instructions }: Pick<OpenSwap, "content" | "legs" | "instructions">,
): readonly TakenInstruction[] | "INSTRUCTION_MISSING" | "INSTRUCTION_USED" {
  const all: TakenInstruction[] = [];
  for (const leg of legs) {
    const taken = takeInstruction(state.ledger, content, leg, instructions);
    if (typeof taken === "string") return taken;
    all.push(taken);
  }
  return all;
}

export function endorseAndForward(
  step: ValidatorStep,
  swap: OpenSwap,
  taken: readonly TakenInstruction[],
  decisions: readonly Decision[],
): void {
  const { config, genesis, now } = step;
  const instructions = taken.map(({ signed }) => signed);
  const own = { bank: config.self, instructions };
  const bytes = endorse(genesis, swap.transaction, own, config.signer);
  const transaction = parseTransaction(bytes, genesis);
  invariant(transaction.ok && transaction.value.kind === "swap", "CanonicalBytes", "an own swap");
  swap.transaction = transaction.value;
  swap.isEndorsed = true;
  if (swap.times.locked === 0 && step.state.phase !== "opening")
    traceStep(step, swap.sid, "locked");
  for (const [i, one] of taken.entries()) {
    const flags = decisions[i]?.flags ?? [];
    // The order is taken in; what becomes of it, the swap tells.
    reportLater(step, instructionReport(one, { rejection: undefined, flags }));
  }
  if (isComplete(swap)) {
    submitOwn(step, bytes);
    return;
  }
  recordTransaction(step, bytes);
  forward(step, swap);
  const waitMs = OFFER_AGAIN_DELTAS * genesis.deltaMs;
  addDeadline(step.state.deadlines, after(now, durationMs(waitMs)), {
    kind: "offer",
    key: swap.key,
    waitMs,
  });
}

const isComplete = ({ transaction: { endorsements, signers } }: OpenSwap): boolean =>
  endorsements.length === signers.length;

/** The next bank that has to endorse gets the swap on its own link, never relayed. */
function forward(step: ValidatorStep, swap: OpenSwap): void {
  const { bytes, endorsements, signers } = swap.transaction;
  const next = signers[endorsements.length];
  if (next === undefined) return;
  const instructions = swap.instructions.slice(0, MAX_LEGS);
  sendLater(step, next, encodeOffer({ transaction: bytes, instructions }));
  tracePrivate(step, "out", next, swap.sid, bytes.length);
}

/** An endorsement has not come, or was lost. */
export function serveOffer(
  step: ValidatorStep,
  { key, waitMs }: { readonly key: string; readonly waitMs: number },
): void {
  const swap = step.state.swaps.get(key);
  if (swap === undefined || isComplete(swap)) return;
  if (toMs(step.now) >= swap.content.announcement.expiryMs) return;
  forward(step, swap);
  const next = Math.min(2 * waitMs, MAX_ASKING_PAUSE_MS);
  const at = after(step.now, durationMs(next));
  addDeadline(step.state.deadlines, at, { kind: "offer", key, waitMs: next });
}

/** A bank that is asked to endorse a swap says no: it asks the ledger to void it. */
function decline(
  step: ValidatorStep,
  swap: OpenSwap,
  code: string,
  decisions: readonly Decision[],
): void {
  traceStep(step, swap.sid, "refused");
  for (const { entry } of decisions) {
    if (entry.kind !== DOMESTIC.REJECTED || entry.terms === null) continue;
    const { instruction, terms, code, rule } = entry;
    queueAction(step, { kind: ACTION.REJECT, instruction, ...terms, code, rule });
  }
  voidOpenSwap(step, swap, code);
}

/** Another bank taking part asks for this bank's endorsement. */
export function receiveOffer(
  step: ValidatorStep,
  from: number,
  transaction: Transaction,
  instructions: readonly SignedInstruction[],
): void {
  const { state, config } = step;
  if (transaction.kind !== "swap" || !transaction.signers.includes(config.self)) {
    return countViolation(step, from, "offer_invalid", "a swap in which this bank takes no part");
  }
  if (!isEndorsed(step, transaction, "partly")) {
    return countViolation(step, from, "signature_invalid", "an offer");
  }
  tracePrivate(step, "in", from, hashKey(transaction.sid), transaction.bytes.length);
  if (state.ledger.closed.has(transaction.swapKey)) return;
  const open = state.swaps.get(transaction.swapKey);
  if (open !== undefined && open.sid !== hashKey(transaction.sid)) return;
  if (open !== undefined && open.isEndorsed) {
    const complete = isComplete(open)
      ? encodeTransactionMessage(open.transaction.bytes)
      : undefined;
    if (complete !== undefined) return sendLater(step, from, complete);
    return forward(step, open);
  }
  const swap = open ?? openSwap(step, transaction);
  if (typeof swap === "string") return warn(step, "offer_invalid", from, swap);
  if (transaction.endorsements.length > swap.transaction.endorsements.length) {
    swap.transaction = transaction;
  }
  addInstructions(swap, instructions);
  useSubmitted(step, swap);
  traceStep(step, swap.sid, "terms");
  tryEndorse(step, swap);
}

/** Uses what the own member submitted before the swap was offered. */
function useSubmitted({ state }: ValidatorStep, swap: OpenSwap): void {
  const submitted = state.submitted.get(swap.key);
  if (submitted === undefined) return;
  state.submitted.delete(swap.key);
  noteReceived(swap, submitted.received);
  addInstructions(swap, submitted.instructions);
}

export function noteReceived({ times }: OpenSwap, at: Instant): void {
  if (times.received === 0) times.received = at;
}

export function addInstructions(swap: OpenSwap, more: readonly SignedInstruction[]): void {
  const isKnown = (signed: SignedInstruction): boolean =>
    swap.instructions.some(
      (known) =>
        equalBytes(known.body, signed.body) && equalBytes(known.signature, signed.signature),
    );
  const fresh = more.filter((signed) => !isKnown(signed));
  swap.instructions = [...swap.instructions, ...fresh].slice(0, 2 * MAX_LEGS);
}

function tracePrivate(
  step: ValidatorStep,
  direction: "in" | "out",
  peer: number,
  sid: string,
  bytes: number,
): void {
  if (!step.config.trace || step.state.phase === "opening") return;
  report(step, { kind: "private", direction, message: "TERMS", peer, sid, bytes });
}
