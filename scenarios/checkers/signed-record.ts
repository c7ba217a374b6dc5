import { readU32 } from "../../crypto/bytes.ts";
import { equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import {
  CORRIDOR,
  isClosing,
  type CorridorEntry,
  type Decision,
  type EntryRef,
  type SwapEntry,
} from "../../corridor/entries.ts";
import type { ReadEntry } from "../../corridor/messages.ts";
import type { Block } from "../../node/ledger/block.ts";
import { newSignedSwap, sign, type SignedEntries, type SignedSwap } from "./signed-swap.ts";
import { act, newSwapConduct, type SwapConduct } from "./swap-conduct.ts";

/** Swaps that are closed everywhere and still kept in full, for what comes late. */
const CLOSED_SWAPS_KEPT = 1_024;

/** One swap, and what each honest bank has done about it. */
export interface SwapNote extends SignedSwap {
  readonly key: number;
  readonly conduct: Map<number, SwapConduct>;
  /** Blocks with entries about it. */
  readonly blocks: BlockNote[];
  /** It was closed everywhere, and dropped before this was signed: what it rested on is not known. */
  readonly isLate: boolean;
  isClosed: boolean;
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
export class SignedRecord implements SignedEntries {
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
        ...newSignedSwap(sid.slice() as Hash),
        key,
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
    const decision = sign(swap, entry, bank, this.#quorum);
    if (decision === undefined) return undefined;
    if (!this.outcomes.has(swap.key)) this.outcomes.set(swap.key, decision);
    this.#closeIfDone(swap);
    return decision;
  }

  conductOf(swap: SwapNote, bank: number): SwapConduct {
    let conduct = swap.conduct.get(bank);
    if (conduct === undefined) swap.conduct.set(bank, (conduct = newSwapConduct()));
    return conduct;
  }

  /** Notes what an honest bank has done, after it was judged. */
  act(swap: SwapNote, entry: SwapEntry, bank: number): void {
    act(this.conductOf(swap, bank), entry);
    if (entry.kind === CORRIDOR.STATUS) {
      this.highestView = Math.max(this.highestView, entry.view);
    } else if (isClosing(entry)) {
      this.#closeIfDone(swap);
    }
  }

  #find(bank: number, seq: number, hash: Hash): BlockNote | undefined {
    return this.#blocks
      .get(bank)
      ?.get(seq)
      ?.find((note) => equalHash(note.hash, hash));
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
