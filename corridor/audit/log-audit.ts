import { hashKey } from "../../crypto/hash.ts";
import type { Announcement } from "../announcement.ts";
import { ABORT, COMMIT, CORRIDOR, type Decision } from "../entries.ts";
import { CORRIDOR_ITSELF, type Finding } from "./findings.ts";
import type { AuditContext, AuditedBlock, LedgerAudit } from "./ledger-view.ts";

/**
 * A14: a bank's blocks are the same in its own ledger and in all copies. Two different ones of one
 * height convict their author, which signed both; a copy of a block that the author's ledger lacks
 * shows that the ledger was cut.
 */
export function auditCopies(
  audits: readonly LedgerAudit[],
  { banks }: AuditContext,
): readonly Finding[] {
  const findings: Finding[] = [];
  const known = new Map<string, string>();
  const reported = new Set<string>();
  const audited = new Set<number>(audits.map((audit) => audit.bank.number));
  const compare = ({ block }: AuditedBlock, holder: string, isLacking: boolean): void => {
    const { bank, seq } = block.header;
    const place = `${bank}/${seq}`;
    const hash = hashKey(block.hash);
    const other = known.get(place);
    if (other === hash) return;
    if (other === undefined) known.set(place, hash);
    if ((other === undefined && !isLacking) || reported.has(`${place} ${hash}`)) return;
    reported.add(`${place} ${hash}`);
    findings.push({
      code: other === undefined ? "ledger_cut_short" : "equivocation",
      bank: banks.get(bank)?.id ?? String(bank),
      where: `block ${seq}`,
      detail:
        other === undefined
          ? `it is not in this ledger, but bank ${holder} holds it, validly signed`
          : `two signed headers: ${other.slice(0, 16)} and ${hash.slice(0, 16)}`,
    });
  };
  for (const { own, bank } of audits) for (const block of own) compare(block, bank.id, false);
  for (const { copies, bank } of audits) {
    for (const copy of copies) compare(copy, bank.id, audited.has(copy.block.header.bank));
  }
  return findings;
}

/** A17: no swap has both a quorum for COMMIT and one for ABORT among all blocks of all ledgers. */
export function auditQuorums(
  audits: readonly LedgerAudit[],
  { genesis }: AuditContext,
): readonly Finding[] {
  const voters = new Map<string, Map<string, Set<number>>>();
  for (const { blocks } of audits) {
    for (const { block, entries } of blocks) {
      for (const entry of entries) {
        if (entry?.kind !== CORRIDOR.VOTE && entry?.kind !== CORRIDOR.CONFIRM) continue;
        const isVote = entry.kind === CORRIDOR.VOTE;
        const ballot = isVote ? `${COMMIT} 0` : `${entry.decision} ${entry.view}`;
        const sid = hashKey(entry.sid);
        let ballots = voters.get(sid);
        if (ballots === undefined) voters.set(sid, (ballots = new Map<string, Set<number>>()));
        let banks = ballots.get(ballot);
        if (banks === undefined) ballots.set(ballot, (banks = new Set()));
        banks.add(block.header.bank);
      }
    }
  }
  const findings: Finding[] = [];
  for (const [sid, ballots] of voters) {
    const isDecided = (decision: Decision): boolean =>
      [...ballots].some(
        ([ballot, banks]) => ballot.startsWith(`${decision} `) && banks.size >= genesis.quorum,
      );
    if (!isDecided(COMMIT) || !isDecided(ABORT)) continue;
    const where = `swap ${sid.slice(0, 16)}`;
    const detail = "quorums for both outcomes: more banks lied than the genesis allows for";
    findings.push({ code: "atomicity", bank: CORRIDOR_ITSELF, where, detail });
  }
  return findings;
}

/** A19: a hub decides a swap once; two signed DECIDEs of different value, wherever they stand, convict it. */
export function auditHubs(
  audits: readonly LedgerAudit[],
  { banks }: AuditContext,
  usable: ReadonlyMap<string, Announcement>,
): readonly Finding[] {
  const decided = new Map<string, Decision | "both">();
  const findings: Finding[] = [];
  for (const { block, entries } of audits.flatMap(({ blocks }) => blocks)) {
    for (const entry of entries) {
      if (entry?.kind !== CORRIDOR.DECIDE) continue;
      const sid = hashKey(entry.sid);
      const announcement = usable.get(sid);
      const { bank } = block.header;
      if (announcement?.arrangement !== "two-phase" || announcement.params.hub !== bank) continue;
      const before = decided.get(sid);
      if (before === undefined) decided.set(sid, entry.decision);
      if (before === undefined || before === "both" || before === entry.decision) continue;
      decided.set(sid, "both");
      findings.push({
        code: "equivocation",
        bank: banks.get(bank)?.id ?? String(bank),
        where: `swap ${sid.slice(0, 16)}`,
        detail: "as its hub, it signed a DECIDE of COMMIT and one of ABORT",
      });
    }
  }
  return findings;
}
