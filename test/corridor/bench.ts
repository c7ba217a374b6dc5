import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import type { Announcement } from "../../corridor/announcement.ts";
import { chosenBy, type ArrangementChoice } from "../../corridor/choice.ts";
import {
  CORRIDOR,
  type Certificate,
  type CorridorEntry,
  type CorridorEntryOf,
  type Decision,
  type EntryRef,
} from "../../corridor/entries.ts";
import { encodeHeads, encodeTerms, type Message } from "../../corridor/messages.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { fromMs, toMs } from "../../node/time.ts";
import { entriesOf } from "../../scenarios/checkers/conduct.ts";
import { leaderByFormula } from "../../scenarios/checkers/justification.ts";
import { range, type CorridorShape } from "../../scenarios/explore/corridor.ts";
import {
  announcementOf,
  foundingSubmissions,
  agreeSwap,
  ringLegs,
  type AgreedSwap,
  type AgreedLeg,
} from "../../scenarios/explore/agreed-swaps.ts";
import { runFor, settle } from "../../scenarios/explore/drive.ts";
import { type Seat } from "../../scenarios/explore/seat.ts";
import { Puppet, type WrittenBlock } from "../../scenarios/explore/puppet.ts";
import { World } from "../../scenarios/explore/world.ts";
import { arrangedCorridor } from "./kit.ts";

export interface Signed {
  readonly entry: CorridorEntry;
  readonly ref: EntryRef;
  /** When it was signed, in milliseconds of the world's clock. */
  readonly timeMs: number;
}

/** A swap as the test plays it: announced by the puppet of leg 0. */
export interface PlayedSwap {
  readonly sid: Hash;
  readonly key: string;
  readonly deal: AgreedSwap;
  readonly announcement: Bytes;
}

/**
 * One real bank; the test plays all others. Blocks of theirs are written and signed by the test, and
 * what the bank signs in answer is read from its ledger file alone.
 */
export class Bench {
  readonly world: World;
  readonly self: number;
  readonly puppets = new Map<number, Puppet>();
  readonly #pushed: { readonly written: WrittenBlock; readonly via: number }[] = [];

  constructor(shape: CorridorShape, self: number, arrangement?: ArrangementChoice) {
    this.self = self;
    this.world = benchWorld(shape, self, arrangement);
    // From here on the machine is this bench's own, also for tests that look into it first.
    this.world.do({ kind: "idle", seat: `${self}` });
    for (const bank of range(shape.n)) {
      if (bank !== self) this.puppets.set(bank, new Puppet(this.world.corridor, bank));
    }
  }

  get seat(): Seat {
    return this.world.seat(`${this.self}`);
  }

  get quorum(): number {
    return this.world.corridor.genesis.quorum;
  }

  puppet(bank: number): Puppet {
    const puppet = this.puppets.get(bank);
    if (puppet === undefined) throw new RangeError(`bank ${bank} is not played`);
    return puppet;
  }

  /** Writes a block of a bank that the test plays, and pushes it. */
  tell(bank: number, ...entries: readonly (CorridorEntry | Bytes)[]): WrittenBlock {
    const written = this.puppet(bank).write(...entries);
    this.push(written);
    return written;
  }

  push(written: WrittenBlock, via = written.block.header.bank): void {
    this.#pushed.push({ written, via });
    this.send(via, written.push);
  }

  send(from: number, bytes: Bytes): void {
    this.world.inject(from, `${this.self}`, bytes);
    settle(this.world);
  }

  wait(ms: number): void {
    runFor(this.world, ms);
  }

  /** Time passes in which the bank is not woken; then all its timers are late at once. */
  sleep(ms: number): void {
    this.world.now = fromMs(toMs(this.world.now) + ms);
    this.world.do({ kind: "wake", seat: `${this.self}` });
    settle(this.world);
  }

