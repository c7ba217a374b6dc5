import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import {
  fixedCorridor,
  SHAPES,
  type CorridorShape,
  type FixedCorridor,
  type Signatures,
} from "../../scenarios/explore/corridor.ts";
import { rememberingVerifier } from "../../scenarios/sim/remembering-verifier.ts";
import { foundedWorld } from "../../scenarios/explore/drive.ts";
import type { World } from "../../scenarios/explore/world.ts";

/** Real signatures, made and checked by OpenSSL: much faster than the definition. */
const OPENSSL: Signatures = {
  kind: "real",
  signer: opensslSigner,
  verifier: rememberingVerifier(acceleratedVerifier(opensslVerifier())),
};

const corridors = new Map<string, FixedCorridor>();

/** The corridor of a shape, the same every time. */
export function testCorridor(shape: CorridorShape): FixedCorridor {
  const name = JSON.stringify(shape);
  const corridor = corridors.get(name) ?? fixedCorridor(shape, OPENSSL);
  corridors.set(name, corridor);
  return corridor;
}

/** A corridor in which every bank has its members and money, and every link is up and quiet. */
export const foundedOf = (n: keyof typeof SHAPES): World => foundedWorld(testCorridor(SHAPES[n]));
