import { hashKey } from "../crypto/hash.ts";
import { inclusionProof } from "../crypto/merkle.ts";
import { ok, reject, type Outcome } from "../crypto/outcome.ts";
import { parseAnnouncement, swapIdOf } from "./announcement.ts";
import type { AuditedBlock, LedgerAudit } from "./audit/ledger-view.ts";
import { CORRIDOR, isCertificate, type EntryRef, type Grounds } from "./entries.ts";
import type { EntryProof, SwapProof } from "./proof.ts";

export interface ProveRejection {
  /** `no_certificate`: the arrangement leaves nothing that proves an outcome to outsiders. */
  readonly code: "swap_unknown" | "swap_undecided" | "no_certificate";
  readonly found: string;
}

/** Builds the proof of a swap's outcome from audited ledgers; `sid` may be a unique beginning of it. */
export function proveSwap(
  audits: readonly LedgerAudit[],
  sid: string,
): Outcome<SwapProof, ProveRejection> {
  const blocks = new Map<string, AuditedBlock>();
  for (const audit of audits) {
    for (const audited of [...audit.own, ...audit.copies]) {
      blocks.set(hashKey(audited.block.hash), audited);
    }
  }
  const announcements = new Map<string, Uint8Array>();
  const closings: {
    readonly sid: string;
    readonly proof: EntryProof;
    readonly grounds: Grounds;
  }[] = [];
  for (const audited of blocks.values()) {
    for (const [index, entry] of audited.entries.entries()) {
      if (entry?.kind === CORRIDOR.ANNOUNCE) {
        const name = hashKey(swapIdOf(entry.announcement));
        if (name.startsWith(sid)) announcements.set(name, entry.announcement);
      } else if (entry?.kind === CORRIDOR.SETTLE || entry?.kind === CORRIDOR.VOID) {
        const name = hashKey(entry.sid);
        if (!name.startsWith(sid)) continue;
        closings.push({
          sid: name,
          proof: entryProof(audited, index),
          grounds: entry.grounds,
        });
      }
    }
  }
  const [known, second] = announcements;
  if (known === undefined) return reject({ code: "swap_unknown", found: `no swap ${sid}` });
  if (second !== undefined) {
    return reject({ code: "swap_unknown", found: `several swaps begin with ${sid}` });
  }
  const announcement = parseAnnouncement(known[1]);
  const arrangement = announcement.ok ? announcement.value.arrangement : "";
  if (arrangement === "htlc" || arrangement === "gross") {
    const found = `${known[0]}: ${arrangement} leaves no certificate: its ledgers show what each bank did`;
    return reject({ code: "no_certificate", found });
  }
  const refs = closings.map(({ grounds }) => refsOf(grounds)).find((list) => list.length > 0);
  if (refs === undefined) return reject({ code: "swap_undecided", found: known[0] });
  const certificate: EntryProof[] = [];
  for (const ref of refs) {
    const audited = blocks.get(hashKey(ref.blockHash));
    if (audited !== undefined) certificate.push(entryProof(audited, ref.index));
  }
  return ok({
    version: 1,
    announcement: known[1],
    certificate,
    closings: distinctLegs(closings.map((closing) => closing.proof)),
  });
}

/** The entries that decide: a quorum's, or the hub's. */
function refsOf(grounds: Grounds): readonly EntryRef[] {
  if (isCertificate(grounds)) return grounds.refs;
  return "blockHash" in grounds ? [grounds] : [];
}

function entryProof({ block }: AuditedBlock, index: number): EntryProof {
  const { headerBytes: header, signature, corridor } = block;
  const entry = corridor[index] ?? new Uint8Array(0);
  return { header, signature, entry, index, path: inclusionProof(corridor, index) };
}

/** The same closing entry may stand in several copies; each leg is shown once. */
function distinctLegs(proofs: readonly EntryProof[]): readonly EntryProof[] {
  const seen = new Map(proofs.map((proof) => [hashKey(proof.entry), proof]));
  return [...seen.values()];
}
