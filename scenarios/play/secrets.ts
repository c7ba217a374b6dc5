import { randomBytes } from "node:crypto";
import type { Bytes } from "../../crypto/bytes.ts";
import type { Signer } from "../../crypto/ed25519.ts";
import { opensslSigner } from "../../node/io/openssl.ts";

/** Where a run's keys and salts come from: fresh ones for a live run, for a simulated one those that its name decides. */
export interface Secrets {
  /** 32 bytes; each name is asked for once. */
  bytes(name: string): Bytes;
  signer(seed: Bytes): Signer;
}

export const FRESH_SECRETS: Secrets = {
  bytes: () => randomBytes(32),
  signer: opensslSigner,
};
