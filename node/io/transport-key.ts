import { privateKeyFromRaw, publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { KEY_BYTES } from "../../crypto/ed25519.ts";
import { invariant } from "../../crypto/outcome.ts";
import { opensslSigner } from "./openssl.ts";

/** libp2p's form of the private key of a 32-byte Ed25519 seed; another length is a bug. */
export function transportPrivateKey(seed: Uint8Array): PrivateKey {
  return privateKeyFromRaw(Buffer.concat([seed, transportPublicKey(seed)]));
}

/** The peer id, in its usual text form (`12D3Koo…`), of a bank with this transport seed. */
export function transportPeerId(seed: Uint8Array): string {
  return peerIdOfPublicKey(transportPublicKey(seed));
}

/** The public key, as it stands in the genesis, of a bank with this 32-byte transport seed. */
export function transportPublicKey(seed: Uint8Array): Uint8Array {
  return opensslSigner(seed).publicKey;
}

/** The peer id, in its usual text form, of a 32-byte Ed25519 public key. */
export function peerIdOfPublicKey(publicKey: Uint8Array): string {
  invariant(publicKey.length === KEY_BYTES, "KeyLength", `a public key has ${KEY_BYTES} bytes`);
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey)).toString();
}
