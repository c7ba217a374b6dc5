import { decode } from "../../crypto/canonical-layout.ts";
import { hashKey } from "../../crypto/hash.ts";
import { InvariantViolation, ok, reject, unreachable, type Outcome } from "../../crypto/outcome.ts";
import { parseInstruction } from "../../node/instruction.ts";
import {
  CHAIN_BLOCK,
  CHAIN_STATE,
  CHAIN_TRANSACTION,
  OWN_BLOCK,
  PEER_BLOCK,
  RECORD_HEAD_BYTES,
  type LedgerRecord,
} from "../../node/ledger/record.ts";
import { after, durationMs, fromMs, instant } from "../../node/time.ts";
import { addDeadline } from "../deadlines.ts";
import type { ReplayRejection } from "../replay.ts";
import { place, whyInvalid } from "./accept.ts";
import { parseChainBlock } from "./block.ts";
import { learnCertificate } from "./certify.ts";
import { openSwap } from "./countersign.ts";
import { swapOf, underWayKey } from "./final.ts";
import { stateRecordLayout } from "./journal.ts";
import { addToPool, judgeForPool } from "./pool.ts";
import { newValidator, type Validator, type ValidatorConfig, type ValidatorStep } from "./state.ts";
import { ACTION, isEndorsed, parseTransaction, type Transaction } from "./transaction.ts";

/**
 * Opens a validator from its journal: view, last vote, lock and highest certificate as they were when
 * it last signed, every block checked again, and the final ones executed again (protocols.md 2.3,
 * recovery). What peers have beyond that is fetched once it is started.
 */
export function openValidator(
  config: ValidatorConfig,
  records: readonly LedgerRecord[],
): Outcome<Validator, ReplayRejection> {
  const validator = newValidator(config);
  const endorsed: Transaction[] = [];
  for (const record of records) {
    const step: ValidatorStep = { ...validator, now: validator.state.now, effects: [] };
    const why = replayRecord(step, record, endorsed);
    if (why !== undefined) {
      const { offset } = record;
      const block = `record of kind ${record.kind}`;
      return reject({ code: "ledger_corrupt", offset, block, why });
    }
    validator.state.journalSize = record.offset + RECORD_HEAD_BYTES + record.payload.length;
  }
  validator.state.durableSize = validator.state.journalSize;
  const step: ValidatorStep = { ...validator, now: validator.state.now, effects: [] };
  for (const transaction of endorsed) takeUpAgain(step, transaction);
  for (const transaction of validator.state.pool.waiting.values()) noteVoids(step, transaction);
  validator.state.isSafetyDirty = false;
  return ok(validator);
}

function replayRecord(
  step: ValidatorStep,
  record: LedgerRecord,
  endorsed: Transaction[],
): string | undefined {
  try {
    switch (record.kind) {
      case CHAIN_BLOCK:
        return replayBlock(step, record);
      case CHAIN_STATE:
        return replayState(step, record);
      case CHAIN_TRANSACTION: {
        const transaction = parseTransaction(record.payload, step.genesis);
        if (!transaction.ok) return transaction.error.code;
        endorsed.push(transaction.value);
        return undefined;
      }
      case OWN_BLOCK:
      case PEER_BLOCK:
        return "it is no record of a shared ledger";
      default:
        return unreachable(record.kind);
    }
  } catch (error) {
    if (error instanceof InvariantViolation) return error.message;
    throw error;
  }
}

function replayBlock(step: ValidatorStep, record: LedgerRecord): string | undefined {
  const { state } = step;
  const block = parseChainBlock(record.payload, step.genesis);
  if (!block.ok) return block.error.code;
  const why = whyInvalid(step, block.value);
  if (why !== undefined) return why;
  if (block.value.header.view <= state.tree.final.view) return undefined;
  const node = place(step, step.config.self, block.value);
  const stop = step.effects.find(({ kind }) => kind === "stop");
  if (stop !== undefined && "message" in stop) return stop.message;
  if (node === undefined) return "it does not follow the blocks before it";
  node.place.stored = {
    offset: record.offset + RECORD_HEAD_BYTES,
    length: record.payload.length,
  };
  return undefined;
}

function replayState(step: ValidatorStep, record: LedgerRecord): string | undefined {
  const { state, config } = step;
  const decoded = decode(stateRecordLayout, record.payload);
  if (!decoded.ok) return decoded.error.code;
  const { view, lastVoted, failed, highQc, lock, timeout, timeMs } = decoded.value;
  const { safety } = state;
  learnCertificate(step, highQc, config.self);
  safety.view = Math.max(safety.view, view);
  safety.lastVoted = Math.max(safety.lastVoted, lastVoted);
  safety.failed = failed;
  if (lock.view > safety.lock.view) safety.lock = lock;
  if (timeout !== null) {
    state.ownTimeout = { ...timeout, highQc };
    state.timeouts.set(config.self, timeout);
  }
  state.now = instant(Math.max(state.now, fromMs(timeMs)));
  if (hashKey(safety.highQc.block) !== hashKey(highQc.block) && highQc.view > safety.highQc.view) {
    return "the block of its highest certificate is not there";
  }
  return undefined;
}

/** What this bank endorsed and the ledger has not closed goes on. */
function takeUpAgain(step: ValidatorStep, transaction: Transaction): void {
  const { state, genesis, now } = step;
  if (transaction.kind === "batch") {
    state.nextBatch = Math.max(state.nextBatch, transaction.number + 1);
    if (judgeForPool(state.pool, transaction, state.ledger) !== "new") return;
    addToPool(state.pool, transaction);
    for (const action of transaction.actions) {
      if (action.kind === ACTION.ENROL) state.enrolling.set(action.member, action.key);
      if (action.kind !== ACTION.INSTRUCTION) continue;
      const parsed = parseInstruction(action.instruction);
      if (parsed.ok) state.underWay.add(underWayKey(parsed.value.member, parsed.value.number));
    }
    return;
  }
  if (state.ledger.closed.has(transaction.swapKey)) return;
  const known = state.swaps.get(transaction.swapKey);
  const swap = known ?? openSwap(step, transaction);
  if (typeof swap === "string") return;
  swap.transaction = transaction;
  swap.isEndorsed = true;
  if (isEndorsed(step, transaction)) {
    if (judgeForPool(state.pool, transaction, state.ledger) === "new") {
      addToPool(state.pool, transaction);
    }
    return;
  }
  const waitMs = 4 * genesis.deltaMs;
  const at = after(now, durationMs(waitMs));
  addDeadline(state.deadlines, at, { kind: "offer", key: swap.key, waitMs });
}

/** What is to be voided is not to be endorsed, and not to be voided again. */
function noteVoids({ state }: ValidatorStep, transaction: Transaction): void {
  if (transaction.kind !== "batch") return;
  for (const action of transaction.actions) {
    const swap = action.kind === ACTION.VOID ? swapOf(state, action) : undefined;
    if (swap !== undefined) swap.isVoiding = true;
  }
}
