import type { Bytes } from "../crypto/bytes.ts";
import {
  bin,
  binUpTo,
  decode,
  encode,
  list,
  literal,
  tuple,
  uint,
  type LayoutValue,
} from "../crypto/canonical-layout.ts";
import { signedBytes, type Signature, type Verifier } from "../crypto/ed25519.ts";
import { DOMAIN, equalHash, type Hash } from "../crypto/hash.ts";
import { leafHash, verifyInclusion } from "../crypto/merkle.ts";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { MAX_BANKS, type Genesis } from "../node/genesis.ts";
import { hashLayout } from "../node/ids.ts";
import { headerLayout, type Header } from "../node/ledger/block.ts";
import { MAX_BLOCK_ENTRIES, MAX_ENTRY_BYTES } from "../node/limits.ts";
import {
  MAX_ANNOUNCEMENT_BYTES,
  parseAnnouncement,
  swapIdOf,
  type Announcement,
  type AnnouncementOf,
} from "./announcement.ts";
import { EPOCH } from "./bank-state.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  corridorEntryLayout,
  type CorridorEntry,
  type Decision,
} from "./entries.ts";
import { MAX_LEGS } from "./limits.ts";

/** One corridor entry, with what shows that its bank signed it (protocols.md 3.12). */
export const entryProofLayout = tuple({
  header: binUpTo(512, 1),
  signature: bin<Signature>(64),
  entry: binUpTo(MAX_ENTRY_BYTES, 1),
  index: uint(MAX_BLOCK_ENTRIES - 1),
  path: list(hashLayout, 12),
});

export type EntryProof = LayoutValue<typeof entryProofLayout>;

/** Everything a stranger needs beside the corridor's genesis to see how a swap was decided. */
export const swapProofLayout = tuple({
  version: literal(1),
  announcement: binUpTo(MAX_ANNOUNCEMENT_BYTES, 1),
  /** q VOTEs, or q CONFIRMs of one view and decision; of `two-phase`, the one entry that decides. */
  certificate: list(entryProofLayout, MAX_BANKS, 1),
  /** The SETTLE or VOID of each leg that is closed. */
  closings: list(entryProofLayout, MAX_LEGS),
});

export type SwapProof = LayoutValue<typeof swapProofLayout>;

export const encodeSwapProof = (proof: SwapProof): Bytes => encode(swapProofLayout, proof);

export interface ProofRejection {
  readonly code: "proof_invalid";
  readonly where: string;
  readonly why: string;
}

/** What a proof shows. */
export interface Proven {
  readonly sid: Hash;
  readonly announcement: Announcement;
  readonly decision: Decision;
  readonly view: number;
  /** Banks whose signatures make the certificate. */
  readonly signers: readonly number[];
  /** Legs whose SETTLE or VOID is part of the proof; the certificate alone already decides. */
  readonly closedLegs: readonly number[];
}

const invalid = (where: string, why: string) =>
  reject({ code: "proof_invalid", where, why } as const);

/** Checks a proof against the corridor's genesis; keys inside the proof prove nothing. */
export function checkSwapProof(
  bytes: Bytes,
  genesis: Genesis,
  verifier: Verifier,
): Outcome<Proven, ProofRejection> {
  const proof = decode(swapProofLayout, bytes);
  if (!proof.ok) return invalid("bytes", proof.error.code);
  const announcement = parseAnnouncement(proof.value.announcement);
  if (!announcement.ok) return invalid("announcement", announcement.error.code);
  const { net, epoch, legBanks } = announcement.value;
  if (!equalHash(net, genesis.net)) return invalid("announcement", "another corridor");
  if (epoch !== EPOCH) return invalid("announcement", `epoch ${epoch} is not in the genesis`);
  const sid = swapIdOf(proof.value.announcement);
  const { arrangement } = announcement.value;
  if (arrangement === "htlc" || arrangement === "gross") {
    return invalid("announcement", `${arrangement} leaves no certificate`);
  }
  const ballots =
    arrangement === "certified"
      ? checkBallots(proof.value.certificate, sid, genesis, verifier)
      : checkDecide(
          proof.value.certificate,
          { sid, announcement: announcement.value },
          genesis,
          verifier,
        );
  if (!ballots.ok) return ballots;
  const { decision, view, signers } = ballots.value;
  const closedLegs: number[] = [];
  for (const [i, closing] of proof.value.closings.entries()) {
    const where = `closing ${i}`;
    const shown = checkEntryProof(closing, genesis, verifier, where);
    if (!shown.ok) return shown;
    const { entry, header } = shown.value;
    const kind = decision === COMMIT ? CORRIDOR.SETTLE : CORRIDOR.VOID;
    if (entry.kind !== kind || !equalHash(entry.sid, sid)) {
      return invalid(
        where,
        "an entry that does not close this swap with the certificate's outcome",
      );
    }
    if (legBanks[entry.leg] !== header.bank) return invalid(where, "a leg of another bank");
    if (closedLegs.includes(entry.leg)) return invalid(where, "a leg twice");
    closedLegs.push(entry.leg);
  }
  return ok({ sid, announcement: announcement.value, decision, view, signers, closedLegs });
}

