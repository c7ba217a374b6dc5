import { decode } from "../../crypto/canonical-layout.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { parseAnnouncement, swapIdOf, type Announcement } from "../../corridor/announcement.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  corridorEntryLayout,
  isEntryUnder,
  type Certificate,
  type CorridorEntry,
  type CorridorEntryOf,
  type Decision,
  type EntryRef,
} from "../../corridor/entries.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { Block } from "../../node/ledger/block.ts";
import { demand, entriesOf } from "./conduct.ts";

type Status = CorridorEntryOf<typeof CORRIDOR.STATUS>;

/** Everything about one swap that any bank ever signed, on whatever branch. */
interface SwapRecord {
  announcement: Announcement | undefined;
  /** By "kind", "kind view decision" or "LOCK leg": who signed it. */
  readonly signers: Map<string, Set<number>>;
  readonly leads: {
    readonly bank: number;
    readonly entry: CorridorEntryOf<typeof CORRIDOR.LEAD>;
  }[];
}

export interface RecordedEntry {
  readonly bank: number;
  readonly ref: EntryRef;
  readonly entry: CorridorEntry;
}

/**
 * All that was signed in a world, and what follows from it by protocols.md 3.5 and 3.6. It knows more
 * than any bank, so it can say of an honest bank's entry whether anything in the world justifies it.
 */
export interface Chronicle {
  readonly swaps: Map<string, SwapRecord>;
  readonly entries: Map<string, RecordedEntry>;
}

export const newChronicle = (): Chronicle => ({ swaps: new Map(), entries: new Map() });

/** An independent copy; entries are never changed, and shared. */
export function copyChronicle({ swaps, entries }: Chronicle): Chronicle {
  const copy: Chronicle = { swaps: new Map(), entries: new Map(entries) };
  for (const [sid, { announcement, signers, leads }] of swaps) {
    const copied = new Map([...signers].map(([slot, banks]) => [slot, new Set(banks)]));
    copy.swaps.set(sid, { announcement, signers: copied, leads: [...leads] });
  }
  return copy;
}

const refName = (ref: EntryRef): string =>
  `${ref.bank}/${ref.seq}/${ref.index}/${hashKey(ref.blockHash)}`;

export function recordOf(chronicle: Chronicle, sid: string): SwapRecord {
  let record = chronicle.swaps.get(sid);
  if (record === undefined) {
    record = { announcement: undefined, signers: new Map(), leads: [] };
    chronicle.swaps.set(sid, record);
  }
  return record;
}

/** Takes a signed block into the record and demands certificate uniqueness (P2). */
export function recordBlock(chronicle: Chronicle, block: Block, genesis: Genesis): void {
  const { bank, seq } = block.header;
  for (const [index, bytes] of block.corridor.entries()) {
    const decoded = decode(corridorEntryLayout, bytes);
    if (!decoded.ok) continue;
    const entry = decoded.value;
    const ref: EntryRef = { bank, seq, index, blockHash: block.hash };
    chronicle.entries.set(refName(ref), { bank, ref, entry });
    if (entry.kind === CORRIDOR.EVIDENCE) continue;
    if (entry.kind === CORRIDOR.ANNOUNCE) {
      const parsed = parseAnnouncement(entry.announcement);
      const sid = hashKey(swapIdOf(entry.announcement));
      if (parsed.ok) recordOf(chronicle, sid).announcement ??= parsed.value;
      continue;
    }
    const sid = hashKey(entry.sid);
    const record = recordOf(chronicle, sid);
    sign(record, slotOf(entry), bank);
    if (entry.kind === CORRIDOR.LEAD) record.leads.push({ bank, entry });
    if (entry.kind === CORRIDOR.VOTE || entry.kind === CORRIDOR.CONFIRM) {
      demandOneOutcome(record, sid, genesis);
    }
  }
}

