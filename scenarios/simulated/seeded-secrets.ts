import type { Bytes } from "../../crypto/bytes.ts";
import { utf8ToBytes } from "../../crypto/bytes.ts";
import { acceleratedVerifier, type Signer, type Verifier } from "../../crypto/ed25519.ts";
import { digestParts, hashKey } from "../../crypto/hash.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { makeCorridor, type Corridor, type CorridorPlan } from "../play/corridor-keys.ts";
import type { Secrets } from "../play/secrets.ts";
import type { Signatures } from "../scenario.ts";
import { MODELLED_VERIFIER, modelledSigner } from "../sim/modelled-signatures.ts";
import { rememberingVerifier } from "../sim/remembering-verifier.ts";

const DOMAIN = utf8ToBytes("corridor/sim-secret/v1\0");

/**
 * Keys and salts that the scenario's name decides, whatever the seed. They protect nothing: whoever
 * knows the name knows them.
 */
export function seededSecrets(scenario: string, signatures: Signatures): Secrets {
  const prefix = utf8ToBytes(`${scenario} `);
  return {
    bytes: (name) => digestParts(DOMAIN, prefix, utf8ToBytes(name)),
    signer: (own) => signerOf(own, signatures),
  };
}

function signerOf(seed: Bytes, signatures: Signatures): Signer {
  const name = hashKey(seed);
  const real = signers.get(name) ?? opensslSigner(seed);
  if (signers.size < MAX_REMEMBERED_SIGNERS) signers.set(name, real);
  return signatures === "real" ? real : modelledSigner(real.publicKey);
}

/** A campaign runs the same corridor some thousand times. */
const signers = new Map<string, Signer>();
const MAX_REMEMBERED_SIGNERS = 4_096;

/**
 * A corridor whose name decides its keys. Its genesis is signed for real in any case: it is the same, and
 * so are the ids of swaps and the leaders that they decide, however the banks sign.
 */
export const simulatedCorridor = (plan: CorridorPlan): Corridor =>
  makeCorridor(plan, verifierOf("real"), seededSecrets(plan.name, "real"));

export const verifierOf = (signatures: Signatures): Verifier =>
  signatures === "real"
    ? rememberingVerifier(acceleratedVerifier(opensslVerifier()))
    : MODELLED_VERIFIER;
