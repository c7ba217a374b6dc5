import { equalHash, hashKey } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Genesis } from "../../node/genesis.ts";
import { DOMESTIC, domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { decode } from "../../crypto/canonical-layout.ts";
import { parseAnnouncement, swapIdOf, type Announcement } from "../announcement.ts";
import { decisionName } from "../decided.ts";
import {
  COMMIT,
  CORRIDOR,
  type Certificate,
  type CorridorEntry,
  type CorridorEntryOf,
  type EntryRef,
} from "../entries.ts";
import { checkTermsAgree, commitmentOf, parseTerms } from "../terms.ts";
import { find, type AuditedBlock, type LedgerAudit } from "./ledger-view.ts";

/** What the ledgers together say of one swap. */
export interface AuditedSwap {
  readonly sid: string;
  announcement: Announcement | undefined;
  readonly locks: Map<number, string>;
  readonly closings: Map<number, { readonly bank: string; readonly certificate: Certificate }>;
}

/**
 * Checks every swap across the ledgers: announcements agree with the terms of each hold, each closing
 * entry carries a certificate whose entries stand in the same ledger's copies, the outcome is one and
 * the same everywhere (Atomicity, CertificateUniqueness), and no bank broke a safety rule (S1 to S6).
 */
export function auditSwaps(
  audits: readonly LedgerAudit[],
  genesis: Genesis,
): Map<string, AuditedSwap> {
  const swaps = new Map<string, AuditedSwap>();
  for (const audit of audits) collectAnnouncements(audit, genesis, swaps);
  for (const audit of audits) {
    checkCopies(audit, audits);
    checkConduct(audit);
    checkClosings(audit, genesis, swaps);
    checkHolds(audit, genesis, swaps);
  }
  for (const swap of swaps.values()) checkOutcome(swap, audits);
  return swaps;
}

function collectAnnouncements(
  audit: LedgerAudit,
  genesis: Genesis,
  swaps: Map<string, AuditedSwap>,
): void {
  for (const { block, entries } of [...audit.own, ...audit.copies]) {
    for (const entry of entries) {
      if (entry?.kind !== CORRIDOR.ANNOUNCE) continue;
      const parsed = parseAnnouncement(entry.announcement);
      const fits = parsed.ok && equalHash(parsed.value.net, genesis.net);
      if (!fits) {
        find(audit, "entry_invalid", `block ${block.header.seq}`, "an announcement of no use here");
        continue;
      }
      const sid = hashKey(swapIdOf(entry.announcement));
      const swap = swapAt(swaps, sid);
      swap.announcement ??= parsed.value;
    }
  }
}

function swapAt(swaps: Map<string, AuditedSwap>, sid: string): AuditedSwap {
  let swap = swaps.get(sid);
  if (swap === undefined) {
    swap = { sid, announcement: undefined, locks: new Map(), closings: new Map() };
    swaps.set(sid, swap);
  }
  return swap;
}

/** A copy that differs from its author's own ledger convicts the author: it signed both. */
function checkCopies(audit: LedgerAudit, audits: readonly LedgerAudit[]): void {
  const seen = new Map<string, string>();
  for (const { block } of audit.copies) {
    const { bank, seq } = block.header;
    const author = audits.find((a) => (a.bank.number as number) === bank);
    const place = `${bank}/${seq}`;
    const hash = hashKey(block.hash);
    const own = author?.own[seq - 1]?.block.hash;
    const other = own === undefined ? seen.get(place) : hashKey(own);
    seen.set(place, hash);
    if (other === undefined || other === hash) continue;
    const detail = `two signed headers: ${other.slice(0, 16)} and ${hash.slice(0, 16)}`;
    if (author === undefined) {
      audit.findings.push({
        code: "equivocation",
        bank: String(bank),
        where: `block ${seq}`,
        detail,
      });
    } else find(author, "equivocation", `block ${seq}`, detail);
  }
}

/** S1, S2, S3, S6 as one ledger shows them. */
function checkConduct(audit: LedgerAudit): void {
  const signed = new Map<string, { voted: boolean; view: number; readonly once: Set<string> }>();
  for (const { block, entries } of audit.own) {
    for (const entry of entries) {
      if (entry === undefined) continue;
      if (entry.kind === CORRIDOR.ANNOUNCE || entry.kind === CORRIDOR.EVIDENCE) continue;
      const sid = hashKey(entry.sid);
      let acts = signed.get(sid);
      if (acts === undefined) signed.set(sid, (acts = { voted: false, view: 0, once: new Set() }));
      const broken = brokenRule(entry, acts);
      if (broken !== undefined) {
        find(
          audit,
          "conduct",
          `block ${block.header.seq}`,
          `${broken} for swap ${sid.slice(0, 16)}`,
        );
      }
    }
  }
}

function brokenRule(
  entry: Exclude<CorridorEntry, CorridorEntryOf<4> | CorridorEntryOf<15>>,
  acts: { voted: boolean; view: number; readonly once: Set<string> },
): string | undefined {
  const view = "view" in entry ? entry.view : 0;
  const slot = `${entry.kind} ${view} ${"leg" in entry ? entry.leg : ""}`;
  if (acts.once.has(slot)) return `a second entry of kind ${entry.kind} in view ${view}`;
  acts.once.add(slot);
  switch (entry.kind) {
    case CORRIDOR.LOCK:
      if (acts.view > 0) return "S2: LOCK after STATUS";
      return acts.once.has(`${CORRIDOR.REFUSE} 0 `) ? "LOCK after REFUSE" : undefined;
    case CORRIDOR.REFUSE: {
      const locked = [...acts.once].some((done) => done.startsWith(`${CORRIDOR.LOCK} `));
      return locked ? "REFUSE after LOCK" : undefined;
    }
    case CORRIDOR.VOTE:
      acts.voted = true;
      return acts.view > 0 ? "S1: VOTE after STATUS" : undefined;
    case CORRIDOR.STATUS:
      if (entry.view <= acts.view) return "S2: STATUS of a lower view";
      acts.view = entry.view;
      return acts.voted && entry.locks === null ? "S3: STATUS without P after VOTE" : undefined;
    case CORRIDOR.LEAD:
    case CORRIDOR.ACCEPT:
    case CORRIDOR.CONFIRM:
      return entry.view === acts.view ? undefined : `S2: acts in view ${entry.view}`;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      return undefined;
    default:
      return unreachable(entry);
  }
}

function checkClosings(
  audit: LedgerAudit,
  genesis: Genesis,
  swaps: Map<string, AuditedSwap>,
): void {
  const blocks = new Map<string, AuditedBlock>();
  for (const audited of [...audit.own, ...audit.copies])
    blocks.set(hashKey(audited.block.hash), audited);
  for (const { block, entries } of audit.own) {
    for (const entry of entries) {
      const where = `block ${block.header.seq}`;
      if (entry?.kind === CORRIDOR.LOCK) {
        swapAt(swaps, hashKey(entry.sid)).locks.set(entry.leg, audit.bank.id);
        continue;
      }
      if (entry?.kind !== CORRIDOR.SETTLE && entry?.kind !== CORRIDOR.VOID) continue;
      const swap = swapAt(swaps, hashKey(entry.sid));
      const { certificate, leg } = entry;
      const why = whyNoCertificate(entry, certificate, blocks, genesis);
      if (why !== undefined) find(audit, "certificate_invalid", where, why);
      if (swap.announcement?.legBanks[leg] !== audit.bank.number) {
        find(audit, "certificate_invalid", where, `leg ${leg} is not on this ledger`);
      }
      swap.closings.set(leg, { bank: audit.bank.id, certificate });
    }
  }
}

function whyNoCertificate(
  entry: CorridorEntryOf<12> | CorridorEntryOf<13>,
  certificate: Certificate,
  blocks: ReadonlyMap<string, AuditedBlock>,
  genesis: Genesis,
): string | undefined {
  const wanted = entry.kind === CORRIDOR.SETTLE ? "settled" : "voided";
  if (decisionName(certificate.decision) !== wanted) return "the certificate says the opposite";
  const authors = new Set<number>();
  for (const ref of certificate.refs) {
    if (!isBallot(ref, certificate, hashKey(entry.sid), blocks)) {
      return `entry ${ref.index} of block ${ref.bank}/${ref.seq} is no such ballot, or is not here`;
    }
    authors.add(ref.bank);
  }
  return authors.size >= genesis.quorum
    ? undefined
    : `${authors.size} banks, the quorum is ${genesis.quorum}`;
}

function isBallot(
  ref: EntryRef,
  certificate: Certificate,
  sid: string,
  blocks: ReadonlyMap<string, AuditedBlock>,
): boolean {
  const audited = blocks.get(hashKey(ref.blockHash));
  const entry = audited?.entries[ref.index];
  if (audited === undefined || entry === undefined) return false;
  const { header } = audited.block;
  if (header.bank !== ref.bank || header.seq !== ref.seq) return false;
  if (certificate.view === 0) return entry.kind === CORRIDOR.VOTE && hashKey(entry.sid) === sid;
  return (
    entry.kind === CORRIDOR.CONFIRM &&
    hashKey(entry.sid) === sid &&
    entry.view === certificate.view &&
    entry.decision === certificate.decision
  );
}

/** Each hold's terms are those that the announcement commits to. */
function checkHolds(
  audit: LedgerAudit,
  genesis: Genesis,
  swaps: ReadonlyMap<string, AuditedSwap>,
): void {
  const bankOf = (number: number) => genesis.banks.find((b) => (b.number as number) === number);
  for (const { block, domestic } of audit.own) {
    for (const bytes of domestic) {
      const entry = decode(domesticEntryLayout, bytes);
      if (!entry.ok || entry.value.kind !== DOMESTIC.HOLD) continue;
      const { sid, terms, termsSalt, leg } = entry.value;
      const where = `block ${block.header.seq}`;
      const announcement = swaps.get(hashKey(sid))?.announcement;
      if (announcement === undefined) {
        find(audit, "terms_mismatch", where, "a hold for a swap that no ledger announces");
        continue;
      }
      if (!equalHash(announcement.commitment, commitmentOf(terms, termsSalt))) {
        find(audit, "terms_mismatch", where, "the announcement commits to other terms");
      }
      const parsed = parseTerms(terms);
      const agrees = parsed.ok && checkTermsAgree(parsed.value, announcement, bankOf).ok;
      if (!agrees || announcement.legBanks[leg] !== audit.bank.number) {
        find(audit, "terms_mismatch", where, "the terms do not agree with the announcement");
      }
    }
  }
}

function checkOutcome(swap: AuditedSwap, audits: readonly LedgerAudit[]): void {
  const [first, ...others] = swap.closings.values();
  if (first === undefined) return;
  const auditOf = (bank: string) => audits.find((a) => a.bank.id === bank);
  const short = swap.sid.slice(0, 16);
  for (const other of others) {
    if (other.certificate.decision === first.certificate.decision) continue;
    const detail = `${first.bank} ${decisionName(first.certificate.decision)}, ${other.bank} ${decisionName(other.certificate.decision)}`;
    const audit = auditOf(other.bank);
    if (audit !== undefined) find(audit, "atomicity", `swap ${short}`, detail);
  }
  if (first.certificate.decision !== COMMIT || swap.announcement === undefined) return;
  for (const [leg, bank] of swap.announcement.legBanks.entries()) {
    const audit = audits.find((a) => (a.bank.number as number) === bank);
    if (audit !== undefined && !swap.locks.has(leg)) {
      find(audit, "atomicity", `swap ${short}`, `COMMIT, but leg ${leg} was never locked`);
    }
  }
}
