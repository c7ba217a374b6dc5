import { unreachable } from "../../crypto/outcome.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { Effect, Input } from "../../node/machine.ts";
import type { Instant } from "../../node/time.ts";
import { report, warn } from "../bank-state.ts";
import { nextDeadline, takeDue } from "../deadlines.ts";
import { MAX_INPUTS_WHILE_CHECKING } from "../limits.ts";
import { EFFECT_ORDER } from "../participant.ts";
import type { Report } from "../report.ts";
import { countViolation } from "../violations.ts";
import { receiveBlock } from "./accept.ts";
import { batchActions, queueAction } from "./actions.ts";
import { serveBlocks } from "./ask.ts";
import { receiveVote } from "./certify.ts";
import { receiveOffer, serveExpiry, serveOffer, tryEndorse } from "./countersign.ts";
import { scheduleReturns } from "./final.ts";
import { becomeDurable, flushOutbox } from "./journal.ts";
import { tryPropose } from "./leader.ts";
import { parseChainMessage, type ChainMessage } from "./messages.ts";
import { addToPool, judgeForPool } from "./pool.ts";
import { receiveStatus, scheduleStatus, sendStatus } from "./status.ts";
import type { Validator, ValidatorStep } from "./state.ts";
import { receiveSubmission } from "./submit.ts";
import { letViewTimeOut, receiveTimeout, tendViewTimer } from "./timeouts.ts";
import { ACTION, isEndorsed, type Transaction } from "./transaction.ts";

/**
 * One central bank's whole machine under `shared-ledger`: a validator of the one chain that holds the
 * accounts of every currency. The contract is that of `stepBank`: one input, and the effects in the
 * order in which the driver carries them out; nothing leaves before what it rests on is durable.
 */
export function stepValidator(validator: Validator, input: Input, now: Instant): Effect<Report>[] {
  const { state } = validator;
  // MonotonicTime: a clock that was set back does not turn the machine's time back.
  if (now > state.now) state.now = now;
  const step: ValidatorStep = { ...validator, now: state.now, effects: [] };
  if (state.phase === "stopped") return step.effects;
  dispatch(step, input);
  tendViewTimer(step);
  askToBeWoken(step);
  return step.effects.sort((a, b) => EFFECT_ORDER[a.kind] - EFFECT_ORDER[b.kind]);
}

function dispatch(step: ValidatorStep, input: Input): void {
  const { state } = step;
  switch (input.kind) {
    case "start":
      state.phase = "checking";
      scheduleStatus(step);
      return beginIfChecked(step);
    case "connected":
      state.links.add(input.peer);
      return sendStatus(step, input.peer);
    case "disconnected":
      state.links.delete(input.peer);
      return;
    case "frame":
      receiveFrame(step, input.from, input.bytes);
      return beginIfChecked(step);
    case "instruction":
      return receiveOrQueue(step, input.bytes);
    case "wake":
      state.wakeAt = undefined;
      return serveDeadlines(step);
    case "durable":
      for (const bytes of becomeDurable(step, input.size)) {
        receiveFrame(step, step.config.self, bytes);
      }
      return;
    case "idle":
      if (state.flight !== undefined) return;
      batchActions(step);
      tryPropose(step);
      return flushOutbox(step);
    default:
      unreachable(input);
  }
}

function receiveOrQueue(step: ValidatorStep, bytes: Bytes): void {
  const { state } = step;
  if (state.phase === "running") return receiveSubmission(step, bytes);
  if (state.queued.length < MAX_INPUTS_WHILE_CHECKING) state.queued.push(bytes);
  else warn(step, "busy", null, "too many submissions before the bank may sign");
}

function receiveFrame(step: ValidatorStep, from: number, bytes: Bytes): void {
  const { parse = parseChainMessage } = step.config;
  const parsed = parse(bytes, step.genesis);
  if (!parsed.ok) return countViolation(step, from, parsed.error.code, "a message");
  receiveMessage(step, from, parsed.value);
}

function receiveMessage(step: ValidatorStep, from: number, message: ChainMessage): void {
  switch (message.kind) {
    case "transaction":
      return receiveTransaction(step, from, message.transaction);
    case "offer":
      return receiveOffer(step, from, message.transaction, message.instructions);
    case "propose":
      return receiveBlock(step, from, message.block);
    case "vote":
      return receiveVote(step, from, message);
    case "timeout":
      return receiveTimeout(step, from, message);
    case "status":
      return receiveStatus(step, from, message);
    case "get":
      return serveBlocks(step, from, message);
    default:
      unreachable(message);
  }
}

/** A transaction waits in the pool of every validator, since any of them may lead next. */
function receiveTransaction(step: ValidatorStep, from: number, transaction: Transaction): void {
  const { state } = step;
  const verdict = judgeForPool(state.pool, transaction, state.ledger);
  if (verdict === "full") return warn(step, "busy", from, "the pool is full");
  if (verdict !== "new") return;
  if (!isEndorsed(step, transaction)) {
    return countViolation(step, from, "signature_invalid", "a transaction");
  }
  addToPool(state.pool, transaction);
}

/**
 * A started validator signs nothing until q - 1 peers have shown the newest thing of its own that they
 * know, and none was newer than the disk; or the operator said `--alone` (as under `certified`).
 */
function beginIfChecked(step: ValidatorStep): void {
  const { state, config, genesis } = step;
  if (state.phase !== "checking") return;
  if (!config.alone && state.answered.size < genesis.quorum - 1) return;
  state.phase = "running";
  report(step, { kind: "ready", head: state.tree.final.height });
  for (const swap of state.swaps.values()) tryEndorse(step, swap);
  queueReturns(step);
  for (const queued of state.queued.splice(0)) receiveSubmission(step, queued);
}

/** Asks the ledger to give back what is left under tags that have expired. */
function queueReturns(step: ValidatorStep): void {
  const { state, config, now } = step;
  const tags = state.ledger.books.get(config.self)?.tags;
  const nowMs = now / 1000;
  const isDue = [...(tags?.values() ?? [])].some(
    ({ held, definition }) => held > 0n && definition.validToMs <= nowMs,
  );
  if (isDue) queueAction(step, { kind: ACTION.RETURNS });
  scheduleReturns(step);
}

function serveDeadlines(step: ValidatorStep): void {
  const { state, now } = step;
  for (;;) {
    const due = takeDue(state.deadlines, now);
    if (due === undefined) break;
    switch (due.kind) {
      case "status":
        for (const peer of state.links) sendStatus(step, peer);
        scheduleStatus(step);
        break;
      case "offer":
        serveOffer(step, due);
        break;
      case "expiry":
        serveExpiry(step, due.key);
        break;
      case "tags":
        queueReturns(step);
        break;
      default:
        unreachable(due);
    }
  }
  if (state.viewTimer !== undefined && state.viewTimer.at <= now) letViewTimeOut(step);
}

/** One wake-up for all timers, asked for again only when it changed. */
function askToBeWoken(step: ValidatorStep): void {
  const { state } = step;
  const timers = [nextDeadline(state.deadlines), state.viewTimer?.at].filter(
    (at) => at !== undefined,
  );
  if (timers.length === 0) return;
  const next = Math.min(...timers) as Instant;
  if (next === state.wakeAt) return;
  if (state.wakeAt !== undefined && state.wakeAt <= next) return;
  state.wakeAt = next;
  step.effects.push({ kind: "wake", at: next });
}