/** Demands that an honest bank had reason to sign each entry of its block. */
export function demandJustified(chronicle: Chronicle, block: Block, genesis: Genesis): void {
  const { bank, seq } = block.header;
  for (const entry of entriesOf(block)) {
    if (entry.kind === CORRIDOR.ANNOUNCE || entry.kind === CORRIDOR.EVIDENCE) continue;
    const record = recordOf(chronicle, hashKey(entry.sid));
    // Swaps under other arrangements are judged by the auditor.
    if ((record.announcement?.arrangement ?? "certified") !== "certified") continue;
    if (!isEntryUnder("certified", entry)) continue;
    const why = `kind ${entry.kind} in block ${bank}/${seq}`;
    switch (entry.kind) {
      case CORRIDOR.LOCK:
        demand(record.announcement?.legBanks[entry.leg] === bank, "LOCK", why);
        break;
      case CORRIDOR.REFUSE:
        demand(record.announcement?.legBanks.includes(bank) === true, "REFUSE", why);
        break;
      case CORRIDOR.VOTE:
        demand(predicateP(record), "P", why);
        break;
      case CORRIDOR.STATUS:
        demand(isVerified(chronicle, record, entry, genesis), "S3", why);
        break;
      case CORRIDOR.LEAD:
        demand(bank === leaderByFormula(entry.sid, entry.view, genesis), "Leader", why);
        demand(isJustifiedLead(chronicle, record, entry, genesis), "S4", why);
        break;
      case CORRIDOR.ACCEPT: {
        const leader = leaderByFormula(entry.sid, entry.view, genesis);
        const led = record.leads.some(
          (lead) =>
            lead.bank === leader &&
            lead.entry.view === entry.view &&
            lead.entry.decision === entry.decision &&
            isJustifiedLead(chronicle, record, lead.entry, genesis),
        );
        demand(led, "S4", why);
        break;
      }
      case CORRIDOR.CONFIRM: {
        const accepted = signersOf(record, slotOf({ ...entry, kind: CORRIDOR.ACCEPT })).size;
        demand(accepted >= genesis.quorum, "CONFIRM", `${why}: ${accepted} ACCEPTs`);
        break;
      }
      case CORRIDOR.SETTLE:
      case CORRIDOR.VOID:
        demand(
          "refs" in entry.grounds && isCertificate(chronicle, entry.sid, entry.grounds, genesis),
          "Certificate",
          why,
        );
        break;
      default:
        entry satisfies never;
    }
  }
}

/** leader(sid, v) = (first 8 bytes of sid + v) mod n. */
export function leaderByFormula(sid: Hash, view: number, genesis: Genesis): number {
  const banks = genesis.banks.map((bank) => bank.number as number).toSorted((a, b) => a - b);
  const first = BigInt(`0x${hashKey(sid).slice(0, 16)}`);
  return banks[Number((first + BigInt(view)) % BigInt(banks.length))] as number;
}

/** Which outcomes have a certificate: q VOTEs, or q CONFIRMs of one view and value. */
function outcomesOf(record: SwapRecord, q: number): Set<Decision> {
  const outcomes = new Set<Decision>();
  for (const [slot, signers] of record.signers) {
    if (signers.size < q) continue;
    const [kind, , decision] = slot.split(" ").map(Number);
    if (kind === CORRIDOR.VOTE) outcomes.add(COMMIT);
    if (kind === CORRIDOR.CONFIRM) outcomes.add(decision as Decision);
  }
  return outcomes;
}

function demandOneOutcome(record: SwapRecord, sid: string, genesis: Genesis): void {
  const both = outcomesOf(record, genesis.quorum).size > 1;
  demand(
    !both,
    "CertificateUniqueness",
    `swap ${sid.slice(0, 8)} has certificates of both outcomes`,
  );
}

/** P: for every leg, a LOCK by the bank that owns the leg's ledger. */
export function predicateP(record: SwapRecord): boolean {
  const { announcement } = record;
  return (
    announcement?.legBanks.every((bank, leg) =>
      signersOf(record, `${CORRIDOR.LOCK} 0 0 ${leg}`).has(bank),
    ) === true
  );
}

