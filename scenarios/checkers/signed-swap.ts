import { unreachable } from "../../crypto/outcome.ts";
import type { Hash } from "../../crypto/hash.ts";
import {
  COMMIT,
  CORRIDOR,
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
  /** The bank of each leg, once somebody has announced it. */
  announced: { readonly legBanks: readonly number[] } | undefined;
  /** Banks that signed a LOCK, by leg. */
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
  locks: [],
  votes: [],
  slow: undefined,
  certified: 0,
});

/** An independent copy; entries are never changed, and shared. */
export const copySignedSwap = (swap: SignedSwap): SignedSwap => ({
  ...swap,
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
  switch (entry.kind) {
    case CORRIDOR.LOCK:
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
    case CORRIDOR.REFUSE:
    case CORRIDOR.STATUS:
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      return undefined;
    default:
      return unreachable(entry);
  }
}

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
  const bit = 1 << decision;
  if (signers.length < quorum || (swap.certified & bit) !== 0) return undefined;
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