  /** A swap whose legs are these; the test announces it with `announce`. */
  swap(legs: readonly AgreedLeg[] = ringLegs([1, 2]), options: SwapOptions = {}): PlayedSwap {
    const { expiresInMs = 60_000, ttlMs, number = 10 } = options;
    const now = toMs(this.world.now);
    const deal = agreeSwap(this.world.corridor, { number, legs, expiryMs: now + expiresInMs });
    const { genesis, arrangement } = this.world.corridor;
    const chosen = chosenBy(arrangement, { genesis, self: legs[0]?.bank ?? 0 });
    const changes = {
      createdMs: now,
      ...(arrangement === undefined ? {} : chosen),
      ...(ttlMs === undefined ? {} : { params: { ttlMs } }),
    } as Partial<Announcement>;
    const { bytes, sid, key } = announcementOf(this.world.corridor, deal, changes);
    return { sid, key, deal, announcement: bytes };
  }

  /** The bank of leg 0 announces, and LOCKs its leg in the same block unless told not to. */
  announce(swap: PlayedSwap, withLock = true): WrittenBlock {
    const announce = { kind: CORRIDOR.ANNOUNCE, announcement: swap.announcement } as const;
    const lock = { kind: CORRIDOR.LOCK, sid: swap.sid, leg: 0 } as const;
    const bank = swap.deal.legs[0]?.bank ?? 0;
    return withLock ? this.tell(bank, announce, lock) : this.tell(bank, announce);
  }

  terms(from: number, swap: PlayedSwap, deal: AgreedSwap = swap.deal): void {
    const { terms, salt, instructions } = deal;
    this.send(from, encodeTerms({ sid: swap.sid, terms, salt, instructions }));
  }

  /** Everything the bank has signed and synced about swaps, in order. */
  get signed(): readonly Signed[] {
    const found: Signed[] = [];
    for (const record of parseLedgerFile(this.seat.file).records) {
      const block = record.kind === OWN_BLOCK ? parseFullBlock(record.payload) : undefined;
      if (block?.ok !== true) continue;
      const { bank, seq, timeMs } = block.value.header;
      for (const [index, entry] of entriesOf(block.value).entries()) {
        found.push({ entry, ref: { bank, seq, index, blockHash: block.value.hash }, timeMs });
      }
    }
    return found;
  }

  /** Own entries of one kind, in order. */
  own<K extends CorridorEntry["kind"]>(kind: K): readonly CorridorEntryOf<K>[] {
    return this.signed.flatMap(({ entry }) =>
      entry.kind === kind ? [entry as CorridorEntryOf<K>] : [],
    );
  }

  refOf(kind: CorridorEntry["kind"]): EntryRef {
    const found = this.signed.findLast(({ entry }) => entry.kind === kind);
    if (found === undefined) throw new RangeError(`no own entry of kind ${kind}`);
    return found.ref;
  }

  /** Names of the own entries about swaps, in order: a picture of a test's course. */
  get course(): string {
    return this.signed
      .map(({ entry }) => `${NAMES.get(entry.kind) ?? "?"}${viewOf(entry)}`)
      .join(" ");
  }

  /** What the bank sent to one bank, or to all, since the last time the test forgot it. */
  sent<K extends Message["kind"]>(
    kind: K,
    to?: number,
  ): readonly Extract<Message, { readonly kind: K }>[] {
    return this.world.mail.flatMap((letter) =>
      letter.message.kind === kind && (to === undefined || letter.to === to)
        ? [letter.message as Extract<Message, { readonly kind: K }>]
        : [],
    );
  }

  /** Banks that it asked its driver to disconnect. */
  get dropped(): readonly number[] {
    return this.world.dropped.map(({ peer }) => peer);
  }

  forgetMail(): void {
    this.world.mail.length = 0;
  }

  crash(keep = 0): void {
    this.world.do({ kind: "crash", seat: `${this.self}`, keep });
  }

