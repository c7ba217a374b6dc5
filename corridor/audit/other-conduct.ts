import { equalHash, hashKey } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Announcement, AnnouncementOf } from "../announcement.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  isEntryUnder,
  type CorridorEntryOf,
  type Decision,
  type EntryUnder,
  type SwapEntry,
} from "../entries.ts";
import { opens } from "../htlc/secret.ts";
import { claimerOf, untilMs } from "../htlc/timelocks.ts";
import type { Held } from "./held.ts";
import type { AuditedBlock } from "./ledger-view.ts";

/** What a bank has signed about one swap so far, in the order of its own ledger. */
export interface Acts {
  /** `kind view leg` of each entry, as far as the kind has these. */
  readonly slots: Set<string>;
  readonly kinds: Set<SwapEntry["kind"]>;
  readonly locked: Set<number>;
  /** HLOCKs by leg. */
  readonly hashLocks: Map<number, CorridorEntryOf<typeof CORRIDOR.HLOCK>>;
  /** Of the highest STATUS; 0 before the first. */
  view: number;
  confirmed: { readonly view: number; readonly decision: Decision } | undefined;
}

/** One entry of a bank's own ledger, with what it is judged by. */
export interface Judged {
  readonly audited: AuditedBlock;
  readonly acts: Acts;
  readonly entry: SwapEntry;
  readonly held: Held;
  readonly author: number;
  /** The usable announcement that is held. */
  readonly announcement: Announcement | undefined;
}

/** The rule of FORMAT.md 9.6 that an entry breaks, of a swap under another arrangement than `certified`. */
export function brokenOtherwise(judged: Judged, announcement: Announcement): string | undefined {
  const { entry } = judged;
  switch (announcement.arrangement) {
    case "htlc":
      return isEntryUnder("htlc", entry) ? brokenByHtlc(judged, entry, announcement) : undefined;
    case "two-phase":
      return isEntryUnder("two-phase", entry)
        ? brokenByTwoPhase(judged, entry, announcement)
        : undefined;
    case "gross":
      return isEntryUnder("gross", entry) ? brokenByGross(judged, entry, announcement) : undefined;
    case "certified":
      return undefined;
    default:
      return unreachable(announcement);
  }
}

function brokenByHtlc(
  judged: Judged,
  entry: EntryUnder<"htlc">,
  announcement: AnnouncementOf<"htlc">,
): string | undefined {
  const { author, acts } = judged;
  const { legBanks } = announcement;
  switch (entry.kind) {
    case CORRIDOR.HLOCK: {
      const { leg } = entry;
      if (legBanks[leg] !== author) return "H1: HLOCK of another bank's leg";
      if (acts.kinds.has(CORRIDOR.REFUSE)) return "C2: HLOCK and REFUSE";
      if (entry.untilMs !== untilMs(announcement, leg)) return "H1: HLOCK until another time";
      if (leg === 0) return undefined;
      const isFollowing = lockOf(judged, leg - 1, legBanks)?.hash;
      return isFollowing !== undefined && equalHash(isFollowing, entry.hash)
        ? undefined
        : "H2: HLOCK without that of the leg before";
    }
    case CORRIDOR.CLAIM: {
      if (claimerOf(announcement, entry.leg) !== author) return "H3: CLAIM of another's leg";
      const hash = lockOf(judged, entry.leg, legBanks)?.hash;
      return hash !== undefined && opens(entry.secret, hash)
        ? undefined
        : "H3: CLAIM with what opens no HLOCK";
    }
    case CORRIDOR.SETTLE:
      return isClaimed(judged, entry, announcement)
        ? undefined
        : "H4: SETTLE without a claim in time";
    case CORRIDOR.VOID: {
      if (isOwnRefuse(judged, entry)) return undefined;
      const { grounds } = entry;
      const lock = acts.hashLocks.get(entry.leg);
      if (lock === undefined || !isTime(grounds)) return "H5: VOID of what was not locked";
      return isBetween(lock.untilMs, grounds.timeMs, judged) ? undefined : "H5: VOID too early";
    }
    case CORRIDOR.REFUSE:
      return brokenByRefuse(judged, legBanks);
    default:
      return unreachable(entry);
  }
}

function brokenByTwoPhase(
  judged: Judged,
  entry: EntryUnder<"two-phase">,
  announcement: AnnouncementOf<"two-phase">,
): string | undefined {
  const { author, acts, held } = judged;
  const { legBanks, params } = announcement;
  const sid = hashKey(entry.sid);
  const isHub = author === params.hub;
  switch (entry.kind) {
    case CORRIDOR.LOCK: {
      if (legBanks[entry.leg] !== author) return "T1: LOCK of another bank's leg";
      if (acts.kinds.has(CORRIDOR.REFUSE)) return "C2: LOCK and REFUSE";
      const isAsked = isHub
        ? acts.kinds.has(CORRIDOR.PREPARE)
        : signedBy(held, sid, CORRIDOR.PREPARE, params.hub);
      return isAsked || author === legBanks[0] ? undefined : "T1: LOCK without PREPARE";
    }
    case CORRIDOR.REFUSE:
      return brokenByRefuse(judged, legBanks);
    case CORRIDOR.PREPARE:
      return isHub ? undefined : "T2: PREPARE by another than the hub";
    case CORRIDOR.DECIDE: {
      if (!isHub) return "T2: DECIDE by another than the hub";
      if (entry.decision === ABORT) return undefined;
      const isYes = (bank: number, leg: number): boolean =>
        held.hasLock(sid, leg, bank) || (bank === author && acts.locked.has(leg));
      return legBanks.every(isYes) ? undefined : "T3: COMMIT without the LOCKs of all legs";
    }
    case CORRIDOR.INQUIRE:
      return acts.kinds.has(CORRIDOR.LOCK) ? undefined : "T4: INQUIRE by a bank not prepared";
    case CORRIDOR.SETTLE:
      if (!acts.locked.has(entry.leg)) return "T5: SETTLE of what was not LOCKed";
      return isDecided(judged, entry, params.hub, COMMIT) ? undefined : "T5: SETTLE without COMMIT";
    case CORRIDOR.VOID: {
      const isFounded =
        isDecided(judged, entry, params.hub, ABORT) || isRefused(judged, entry, legBanks);
      return isFounded ? undefined : "T5: VOID without ABORT or REFUSE";
    }
    default:
      return unreachable(entry);
  }
}

