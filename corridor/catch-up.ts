import { decode } from "../crypto/canonical-layout.ts";
import { signedBytes } from "../crypto/ed25519.ts";
import { digest, DOMAIN, equalHash } from "../crypto/hash.ts";
import { headerLayout } from "../node/ledger/block.ts";
import { bankNumber } from "../node/ids.ts";
import type { StoredBlock } from "../node/machine.ts";
import { after, durationMs } from "../node/time.ts";
import type { SwapId } from "./announcement.ts";
import { logOf, ownLog, send, sidKeyOf, type Step } from "./bank-state.ts";
import { addDeadline } from "./deadlines.ts";
import { lookUpDecided } from "./decided.ts";
import { flushPeersOnly } from "./draft.ts";
import { fetchUpTo } from "./fetch.ts";
import { HEADS_EVERY_MS, MAX_BLOCKS_PER_GET, MAX_BYTES_PER_GET } from "./limits.ts";
import { hashAt, storedAt, storedAtHeight, type BankLog } from "./logs.ts";
import { encodeHeads, PUSH_PREFIX, type Message } from "./messages.ts";
import { stopStale } from "./own-head.ts";
import { countViolation } from "./violations.ts";

type MessageOf<K extends Message["kind"]> = Extract<Message, { readonly kind: K }>;

/** A bank alone has nobody to tell. */
export function scheduleHeads(step: Step): void {
  if (step.config.genesis.banks.length === 1) return;
  addDeadline(step.state.deadlines, after(step.now, durationMs(HEADS_EVERY_MS)), { kind: "heads" });
}

/** Tells a peer how far the own copies reach, and shows it the newest block of its own that is held. */
export function sendHeads(step: Step, peer: number): void {
  const heads = [...step.state.logs.values()].flatMap((log) => {
    const seq = shownSeq(step, log);
    const hash = hashAt(log, seq);
    return seq === 0 || hash === undefined ? [] : [{ bank: log.bank, seq, hash }];
  });
  const { newest } = logOf(step, peer);
  const yours =
    newest === undefined ? null : { header: newest.header, signature: newest.signature };
  send(step, peer, encodeHeads({ heads, yours }));
}

/** How far a log is shown to peers: an own block that is not durable yet is not even named. */
function shownSeq(step: Step, log: BankLog): number {
  const own = step.state.flight?.own?.block.header;
  return own?.bank === log.bank ? own.seq - 1 : log.linked;
}

/** Fetches what the peer has and this bank lacks; and looks at what it shows of this bank's own log. */
export function receiveHeads(step: Step, from: number, message: MessageOf<"heads">): void {
  if (!ownBlockIsKnown(step, from, message.yours)) return;
  for (const { bank, seq } of message.heads) {
    if (bank === step.config.self || !step.state.logs.has(bank)) continue;
    fetchUpTo(step, from, bank, seq);
  }
  step.state.answered.add(from);
}

/** Serves blocks from the journal; those not yet durable are not served. */
export function receiveGet(step: Step, from: number, message: MessageOf<"get">): void {
  const log = step.state.logs.get(message.bank);
  if (log === undefined) return;
  const blocks: StoredBlock[] = [];
  let bytes = 0;
  for (let seq = Math.max(1, message.from); seq <= message.to; seq++) {
    const tip = seq === message.to ? message.tip : null;
    const stored = storedAt(log, seq, tip);
    if (stored === undefined || !isDurable(step, stored)) break;
    bytes += stored.length;
    if (blocks.length >= MAX_BLOCKS_PER_GET || bytes > MAX_BYTES_PER_GET) break;
    blocks.push(stored);
  }
  sendStored(step, from, blocks);
}

/** Serves the block that announces a swap: to who heard of the swap only from another entry. */
export function serveAnnouncement(step: Step, from: number, sid: SwapId): void {
  const place = step.state.swaps.get(sidKeyOf(sid))?.announcedIn;
  if (place === undefined) return;
  const stored = storedAt(logOf(step, place.bank), place.seq, place.blockHash);
  if (stored !== undefined && isDurable(step, stored)) sendStored(step, from, [stored]);
}

/**
 * Answers who asked after decided swaps with the blocks that stand where the certificates' entries do,
 * on every branch, each once. They come from the journal, so it has to have them first. What exceeds
 * the bound is left out: who still lacks a certificate asks again with the STATUS of its next view.
 */
export function serveAnswers(step: Step): void {
  const { state } = step;
  if (state.owed.length === 0 || state.flight !== undefined) return;
  if (state.unwritten.length > 0) return flushPeersOnly(step);
  const blocksFor = new Map<number, Map<number, StoredBlock>>();
  for (const { asker, sid } of state.owed.splice(0)) {
    const blocks = blocksFor.get(asker) ?? new Map<number, StoredBlock>();
    blocksFor.set(asker, blocks);
    for (const { bank, seq } of lookUpDecided(state.decided, sid)?.blocks ?? []) {
      for (const stored of storedAtHeight(logOf(step, bank), seq))
        blocks.set(stored.offset, stored);
    }
  }
  for (const [asker, blocks] of blocksFor) sendStored(step, asker, upToLimit(blocks.values()));
}

function upToLimit(blocks: Iterable<StoredBlock>): readonly StoredBlock[] {
  const chosen: StoredBlock[] = [];
  let bytes = 0;
  for (const block of blocks) {
    bytes += block.length;
    if (bytes > MAX_BYTES_PER_GET) break;
    chosen.push(block);
  }
  return chosen;
}

function sendStored(step: Step, to: number, blocks: readonly StoredBlock[]): void {
  if (blocks.length === 0 || !step.state.links.has(to)) return;
  step.effects.push({ kind: "send-stored", to: bankNumber(to), prefix: PUSH_PREFIX, blocks });
}

function isDurable(step: Step, stored: StoredBlock): boolean {
  return stored.offset + stored.length <= step.state.durableSize;
}

function ownBlockIsKnown(step: Step, from: number, yours: MessageOf<"heads">["yours"]): boolean {
  if (yours === null) return true;
  const header = decode(headerLayout, yours.header);
  if (!header.ok || header.value.bank !== step.config.self) {
    countViolation(step, from, "heads_invalid", "a header that is not this bank's");
    return false;
  }
  const known = hashAt(ownLog(step), header.value.seq);
  if (known !== undefined && equalHash(known, digest(yours.header))) return true;
  const key = step.keyOf(header.value.bank, header.value.epoch);
  const signed =
    key !== undefined &&
    equalHash(header.value.net, step.config.genesis.net) &&
    step.config.verifier.verify(key, signedBytes(DOMAIN.block, yours.header), yours.signature)
      .valid;
  if (signed) stopStale(step, header.value.seq);
  else countViolation(step, from, "heads_invalid", "a header that this bank never signed");
  return false;
}
