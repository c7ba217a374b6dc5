import { hashKey, type Hash } from "../../crypto/hash.ts";
import { parseAnnouncement, swapIdOf } from "../../corridor/announcement.ts";
import { CORRIDOR, type CorridorEntry, type EntryRef } from "../../corridor/entries.ts";
import { readEntries } from "../../corridor/messages.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { Block } from "../../node/ledger/block.ts";
import { demand, demandNone, entriesOf } from "./conduct.ts";
import { certificateStands, unjustified } from "./justification.ts";
import {
  copySignedSwap,
  newSignedSwap,
  sign,
  type SignedEntries,
  type SignedSwap,
} from "./signed-swap.ts";

interface RecordedEntry {
  readonly ref: EntryRef;
  readonly entry: CorridorEntry;
}

/**
 * All that was signed in an explored world. It knows more than any bank, so it can say of an honest
 * bank's entry whether anything in the world justifies it.
 */
export interface Chronicle extends SignedEntries {
  /** By swap id in hex. */
  readonly swaps: Map<string, SignedSwap>;
  readonly entries: Map<string, RecordedEntry>;
}

export const newChronicle = (): Chronicle => chronicleOf(new Map(), new Map());

/** An independent copy; entries are never changed, and shared. */
export function copyChronicle({ swaps, entries }: Chronicle): Chronicle {
  const copied = new Map<string, SignedSwap>();
  for (const [sid, swap] of swaps) copied.set(sid, copySignedSwap(swap));
  return chronicleOf(copied, new Map(entries));
}

const chronicleOf = (
  swaps: Map<string, SignedSwap>,
  entries: Map<string, RecordedEntry>,
): Chronicle => ({
  swaps,
  entries,
  entryAt: (ref) => entries.get(refName(ref))?.entry,
});

const refName = (ref: EntryRef): string =>
  `${ref.bank}/${ref.seq}/${ref.index}/${hashKey(ref.blockHash)}`;

function swapOf({ swaps }: Chronicle, sid: Hash): SignedSwap {
  const key = hashKey(sid);
  let swap = swaps.get(key);
  if (swap === undefined) swaps.set(key, (swap = newSignedSwap(sid)));
  return swap;
}

/** Takes a signed block into the record and demands certificate uniqueness (P2). */
export function recordBlock(chronicle: Chronicle, block: Block, { quorum }: Genesis): void {
  const { bank, seq } = block.header;
  for (const [index, entry] of readEntries(block).entries()) {
    if (entry === undefined) continue;
    const ref: EntryRef = { bank, seq, index, blockHash: block.hash };
    chronicle.entries.set(refName(ref), { ref, entry });
    if (entry.kind === CORRIDOR.EVIDENCE) continue;
    if (entry.kind === CORRIDOR.ANNOUNCE) {
      const parsed = parseAnnouncement(entry.announcement);
      if (parsed.ok) swapOf(chronicle, swapIdOf(entry.announcement)).announced ??= parsed.value;
      continue;
    }
    const swap = swapOf(chronicle, entry.sid);
    const certified = sign(swap, entry, bank, quorum);
    if (certified === undefined) continue;
    const both = `swap ${hashKey(swap.sid).slice(0, 8)} has certificates of both outcomes`;
    demand(swap.certified === 1 << certified, "CertificateUniqueness", both);
  }
}

/** Demands that an honest bank had reason to sign each entry of its block. */
export function demandJustified(chronicle: Chronicle, block: Block, genesis: Genesis): void {
  const { bank, seq } = block.header;
  const where = `block ${bank}/${seq}`;
  for (const entry of entriesOf(block)) {
    if (entry.kind === CORRIDOR.ANNOUNCE || entry.kind === CORRIDOR.EVIDENCE) continue;
    const swap = swapOf(chronicle, entry.sid);
    // Swaps under other arrangements are judged by the auditor.
    if ((swap.announced?.arrangement ?? "certified") !== "certified") continue;
    demandNone(unjustified(entry, bank, swap, chronicle, genesis), where);
    if (!("grounds" in entry)) continue;
    const stands = certificateStands(chronicle, swap.sid, entry.grounds, genesis.quorum);
    demand(stands, "Certificate", where);
  }
}
