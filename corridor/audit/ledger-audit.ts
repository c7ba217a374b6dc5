import { decode } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { signedBytes, type Verifier } from "../../crypto/ed25519.ts";
import { DOMAIN, equalHash, hashKey, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import { checkConservation, checkTagConservation, newBooks } from "../../node/accounts/books.ts";
import type { Bank, Genesis } from "../../node/genesis.ts";
import {
  parseFullBlock,
  parsePublicBlock,
  type Block,
  type FullBlock,
} from "../../node/ledger/block.ts";
import { OWN_BLOCK, parseLedgerFile, type LedgerRecord } from "../../node/ledger/record.ts";
import { EPOCH } from "../bank-state.ts";
import { corridorEntryLayout, type CorridorEntry } from "../entries.ts";
import { auditDomestic, type DomesticContext } from "./domestic-audit.ts";
import { find, type AuditedBlock, type LedgerAudit } from "./ledger-view.ts";

/** How far a ledger was vouched for when the run ended. */
export interface ExpectedHead {
  readonly seq: number;
  readonly hash: string;
  /** Bytes of the file up to the end of the head block's record. */
  readonly bytes: number;
}

/**
 * Audits one ledger file from its bytes alone (FORMAT.md, section 12): framing, chain, signatures,
 * roots, and every decision of the bank's rules over again. Certificates are checked across ledgers.
 */
export function auditLedger(
  bank: Bank,
  file: Bytes,
  head: ExpectedHead | undefined,
  genesis: Genesis,
  verifier: Verifier,
): LedgerAudit {
  const own: AuditedBlock[] = [];
  const copies: AuditedBlock[] = [];
  const audit: LedgerAudit = {
    bank,
    own,
    copies,
    books: newBooks(),
    findings: [],
    signatures: 0,
    entries: 0,
  };
  const { records, end, damage } = parseLedgerFile(file);
  const vouched = head?.bytes ?? file.length;
  if (damage !== undefined && end < vouched) {
    find(audit, "ledger_corrupt", `byte ${damage.offset}`, damage.why);
  }
  const context: DomesticContext = { genesis, bank, verifier, audit };
  for (const record of records) {
    const where = `byte ${record.offset}`;
    if (record.kind === OWN_BLOCK) readOwn(context, record, where, own);
    else readCopy(context, record, where, copies);
  }
  if (head !== undefined) checkHead(audit, head);
  const money = checkConservation(audit.books);
  if (money !== undefined) find(audit, "conservation", "at the head", money);
  const tags = checkTagConservation(audit.books);
  if (tags !== undefined) find(audit, "tag_conservation", "at the head", tags);
  return audit;
}

function readOwn(
  context: DomesticContext,
  record: LedgerRecord,
  where: string,
  own: AuditedBlock[],
): void {
  const { audit, bank } = context;
  const parsed = parseFullBlock(record.payload);
  if (!parsed.ok) return find(audit, "block_invalid", where, parsed.error.code);
  const block: FullBlock = parsed.value;
  const place = `block ${block.header.seq}`;
  if (block.header.bank !== bank.number) {
    return find(audit, "block_invalid", where, `it is of bank ${block.header.bank}`);
  }
  if (!isSigned(context, block)) {
    return find(audit, "signature_invalid", place, "the bank did not sign this header");
  }
  const before = own.at(-1)?.block;
  if (block.header.seq !== own.length + 1) {
    find(audit, "chain_broken", place, `block ${own.length + 1} should stand here`);
  }
  if (!equalHash(block.header.prev, before?.hash ?? ZERO_HASH)) {
    find(audit, "chain_broken", place, "it does not name the block before it");
  }
  if (block.header.timeMs < (before?.header.timeMs ?? 0)) {
    find(audit, "chain_broken", place, "its time goes back");
  }
  const entries = decodeEntries(context, block, place);
  auditDomestic(context, block, entries, place);
  own.push({ block, entries, domestic: block.domestic });
}

function readCopy(
  context: DomesticContext,
  record: LedgerRecord,
  where: string,
  copies: AuditedBlock[],
): void {
  const { audit, bank } = context;
  const parsed = parsePublicBlock(record.payload);
  if (!parsed.ok) return find(audit, "block_invalid", where, parsed.error.code);
  const block = parsed.value;
  if (block.header.bank === bank.number) {
    return find(audit, "block_invalid", where, "a copy of the bank's own block");
  }
  if (!isSigned(context, block)) {
    return find(audit, "signature_invalid", where, `bank ${block.header.bank} did not sign it`);
  }
  const entries = block.corridor.map((bytes) => {
    const entry = decode(corridorEntryLayout, bytes);
    return entry.ok ? entry.value : undefined;
  });
  copies.push({ block, entries, domestic: [] });
}

function decodeEntries(
  context: DomesticContext,
  block: Block,
  place: string,
): readonly (CorridorEntry | undefined)[] {
  context.audit.entries += block.corridor.length;
  return block.corridor.map((bytes, i) => {
    const entry = decode(corridorEntryLayout, bytes);
    if (entry.ok) return entry.value;
    find(context.audit, "entry_invalid", `${place}, corridor entry ${i}`, entry.error.code);
    return undefined;
  });
}

function isSigned(context: DomesticContext, block: Block): boolean {
  const { genesis, verifier, audit } = context;
  const { net, bank, epoch } = block.header;
  const key = genesis.banks.find((b) => (b.number as number) === bank)?.ledgerKey;
  if (key === undefined || epoch !== EPOCH || !equalHash(net, genesis.net)) return false;
  audit.signatures++;
  return verifier.verify(key, signedBytes(DOMAIN.block, block.headerBytes), block.signature).valid;
}

function checkHead(audit: LedgerAudit, head: ExpectedHead): void {
  const found: Hash | undefined = audit.own[head.seq - 1]?.block.hash;
  if (head.seq === 0 || (found !== undefined && hashKey(found) === head.hash)) return;
  const ends = audit.own.length;
  find(
    audit,
    "ledger_cut_short",
    `block ${head.seq}`,
    `the manifest names this head; ${ends} blocks are here`,
  );
}