function brokenByGross(
  judged: Judged,
  entry: EntryUnder<"gross">,
  { legBanks }: Announcement,
): string | undefined {
  const { author, acts, held } = judged;
  const sid = hashKey(entry.sid);
  switch (entry.kind) {
    case CORRIDOR.PAY: {
      if (legBanks[entry.leg] !== author) return "G1: PAY of another bank's leg";
      if (acts.kinds.has(CORRIDOR.REFUSE)) return "C2: PAY and REFUSE";
      const isAdvised = legBanks
        .slice(0, entry.leg)
        .every((bank, leg) => signedBy(held, sid, CORRIDOR.PAY, bank, leg));
      return isAdvised ? undefined : "G2: PAY before the legs before";
    }
    case CORRIDOR.REFUSE:
      return brokenByRefuse(judged, legBanks);
    case CORRIDOR.VOID:
      return isOwnRefuse(judged, entry) ? undefined : "G3: VOID without an own REFUSE";
    default:
      return unreachable(entry);
  }
}

function brokenByRefuse({ acts, author }: Judged, legBanks: readonly number[]): string | undefined {
  const { LOCK, HLOCK, PAY } = CORRIDOR;
  if ([LOCK, HLOCK, PAY].some((kind) => acts.kinds.has(kind))) return "C2: REFUSE after LOCK";
  return legBanks.includes(author) ? undefined : "C2: REFUSE by a bank that takes no part";
}

type Settle = CorridorEntryOf<typeof CORRIDOR.SETTLE>;
type Void = CorridorEntryOf<typeof CORRIDOR.VOID>;

const isTime = (grounds: Void["grounds"]): grounds is { readonly timeMs: number } =>
  "timeMs" in grounds && !("secret" in grounds);

/** The HLOCK of a leg by its bank: held, or signed by the author itself before. */
function lockOf(
  { entry, held, author, acts }: Judged,
  leg: number,
  legBanks: readonly number[],
): CorridorEntryOf<typeof CORRIDOR.HLOCK> | undefined {
  if (legBanks[leg] === author) return acts.hashLocks.get(leg);
  for (const { bank, entry: other } of held.othersOf(hashKey(entry.sid))) {
    if (other.kind === CORRIDOR.HLOCK && other.leg === leg && bank === legBanks[leg]) return other;
  }
  return undefined;
}

/** H4: an own HLOCK, whose secret its claimer has shown, by a time before the lock is over. */
function isClaimed(
  { audited, acts, held }: Judged,
  { sid, leg, grounds }: Settle,
  announcement: AnnouncementOf<"htlc">,
): boolean {
  const lock = acts.hashLocks.get(leg);
  if (lock === undefined || !("secret" in grounds) || !opens(grounds.secret, lock.hash))
    return false;
  if (grounds.timeMs >= lock.untilMs || grounds.timeMs > audited.block.header.timeMs) return false;
  return held
    .othersOf(hashKey(sid))
    .some(
      ({ bank, entry }) =>
        entry.kind === CORRIDOR.CLAIM &&
        entry.leg === leg &&
        bank === claimerOf(announcement, leg) &&
        opens(entry.secret, lock.hash),
    );
}

const isBetween = (fromMs: number, timeMs: number, { audited }: Judged): boolean =>
  timeMs >= fromMs && timeMs <= audited.block.header.timeMs;

/** The leg was never locked: its bank has REFUSEd, and says where. */
function isOwnRefuse({ held, author, acts }: Judged, { sid, grounds }: Void): boolean {
  if (!("blockHash" in grounds) || grounds.bank !== author || acts.locked.size > 0) return false;
  const entry = held.entryAt(grounds);
  return entry?.kind === CORRIDOR.REFUSE && equalHash(entry.sid, sid);
}

function isRefused({ held }: Judged, { sid, grounds }: Void, legBanks: readonly number[]): boolean {
  if (!("blockHash" in grounds) || !legBanks.includes(grounds.bank)) return false;
  const entry = held.entryAt(grounds);
  return entry?.kind === CORRIDOR.REFUSE && equalHash(entry.sid, sid);
}

function isDecided(
  { held }: Judged,
  { sid, grounds }: Settle | Void,
  hub: number,
  decision: Decision,
): boolean {
  if (!("blockHash" in grounds) || grounds.bank !== hub) return false;
  const entry = held.entryAt(grounds);
  if (entry?.kind !== CORRIDOR.DECIDE || entry.decision !== decision) return false;
  return equalHash(entry.sid, sid);
}

const signedBy = (held: Held, sid: string, kind: SwapEntry["kind"], by: number, leg?: number) =>
  held
    .othersOf(sid)
    .some(
      ({ bank, entry }) =>
        entry.kind === kind &&
        bank === by &&
        (leg === undefined || ("leg" in entry && entry.leg === leg)),
    );
