import type { Bytes } from "../crypto/bytes.ts";
import {
  decode,
  encode,
  list,
  literal,
  text,
  tuple,
  uint,
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

/** The public part of a swap (DESIGN: who, until when, how, and a commitment to the rest). */
export const announcementLayout = tuple({
  version: literal(1),
  net: hashLayout,
  epoch: uint(0xffffffff),
  /** The bank of each leg, in order; the bank of leg 0 announces. */
  legBanks: list(bankLayout, MAX_LEGS, 2),
  /** By the announcing bank's clock, in milliseconds since the Unix epoch. */
  createdMs: uint(),
  /** From here on no LOCK and no VOTE of view 0; the decision may come later. */
  expiryMs: uint(),
  arrangement: text<string>(16, { min: 2, pattern: /^[a-z-]+$/ }),
  /** Of `certified`: how long the fast path is given, in milliseconds. */
  params: tuple({ ttlMs: uint(86_400_000) }),
  /** Salted hash of the terms. */
  commitment: hashLayout,
});

export type Announcement = LayoutValue<typeof announcementLayout>;

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
export const participantsOf = ({ legBanks }: Announcement): readonly number[] =>
  legBanks.filter((bank, leg) => legBanks.indexOf(bank) === leg);
