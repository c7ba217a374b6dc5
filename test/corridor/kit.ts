import { auditRun, type AuditReport } from "../../corridor/audit/audit.ts";
import type { ArrangementChoice } from "../../corridor/choice.ts";
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

const arranged = new Map<string, FixedCorridor>();

/** The same, whose banks let swaps settle as said. */
export function arrangedCorridor(
  shape: CorridorShape,
  arrangement: ArrangementChoice | undefined,
): FixedCorridor {
  if (arrangement === undefined) return testCorridor(shape);
  const name = JSON.stringify([shape, arrangement]);
  const corridor = arranged.get(name) ?? { ...testCorridor(shape), arrangement };
  arranged.set(name, corridor);
  return corridor;
}

/** What an auditor finds in the ledgers of a world. */
export const auditOf = (world: World): AuditReport =>
  auditRun(
    [...world.seats.values()].map(({ bank, file }) => ({ bank, bytes: file, head: undefined })),
    world.corridor.genesis,
    world.corridor.signatures.verifier,
  );

/** A corridor in which every bank has its members and money, and every link is up and quiet. */
export const foundedOf = (n: keyof typeof SHAPES): World => foundedWorld(testCorridor(SHAPES[n]));
