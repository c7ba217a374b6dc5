import { readU32 } from "../../crypto/bytes.ts";
import { equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Announcement, SwapId } from "../../corridor/announcement.ts";
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
import type { ReadEntry } from "../../corridor/messages.ts";
import type { Block } from "../../node/ledger/block.ts";

/** Swaps that are closed everywhere and still kept in full, for what comes late. */
const CLOSED_SWAPS_KEPT = 1_024;

/** What an honest bank has signed about a swap, as its durable blocks say. Legs and views are bits. */
export interface Conduct {
  locked: number;
  refused: boolean;
  voted: boolean;
  /** The highest view entered. */
  view: number;
  led: number;
  accepted: number;
  confirmed: number;
  /** The value confirmed last, with its view. */
  lock: { readonly view: number; readonly decision: Decision } | undefined;
  closed: number;
  outcome: Decision | undefined;
}

/** Everything about one swap that any bank ever signed, on whatever branch of its log. */
export interface SwapNote {
  readonly key: number;
  readonly sid: SwapId;
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
  readonly conduct: Map<number, Conduct>;
  /** Blocks with entries about it. */
  readonly blocks: BlockNote[];
  /** It was closed everywhere, and dropped before this was signed: what it rested on is not known. */
  readonly isLate: boolean;
  isClosed: boolean;
}

export interface SlowPath {
  readonly accepts: Map<string, number[]>;
  readonly confirms: Map<string, number[]>;
  readonly leads: Led[];
}

interface Led {
  readonly bank: number;
  readonly entry: CorridorEntryOf<typeof CORRIDOR.LEAD>;
}

interface BlockNote {
  readonly bank: number;
  readonly seq: number;
  readonly hash: Hash;
  readonly entries: readonly ReadEntry[];
  /** Swaps that its entries are about and that are kept. */
  swaps: number;
}

/**
 * All that was signed in a world, by honest banks (when durable) and by lying ones (when signed). It
 * knows more than any bank, so it can say whether anything in the world justifies an entry. Of swaps
 * closed long ago it keeps the outcome only.
 */
export class SignedRecord {
  /** The first certified outcome of every swap, also of those no longer kept. */
  readonly outcomes = new Map<number, Decision>();
  /** Swaps closed everywhere without a certified outcome, as some arrangements end. */
  readonly #over = new Set<number>();
  /** The highest view that an honest bank has entered in any swap. */
  highestView = 0;
  readonly #quorum: number;
  readonly #isHonest: (bank: number) => boolean;
  readonly #swaps = new Map<number, SwapNote>();
  readonly #blocks = new Map<number, Map<number, BlockNote[]>>();
  readonly #closed: SwapNote[] = [];
  #firstClosed = 0;

  constructor(quorum: number, isHonest: (bank: number) => boolean) {
    this.#quorum = quorum;
    this.#isHonest = isHonest;
  }

  /** Whether a swap was closed everywhere without a certified outcome. */
  isOver(key: number): boolean {
    return this.#over.has(key);
  }

  get swaps(): ReadonlyMap<number, SwapNote> {
    return this.#swaps;
  }

  noteBlock(block: Block, entries: readonly ReadEntry[]): BlockNote {
    const { bank, seq } = block.header;
    const note: BlockNote = { bank, seq, hash: block.hash, entries, swaps: 0 };
    let log = this.#blocks.get(bank);
    if (log === undefined) this.#blocks.set(bank, (log = new Map<number, BlockNote[]>()));
    const others = log.get(seq);
    if (others === undefined) log.set(seq, [note]);
    else others.push(note);
    return note;
  }

  /** A block none of whose entries is about a swap that is kept need not be found again. */
  forgetIfIdle(note: BlockNote): void {
    if (note.swaps > 0) return;
    const log = this.#blocks.get(note.bank);
    const left = log?.get(note.seq)?.filter((other) => other !== note) ?? [];
    if (left.length === 0) log?.delete(note.seq);
    else log?.set(note.seq, left);
  }

  has(bank: number, seq: number, hash: Hash): boolean {
    return this.#find(bank, seq, hash) !== undefined;
  }

