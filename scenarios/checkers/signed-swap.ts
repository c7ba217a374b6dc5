import { unreachable } from "../../crypto/outcome.ts";
import type { Hash } from "../../crypto/hash.ts";
import type { Announcement } from "../../corridor/announcement.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  isEntryUnder,
  type CorridorEntry,
  type CorridorEntryOf,
  type Decision,
  type EntryRef,
  type SwapEntry,
} from "../../corridor/entries.ts";

/** Every entry that was signed in a world. */
export interface SignedEntries {
  readonly entryAt: (ref: EntryRef) => CorridorEntry | undefined;
}

/** What was signed about one swap, by any bank, on whatever branch of its log. */
export interface SignedSwap {
  readonly sid: Hash;
  /** Once somebody has announced it. */
  announced: Announcement | undefined;
  /** Entries of kinds that certified commit does not have, with who signed them. */
  readonly others: { readonly bank: number; readonly entry: SwapEntry }[];
  /** Banks that signed a LOCK or HLOCK, by leg. */
  readonly locks: number[][];
  readonly votes: number[];
  /** The slow path by "view decision", once somebody opens it. */
  slow: SlowPath | undefined;
  /** The outcomes that have a certificate: one bit for each decision. */
  certified: number;
}

interface SlowPath {
  readonly accepts: Map<string, number[]>;
  readonly confirms: Map<string, number[]>;
  readonly leads: Led[];
}

interface Led {
  readonly bank: number;
  readonly entry: CorridorEntryOf<typeof CORRIDOR.LEAD>;
}

interface Ballot {
  readonly view: number;
  readonly decision: Decision;
}

export const newSignedSwap = (sid: Hash): SignedSwap => ({
  sid,
  announced: undefined,
  others: [],
  locks: [],
  votes: [],
  slow: undefined,
  certified: 0,
});

/** An independent copy; entries are never changed, and shared. */
export const copySignedSwap = (swap: SignedSwap): SignedSwap => ({
  ...swap,
  others: [...swap.others],
  locks: swap.locks.map((banks) => [...banks]),
  votes: [...swap.votes],
  slow: swap.slow && {
    accepts: copyBallots(swap.slow.accepts),
    confirms: copyBallots(swap.slow.confirms),
    leads: [...swap.slow.leads],
  },
});

const copyBallots = (ballots: ReadonlyMap<string, readonly number[]>): Map<string, number[]> =>
  new Map([...ballots].map(([name, banks]) => [name, [...banks]]));

/** Takes an entry in; the outcome of which it completes the first certificate, if it does. */
export function sign(
  swap: SignedSwap,
  entry: SwapEntry,
  bank: number,
  quorum: number,
): Decision | undefined {
  if (!isEntryUnder("certified", entry)) swap.others.push({ bank, entry });
  switch (entry.kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.HLOCK:
      addOnce((swap.locks[entry.leg] ??= []), bank);
      return undefined;
    case CORRIDOR.VOTE:
      addOnce(swap.votes, bank);
      return certify(swap, swap.votes, COMMIT, quorum);
    case CORRIDOR.LEAD:
      slowPathOf(swap).leads.push({ bank, entry });
      return undefined;
    case CORRIDOR.ACCEPT:
      cast(slowPathOf(swap).accepts, entry, bank);
      return undefined;
    case CORRIDOR.CONFIRM: {
      const signers = cast(slowPathOf(swap).confirms, entry, bank);
      return certify(swap, signers, entry.decision, quorum);
    }
    case CORRIDOR.DECIDE:
      return isHub(swap, bank) ? reach(swap, entry.decision) : undefined;
    case CORRIDOR.REFUSE:
      return isVoter(swap, bank) ? reach(swap, ABORT) : undefined;
    case CORRIDOR.STATUS:
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
    case CORRIDOR.CLAIM:
    case CORRIDOR.PREPARE:
    case CORRIDOR.INQUIRE:
    case CORRIDOR.PAY:
      return undefined;
    default:
      return unreachable(entry);
  }
}

/** The hub of a swap decides it alone. */
const isHub = ({ announced }: SignedSwap, bank: number): boolean =>
  announced?.arrangement === "two-phase" && announced.params.hub === bank;

/** Without the yes of a bank taking part the hub cannot COMMIT. */
const isVoter = ({ announced }: SignedSwap, bank: number): boolean =>
  announced?.arrangement === "two-phase" && announced.legBanks.includes(bank);

export const ballotName = ({ view, decision }: Ballot): string => `${view} ${decision}`;

/** P: for every leg, a LOCK by the bank that owns the leg's ledger. */
export const allLocked = ({ announced, locks }: SignedSwap): boolean =>
  announced?.legBanks.every((bank, leg) => locks[leg]?.includes(bank) === true) === true;

/** How many banks signed an ACCEPT of this value in this view. */
export const acceptsOf = ({ slow }: SignedSwap, ballot: Ballot): number =>
  slow?.accepts.get(ballotName(ballot))?.length ?? 0;

function certify(
  swap: SignedSwap,
  signers: readonly number[],
  decision: Decision,
  quorum: number,
): Decision | undefined {
  return signers.length < quorum ? undefined : reach(swap, decision);
}

/** Notes an outcome as certified; nothing when it was before. */
function reach(swap: SignedSwap, decision: Decision): Decision | undefined {
  const bit = 1 << decision;
  if ((swap.certified & bit) !== 0) return undefined;
  swap.certified |= bit;
  return decision;
}

function slowPathOf(swap: SignedSwap): SlowPath {
  return (swap.slow ??= { accepts: new Map(), confirms: new Map(), leads: [] });
}

function cast(ballots: Map<string, number[]>, ballot: Ballot, bank: number): readonly number[] {
  const name = ballotName(ballot);
  const box = ballots.get(name) ?? [];
  ballots.set(name, box);
  addOnce(box, bank);
  return box;
}

/** There are at most 64 banks: an array is smaller than a set, and as quick. */
function addOnce(banks: number[], bank: number): void {
  if (!banks.includes(bank)) banks.push(bank);
}
