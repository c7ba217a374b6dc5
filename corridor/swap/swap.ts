import type { Bytes } from "../../crypto/bytes.ts";
import type { SignedInstruction } from "../../node/instruction.ts";
import { equalHash, type Hash } from "../../crypto/hash.ts";
import { instant, type Instant } from "../../node/time.ts";
import type { Announcement, SwapId } from "../announcement.ts";
import {
  sameRef,
  type Certificate,
  type CORRIDOR,
  type CorridorEntryOf,
  type Decision,
  type EntryRef,
  type SwapEntry,
} from "../entries.ts";
import { MAX_PLACES_PER_STEP } from "../limits.ts";
import type { GrossCourse } from "../gross/course.ts";
import type { HtlcCourse } from "../htlc/course.ts";
import type { SwapTimes } from "../report.ts";
import type { TwoPhaseCourse } from "../two-phase/course.ts";
import { NONE, type SmallSet } from "./small-set.ts";
import type { Terms } from "../../node/terms.ts";

export interface SeenEntry<E> {
  readonly author: number;
  readonly ref: EntryRef;
  readonly entry: E;
}

export type SeenStatus = SeenEntry<CorridorEntryOf<typeof CORRIDOR.STATUS>>;
export type SeenLead = SeenEntry<CorridorEntryOf<typeof CORRIDOR.LEAD>>;

/** Terms that match the commitment, with the instructions of the members who pay. */
export interface SwapTerms {
  readonly terms: Terms;
  readonly bytes: Bytes;
  readonly salt: Bytes;
  readonly commitment: Hash;
  readonly instructions: readonly SignedInstruction[];
}

/**
 * Entries of one view and decision, by author: each author counts once (S6 binds honest ones to one).
 * All places are kept where it signed the entry: another bank may refer to another branch of its log.
 */
export type Ballots = Map<string, Map<number, EntryRef[]>>;

/** How far a swap is under an arrangement other than `certified`. */
export type Course = HtlcCourse | TwoPhaseCourse | GrossCourse;

/**
 * One swap at one bank. It is kept from the first mention until it is decided and, for a bank taking
 * part, its own legs are closed. What certified commit keeps (protocols.md 3.5) stands beside what all
 * arrangements share: a corridor has many swaps, and nearly all of them are certified.
 */
export interface Swap {
  readonly sid: SwapId;
  readonly key: string;
  announcement: Announcement | undefined;
  /** A block with the announcement, for banks that ask; it is durable no later than any own entry. */
  announcedIn: EntryRef | undefined;
  /** Entries that came before the announcement. */
  readonly early: SeenEntry<SwapEntry>[];
  /** Who mentioned the swap first, as long as its announcement is not known. */
  stubOf: number | undefined;
  /** The legs on this bank's ledger. */
  myLegs: readonly number[];
  terms: SwapTerms | undefined;
  /** Of the other arrangements, once the announcement is known. */
  course: Course | undefined;

  /** S2: after STATUS of a view, this bank never acts in a lower one. */
  view: number;
  /** The view that a timer or the other banks ask for; entered once no own entry is pending. */
  wantedView: number;
  /** S1: at most one VOTE, and only in view 0. */
  voted: boolean;
  /** Legs with an own LOCK. */
  locked: SmallSet;
  refused: boolean;
  /** The DECLINE that goes to the other banks taking part once the own REFUSE is durable. */
  decline: Bytes | undefined;
  /** S6: at most one LEAD, ACCEPT and CONFIRM per view. */
  led: SmallSet;
  accepted: SmallSet;
  confirmed: SmallSet;
  /** S3, S5: the highest value this bank confirmed; reported with every STATUS. */
  lock: { readonly view: number; readonly decision: Decision } | undefined;
  /** Legs with an own SETTLE, VOID or PAY. */
  closed: SmallSet;
  /** How this bank has closed its own legs. */
  outcome: "settled" | "voided" | undefined;
  /** Own entries about this swap that are not durable yet. */
  unsealed: number;
  /** Own closing entries (SETTLE, VOID) that are durable. */
  closedDurably: number;

  /** LOCKs seen for each leg, on any branch of their author's log (3.8). */
  readonly locks: EntryRef[][];
  participantRefused: boolean;
  readonly votes: Map<number, EntryRef>;
  readonly statuses: SeenStatus[];
  readonly leads: SeenLead[];
  readonly accepts: Ballots;
  readonly confirms: Ballots;
  certificate: Certificate | undefined;
  /** Why this or another bank declined, if it said so. */
  refusal: string | null;
  readonly times: SwapTimes;
}

export function newSwap(sid: SwapId, key: string): Swap {
  const never = instant(0);
  return {
    sid,
    key,
    announcement: undefined,
    announcedIn: undefined,
    early: [],
    stubOf: undefined,
    myLegs: [],
    terms: undefined,
    course: undefined,
    view: 0,
    wantedView: 0,
    voted: false,
    locked: NONE,
    refused: false,
    decline: undefined,
    led: NONE,
    accepted: NONE,
    confirmed: NONE,
    lock: undefined,
    closed: NONE,
    outcome: undefined,
    unsealed: 0,
    closedDurably: 0,
    locks: [],
    participantRefused: false,
    votes: new Map(),
    statuses: [],
    leads: [],
    accepts: new Map(),
    confirms: new Map(),
    certificate: undefined,
    refusal: null,
    times: {
      received: never,
      announced: never,
      locked: never,
      voted: never,
      decided: never,
      final: never,
    },
  };
}

export const ballotKey = (view: number, decision: Decision): string => `${view} ${decision}`;

export function castBallot(
  ballots: Ballots,
  view: number,
  decision: Decision,
  author: number,
  ref: EntryRef,
): void {
  const key = ballotKey(view, decision);
  let box = ballots.get(key);
  if (box === undefined) {
    box = new Map();
    ballots.set(key, box);
  }
  const places = box.get(author);
  if (places === undefined) box.set(author, [ref]);
  else notePlace(places, ref);
}

/** The first entry of each of the first `quorum` authors. */
export const firstOfEach = (
  box: ReadonlyMap<number, readonly EntryRef[]> | undefined,
  quorum: number,
): readonly EntryRef[] =>
  [...(box?.values() ?? [])].slice(0, quorum).map(([first]) => first as EntryRef);

/** Notes another place of one entry, one per block. The first stays, then the newest count. */
export function notePlace(places: EntryRef[], ref: EntryRef): void {
  if (places.some((known) => equalHash(known.blockHash, ref.blockHash))) return;
  if (places.length >= MAX_PLACES_PER_STEP) places.splice(1, 1);
  places.push(ref);
}

/**
 * Keeps an entry once, and of entries that an honest bank would not sign side by side the newest: what
 * another bank refers to can be asked for again and then counts at once (3.8).
 */
export function keepNewest<S extends SeenEntry<unknown>>(
  seen: S[],
  entry: S,
  limit: number,
  { isRival }: { readonly isRival: (other: S) => boolean },
): void {
  const rivals = seen.filter(isRival);
  if (rivals.some((rival) => sameRef(rival.ref, entry.ref))) return;
  const [oldest] = rivals;
  if (oldest !== undefined && rivals.length >= limit) seen.splice(seen.indexOf(oldest), 1);
  seen.push(entry);
}

export const noted = (times: SwapTimes, step: keyof SwapTimes, at: Instant): void => {
  if (times[step] === 0) times[step] = at;
};
