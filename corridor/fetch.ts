import { hashKey, type Hash } from "../crypto/hash.ts";
import { after, durationMs, type DurationMs } from "../node/time.ts";
import { logOf, send, type BankMachine, type Step } from "./bank-state.ts";
import { holds } from "./logs.ts";
import { HEADS_EVERY_MS, MAX_BLOCKS_PER_GET } from "./limits.ts";
import { encodeGet } from "./messages.ts";

/** Single blocks that may be asked for at once; a request is repeated only after it went unanswered. */
const MAX_WANTED = 1024;

type BlockName = { readonly bank: number; readonly seq: number; readonly blockHash: Hash };

/** How long an answer may take before the question counts as lost. */
const patience = (machine: BankMachine): DurationMs =>
  durationMs(4 * machine.config.genesis.deltaMs);

/** Asks `peer` for a block that an entry refers to, if it is not held. */
export function wantBlock(step: Step, peer: number, block: BlockName): void {
  if (!holds(logOf(step, block.bank), block.seq, block.blockHash)) wantEntry(step, peer, block);
}

/**
 * Asks `peer` for the block of an entry that does not count here yet, if it was not asked for just
 * now. The block may be held: when it came there may have been no room for the entry.
 */
export function wantEntry(step: Step, peer: number, block: BlockName): void {
  const { wanted } = step.state;
  const key = hashKey(block.blockHash);
  const asked = wanted.get(key);
  if (asked !== undefined && step.now < after(asked, patience(step))) return;
  if (asked === undefined && wanted.size >= MAX_WANTED) wanted.clear();
  wanted.set(key, step.now);
  askForBlock(step, peer, block);
}

export function askForBlock(step: Step, peer: number, { bank, seq, blockHash }: BlockName): void {
  send(step, peer, encodeGet({ bank, from: seq, to: seq, tip: blockHash }));
}

/**
 * Asks `peer` for the blocks of `bank` up to `target`, a batch at a time. While the peer that was
 * asked before delivers, nobody else is asked; when it stops, another may take over at once, and it
 * may itself try again only later: a peer that promises blocks and sends none must not keep others out.
 */
export function fetchUpTo(step: Step, peer: number, bank: number, target: number): void {
  const { state, now } = step;
  const log = logOf(step, bank);
  // Of a forked log only what an entry refers to is fetched (protocols.md 3.8).
  if (target <= log.linked || state.convicted.has(bank)) return;
  const running = state.fetches.get(bank);
  if (running !== undefined) {
    if (running.peer === peer) running.target = Math.max(running.target, target);
    if (now < after(running.since, patience(step))) return;
    const others = [...state.links].some((other) => !running.asked.has(other));
    const soon = now < after(running.since, durationMs(2 * HEADS_EVERY_MS));
    if (running.asked.has(peer) && others && soon) return;
  }
  const asked = new Set(running?.asked).add(peer);
  const { linked } = log;
  state.fetches.set(bank, { peer, target, linked, requested: linked, since: now, asked });
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
  if (log.linked > fetch.linked) {
    fetch.linked = log.linked;
    fetch.since = now;
    fetch.asked.clear();
    fetch.asked.add(fetch.peer);
  }
  if (log.linked < fetch.requested) return;
  const to = Math.min(fetch.target, log.linked + MAX_BLOCKS_PER_GET);
  fetch.requested = to;
  send(step, fetch.peer, encodeGet({ bank, from: log.linked + 1, to, tip: null }));
}