  entryAt(ref: EntryRef): CorridorEntry | undefined {
    return this.#find(ref.bank, ref.seq, ref.blockHash)?.entries[ref.index];
  }

  swapOf(sid: Hash, note: BlockNote): SwapNote {
    const key = shortKey(sid);
    let swap = this.#swaps.get(key);
    if (swap === undefined) {
      swap = {
        key,
        sid: sid.slice() as SwapId,
        announced: undefined,
        others: [],
        locks: [],
        votes: [],
        slow: undefined,
        certified: 0,
        conduct: new Map(),
        blocks: [],
        isLate: this.outcomes.has(key) || this.#over.has(key),
        isClosed: false,
      };
      this.#swaps.set(key, swap);
      if (swap.isLate) this.#close(swap);
    }
    if (!swap.blocks.includes(note)) {
      swap.blocks.push(note);
      note.swaps++;
    }
    return swap;
  }

  /** Takes an entry in; the outcome of which it completes the first certificate, if it does. */
  sign(swap: SwapNote, entry: SwapEntry, bank: number): Decision | undefined {
    if (!isEntryUnder("certified", entry)) swap.others.push({ bank, entry });
    switch (entry.kind) {
      case CORRIDOR.LOCK:
      case CORRIDOR.HLOCK:
        addOnce((swap.locks[entry.leg] ??= []), bank);
        return undefined;
      case CORRIDOR.VOTE:
        addOnce(swap.votes, bank);
        return this.#certify(swap, swap.votes, COMMIT);
      case CORRIDOR.LEAD:
        slowPathOf(swap).leads.push({ bank, entry });
        return undefined;
      case CORRIDOR.ACCEPT:
        cast(slowPathOf(swap).accepts, entry, bank);
        return undefined;
      case CORRIDOR.CONFIRM: {
        const signers = cast(slowPathOf(swap).confirms, entry, bank);
        return this.#certify(swap, signers, entry.decision);
      }
      case CORRIDOR.DECIDE:
        return this.#decide(swap, entry.decision, bank);
      case CORRIDOR.REFUSE:
        return this.#refuse(swap, bank);
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

  conductOf(swap: SwapNote, bank: number): Conduct {
    let conduct = swap.conduct.get(bank);
    if (conduct === undefined) swap.conduct.set(bank, (conduct = newConduct()));
    return conduct;
  }

  /** Notes what an honest bank has done, after it was judged. */
  act(swap: SwapNote, entry: SwapEntry, bank: number): void {
    const conduct = this.conductOf(swap, bank);
    switch (entry.kind) {
      case CORRIDOR.LOCK:
      case CORRIDOR.HLOCK:
        conduct.locked |= 1 << entry.leg;
        return;
      case CORRIDOR.REFUSE:
        conduct.refused = true;
        return;
      case CORRIDOR.VOTE:
        conduct.voted = true;
        return;
      case CORRIDOR.STATUS:
        conduct.view = Math.max(conduct.view, entry.view);
        this.highestView = Math.max(this.highestView, entry.view);
        return;
      case CORRIDOR.LEAD:
        conduct.led |= 1 << entry.view;
        return;
      case CORRIDOR.ACCEPT:
        conduct.accepted |= 1 << entry.view;
        return;
      case CORRIDOR.CONFIRM:
        conduct.confirmed |= 1 << entry.view;
        conduct.lock = { view: entry.view, decision: entry.decision };
        return;
      case CORRIDOR.SETTLE:
      case CORRIDOR.VOID:
      case CORRIDOR.PAY:
        conduct.closed |= 1 << entry.leg;
        conduct.outcome = entry.kind === CORRIDOR.VOID ? ABORT : COMMIT;
        return this.#closeIfDone(swap);
      case CORRIDOR.CLAIM:
      case CORRIDOR.PREPARE:
      case CORRIDOR.DECIDE:
      case CORRIDOR.INQUIRE:
        return;
      default:
        unreachable(entry);
    }
  }

  #find(bank: number, seq: number, hash: Hash): BlockNote | undefined {
    return this.#blocks
      .get(bank)
      ?.get(seq)
      ?.find((note) => equalHash(note.hash, hash));
  }

  #certify(swap: SwapNote, signers: readonly number[], decision: Decision): Decision | undefined {
    return signers.length < this.#quorum ? undefined : this.#reach(swap, decision);
  }

