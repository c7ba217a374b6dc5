import { decode } from "../../crypto/canonical-layout.ts";
import { equalHash, hashKey } from "../../crypto/hash.ts";
import type { Genesis } from "../../node/genesis.ts";
import { DOMESTIC, domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { parseAnnouncement, swapIdOf, type Announcement } from "../announcement.ts";
import { EPOCH } from "../bank-state.ts";
import { ABORT, COMMIT, CORRIDOR } from "../entries.ts";
import { whyUnusable } from "../swap/arrangements.ts";
import { checkTermsAgree, commitmentOf, parseTerms } from "../terms.ts";
import type { ClosingSeen } from "./conduct-audit.ts";
import { CORRIDOR_ITSELF, type Finding, type SplitSwap } from "./findings.ts";
import { find, type AuditContext, type LedgerAudit } from "./ledger-view.ts";

/** A13: the usable announcements (9.2) of all own blocks and copies, by swap. */
export function collectAnnouncements(
  audits: readonly LedgerAudit[],
  { genesis, banks }: AuditContext,
): ReadonlyMap<string, Announcement> {
  const usable = new Map<string, Announcement>();
  for (const { blocks } of audits) {
    for (const entry of blocks.flatMap(({ entries }) => entries)) {
      if (entry?.kind !== CORRIDOR.ANNOUNCE) continue;
      const sid = hashKey(swapIdOf(entry.announcement));
      if (usable.has(sid)) continue;
      const parsed = parseAnnouncement(entry.announcement);
      if (parsed.ok && isUsable(parsed.value, genesis, banks)) usable.set(sid, parsed.value);
    }
  }
  return usable;
}

function isUsable(
  announcement: Announcement,
  genesis: Genesis,
  banks: AuditContext["banks"],
): boolean {
  const { net, epoch, legBanks, createdMs, expiryMs } = announcement;
  return (
    equalHash(net, genesis.net) &&
    epoch === EPOCH &&
    legBanks.every((bank) => banks.has(bank)) &&
    expiryMs > createdMs &&
    whyUnusable(announcement, genesis) === undefined
  );
}

/** A15: each hold's terms are those that an announcement commits to, for a leg of this bank. */
export function auditHolds(
  audit: LedgerAudit,
  { banks }: AuditContext,
  usable: ReadonlyMap<string, Announcement>,
): void {
  for (const { block, domestic } of audit.own) {
    for (const bytes of domestic) {
      const entry = decode(domesticEntryLayout, bytes);
      if (!entry.ok || entry.value.kind !== DOMESTIC.HOLD) continue;
      const { sid, terms, termsSalt, leg } = entry.value;
      const where = `block ${block.header.seq}`;
      const announcement = usable.get(hashKey(sid));
      if (announcement === undefined) {
        find(audit, "terms_mismatch", where, "a hold for a swap that no ledger announces");
        continue;
      }
      if (!equalHash(announcement.commitment, commitmentOf(terms, termsSalt))) {
        find(audit, "terms_mismatch", where, "the announcement commits to other terms");
        continue;
      }
      const parsed = parseTerms(terms);
      const agrees =
        parsed.ok && checkTermsAgree(parsed.value, announcement, (bank) => banks.get(bank)).ok;
      if (!agrees || announcement.legBanks[leg] !== audit.bank.number) {
        find(audit, "terms_mismatch", where, "the terms do not agree with the announcement");
      }
    }
  }
}

/**
 * A16: a swap is settled in all ledgers or voided in all, and a settled one has every leg LOCKed. A
 * bank that closed a leg without a valid certificate answers for what differs; if all have one, more
 * banks lied than the genesis allows for, and no bank is named.
 */
export function auditOutcomes(
  audits: readonly LedgerAudit[],
  closings: readonly ClosingSeen[],
  usable: ReadonlyMap<string, Announcement>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const blame = (bank: string, sid: string, detail: string): void => {
    findings.push({ code: "atomicity", bank, where: `swap ${sid.slice(0, 16)}`, detail });
  };
  const { inOwn, inAny } = collectLocks(audits);
  for (const [sid, closed] of Map.groupBy(closings, (closing) => closing.sid)) {
    const { arrangement } = usable.get(sid) ?? {};
    // What these do not promise is a result: see `auditSplits`.
    if (arrangement === "htlc" || arrangement === "gross") continue;
    if (new Set(closed.map(({ decision }) => decision)).size > 1) {
      const guilty = closed.filter(({ isFounded }) => !isFounded).map(({ bank }) => bank);
      const names = new Set(guilty.length === 0 ? [CORRIDOR_ITSELF] : guilty);
      for (const bank of names) blame(bank, sid, "settled here, voided there");
    }
    if (!closed.some((c) => c.isFounded && c.decision === COMMIT)) continue;
    for (const [leg, bank] of usable.get(sid)?.legBanks.entries() ?? []) {
      const lock = `${bank} ${sid} ${leg}`;
      const audit = audits.find((other) => (other.bank.number as number) === bank);
      if (audit === undefined || inOwn.has(lock)) continue;
      // A LOCK that another ledger keeps was signed, and left out here.
      const guilty = inAny.has(lock) ? audit.bank.id : CORRIDOR_ITSELF;
      blame(guilty, sid, `COMMIT, but its bank's ledger has no LOCK of leg ${leg}`);
    }
  }
  return findings;
}

/**
 * A18: swaps of which one leg was paid and another was not, under an arrangement that does not promise
 * more: HTLC, when a redeemer or a clock was late, and gross legs. Each bank did what its arrangement says,
 * so nobody is named; the audit reports them as results.
 */
export function auditSplits(
  audits: readonly LedgerAudit[],
  closings: readonly ClosingSeen[],
  usable: ReadonlyMap<string, Announcement>,
): readonly SplitSwap[] {
  const audited = new Set<number>(audits.map(({ bank }) => bank.number));
  return [...Map.groupBy(closings, ({ sid }) => sid)].flatMap(([sid, closed]) => {
    const { arrangement, legBanks = [] } = usable.get(sid) ?? {};
    if (arrangement !== "htlc" && arrangement !== "gross") return [];
    const byLeg = new Map(closed.map(({ leg, decision }) => [leg, decision]));
    const paid = legBanks.flatMap((_, leg) => (byLeg.get(leg) === COMMIT ? [leg] : []));
    // A leg that is still locked may yet be claimed; one that is to be paid later is at risk until then.
    const unpaid = legBanks.flatMap((bank, leg) => {
      const isOpen = !byLeg.has(leg) && arrangement === "gross" && audited.has(bank);
      return byLeg.get(leg) === ABORT || isOpen ? [leg] : [];
    });
    return paid.length > 0 && unpaid.length > 0 ? [{ sid, arrangement, paid, unpaid }] : [];
  });
}

/** LOCKs by `bank sid leg`: of each bank in its own ledger, and in any. */
function collectLocks(audits: readonly LedgerAudit[]) {
  const inOwn = new Set<string>();
  const inAny = new Set<string>();
  for (const audit of audits) {
    for (const { block, entries } of audit.blocks) {
      const { bank } = block.header;
      for (const entry of entries) {
        if (entry?.kind !== CORRIDOR.LOCK) continue;
        const lock = `${bank} ${hashKey(entry.sid)} ${entry.leg}`;
        inAny.add(lock);
        if (bank === audit.bank.number) inOwn.add(lock);
      }
    }
  }
  return { inOwn, inAny };
}
