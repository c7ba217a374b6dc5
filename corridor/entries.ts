import {
  binUpTo,
  bin,
  list,
  literal,
  MISMATCH,
  nullable,
  oneOf,
  tuple,
  uint,
  union,
  type Layout,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import { writeArrayHead, writeUint } from "../crypto/canonical-encode.ts";
import type { CanonicalValue } from "../crypto/canonical-value.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { Signature } from "../crypto/ed25519.ts";
import { equalHash } from "../crypto/hash.ts";
import { MAX_BANKS } from "../node/genesis.ts";
import { bankLayout, hashLayout } from "../node/ids.ts";
import { MAX_BLOCK_ENTRIES } from "../node/limits.ts";
import { MAX_ANNOUNCEMENT_BYTES, type Arrangement } from "./announcement.ts";
import { MAX_LEGS, MAX_VIEW } from "./limits.ts";

/** Kinds of corridor entries: they travel to every peer (protocols.md 3.3). */
export const CORRIDOR = {
  ANNOUNCE: 4,
  LOCK: 5,
  REFUSE: 6,
  VOTE: 7,
  STATUS: 8,
  LEAD: 9,
  ACCEPT: 10,
  CONFIRM: 11,
  SETTLE: 12,
  VOID: 13,
  EVIDENCE: 15,
  HLOCK: 20,
  CLAIM: 21,
  PREPARE: 22,
  DECIDE: 23,
  INQUIRE: 24,
  PAY: 25,
} as const;

const ENTRY_NAMES = new Map(Object.entries(CORRIDOR).map(([name, kind]) => [kind, name]));

/** The name of an entry's kind, such as LOCK. */
export const entryName = (kind: (typeof CORRIDOR)[keyof typeof CORRIDOR]): string =>
  ENTRY_NAMES.get(kind) ?? String(kind);

export const COMMIT = 1;
export const ABORT = 2;
export type Decision = typeof COMMIT | typeof ABORT;

/** Points at one corridor entry of one block; the hash says on which branch, if a log was forked. */
export const entryRefLayout = tuple({
  bank: bankLayout,
  seq: uint(),
  index: uint(MAX_BLOCK_ENTRIES - 1),
  blockHash: hashLayout,
});

export type EntryRef = LayoutValue<typeof entryRefLayout>;

export const sameRef = (a: EntryRef, b: EntryRef): boolean =>
  a.bank === b.bank &&
  a.seq === b.seq &&
  a.index === b.index &&
  equalHash(a.blockHash, b.blockHash);

/** Fixed, so that no second preimage of another length is taken on another ledger. */
export const SECRET_BYTES = 32;

const refs = list(entryRefLayout, MAX_BANKS, 1);
const decision = oneOf(COMMIT, ABORT);
const view = uint(MAX_VIEW);
const leg = uint(MAX_LEGS - 1);
const sid = hashLayout;

/** A quorum's entries that fix one outcome: VOTEs (view 0, always COMMIT) or CONFIRMs of one view. */
export interface Certificate {
  readonly view: number;
  readonly decision: Decision;
  readonly refs: readonly EntryRef[];
}

const slowCertificate = tuple({ view, decision, refs });

/** `[0, refs]` for view 0, which decides COMMIT only; `[view, decision, refs]` for later views. */
export const certificateLayout: Layout<Certificate> = {
  want: "a certificate: [0, refs] or [view, decision, refs]",
  write: (w, certificate) => {
    if (certificate.view > 0) return slowCertificate.write(w, certificate);
    writeArrayHead(w, 2);
    writeUint(w, 0);
    refs.write(w, certificate.refs);
  },
  read: (value, note) => {
    if (Array.isArray(value) && value.length === 2 && value[0] === 0) {
      const votes = refs.read(value[1] as CanonicalValue, note);
      return votes === MISMATCH ? MISMATCH : { view: 0, decision: COMMIT, refs: votes };
    }
    const slow = slowCertificate.read(value, note);
    if (slow === MISMATCH) return MISMATCH;
    if (slow.view > 0) return slow;
    note.want = certificateLayout.want;
    return MISMATCH;
  },
};

/** 32 bytes that only their owner knew, and the time by which the author decided that they came in time. */
const secretShown = tuple({ secret: bin<Bytes>(SECRET_BYTES), timeMs: uint() });
/** The time by which the author decided that the lock was over. */
const timePassed = tuple({ timeMs: uint() });

/**
 * Why a leg may be closed, each arrangement in its way: a certificate (certified), the secret or the
 * passed time (htlc), or one entry that decides (the hub's DECIDE, or a REFUSE).
 */
export type Grounds =
  Certificate | LayoutValue<typeof secretShown> | LayoutValue<typeof timePassed> | EntryRef;

export const isCertificate = (grounds: Grounds): grounds is Certificate => "refs" in grounds;

/** Told apart by the number of elements, and whether the first is a byte string. */
export const groundsLayout: Layout<Grounds> = {
  want: "a certificate, a secret, a time or an entry",
  write: (w, grounds) => {
    if ("refs" in grounds) return certificateLayout.write(w, grounds);
    if ("secret" in grounds) return secretShown.write(w, grounds);
    if ("blockHash" in grounds) return entryRefLayout.write(w, grounds);
    timePassed.write(w, grounds);
  },
  read: (value, note) => {
    if (!Array.isArray(value)) return certificateLayout.read(value, note);
    if (value.length === 1) return timePassed.read(value, note);
    if (value.length === 4) return entryRefLayout.read(value, note);
    const isSecret = value[0] instanceof Uint8Array;
    return (isSecret ? secretShown : certificateLayout).read(value, note);
  },
};

/** The highest value a bank confirmed, with the ACCEPTs that allowed it. */
export const lockReportLayout = tuple({ view, decision, accepts: refs });
export type LockReport = LayoutValue<typeof lockReportLayout>;

const MAX_HEADER_BYTES = 512;

const entries = {
  [CORRIDOR.ANNOUNCE]: tuple({
    kind: literal(CORRIDOR.ANNOUNCE),
    announcement: binUpTo(MAX_ANNOUNCEMENT_BYTES, 1),
  }),
  /** "My leg is held until the certificate"; irrevocable. */
  [CORRIDOR.LOCK]: tuple({ kind: literal(CORRIDOR.LOCK), sid, leg }),
  [CORRIDOR.REFUSE]: tuple({ kind: literal(CORRIDOR.REFUSE), sid }),
  /** COMMIT in view 0. */
  [CORRIDOR.VOTE]: tuple({ kind: literal(CORRIDOR.VOTE), sid }),
  [CORRIDOR.STATUS]: tuple({
    kind: literal(CORRIDOR.STATUS),
    sid,
    view,
    /** P: the LOCK of every leg, when the author has them all. */
    locks: nullable(list(entryRefLayout, MAX_LEGS, 1)),
    lock: nullable(lockReportLayout),
  }),
  [CORRIDOR.LEAD]: tuple({ kind: literal(CORRIDOR.LEAD), sid, view, decision, statuses: refs }),
  [CORRIDOR.ACCEPT]: tuple({ kind: literal(CORRIDOR.ACCEPT), sid, view, decision }),
  [CORRIDOR.CONFIRM]: tuple({ kind: literal(CORRIDOR.CONFIRM), sid, view, decision }),
  [CORRIDOR.SETTLE]: tuple({
    kind: literal(CORRIDOR.SETTLE),
    sid,
    leg,
    grounds: groundsLayout,
  }),
  [CORRIDOR.VOID]: tuple({
    kind: literal(CORRIDOR.VOID),
    sid,
    leg,
    grounds: groundsLayout,
  }),
  /** Two headers of one bank at one height: signed proof that it forked its log. */
  [CORRIDOR.EVIDENCE]: tuple({
    kind: literal(CORRIDOR.EVIDENCE),
    headerA: binUpTo(MAX_HEADER_BYTES, 1),
    signatureA: bin<Signature>(64),
    headerB: binUpTo(MAX_HEADER_BYTES, 1),
    signatureB: bin<Signature>(64),
  }),
  /** Of `htlc`: "my leg is held until the secret of this hash is shown, or until the time". */
  [CORRIDOR.HLOCK]: tuple({
    kind: literal(CORRIDOR.HLOCK),
    sid,
    leg,
    hash: hashLayout,
    untilMs: uint(),
  }),
  /** Of `htlc`: the bank of the leg after asks for this leg, and shows the secret. */
  [CORRIDOR.CLAIM]: tuple({
    kind: literal(CORRIDOR.CLAIM),
    sid,
    leg,
    secret: bin<Bytes>(SECRET_BYTES),
  }),
  /** Of `two-phase`: the hub asks for votes. A vote is a LOCK, or a REFUSE. */
  [CORRIDOR.PREPARE]: tuple({ kind: literal(CORRIDOR.PREPARE), sid }),
  [CORRIDOR.DECIDE]: tuple({ kind: literal(CORRIDOR.DECIDE), sid, decision }),
  /** Of `two-phase`: a prepared bank asks what was decided. */
  [CORRIDOR.INQUIRE]: tuple({ kind: literal(CORRIDOR.INQUIRE), sid }),
  /** Of `gross`: the leg is paid, finally. */
  [CORRIDOR.PAY]: tuple({ kind: literal(CORRIDOR.PAY), sid, leg }),
};

export const corridorEntryLayout = union(entries);
export type CorridorEntry = LayoutValue<typeof corridorEntryLayout>;
export type CorridorEntryOf<K extends CorridorEntry["kind"]> = Extract<
  CorridorEntry,
  { readonly kind: K }
>;
/** Entries that ask how a swap was decided: whoever knows answers with the blocks that show it. */
export const isQuestion = (
  entry: CorridorEntry,
): entry is CorridorEntryOf<typeof CORRIDOR.STATUS> | CorridorEntryOf<typeof CORRIDOR.INQUIRE> =>
  entry.kind === CORRIDOR.STATUS || entry.kind === CORRIDOR.INQUIRE;

/** What closes a leg: SETTLE and PAY post its hold, VOID voids it. */
export type ClosingEntry =
  | CorridorEntryOf<typeof CORRIDOR.SETTLE>
  | CorridorEntryOf<typeof CORRIDOR.VOID>
  | CorridorEntryOf<typeof CORRIDOR.PAY>;

export const isClosing = (entry: CorridorEntry): entry is ClosingEntry =>
  entry.kind === CORRIDOR.SETTLE || entry.kind === CORRIDOR.VOID || entry.kind === CORRIDOR.PAY;

/** An entry about one swap: all but ANNOUNCE and EVIDENCE. */
export type SwapEntry = Extract<CorridorEntry, { readonly sid: unknown }>;

/** The kinds of entries that swaps of each arrangement have. */
const KINDS_UNDER = {
  certified: [5, 6, 7, 8, 9, 10, 11, 12, 13],
  htlc: [6, 12, 13, 20, 21],
  "two-phase": [5, 6, 12, 13, 22, 23, 24],
  gross: [6, 13, 25],
} as const satisfies Record<Arrangement, readonly SwapEntry["kind"][]>;

/** An entry about a swap of this arrangement. */
export type EntryUnder<A extends Arrangement> = Extract<
  SwapEntry,
  { readonly kind: (typeof KINDS_UNDER)[A][number] }
>;

export function isEntryUnder<A extends Arrangement>(
  arrangement: A,
  entry: SwapEntry,
): entry is EntryUnder<A> {
  const kinds: readonly number[] = KINDS_UNDER[arrangement];
  return kinds.includes(entry.kind);
}
