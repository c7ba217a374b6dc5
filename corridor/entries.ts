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
import type { Signature } from "../crypto/ed25519.ts";
import { equalHash } from "../crypto/hash.ts";
import { MAX_BANKS } from "../node/genesis.ts";
import { bankLayout, hashLayout } from "../node/ids.ts";
import { MAX_BLOCK_ENTRIES } from "../node/limits.ts";
import { MAX_ANNOUNCEMENT_BYTES } from "./announcement.ts";
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
    certificate: certificateLayout,
  }),
  [CORRIDOR.VOID]: tuple({
    kind: literal(CORRIDOR.VOID),
    sid,
    leg,
    certificate: certificateLayout,
  }),
  /** Two headers of one bank at one height: signed proof that it forked its log. */
  [CORRIDOR.EVIDENCE]: tuple({
    kind: literal(CORRIDOR.EVIDENCE),
    headerA: binUpTo(MAX_HEADER_BYTES, 1),
    signatureA: bin<Signature>(64),
    headerB: binUpTo(MAX_HEADER_BYTES, 1),
    signatureB: bin<Signature>(64),
  }),
};

export const corridorEntryLayout = union(entries);
export type CorridorEntry = LayoutValue<typeof corridorEntryLayout>;
export type CorridorEntryOf<K extends CorridorEntry["kind"]> = Extract<
  CorridorEntry,
  { readonly kind: K }
>;
/** An entry about one swap: all but ANNOUNCE and EVIDENCE. */
export type SwapEntry = Extract<CorridorEntry, { readonly sid: unknown }>;
