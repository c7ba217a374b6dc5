import { concatBytes, writeU32, type Bytes } from "../crypto/bytes.ts";
import { encode } from "../crypto/canonical-layout.ts";
import { digestParts, DOMAIN } from "../crypto/hash.ts";
import { applyEntry } from "../node/domestic/apply.ts";
import { MAX_BLOCK_BYTES, MAX_BLOCK_ENTRIES } from "../node/limits.ts";
import { encodeBothForms, sealBlock } from "../node/ledger/block.ts";
import {
  domesticEntryLayout,
  SALT_BYTES,
  type DomesticDraft,
} from "../node/ledger/domestic-entries.ts";
import { encodeRecord, OWN_BLOCK, PEER_BLOCK, RECORD_HEAD_BYTES } from "../node/ledger/record.ts";
import { toMs } from "../node/time.ts";
import { EPOCH, ownLog, logOf, report, type EntryGroup, type Step } from "./bank-state.ts";
import { corridorEntryLayout, type CorridorEntry } from "./entries.ts";
import { MAX_UNWRITTEN_PEER_BYTES } from "./limits.ts";
import { headHash, markStored, placeBlock } from "./logs.ts";
import type { Report } from "./report.ts";

/** Room left in a block for its header, signature and list heads. */
const BLOCK_FRAME_BYTES = 1024;

/** At most what stands before an entry in a block's list. */
const LIST_HEAD_BYTES = 3;

/** Queues entries for the next block and applies the domestic ones at once: later checks see them. */
export function append(step: Step, group: EntryGroup): void {
  for (const entry of group.domestic) applyEntry(step.state.books, entry);
  step.state.pending.push(group);
}

/**
 * Reports what rests on entries that are appended and perhaps not yet durable: once they are (Durable).
 * An acknowledgement that went out earlier could be of something that a crash undoes.
 */
export function reportWhenDurable(step: Step, what: Report): void {
  const { pending, flight } = step.state;
  if (pending.length > 0) pending.push({ corridor: [], domestic: [], reports: [what] });
  else if (flight?.own !== undefined) flight.own.reports.push(what);
  else report(step, what);
}

/**
 * Makes a block of what is pending, once the bank may sign, unless one is being flushed (group commit:
 * no delay when idle, larger blocks under load). Blocks of peers are written before it, so whatever the
 * own entries refer to or rest on is durable no later than they are (JournalFirst).
 */
export function flush(step: Step): void {
  const { state } = step;
  if (state.flight !== undefined) return;
  if (state.phase === "running" && state.pending.length > 0) return flushOwn(step);
  if (state.unwrittenBytes > MAX_UNWRITTEN_PEER_BYTES) flushPeersOnly(step);
}

/** Writes what peers sent, so that it can be served to others, when no own block is due. */
export function flushPeersOnly(step: Step): void {
  const { state } = step;
  if (state.flight !== undefined || state.unwritten.length === 0) return;
  const records = writePeers(step);
  state.flight = { end: state.journalSize, own: undefined };
  step.effects.push({ kind: "append", bytes: concatBytes(...records) });
}

function flushOwn(step: Step): void {
  const { state, config, now } = step;
  const log = ownLog(step);
  const seq = log.linked + 1;
  const filled = fill(step, seq);
  state.lastTimeMs = Math.max(state.lastTimeMs, toMs(now));
  const block = sealBlock(
    {
      net: config.genesis.net,
      bank: config.self,
      epoch: EPOCH,
      seq,
      prev: headHash(log),
      timeMs: state.lastTimeMs,
      corridor: filled.corridorBytes,
      domestic: filled.domesticBytes,
    },
    config.signer,
  );
  const { full, publicBytes } = encodeBothForms(block);
  const records = writePeers(step);
  records.push(encodeRecord(OWN_BLOCK, full));
  placeBlock(log, block, true);
  markStored(log, seq, block.hash, {
    offset: state.journalSize + RECORD_HEAD_BYTES + 1,
    length: publicBytes.length - 1,
  });
  state.journalSize += RECORD_HEAD_BYTES + full.length;
  const { entries, reports } = filled;
  state.flight = { end: state.journalSize, own: { block, publicBytes, entries, reports } };
  step.effects.push({ kind: "append", bytes: concatBytes(...records) });
}

/** Takes as many whole groups as fit one block. */
function fill(step: Step, seq: number) {
  const { pending } = step.state;
  const corridorBytes: Bytes[] = [];
  const domesticBytes: Bytes[] = [];
  const entries: CorridorEntry[] = [];
  const reports: Report[] = [];
  let bytes = BLOCK_FRAME_BYTES;
  let taken = 0;
  for (const { corridor, domestic, reports: told } of pending) {
    const [publicCount, privateCount] = [corridorBytes.length, domesticBytes.length];
    const count = publicCount + privateCount + corridor.length + domestic.length;
    if (count > MAX_BLOCK_ENTRIES) break;
    for (const entry of corridor) {
      const encoded = encode(corridorEntryLayout, entry);
      corridorBytes.push(encoded);
      bytes += encoded.length + LIST_HEAD_BYTES;
    }
    for (const entry of domestic) {
      const encoded = encodeDomestic(step, entry, seq, domesticBytes.length);
      domesticBytes.push(encoded);
      bytes += encoded.length + LIST_HEAD_BYTES;
    }
    if (taken > 0 && bytes > MAX_BLOCK_BYTES) {
      corridorBytes.length = publicCount;
      domesticBytes.length = privateCount;
      break;
    }
    entries.push(...corridor);
    reports.push(...told);
    taken++;
  }
  pending.splice(0, taken);
  return { corridorBytes, domesticBytes, entries, reports };
}

/** Where the place of an entry is put together. */
const PLACE = new Uint8Array(12);

/** The salt depends on the bank's secret and the entry's place: secret, and never the same twice. */
function encodeDomestic(step: Step, draft: DomesticDraft, seq: number, index: number): Bytes {
  writeU32(PLACE, 0, Math.floor(seq / 2 ** 32));
  writeU32(PLACE, 4, seq >>> 0);
  writeU32(PLACE, 8, index);
  const salt = digestParts(DOMAIN.salt, step.config.saltSecret, PLACE).subarray(0, SALT_BYTES);
  return encode(domesticEntryLayout, { ...draft, salt });
}

function writePeers(step: Step): Bytes[] {
  const { state } = step;
  const records: Bytes[] = [];
  for (const { block, bytes } of state.unwritten) {
    records.push(encodeRecord(PEER_BLOCK, bytes));
    const { bank, seq } = block.header;
    markStored(logOf(step, bank), seq, block.hash, {
      offset: state.journalSize + RECORD_HEAD_BYTES + 1,
      length: bytes.length - 1,
    });
    state.journalSize += RECORD_HEAD_BYTES + bytes.length;
  }
  state.unwritten.length = 0;
  state.unwrittenBytes = 0;
  return records;
}
