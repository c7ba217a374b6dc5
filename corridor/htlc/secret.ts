import type { Bytes } from "../../crypto/bytes.ts";
import { digest, digestParts, DOMAIN, equalHash, type Hash } from "../../crypto/hash.ts";
import type { SwapId } from "../announcement.ts";
import { SECRET_BYTES } from "../entries.ts";

/**
 * The leader's secret of a swap. It is derived from the bank's own secret, so it survives every crash and
 * nobody else can know it before the leader shows it.
 */
export const secretOf = (saltSecret: Bytes, sid: SwapId): Bytes =>
  digestParts(DOMAIN.secret, saltSecret, sid);

/** What locks a leg: plain SHA-256 of the 32 bytes, as on every ledger that knows hash locks. */
export const hashOfSecret = (secret: Bytes): Hash => digest(secret);

export const opens = (secret: Bytes, hash: Hash): boolean =>
  secret.length === SECRET_BYTES && equalHash(hashOfSecret(secret), hash);
