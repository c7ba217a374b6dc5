import { createPrivateKey, createPublicKey } from "node:crypto";
import { privateKeyFromRaw, publicKeyFromRaw } from "@libp2p/crypto/keys";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import type { PrivateKey } from "@libp2p/interface";

const KEY_BYTES = 32;

/** PKCS #8 around a raw Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** The libp2p private key of a 32-byte Ed25519 seed. Another length is a bug and throws. */
export function transportPrivateKey(seed: Uint8Array): PrivateKey {
  return privateKeyFromRaw(Buffer.concat([seed, transportPublicKey(seed)]));
}

/** The 32-byte Ed25519 public key of a 32-byte seed. Another length is a bug and throws. */
export function transportPublicKey(seed: Uint8Array): Uint8Array {
  if (seed.length !== KEY_BYTES) throw new RangeError(`a seed has ${KEY_BYTES} bytes`);
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(spki.length - KEY_BYTES));
}

/** The peer id, in its usual text form (`12D3Koo…`), of a bank with this transport seed. */
export function transportPeerId(seed: Uint8Array): string {
  return peerIdOfPublicKey(transportPublicKey(seed));
}

/** The peer id, in its usual text form, of a 32-byte Ed25519 public key. */
export function peerIdOfPublicKey(publicKey: Uint8Array): string {
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`a public key has ${KEY_BYTES} bytes`);
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey)).toString();
}
