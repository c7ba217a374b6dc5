import type { Bytes } from "../../crypto/bytes.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import type { Books } from "../../node/accounts/books.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { Finding } from "./findings.ts";
import { auditLedger, type ExpectedHead } from "./ledger-audit.ts";
import type { LedgerAudit } from "./ledger-view.ts";
import { auditSwaps, type AuditedSwap } from "./swap-audit.ts";

export interface LedgerToAudit {
  readonly bank: number;
  readonly bytes: Bytes;
  readonly head: ExpectedHead | undefined;
}

export interface AuditReport {
  readonly findings: readonly Finding[];
  readonly ledgers: readonly LedgerAudit[];
  readonly swaps: ReadonlyMap<string, AuditedSwap>;
  readonly blocks: number;
  readonly entries: number;
  readonly signatures: number;
}

/**
 * Audits ledgers offline, from their bytes and the corridor's genesis alone: every signature, chain,
 * balance, hold, tag and outcome. Finding nothing means that every rule of FORMAT.md, section 12, holds.
 */
export function auditRun(
  ledgers: readonly LedgerToAudit[],
  genesis: Genesis,
  verifier: Verifier,
): AuditReport {
  const audits: LedgerAudit[] = [];
  for (const { bank, bytes, head } of ledgers) {
    const record = genesis.banks.find((b) => (b.number as number) === bank);
    if (record !== undefined) audits.push(auditLedger(record, bytes, head, genesis, verifier));
  }
  const swaps = auditSwaps(audits, genesis);
  const sum = (of: (audit: LedgerAudit) => number): number =>
    audits.reduce((total, audit) => total + of(audit), 0);
  return {
    findings: audits.flatMap((audit) => audit.findings),
    ledgers: audits,
    swaps,
    blocks: sum((audit) => audit.own.length),
    entries: sum((audit) => audit.entries),
    signatures: sum((audit) => audit.signatures),
  };
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
