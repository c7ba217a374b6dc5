import type { Bytes } from "../../crypto/bytes.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import type { Books } from "../../node/accounts/books.ts";
import type { Bank, Genesis } from "../../node/genesis.ts";
import type { Announcement } from "../announcement.ts";
import { auditConduct, type ClosingSeen } from "./conduct-audit.ts";
import type { Finding, SplitSwap } from "./findings.ts";
import { auditLedger, type ExpectedHead } from "./ledger-audit.ts";
import type { AuditContext, LedgerAudit } from "./ledger-view.ts";
import { auditCopies, auditHubs, auditQuorums } from "./log-audit.ts";
import { auditHolds, auditOutcomes, auditSplits, collectAnnouncements } from "./swap-audit.ts";

export interface LedgerToAudit {
  readonly bank: number;
  /** The ledger file; `undefined` when there is none. An empty file is none. */
  readonly bytes: Bytes | undefined;
  /** What the run's manifest vouches for; `undefined` when nothing does. */
  readonly head: ExpectedHead | undefined;
}

/** What the audit of any arrangement keeps of an announcement. */
export type AnnouncedSwap = Pick<Announcement, "legBanks"> & { readonly arrangement: string };

export interface AuditReport {
  readonly findings: readonly Finding[];
  /** Atomicity that an arrangement does not promise and that was lost: results, no findings. */
  readonly splits: readonly SplitSwap[];
  readonly ledgers: readonly LedgerAudit[];
  /** The usable announcements by swap. */
  readonly swaps: ReadonlyMap<string, AnnouncedSwap>;
  readonly blocks: number;
  readonly entries: number;
  readonly signatures: number;
}

/**
 * Audits ledgers offline, from their bytes and the corridor's genesis alone: every signature, chain,
 * balance, hold, tag and outcome. Finding nothing means that every rule of FORMAT.md, section 12, holds.
 * A finding names the bank that broke a rule, never an honest one, whatever the others have written.
 */
export function auditRun(
  ledgers: readonly LedgerToAudit[],
  genesis: Genesis,
  verifier: Verifier,
): AuditReport {
  const banks = new Map<number, Bank>(genesis.banks.map((bank) => [bank.number, bank]));
  const context: AuditContext = { genesis, verifier, banks, signed: new Map() };
  const audits: LedgerAudit[] = [];
  const others: Finding[] = [];
  for (const { bank: number, bytes, head } of ledgers) {
    const bank = banks.get(number);
    const isMissing = bytes === undefined || bytes.length === 0;
    if (bank !== undefined && !isMissing) audits.push(auditLedger(bank, bytes, head, context));
    else if (bank === undefined || head?.seq !== 0) others.push(notThere(number, bank, head));
  }
  const usable = collectAnnouncements(audits, context);
  const closings: ClosingSeen[] = [];
  for (const audit of audits) {
    auditHolds(audit, context, usable);
    closings.push(...auditConduct(audit, context, usable, others));
  }
  others.push(
    ...auditCopies(audits, context),
    ...auditOutcomes(audits, closings, usable),
    ...auditQuorums(audits, context),
    ...auditHubs(audits, context, usable),
  );
  const sum = (of: (audit: LedgerAudit) => number): number =>
    audits.reduce((total, audit) => total + of(audit), 0);
  return {
    findings: [...audits.flatMap((audit) => audit.findings), ...others],
    splits: auditSplits(audits, closings, usable),
    ledgers: audits,
    swaps: usable,
    blocks: sum((audit) => audit.own.length),
    entries: sum((audit) => audit.entries),
    signatures: sum((audit) => audit.signatures),
  };
}

/** A2: the manifest and the genesis name the same banks, and each ledger with blocks is there. */
function notThere(number: number, bank: Bank | undefined, head: ExpectedHead | undefined): Finding {
  const code = "ledger_cut_short";
  const where = head === undefined ? "the manifest" : `block ${head.seq}`;
  if (bank === undefined) {
    return { code, bank: String(number), where, detail: "the genesis does not name this bank" };
  }
  const detail = head === undefined ? "neither head nor ledger" : "the ledger is not there";
  return { code, bank: bank.id, where, detail };
}

/** Money of one ledger: what was issued and redeemed, and what balances hold. */
export function moneyOf(books: Books) {
  let posted = 0n;
  let pending = 0n;
  for (const balance of books.balances.values()) {
    posted += balance.posted;
    pending += balance.pending;
  }
  const { issued, redeemed } = books;
  return { issued, redeemed, posted, pending, holds: issued - redeemed === posted + pending };
}
