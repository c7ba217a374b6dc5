import { decode, encode, tuple, uint, type LayoutValue } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { CanonicalRejection } from "../../crypto/canonical-value.ts";
import type { Outcome } from "../../crypto/outcome.ts";
import { announcedAs } from "../announcement.ts";

/** The arrangement that announcements of a shared ledger name. */
export const SHARED_LEDGER = "shared-ledger";

/** One day. */
const MAX_TTL_MS = 86_400_000;

const layout = announcedAs(
  SHARED_LEDGER,
  /** How long the swap may wait for its place in a block. */
  tuple({ ttlMs: uint(MAX_TTL_MS) }),
);

/** The public part of a swap on a shared ledger; a bank with a ledger of its own does not read it. */
export type SharedAnnouncement = LayoutValue<typeof layout>;

export const encodeSharedAnnouncement = (announcement: SharedAnnouncement): Bytes =>
  encode(layout, announcement);

export const parseSharedAnnouncement = (
  bytes: Bytes,
): Outcome<SharedAnnouncement, CanonicalRejection> => decode(layout, bytes);
