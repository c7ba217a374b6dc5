import type { AuditReport } from "../../../corridor/audit/audit.ts";
import { COMMIT, CORRIDOR } from "../../../corridor/entries.ts";
import { parseHex, type Bytes } from "../../../crypto/bytes.ts";
import { hashKey, type Hash } from "../../../crypto/hash.ts";
import {
  checkSwapProof,
  encodeSwapProof,
  type EntryProof,
  type SwapProof,
} from "../../../corridor/proof.ts";
import { proveSwap } from "../../../corridor/prove.ts";
import type { Prng } from "../../sim/prng.ts";
import type { CheckerSetting, PropertyChecker } from "../checker.ts";
import { flipped, sample } from "../samples.ts";
import { shortKey } from "../signed-record.ts";

const SWAPS_SAMPLED = 4;
const FLIPS_PER_PROOF = 16;

export interface ProofSoundness extends PropertyChecker {
  /** The run's ledgers were audited, after its end. */
  readonly audited: (audit: AuditReport) => void;
}

/**
 * P13: the proof of a swap's outcome checks and shows the outcome that was reached, and with anything
 * in it changed it no longer does; and the auditor names no bank that is honest. On some swaps of the run.
 */
export const proofSoundness = (setting: CheckerSetting): ProofSoundness => {
  const { genesis, verifier, record, prng, conditions, violated, isHonestBank } = setting;
  const draws = prng.fork("P13");
  let proven: number | undefined;
  const proves = (bytes: Bytes): boolean => checkSwapProof(bytes, genesis, verifier).ok;
  const judge = (audit: AuditReport, sid: string): void => {
    const made = proveSwap(audit.ledgers, sid);
    const name = sid.slice(0, 16);
    if (!made.ok) return violated("P13", undefined, `swap ${name}: no proof (${made.error.code})`);
    const bytes = encodeSwapProof(made.value);
    const checked = checkSwapProof(bytes, genesis, verifier);
    if (!checked.ok) {
      return violated("P13", undefined, `swap ${name}: its proof fails: ${checked.error.why}`);
    }
    const reached = record.outcomes.get(shortKey(parseHex(sid, 32) as Hash));
    if (checked.value.decision !== reached) {
      const shown = checked.value.decision === COMMIT ? "COMMIT" : "ABORT";
      violated("P13", undefined, `swap ${name}: its proof shows ${shown}, which was not reached`);
    }
    for (let i = 0; i < FLIPS_PER_PROOF; i++) {
      if (!proves(flipped(bytes, draws))) continue;
      violated("P13", undefined, `swap ${name}: its proof checks with a bit changed`);
    }
    const isHubs = checked.value.announcement.arrangement === "two-phase";
    const needed = isHubs ? 1 : genesis.quorum;
    for (const [what, mutant] of mutantsOf(made.value, needed, draws)) {
      if (!proves(encodeSwapProof(mutant))) continue;
      violated("P13", undefined, `swap ${name}: its proof checks with ${what}`);
    }
  };
  return {
    property: "P13",
    audited: (audit) => {
      for (const { bank, code, detail } of audit.findings) {
        const number = genesis.banks.find((b) => b.id === bank)?.number ?? Number(bank);
        if (!isHonestBank(number)) continue;
        violated("P13", undefined, `the auditor blames honest bank ${bank}: ${code}: ${detail}`);
      }
      const closed = closedSwaps(audit).filter((sid) => isProvable(audit, sid));
      proven = closed.length;
      for (const sid of sample(closed, SWAPS_SAMPLED, draws)) judge(audit, sid);
    },
    notApplicable: () => {
      if (proven === undefined) return "the ledgers were not audited";
      const { arrangement } = conditions.choice;
      if (arrangement === "htlc" || arrangement === "gross") {
        return `${arrangement} leaves no certificate`;
      }
      return proven === 0 ? "no swap was closed" : undefined;
    },
  };
};

/** Whether the arrangement leaves something that proves an outcome to outsiders. */
function isProvable({ swaps }: AuditReport, sid: string): boolean {
  const arrangement = swaps.get(sid)?.arrangement;
  return arrangement === "certified" || arrangement === "two-phase";
}

/** Swaps that some ledger settles or voids. */
const closedSwaps = ({ ledgers }: AuditReport): readonly string[] => [
  ...new Set(
    ledgers.flatMap(({ own }) =>
      own.flatMap(({ entries }) =>
        entries.flatMap((entry) =>
          entry?.kind === CORRIDOR.SETTLE || entry?.kind === CORRIDOR.VOID
            ? [hashKey(entry.sid)]
            : [],
        ),
      ),
    ),
  ),
];

/** The proof with each of its parts changed, taken away, or put in the place of another. */
function mutantsOf(
  proof: SwapProof,
  quorum: number,
  prng: Prng,
): readonly (readonly [string, SwapProof])[] {
  const { announcement, certificate, closings } = proof;
  const [first] = certificate;
  const [closing] = closings;
  if (first === undefined) return [];
  const ballot = (what: string, changed: EntryProof): readonly [string, SwapProof] => [
    `another ${what} in a ballot`,
    { ...proof, certificate: [changed, ...certificate.slice(1)] },
  ];
  const few = certificate.slice(0, quorum - 1);
  return [
    ["another announcement", { ...proof, announcement: flipped(announcement, prng) }],
    ...(few.length === 0
      ? []
      : ([
          ["too few ballots", { ...proof, certificate: few }],
          ["one ballot twice", { ...proof, certificate: [...few, first] }],
        ] as const)),
    ballot("header", { ...first, header: flipped(first.header, prng) }),
    ballot("signature", { ...first, signature: flipped(first.signature, prng) as never }),
    ballot("entry", { ...first, entry: flipped(first.entry, prng) }),
    ballot("index", { ...first, index: first.index + 1 }),
    ballot("path", { ...first, path: [...first.path, first.header.slice(0, 32) as Hash] }),
    ...(closing === undefined
      ? []
      : ([
          ["a SETTLE or VOID as a ballot", { ...proof, certificate: [...few, closing] }],
          ["a ballot as SETTLE or VOID", { ...proof, closings: [first] }],
          ["one closing twice", { ...proof, closings: [closing, closing] }],
        ] as const)),
  ];
}
