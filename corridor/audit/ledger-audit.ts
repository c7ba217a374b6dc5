import { decode } from "../../crypto/canonical-layout.ts";
import { bytesToHex, type Bytes } from "../../crypto/bytes.ts";
import { signedBytes } from "../../crypto/ed25519.ts";
import { DOMAIN, equalHash, hashKey, ZERO_HASH } from "../../crypto/hash.ts";
import { checkConservation, checkTagConservation, newBooks } from "../../node/accounts/books.ts";
import type { Bank } from "../../node/genesis.ts";
import { parseFullBlock, parsePublicBlock, type Block } from "../../node/ledger/block.ts";
import {
  OWN_BLOCK,
  parseLedgerFile,
  RECORD_HEAD_BYTES,
  type LedgerRecord,
} from "../../node/ledger/record.ts";
import { EPOCH } from "../bank-state.ts";
import { corridorEntryLayout } from "../entries.ts";
import { auditDomestic } from "./domestic-audit.ts";
import { find, type AuditContext, type AuditedBlock, type LedgerAudit } from "./ledger-view.ts";

/** How far a ledger was vouched for when the run ended. */
export interface ExpectedHead {
  readonly seq: number;
  readonly hash: string;
  /** Bytes of the file up to the end of the head block's record. */
  readonly bytes: number;
}

/**
 * Audits one ledger file from its bytes alone (FORMAT.md 12.3, A3 to A10 and A12): framing, chain,
 * signatures, roots, and every decision of the bank's rules over again.
 */
export function auditLedger(
  bank: Bank,
  file: Bytes,
  head: ExpectedHead | undefined,
  context: AuditContext,
): LedgerAudit {
  const reading: Reading = {
    bank,
    blocks: [],
    own: [],
    copies: [],
    ends: [],
    books: newBooks(),
    findings: [],
    signatures: 0,
    entries: 0,
  };
  const { records, end, damage } = parseLedgerFile(file);
  const vouched = head?.bytes ?? file.length;
  if (damage !== undefined && (end === 0 || end < vouched)) {
    find(reading, "ledger_corrupt", `byte ${damage.offset}`, damage.why);
  }
  for (const record of records) {
    if (record.kind === OWN_BLOCK) readOwn(context, reading, record);
    else readCopy(context, reading, record);
  }
  if (head !== undefined) checkHead(reading, head);
  const money = checkConservation(reading.books);
  if (money !== undefined) find(reading, "conservation", "at the head", money);
  const tags = checkTagConservation(reading.books);
  if (tags !== undefined) find(reading, "tag_conservation", "at the head", tags);
  return reading;
}

/** A ledger while it is read. */
interface Reading extends LedgerAudit {
  readonly blocks: AuditedBlock[];
  readonly own: AuditedBlock[];
  readonly copies: AuditedBlock[];
  /** Where the record of each own block ends. */
  readonly ends: number[];
}

function readOwn(context: AuditContext, audit: Reading, record: LedgerRecord): void {
  const where = `byte ${record.offset}`;
  const parsed = parseFullBlock(record.payload);
  if (!parsed.ok) return find(audit, "block_invalid", where, parsed.error.code);
  const { domestic, ...block } = parsed.value;
  const { seq, bank } = block.header;
  if (bank !== audit.bank.number) {
    return find(audit, "block_invalid", where, `it is of bank ${bank}`);
  }
  const entries = entriesIfSigned(context, audit, block);
  const place = `block ${seq}`;
  if (entries === undefined) {
    return find(audit, "signature_invalid", place, "the bank did not sign this header");
  }
  checkChain(audit, block, place);
  audit.entries += entries.length;
  for (const [i, entry] of entries.entries()) {
    if (entry !== undefined) continue;
    find(audit, "entry_invalid", `${place}, corridor entry ${i}`, "it does not decode");
  }
  const audited = { block, entries, domestic };
  auditDomestic({ ...context, bank: audit.bank, audit }, audited, place);
  audit.own.push(audited);
  audit.blocks.push(audited);
  audit.ends.push(record.offset + RECORD_HEAD_BYTES + record.payload.length);
}

function checkChain(audit: Reading, { header }: Block, place: string): void {
  const before = audit.own.at(-1)?.block;
  if (header.seq !== audit.own.length + 1) {
    find(audit, "chain_broken", place, `block ${audit.own.length + 1} should stand here`);
  }
  if (!equalHash(header.prev, before?.hash ?? ZERO_HASH)) {
    find(audit, "chain_broken", place, "it does not name the block before it");
  }
  if (header.timeMs < (before?.header.timeMs ?? 0)) {
    find(audit, "chain_broken", place, "its time goes back");
  }
}

function readCopy(context: AuditContext, audit: Reading, record: LedgerRecord): void {
  const where = `byte ${record.offset}`;
  const parsed = parsePublicBlock(record.payload);
  if (!parsed.ok) return find(audit, "block_invalid", where, parsed.error.code);
  const block = parsed.value;
  const { bank } = block.header;
  if (bank === audit.bank.number) {
    return find(audit, "block_invalid", where, "a copy of the bank's own block");
  }
  const entries = entriesIfSigned(context, audit, block);
  if (entries === undefined) {
    return find(audit, "signature_invalid", where, `bank ${bank} did not sign it`);
  }
  const audited = { block, entries, domestic: [] };
  audit.copies.push(audited);
  audit.blocks.push(audited);
}

/** The corridor entries of a validly signed block; `undefined` when its bank did not sign it. */
function entriesIfSigned(
  context: AuditContext,
  audit: Reading,
  block: Block,
): AuditedBlock["entries"] | undefined {
  const { genesis, verifier, banks, signed } = context;
  const { net, bank, epoch } = block.header;
  const key = banks.get(bank)?.ledgerKey;
  if (key === undefined || epoch !== EPOCH || !equalHash(net, genesis.net)) return undefined;
  audit.signatures++;
  const name = `${hashKey(block.hash)} ${bytesToHex(block.signature)}`;
  const known = signed.get(name);
  if (known !== undefined) return known;
  const message = signedBytes(DOMAIN.block, block.headerBytes);
  if (!verifier.verify(key, message, block.signature).valid) return undefined;
  const entries = block.corridor.map((bytes) => {
    const entry = decode(corridorEntryLayout, bytes);
    return entry.ok ? entry.value : undefined;
  });
  signed.set(name, entries);
  return entries;
}

/** A7: the head that is vouched for stands where it should; the file of a bank without blocks has none. */
function checkHead(audit: Reading, { seq, hash, bytes }: ExpectedHead): void {
  const { own, ends } = audit;
  const found = own[seq - 1]?.block.hash;
  const isThere = found !== undefined && hashKey(found) === hash && ends[seq - 1] === bytes;
  if (seq === 0 ? own.length === 0 : isThere) return;
  const detail = `the head of the manifest ends at byte ${bytes}; ${own.length} blocks are here`;
  find(audit, "ledger_cut_short", `block ${seq}`, detail);
}