function isVerified(
  chronicle: Chronicle,
  record: SwapRecord,
  status: Status,
  genesis: Genesis,
): boolean {
  if (status.locks !== null) {
    const locked = status.locks.every((ref, leg) => {
      const found = chronicle.entries.get(refName(ref));
      return (
        found?.entry.kind === CORRIDOR.LOCK &&
        found.entry.leg === leg &&
        hashKey(found.entry.sid) === hashKey(status.sid)
      );
    });
    if (!locked || !predicateP(record)) return false;
  }
  if (status.lock === null) return true;
  const { view, decision, accepts } = status.lock;
  const authors = new Set<number>();
  for (const ref of accepts) {
    const found = chronicle.entries.get(refName(ref))?.entry;
    if (found?.kind !== CORRIDOR.ACCEPT || hashKey(found.sid) !== hashKey(status.sid)) return false;
    if (found.view === view && found.decision === decision) authors.add(ref.bank);
  }
  return view < status.view && authors.size >= genesis.quorum;
}

/** The rule of 3.5, computed again from the STATUSes that the LEAD names. */
function isJustifiedLead(
  chronicle: Chronicle,
  record: SwapRecord,
  lead: CorridorEntryOf<typeof CORRIDOR.LEAD>,
  genesis: Genesis,
): boolean {
  const authors = new Set<number>();
  const statuses: Status[] = [];
  for (const ref of lead.statuses) {
    const found = chronicle.entries.get(refName(ref))?.entry;
    if (found?.kind !== CORRIDOR.STATUS || found.view !== lead.view) return false;
    if (hashKey(found.sid) !== hashKey(lead.sid) || authors.has(ref.bank)) return false;
    // What a STATUS reports counts only as far as it is true of the world.
    if (found.locks !== null && !predicateP(record)) return false;
    if (found.lock !== null) {
      const { view, decision } = found.lock;
      const accepted = signersOf(record, `${CORRIDOR.ACCEPT} ${view} ${decision}`).size;
      if (view >= lead.view || accepted < genesis.quorum) return false;
    }
    authors.add(ref.bank);
    statuses.push(found);
  }
  if (authors.size < genesis.quorum) return false;
  let value: Decision = statuses.some((status) => status.locks !== null) ? COMMIT : ABORT;
  let highest = 0;
  for (const { lock } of statuses) {
    if (lock === null || lock.view <= highest) continue;
    highest = lock.view;
    value = lock.decision;
  }
  return value === lead.decision;
}

export function isCertificate(
  chronicle: Chronicle,
  sid: Hash,
  certificate: Certificate,
  genesis: Genesis,
): boolean {
  const authors = new Set<number>();
  for (const ref of certificate.refs) {
    const found = chronicle.entries.get(refName(ref))?.entry;
    const kind = certificate.view === 0 ? CORRIDOR.VOTE : CORRIDOR.CONFIRM;
    if (found?.kind !== kind || hashKey(found.sid) !== hashKey(sid)) return false;
    if (found.kind === CORRIDOR.CONFIRM) {
      if (found.view !== certificate.view || found.decision !== certificate.decision) return false;
    }
    authors.add(ref.bank);
  }
  return authors.size >= genesis.quorum;
}

type Signed = Exclude<CorridorEntry, { readonly kind: 4 | 15 }>;

const slotOf = (entry: Signed): string =>
  [
    entry.kind,
    "view" in entry ? entry.view : 0,
    "decision" in entry ? entry.decision : 0,
    ...(entry.kind === CORRIDOR.LOCK ? [entry.leg] : []),
  ].join(" ");

function sign(record: SwapRecord, slot: string, bank: number): void {
  const signers = record.signers.get(slot);
  if (signers === undefined) record.signers.set(slot, new Set([bank]));
  else signers.add(bank);
}

const signersOf = (record: SwapRecord, slot: string): ReadonlySet<number> =>
  record.signers.get(slot) ?? new Set();
