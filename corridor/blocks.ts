import { hashKey } from "../crypto/hash.ts";
import { checkBlockSignature, type Block } from "../node/ledger/block.ts";
import { swapIdOf } from "./announcement.ts";
import { report, warn, type Step } from "./bank-state.ts";
import { pump } from "./swap/arrangements.ts";
import { observeAnnouncement, observeEntry } from "./swap/observe.ts";
import { oweAnswer } from "./answers.ts";
import { CORRIDOR, entryName, isQuestion, type CorridorEntry, type EntryRef } from "./entries.ts";
import { checkEvidence, convict, noteFork } from "./evidence.ts";
import { stopStale } from "./own-head.ts";
import { askForBlock, continueFetch, fetchUpTo } from "./fetch.ts";
import type { Message, ReadEntry } from "./messages.ts";
import { holds, placeBlock, rivalOf } from "./logs.ts";
import { countViolation } from "./violations.ts";

type Push = Extract<Message, { readonly kind: "push" }>;

/**
 * A block of any bank, pushed by `via`. Its entries count as soon as it is canonical and validly
 * signed, wherever it stands in its author's log; a gap before it is fetched (protocols.md 3.3).
 */
export function receiveBlock(step: Step, via: number, push: Push): void {
  const { block, bytes, entries } = push;
  const { bank, seq } = block.header;
  const log = step.state.logs.get(bank);
  if (log === undefined) return countViolation(step, via, "unknown_signer", `bank ${bank}`);
  if (holds(log, seq, block.hash)) {
    // Its entries may have come when there was no room for them; those that count already change nothing.
    // Its STATUSes were answered the first time: two banks must not go on answering each other.
    if (bank !== step.config.self) observeBlock(step, block, entries, undefined);
    return;
  }
  const signed = checkBlockSignature(block, {
    net: step.config.genesis.net,
    keyOf: step.keyOf,
    verifier: step.config.verifier,
  });
  if (!signed.ok) return countViolation(step, via, signed.error.code, `block ${bank}/${seq}`);
  // Only the owner of a key can make a signature that is valid and slow, whoever passes it on.
  if (signed.value.slow) countViolation(step, bank, "slow_signature", `block ${bank}/${seq}`);
  if (bank === step.config.self) return stopStale(step, seq);
  const rival = rivalOf(log, block);
  const placement = placeBlock(log, block, step.state.wanted.delete(hashKey(block.hash)));
  if (placement === "refused") return warn(step, "window_exceeded", via, `block ${bank}/${seq}`);
  step.state.unwritten.push({ block, bytes });
  step.state.unwrittenBytes += bytes.length;
  if (rival !== undefined) noteFork(step, block, rival.signed);
  else if (placement === "branch" && seq > 1) {
    // It does not follow the block before it, so the one it follows is that block's rival.
    askForBlock(step, via, { bank, seq: seq - 1, blockHash: block.header.prev });
  }
  if (placement === "beyond") fetchUpTo(step, via, bank, seq);
  observeBlock(step, block, entries, via);
  continueFetch(step, bank);
}

/** Lets every entry of a block count, in order. */
export function observeBlock(
  step: Step,
  block: Block,
  entries: readonly ReadEntry[],
  via: number | undefined,
): void {
  traceBlock(step, "in", block, entries, via);
  const { bank } = block.header;
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry === undefined) {
      warn(step, "entry_invalid", bank, `entry ${index} of block ${bank}/${block.header.seq}`);
      continue;
    }
    observeOne(step, bank, refTo(block, index), entry);
    if (isQuestion(entry) && via === bank) oweAnswer(step, bank, entry.sid);
  }
}

export const refTo = (block: Block, index: number): EntryRef => ({
  bank: block.header.bank,
  seq: block.header.seq,
  index,
  blockHash: block.hash,
});

export function observeOne(step: Step, author: number, ref: EntryRef, entry: CorridorEntry): void {
  if (entry.kind === CORRIDOR.EVIDENCE) {
    const guilty = checkEvidence(step, entry);
    if (guilty === undefined)
      warn(step, "evidence_invalid", author, "two headers that prove nothing");
    else convict(step, guilty);
    return;
  }
  if (entry.kind === CORRIDOR.ANNOUNCE) {
    const swap = observeAnnouncement(step, author, entry.announcement);
    if (swap === undefined) return;
    swap.announcedIn ??= ref;
    return pump(step, swap);
  }
  observeEntry(step, author, ref, entry);
}

/** Reports a block with entries of swaps that was sent or received, when tracing. */
export function traceBlock(
  step: Step,
  direction: "in" | "out",
  block: Block,
  entries: readonly (CorridorEntry | undefined)[],
  peer: number | undefined,
): void {
  if (!step.config.trace || peer === undefined || entries.length === 0) return;
  const { bank, seq } = block.header;
  const named = entries.flatMap((entry) => (entry === undefined ? [] : [nameOf(entry)]));
  report(step, { kind: "block", direction, bank, seq, peer, entries: named });
}

function nameOf(entry: CorridorEntry): string {
  if (entry.kind === CORRIDOR.EVIDENCE) return "EVIDENCE";
  const sid = entry.kind === CORRIDOR.ANNOUNCE ? swapIdOf(entry.announcement) : entry.sid;
  return `${entryName(entry.kind)} ${hashKey(sid)}`;
}