  /**
   * Starts again from the file. The other banks answer at once, with nothing newer, and send their
   * blocks again: of what had not reached the disk the bank knows nothing.
   */
  restart(): void {
    this.world.do({ kind: "restart", seat: `${this.self}` });
    settle(this.world);
    for (const bank of this.puppets.keys()) this.meet(bank);
    for (const { written, via } of this.#pushed) this.send(via, written.push);
  }

  meet(bank: number): void {
    this.world.greet(`${this.self}`, bank);
    this.send(bank, encodeHeads({ heads: [], yours: null }));
  }

  leader(swap: PlayedSwap, view: number): number {
    return leaderByFormula(swap.sid, view, this.world.corridor.genesis);
  }

  /** A swap of these legs whose leader in view 1 is the bank asked for: the salt is varied until it is. */
  swapLedBy(
    leader: number,
    legs: readonly AgreedLeg[] = ringLegs([1, 2]),
    options: SwapOptions = {},
  ): PlayedSwap {
    for (let number = 10; number < 500; number++) {
      const swap = this.swap(legs, { ...options, number });
      if (this.leader(swap, 1) === leader) return swap;
    }
    throw new RangeError(`no swap is led by ${leader}`);
  }
}

export interface SwapOptions {
  readonly expiresInMs?: number;
  readonly ttlMs?: number;
  readonly number?: number;
}

const NAMES = new Map(Object.entries(CORRIDOR).map(([name, kind]) => [kind as number, name]));

const viewOf = (entry: CorridorEntry): string =>
  "view" in entry
    ? `(${entry.view}${"decision" in entry ? ` ${NAME_OF[entry.decision]}` : ""})`
    : "";

const NAME_OF = { 1: "COMMIT", 2: "ABORT" } as const;

const worlds = new Map<string, World>();

function benchWorld(
  shape: CorridorShape,
  self: number,
  arrangement: ArrangementChoice | undefined,
): World {
  const name = `${JSON.stringify(shape)} ${self} ${JSON.stringify(arrangement)}`;
  let world = worlds.get(name);
  if (world === undefined) {
    const corridor = arrangedCorridor(shape, arrangement);
    world = new World(corridor, [{ id: `${self}`, bank: self }]);
    world.do({ kind: "restart", seat: `${self}` });
    for (const bank of range(shape.n)) {
      if (bank === self) continue;
      world.greet(`${self}`, bank);
      world.inject(bank, `${self}`, encodeHeads({ heads: [], yours: null }));
    }
    for (const bytes of foundingSubmissions(corridor, self)) {
      world.do({ kind: "submit", seat: `${self}`, bytes });
    }
    settle(world);
    worlds.set(name, world);
  }
  return world.clone();
}

/** Corridor entries about a played swap, as the protocol writes them. */
export const say = {
  announce: (swap: PlayedSwap): CorridorEntry => ({
    kind: CORRIDOR.ANNOUNCE,
    announcement: swap.announcement,
  }),
  lock: ({ sid }: PlayedSwap, leg: number): CorridorEntry => ({ kind: CORRIDOR.LOCK, sid, leg }),
  refuse: ({ sid }: PlayedSwap): CorridorEntry => ({ kind: CORRIDOR.REFUSE, sid }),
  vote: ({ sid }: PlayedSwap): CorridorEntry => ({ kind: CORRIDOR.VOTE, sid }),
  status: (
    { sid }: PlayedSwap,
    view: number,
    { locks = null, lock = null }: Partial<Pick<StatusEntry, "locks" | "lock">> = {},
  ): CorridorEntry => ({ kind: CORRIDOR.STATUS, sid, view, locks, lock }),
  lead: (
    { sid }: PlayedSwap,
    view: number,
    decision: Decision,
    statuses: readonly EntryRef[],
  ): CorridorEntry => ({ kind: CORRIDOR.LEAD, sid, view, decision, statuses }),
  accept: ({ sid }: PlayedSwap, view: number, decision: Decision): CorridorEntry => ({
    kind: CORRIDOR.ACCEPT,
    sid,
    view,
    decision,
  }),
  confirm: ({ sid }: PlayedSwap, view: number, decision: Decision): CorridorEntry => ({
    kind: CORRIDOR.CONFIRM,
    sid,
    view,
    decision,
  }),
  settle: ({ sid }: PlayedSwap, leg: number, certificate: Certificate): CorridorEntry => ({
    kind: CORRIDOR.SETTLE,
    sid,
    leg,
    grounds: certificate,
  }),
};

type StatusEntry = CorridorEntryOf<typeof CORRIDOR.STATUS>;
