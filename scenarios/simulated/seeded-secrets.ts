import type { Bytes } from "../../crypto/bytes.ts";
import { utf8ToBytes } from "../../crypto/bytes.ts";
import { acceleratedVerifier, type Signer, type Verifier } from "../../crypto/ed25519.ts";
import { digestParts } from "../../crypto/hash.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import type { Secrets } from "../live/secrets.ts";
import type { Signatures } from "../scenario.ts";
import { MODELLED_VERIFIER, modelledSigner } from "../sim/modelled-signatures.ts";
import { rememberingVerifier } from "../sim/remembering-verifier.ts";

const DOMAIN = utf8ToBytes("corridor/sim-secret/v1\0");

/** Keys and salts that the seed decides. They protect nothing: whoever knows the seed knows them. */
export function seededSecrets(seed: number, signatures: Signatures): Secrets {
  const prefix = utf8ToBytes(`${seed} `);
  return {
    bytes: (name) => digestParts(DOMAIN, prefix, utf8ToBytes(name)),
    signer: (own) => signerOf(own, signatures),
  };
}

function signerOf(seed: Bytes, signatures: Signatures): Signer {
  const real = opensslSigner(seed);
  return signatures === "real" ? real : modelledSigner(real.publicKey);
}

export const verifierOf = (signatures: Signatures): Verifier =>
  signatures === "real"
    ? rememberingVerifier(acceleratedVerifier(opensslVerifier()))
    : MODELLED_VERIFIER;
