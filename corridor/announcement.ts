import type { Bytes } from "../crypto/bytes.ts";
import {
  decode,
  encode,
  list,
  literal,
  MISMATCH,
  text,
  tuple,
  uint,
  type Layout,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import { digest, type Hash } from "../crypto/hash.ts";
import { reject, type Outcome } from "../crypto/outcome.ts";
import { remembered } from "../crypto/remembered.ts";
import type { CanonicalRejection } from "../crypto/canonical-value.ts";
import { bankLayout, hashLayout } from "../node/ids.ts";
import { MAX_LEGS } from "./limits.ts";

/** Names a swap for ever: the hash of its announcement. */
export type SwapId = Hash;

/** One day. */
const MAX_PARAM_MS = 86_400_000;

/** What an arrangement leaves to choose, by its name; in milliseconds where nothing else is said. */
const params = {
  /** How long the fast path is given. */
  certified: tuple({ ttlMs: uint(MAX_PARAM_MS) }),
  /** The worst case of one message delay, and of the difference of two banks' clocks. */
  htlc: tuple({ deltaMaxMs: uint(MAX_PARAM_MS), epsilonMs: uint(MAX_PARAM_MS) }),
  /** The bank that decides, and how long it waits for the votes. */
  "two-phase": tuple({ hub: bankLayout, prepareMs: uint(MAX_PARAM_MS) }),
  /** How long a bank takes from the advice of the leg before to its own payment. */
  gross: tuple({ lagMs: uint(MAX_PARAM_MS) }),
} as const;

export type Arrangement = keyof typeof params;

/** The layout of what a bank announces of a swap under one arrangement. */
export const announcedAs = <A extends string, P>(arrangement: A, choice: Layout<P>) =>
  tuple({
    version: literal(1),
    net: hashLayout,
    epoch: uint(0xffffffff),
    /** The bank of each leg, in order; the bank of leg 0 announces. */
    legBanks: list(bankLayout, MAX_LEGS, 2),
    /** By the announcing bank's clock, in milliseconds since the Unix epoch. */
    createdMs: uint(),
    /** From here on no bank agrees to its leg any more; the decision may come later. */
    expiryMs: uint(),
    arrangement: text<A>(16, { pattern: new RegExp(`^${arrangement}$`) }),
    params: choice,
    /** Salted hash of the terms. */
    commitment: hashLayout,
  });

const announcements = {
  certified: announcedAs("certified", params.certified),
  htlc: announcedAs("htlc", params.htlc),
  "two-phase": announcedAs("two-phase", params["two-phase"]),
  gross: announcedAs("gross", params.gross),
} as const;

/** The public part of a swap (DESIGN: who, until when, how, and a commitment to the rest). */
export type AnnouncementOf<A extends Arrangement> = LayoutValue<(typeof announcements)[A]>;
export type Announcement = { [A in Arrangement]: AnnouncementOf<A> }[Arrangement];

/** The layout of an announcement depends on the arrangement that it names. */
export const announcementLayout: Layout<Announcement> = {
  want: "an announcement of a known arrangement",
  write: (w, value) => layoutOf(value.arrangement).write(w, value),
  read: (value, note) => {
    const name: unknown = Array.isArray(value) ? value[ARRANGEMENT_FIELD] : undefined;
    if (typeof name === "string" && Object.hasOwn(announcements, name)) {
      return layoutOf(name as Arrangement).read(value, note);
    }
    note.want = announcementLayout.want;
    return MISMATCH;
  },
};

const ARRANGEMENT_FIELD = 6;

const layoutOf = (arrangement: Arrangement): Layout<Announcement> => announcements[arrangement];

export const MAX_ANNOUNCEMENT_BYTES = 512;

export const swapIdOf: (announcementBytes: Bytes) => SwapId = remembered(digest);

export const encodeAnnouncement = (announcement: Announcement): Bytes =>
  encode(announcementLayout, announcement);

export const parseAnnouncement = remembered(readAnnouncement);

function readAnnouncement(bytes: Bytes): Outcome<Announcement, CanonicalRejection> {
  if (bytes.length > MAX_ANNOUNCEMENT_BYTES) {
    return reject({
      code: "decode_limit",
      what: "announcement bytes",
      limit: MAX_ANNOUNCEMENT_BYTES,
    });
  }
  return decode(announcementLayout, bytes);
}

/** The banks taking part, each once, in the order of their first leg. */
export const participantsOf = ({ legBanks }: Pick<Announcement, "legBanks">): readonly number[] =>
  legBanks.filter((bank, leg) => legBanks.indexOf(bank) === leg);
