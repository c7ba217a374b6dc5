import type { Bytes } from "../../crypto/bytes.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import type { Books } from "../../node/accounts/books.ts";
import type { Bank, Genesis } from "../../node/genesis.ts";
import type { Block } from "../../node/ledger/block.ts";
import type { CorridorEntry } from "../entries.ts";
import type { Finding, FindingCode } from "./findings.ts";

/** A block with its corridor entries decoded, as an auditor has read it. */
export interface AuditedBlock {
  readonly block: Block;
  /** In their places: an entry that does not decode is `undefined`. */
  readonly entries: readonly (CorridorEntry | undefined)[];
  readonly domestic: readonly Bytes[];
}

export interface LedgerAudit {
  readonly bank: Bank;
  /** All blocks of the file in the order of their records: the bank's own, and copies of others'. */
  readonly blocks: readonly AuditedBlock[];
  /** The bank's own blocks, in order. */
  readonly own: readonly AuditedBlock[];
  /** Copies of other banks' blocks that the ledger keeps. */
  readonly copies: readonly AuditedBlock[];
  readonly books: Books;
  readonly findings: Finding[];
  signatures: number;
  entries: number;
}

/** What all ledgers of one audit share. */
export interface AuditContext {
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  readonly banks: ReadonlyMap<number, Bank>;
  /** Blocks known to be validly signed, by `hash signature`: most stand in several ledgers. */
  readonly signed: Map<string, AuditedBlock["entries"]>;
}

export function find(audit: LedgerAudit, code: FindingCode, where: string, detail: string): void {
  audit.findings.push({ code, bank: audit.bank.id, where, detail });
}