function checkBallots(
  certificate: readonly EntryProof[],
  sid: Hash,
  genesis: Genesis,
  verifier: Verifier,
): Outcome<Pick<Proven, "decision" | "view" | "signers">, ProofRejection> {
  const signers = new Set<number>();
  let outcome: { readonly decision: Decision; readonly view: number } | undefined;
  for (const [i, ballot] of certificate.entries()) {
    const where = `ballot ${i}`;
    const shown = checkEntryProof(ballot, genesis, verifier, where);
    if (!shown.ok) return shown;
    const cast = ballotOf(shown.value.entry, sid);
    if (cast === undefined) return invalid(where, "neither VOTE nor CONFIRM for this swap");
    if (
      outcome !== undefined &&
      (cast.view !== outcome.view || cast.decision !== outcome.decision)
    ) {
      return invalid(where, "another view or decision than the first ballot");
    }
    outcome = cast;
    if (signers.has(shown.value.header.bank)) return invalid(where, "a bank twice");
    signers.add(shown.value.header.bank);
  }
  if (outcome === undefined || signers.size < genesis.quorum) {
    return invalid("certificate", `${signers.size} banks, the quorum is ${genesis.quorum}`);
  }
  return ok({ ...outcome, signers: [...signers] });
}

/** Of `two-phase`: the hub's DECIDE, or for ABORT a REFUSE by a bank taking part, is enough. */
function checkDecide(
  certificate: readonly EntryProof[],
  {
    sid,
    announcement,
  }: Pick<Proven, "sid"> & { readonly announcement: AnnouncementOf<"two-phase"> },
  genesis: Genesis,
  verifier: Verifier,
): Outcome<Pick<Proven, "decision" | "view" | "signers">, ProofRejection> {
  const where = "ballot 0";
  const [first] = certificate;
  if (first === undefined || certificate.length > 1)
    return invalid("certificate", "want one entry");
  const shown = checkEntryProof(first, genesis, verifier, where);
  if (!shown.ok) return shown;
  const { entry, header } = shown.value;
  const { bank } = header;
  const { params, legBanks } = announcement;
  const signed = { view: 0, signers: [bank] };
  if (entry.kind === CORRIDOR.DECIDE && equalHash(entry.sid, sid) && bank === params.hub) {
    return ok({ decision: entry.decision, ...signed });
  }
  if (entry.kind === CORRIDOR.REFUSE && equalHash(entry.sid, sid) && legBanks.includes(bank)) {
    return ok({ decision: ABORT, ...signed });
  }
  return invalid(where, "neither the hub's DECIDE nor a REFUSE for this swap");
}

function ballotOf(
  entry: CorridorEntry,
  sid: Hash,
): { readonly decision: Decision; readonly view: number } | undefined {
  if (entry.kind === CORRIDOR.VOTE && equalHash(entry.sid, sid)) {
    return { decision: COMMIT, view: 0 };
  }
  if (entry.kind === CORRIDOR.CONFIRM && equalHash(entry.sid, sid) && entry.view > 0) {
    return { decision: entry.decision, view: entry.view };
  }
  return undefined;
}

/** Whether a bank of the genesis signed a block that contains the entry at this index. */
export function checkEntryProof(
  proof: EntryProof,
  genesis: Genesis,
  verifier: Verifier,
  where: string,
): Outcome<{ readonly header: Header; readonly entry: CorridorEntry }, ProofRejection> {
  const header = decode(headerLayout, proof.header);
  if (!header.ok) return invalid(where, `header: ${header.error.code}`);
  const { bank, epoch, net, corridorCount, corridorRoot } = header.value;
  const key = genesis.banks.find((b) => (b.number as number) === bank)?.ledgerKey;
  if (key === undefined || epoch !== EPOCH || !equalHash(net, genesis.net)) {
    return invalid(where, `bank ${bank} is not in the genesis`);
  }
  if (!verifier.verify(key, signedBytes(DOMAIN.block, proof.header), proof.signature).valid) {
    return invalid(where, `bank ${bank} did not sign this header`);
  }
  const included = verifyInclusion({
    index: proof.index,
    size: corridorCount,
    leafHash: leafHash(proof.entry),
    path: proof.path,
    root: corridorRoot,
  });
  if (!included) return invalid(where, "the block does not contain this entry");
  const entry = decode(corridorEntryLayout, proof.entry);
  if (!entry.ok) return invalid(where, `entry: ${entry.error.code}`);
  return ok({ header: header.value, entry: entry.value });
}
