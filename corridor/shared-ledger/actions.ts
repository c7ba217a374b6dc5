import type { Bytes } from "../../crypto/bytes.ts";
import { parseTransaction } from "./transaction.ts";
import { invariant } from "../../crypto/outcome.ts";
import { broadcastLater, recordTransaction } from "./journal.ts";
import { MAX_BATCH_ACTIONS, MAX_POOLED_PER_BANK, MAX_TRANSACTION_BYTES } from "./limits.ts";
import { encodeTransactionMessage } from "./messages.ts";
import { addToPool, judgeForPool } from "./pool.ts";
import type { ValidatorStep } from "./state.ts";
import {
  actionSize,
  encodeBody,
  endorse,
  TRANSACTION,
  type Action,
  type Transaction,
} from "./transaction.ts";

/** Room left in a batch for its head and the bank's endorsement. */
const BATCH_FRAME_BYTES = 256;

/** Queues what this bank does to its own currency for its next batch. */
export function queueAction(step: ValidatorStep, action: Action): void {
  step.state.actions.push({ action, size: actionSize(action) });
}

/** Makes batches of what is queued, as far as the pool has room for them. */
export function batchActions(step: ValidatorStep): void {
  const { state, config, genesis } = step;
  if (state.phase !== "running" || state.flight !== undefined) return;
  while (state.actions.length > 0) {
    const inFlight = state.pool.share.get(config.self)?.count ?? 0;
    if (inFlight >= MAX_POOLED_PER_BANK) return;
    let bytes = BATCH_FRAME_BYTES;
    let count = 0;
    for (const { size } of state.actions) {
      if (count > 0 && bytes + size > MAX_TRANSACTION_BYTES) break;
      if (count === MAX_BATCH_ACTIONS) break;
      bytes += size;
      count++;
    }
    const actions = state.actions.splice(0, count).map(({ action }) => action);
    const bodyBytes = encodeBody({
      kind: TRANSACTION.BATCH,
      net: genesis.net,
      bank: config.self,
      number: state.nextBatch++,
      actions,
    });
    const own = { bank: config.self, instructions: [] };
    submitOwn(step, endorse(genesis, { bodyBytes, endorsements: [] }, own, config.signer));
  }
}

/** Takes an own, wholly endorsed transaction in, journals it, and sends it to all. */
export function submitOwn(step: ValidatorStep, bytes: Bytes): Transaction {
  const transaction = parseTransaction(bytes, step.genesis);
  invariant(transaction.ok, "CanonicalBytes", "an own transaction that does not parse");
  recordTransaction(step, bytes);
  const { state } = step;
  if (judgeForPool(state.pool, transaction.value, state.ledger) === "new") {
    addToPool(state.pool, transaction.value);
  }
  broadcastLater(step, encodeTransactionMessage(bytes));
  return transaction.value;
}
