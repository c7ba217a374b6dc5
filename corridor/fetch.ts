import { hashKey, type Hash } from "../crypto/hash.ts";
import { after, durationMs } from "../node/time.ts";
import { logOf, send, type Step } from "./bank-state.ts";
import { holds } from "./logs.ts";
import { MAX_BLOCKS_PER_GET } from "./limits.ts";
import { encodeGet } from "./messages.ts";

/** Single blocks that may be asked for at once; a request is repeated only after it went unanswered. */
const MAX_WANTED = 1024;

/** Asks `peer` for one block by its hash, if it is not held and was not asked for just now. */
export function wantBlock(
  step: Step,
  peer: number,
  block: { readonly bank: number; readonly seq: number; readonly blockHash: Hash },
): void {
  const { state, now, config } = step;
  const { bank, seq, blockHash } = block;
  if (holds(logOf(step, bank), seq, blockHash)) return;
  const key = hashKey(blockHash);
  const asked = state.wanted.get(key);
  const patience = durationMs(4 * config.genesis.deltaMs);
  if (asked !== undefined && now < after(asked, patience)) return;
  if (asked === undefined && state.wanted.size >= MAX_WANTED) state.wanted.clear();
  state.wanted.set(key, now);
  send(step, peer, encodeGet({ bank, from: seq, to: seq, tip: blockHash }));
}

/** Asks `peer` for the blocks of `bank` up to `target`, a batch at a time. */
export function fetchUpTo(step: Step, peer: number, bank: number, target: number): void {
  const { state, now, config } = step;
  const log = logOf(step, bank);
  if (target <= log.linked) return;
  const running = state.fetches.get(bank);
  const patience = durationMs(4 * config.genesis.deltaMs);
  if (running !== undefined && running.target >= target && now < after(running.since, patience)) {
    return;
  }
  state.fetches.set(bank, { peer, target, requested: log.linked, since: now });
  continueFetch(step, bank);
}

/** Asks for the next batch once the one before has come. */
export function continueFetch(step: Step, bank: number): void {
  const { state, now } = step;
  const fetch = state.fetches.get(bank);
  if (fetch === undefined) return;
  const log = logOf(step, bank);
  if (log.linked >= fetch.target) {
    state.fetches.delete(bank);
    return;
  }
  if (log.linked < fetch.requested) return;
  const to = Math.min(fetch.target, log.linked + MAX_BLOCKS_PER_GET);
  fetch.requested = to;
  fetch.since = now;
  send(step, fetch.peer, encodeGet({ bank, from: log.linked + 1, to, tip: null }));
}

/** Whether the block that an entry reference names is held, on any branch. */
export const isHeld = (
  step: Step,
  ref: { readonly bank: number; readonly seq: number; readonly blockHash: Hash },
): boolean => step.state.logs.has(ref.bank) && holds(logOf(step, ref.bank), ref.seq, ref.blockHash);
