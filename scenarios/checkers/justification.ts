import { equalHash, type Hash } from "../../crypto/hash.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type Certificate,
  type CorridorEntryOf,
  type Decision,
} from "../../corridor/entries.ts";
import { readU32 } from "../../crypto/bytes.ts";
import type { Genesis } from "../../node/genesis.ts";
import { allLocked, ballotName, type SignedRecord, type SwapNote } from "./signed-record.ts";

type Status = CorridorEntryOf<typeof CORRIDOR.STATUS>;
type Lead = CorridorEntryOf<typeof CORRIDOR.LEAD>;

/** leader(sid, v) = (first 8 bytes of sid + v) mod n, among the banks in order of their numbers. */
export function leaderByFormula(sid: Hash, view: number, genesis: Genesis): number {
  const banks = genesis.banks.map((bank) => bank.number as number).sort((a, b) => a - b);
  const first = (BigInt(readU32(sid, 0)) << 32n) + BigInt(readU32(sid, 4));
  return banks[Number((first + BigInt(view)) % BigInt(banks.length))] as number;
}

/** What a STATUS reports is true of the world, and backed by the entries that it names. */
export function isVerified(
  record: SignedRecord,
  swap: SwapNote,
  status: Status,
  quorum: number,
): boolean {
  if (status.locks !== null) {
    const areLocks = status.locks.every((ref, leg) => {
      const entry = record.entryAt(ref);
      return entry?.kind === CORRIDOR.LOCK && entry.leg === leg && equalHash(entry.sid, swap.sid);
    });
    if (!areLocks || !allLocked(swap)) return false;
  }
  if (status.lock === null) return true;
  const { view, decision, accepts } = status.lock;
  const authors = new Set<number>();
  for (const ref of accepts) {
    const entry = record.entryAt(ref);
    if (entry?.kind !== CORRIDOR.ACCEPT || !equalHash(entry.sid, swap.sid)) return false;
    if (entry.view === view && entry.decision === decision) authors.add(ref.bank);
  }
  return view < status.view && authors.size >= quorum;
}

/** S4, S5: the rule of protocols.md 3.5, computed again from the STATUSes that the LEAD names. */
export function isJustifiedLead(
  record: SignedRecord,
  swap: SwapNote,
  lead: Lead,
  quorum: number,
): boolean {
  const authors = new Set<number>();
  let value: Decision = ABORT;
  let highest = 0;
  for (const ref of lead.statuses) {
    const status = record.entryAt(ref);
    if (status?.kind !== CORRIDOR.STATUS || status.view !== lead.view) return false;
    if (!equalHash(status.sid, swap.sid) || authors.has(ref.bank)) return false;
    authors.add(ref.bank);
    if (status.locks !== null) {
      if (!allLocked(swap)) return false;
      if (highest === 0) value = COMMIT;
    }
    if (status.lock === null) continue;
    const accepted = swap.slow?.accepts.get(ballotName(status.lock))?.length ?? 0;
    if (status.lock.view >= lead.view || accepted < quorum) return false;
    if (status.lock.view <= highest) continue;
    highest = status.lock.view;
    value = status.lock.decision;
  }
  return authors.size >= quorum && value === lead.decision;
}

/** Whether a certificate's entries exist, of a quorum of banks, and all fix its outcome. */
export function isCertificate(
  record: SignedRecord,
  sid: Hash,
  { view, decision, refs }: Certificate,
  quorum: number,
): boolean {
  const authors = new Set<number>();
  for (const ref of refs) {
    const entry = record.entryAt(ref);
    if (view === 0) {
      if (entry?.kind !== CORRIDOR.VOTE || decision !== COMMIT) return false;
    } else {
      if (entry?.kind !== CORRIDOR.CONFIRM) return false;
      if (entry.view !== view || entry.decision !== decision) return false;
    }
    if (!equalHash(entry.sid, sid)) return false;
    authors.add(ref.bank);
  }
  return authors.size >= quorum;
}