  /** The hub of a swap decides it alone. */
  #decide(swap: SwapNote, decision: Decision, bank: number): Decision | undefined {
    const { announced } = swap;
    const isHub = announced?.arrangement === "two-phase" && announced.params.hub === bank;
    return isHub ? this.#reach(swap, decision) : undefined;
  }

  /** Without the yes of a bank taking part the hub cannot COMMIT. */
  #refuse(swap: SwapNote, bank: number): Decision | undefined {
    const { announced } = swap;
    const isNo = announced?.arrangement === "two-phase" && announced.legBanks.includes(bank);
    return isNo ? this.#reach(swap, ABORT) : undefined;
  }

  #reach(swap: SwapNote, decision: Decision): Decision | undefined {
    const bit = 1 << decision;
    if ((swap.certified & bit) !== 0) return undefined;
    swap.certified |= bit;
    if (!this.outcomes.has(swap.key)) this.outcomes.set(swap.key, decision);
    this.#closeIfDone(swap);
    return decision;
  }

  #closeIfDone(swap: SwapNote): void {
    const { announced, certified, isClosed } = swap;
    if (isClosed || announced === undefined) return;
    if (certified === 0 && announced.arrangement === "certified") return;
    const isOpen = announced.legBanks.some(
      (bank, leg) =>
        this.#isHonest(bank) && ((swap.conduct.get(bank)?.closed ?? 0) & (1 << leg)) === 0,
    );
    if (!isOpen) this.#close(swap);
  }

  /** Keeps the newest of the closed swaps, in a ring. */
  #close(swap: SwapNote): void {
    swap.isClosed = true;
    if (!this.outcomes.has(swap.key)) this.#over.add(swap.key);
    const oldest = this.#closed[this.#firstClosed];
    this.#closed[this.#firstClosed] = swap;
    this.#firstClosed = (this.#firstClosed + 1) % CLOSED_SWAPS_KEPT;
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(swap: SwapNote): void {
    this.#swaps.delete(swap.key);
    for (const note of swap.blocks) {
      note.swaps--;
      this.forgetIfIdle(note);
    }
  }
}

/** The first 53 bits of a swap's id: two swaps of one run do not share them by chance. */
export const shortKey = (sid: Hash): number => readU32(sid, 0) * 2 ** 21 + (readU32(sid, 4) >>> 11);

/** Names one leg of one swap. */
export const holdKey = (sid: Hash, leg: number): number => shortKey(sid) + leg;

/** As people name a swap in print. */
export const shownSid = (swap: SwapNote): string => hashKey(swap.sid).slice(0, 16);

export const ballotName = (entry: { readonly view: number; readonly decision: Decision }): string =>
  `${entry.view} ${entry.decision}`;

/** P: for every leg, a LOCK by the bank that owns the leg's ledger. */
export const allLocked = ({ announced, locks }: SwapNote): boolean =>
  announced?.legBanks.every((bank, leg) => locks[leg]?.includes(bank) === true) === true;

function slowPathOf(swap: SwapNote): SlowPath {
  return (swap.slow ??= { accepts: new Map(), confirms: new Map(), leads: [] });
}

function cast(
  ballots: Map<string, number[]>,
  entry: { readonly view: number; readonly decision: Decision },
  bank: number,
): readonly number[] {
  const name = ballotName(entry);
  const box = ballots.get(name) ?? [];
  ballots.set(name, box);
  addOnce(box, bank);
  return box;
}

/** There are at most 64 banks: an array is smaller than a set, and as quick. */
function addOnce(banks: number[], bank: number): void {
  if (!banks.includes(bank)) banks.push(bank);
}

const newConduct = (): Conduct => ({
  locked: 0,
  refused: false,
  voted: false,
  view: 0,
  led: 0,
  accepted: 0,
  confirmed: 0,
  lock: undefined,
  closed: 0,
  outcome: undefined,
});
