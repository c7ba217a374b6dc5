import { readU32 } from "../../crypto/bytes.ts";
import { equalHash, type Hash } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  isCertificate,
  isEntryUnder,
  type CorridorEntryOf,
  type Decision,
  type Grounds,
  type SwapEntry,
} from "../../corridor/entries.ts";
import type { Genesis } from "../../node/genesis.ts";
import {
  acceptsOf,
  allLocked,
  ballotName,
  type SignedEntries,
  type SignedSwap,
} from "./signed-swap.ts";

type Status = CorridorEntryOf<typeof CORRIDOR.STATUS>;
type Lead = CorridorEntryOf<typeof CORRIDOR.LEAD>;

/** leader(sid, v) = (first 8 bytes of sid + v) mod n, among the banks in order of their numbers. */
export function leaderByFormula(sid: Hash, view: number, genesis: Genesis): number {
  const banks = genesis.banks.map((bank) => bank.number as number).sort((a, b) => a - b);
  const first = (BigInt(readU32(sid, 0)) << 32n) + BigInt(readU32(sid, 4));
  return banks[Number((first + BigInt(view)) % BigInt(banks.length))] as number;
}

/**
 * Why nothing in the world lets an honest bank sign this entry of certified commit; `undefined` when
 * something does. Of the certificate that closes a leg it reads the outcome only: whether it stands,
 * `certificateStands` says.
 */
export function unjustified(
  entry: SwapEntry,
  bank: number,
  swap: SignedSwap,
  record: SignedEntries,
  genesis: Genesis,
): string | undefined {
  const { quorum } = genesis;
  if (!isEntryUnder("certified", entry)) return "an entry of another arrangement";
  switch (entry.kind) {
    case CORRIDOR.LOCK:
      return swap.announced?.legBanks[entry.leg] === bank ? undefined : "LOCK of another's leg";
    case CORRIDOR.REFUSE:
      return swap.announced?.legBanks.includes(bank) === true ? undefined : "REFUSE of a witness";
    case CORRIDOR.VOTE:
      return allLocked(swap) ? undefined : "VOTE without the LOCK of every leg";
    case CORRIDOR.STATUS:
      return isVerified(record, swap, entry, quorum) ? undefined : "S3: STATUS of what is not so";
    case CORRIDOR.LEAD:
      if (bank !== leaderByFormula(swap.sid, entry.view, genesis)) return "LEAD by another bank";
      return isJustifiedLead(record, swap, entry, quorum) ? undefined : "S5: LEAD of another value";
    case CORRIDOR.ACCEPT: {
      const leader = leaderByFormula(swap.sid, entry.view, genesis);
      const led = swap.slow?.leads.some(
        (lead) =>
          lead.bank === leader &&
          ballotName(lead.entry) === ballotName(entry) &&
          isJustifiedLead(record, swap, lead.entry, quorum),
      );
      return led === true ? undefined : "S4: ACCEPT of what no LEAD justifies";
    }
    case CORRIDOR.CONFIRM: {
      const accepted = acceptsOf(swap, entry);
      return accepted >= quorum ? undefined : `CONFIRM after ${accepted} ACCEPTs`;
    }
    case CORRIDOR.SETTLE:
      return decides(entry.grounds, COMMIT) ? undefined : "SETTLE without a COMMIT certificate";
    case CORRIDOR.VOID:
      return decides(entry.grounds, ABORT) ? undefined : "VOID without an ABORT certificate";
    default:
      return unreachable(entry);
  }
}

const decides = (grounds: Grounds, decision: Decision): boolean =>
  isCertificate(grounds) && grounds.decision === decision;

/** What a STATUS reports is true of the world, and backed by the entries that it names. */
function isVerified(
  record: SignedEntries,
  swap: SignedSwap,
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
function isJustifiedLead(
  record: SignedEntries,
  swap: SignedSwap,
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
    if (status.lock.view >= lead.view || acceptsOf(swap, status.lock) < quorum) return false;
    if (status.lock.view <= highest) continue;
    highest = status.lock.view;
    value = status.lock.decision;
  }
  return authors.size >= quorum && value === lead.decision;
}

/** Whether the grounds are a certificate whose entries exist, of a quorum of banks, and all fix its outcome. */
export function certificateStands(
  record: SignedEntries,
  sid: Hash,
  grounds: Grounds,
  quorum: number,
): boolean {
  if (!isCertificate(grounds)) return false;
  const { view, decision, refs } = grounds;
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
