import type { Bytes } from "../../crypto/bytes.ts";
import { decode } from "../../crypto/canonical-layout.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import { hashKey } from "../../crypto/hash.ts";
import { checkConservation, checkTagConservation, newBooks } from "../../node/accounts/books.ts";
import type { Bank, Genesis } from "../../node/genesis.ts";
import {
  CHAIN_STATE,
  parseLedgerFile,
  RECORD_HEAD_BYTES,
  type LedgerRecord,
} from "../../node/ledger/record.ts";
import type { SharedAnnouncement } from "./announcement.ts";
import type { AuditReport, LedgerToAudit } from "../audit/audit.ts";
import { CORRIDOR_ITSELF, type Finding } from "../audit/findings.ts";
import type { ExpectedHead } from "../audit/ledger-audit.ts";
import { find, type LedgerAudit } from "../audit/ledger-view.ts";
import { isTimeoutOf, isVoteOf, type Electorate } from "./certificates.ts";
import { encodeEntry } from "./execute.ts";
import { stateRecordLayout, type StateRecord } from "./journal.ts";
import { readChain } from "./read-chain.ts";
import type { ChainParameters, FinalBlock, Validator } from "./state.ts";
import { isEndorsed } from "./transaction.ts";

export interface ChainAudit {
  readonly report: AuditReport;
  /** The last final block of each journal: its height and hash, and where the journal ends. */
  readonly heads: ReadonlyMap<number, ExpectedHead>;
  /** What was carried out on the books of each bank's currency, in order, by the bank's own journal. */
  readonly entries: ReadonlyMap<number, readonly Bytes[]>;
  /** The swaps whose terms each bank holds, by their ids. */
  readonly seen: ReadonlyMap<number, ReadonlySet<string>>;
}

/** What has become final in one journal. */
interface Chain {
  readonly audit: LedgerAudit;
  /** The hashes of its final blocks, by height less one. */
  readonly keys: string[];
  readonly entries: Bytes[];
  readonly seen: Set<string>;
  head: ExpectedHead;
}

interface Setting {
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  readonly parameters: ChainParameters;
  readonly banks: ReadonlyMap<number, Bank>;
  /** Of all journals, by their ids. */
  readonly swaps: Map<string, SharedAnnouncement>;
}

/**
 * Audits the journals of a shared ledger offline, from their bytes and the corridor's genesis alone:
 * every block, certificate and endorsement, every execution over again, every vote and timeout that a
 * validator signed, and that no two of them hold different final blocks (FORMAT.md of this folder).
 */
export function auditChain(
  ledgers: readonly LedgerToAudit[],
  genesis: Genesis,
  verifier: Verifier,
  parameters: ChainParameters,
): ChainAudit {
  const banks = new Map<number, Bank>(genesis.banks.map((bank) => [bank.number, bank]));
  const setting: Setting = { genesis, verifier, parameters, banks, swaps: new Map() };
  const others: Finding[] = [];
  const chains: Chain[] = [];
  for (const { bank: number, bytes, head } of ledgers) {
    const bank = banks.get(number);
    if (bank === undefined) {
      others.push(notThere(String(number), "the genesis does not name this bank"));
    } else if (bytes === undefined || bytes.length === 0) {
      if (head === undefined || head.bytes > 0) others.push(notThere(bank.id, "no journal"));
    } else chains.push(readJournal(bank, bytes, head, setting));
  }
  others.push(...disagreements(chains));
  const audits = chains.map(({ audit }) => audit);
  const byBank = <T>(of: (chain: Chain) => T): ReadonlyMap<number, T> =>
    new Map(chains.map((chain) => [chain.audit.bank.number as number, of(chain)]));
  return {
    report: {
      findings: [...audits.flatMap(({ findings }) => findings), ...others],
      ledgers: audits,
      swaps: setting.swaps,
      // One transaction closes all legs of a swap.
      splits: [],
      blocks: Math.max(0, ...chains.map(({ keys }) => keys.length)),
      entries: chains.reduce((sum, { entries }) => sum + entries.length, 0),
      signatures: audits.reduce((sum, { signatures }) => sum + signatures, 0),
    },
    heads: byBank(({ head }) => head),
    entries: byBank(({ entries }) => entries),
    seen: byBank(({ seen }) => seen),
  };
}

const notThere = (bank: string, detail: string): Finding => ({
  code: "ledger_cut_short",
  bank,
  where: "the manifest",
  detail,
});

function readJournal(
  bank: Bank,
  bytes: Bytes,
  expected: ExpectedHead | undefined,
  setting: Setting,
): Chain {
  const { genesis, verifier, parameters } = setting;
  const audit: LedgerAudit = {
    bank,
    blocks: [],
    own: [],
    copies: [],
    books: newBooks(),
    findings: [],
    signatures: 0,
    entries: 0,
  };
  const head = { seq: 0, hash: "", bytes: 0 };
  const chain: Chain = { audit, keys: [], entries: [], seen: new Set(), head };
  const counting: Verifier = {
    verify: (key, message, signature) => {
      audit.signatures++;
      return verifier.verify(key, message, signature);
    },
  };
  const { records, end, damage } = parseLedgerFile(bytes);
  const opened = readChain(
    { genesis, self: bank.number, verifier: counting },
    parameters,
    records,
    (final) => readFinal(chain, final, { ...setting, verifier: counting }),
  );
  if (damage !== undefined && (end === 0 || end < (expected?.bytes ?? bytes.length))) {
    find(audit, "ledger_corrupt", `byte ${damage.offset}`, damage.why);
  }
  if (opened.ok) {
    auditConduct(audit, opened.value, records);
    auditMoney(audit, opened.value);
  } else {
    const { offset, block, why } = opened.error;
    find(audit, "block_invalid", `byte ${offset}, ${block}`, why);
  }
  const last = records.at(-1);
  chain.head = {
    seq: chain.keys.length,
    hash: chain.keys.at(-1) ?? "",
    bytes: last === undefined ? 0 : last.offset + RECORD_HEAD_BYTES + last.payload.length,
  };
  if (expected !== undefined && !isHead(chain, expected)) {
    const ends = `the manifest says block ${expected.seq}; the journal ends at ${chain.head.seq}`;
    find(audit, "ledger_cut_short", `block ${expected.seq}`, ends);
  }
  const books = opened.ok ? opened.value.state.ledger.books.get(bank.number) : undefined;
  return books === undefined ? chain : { ...chain, audit: { ...audit, books } };
}

function readFinal(chain: Chain, { block, executed }: FinalBlock, setting: Setting): void {
  const { audit, keys, entries, seen } = chain;
  keys.push(block.key);
  for (const [i, { transaction, carried, outcomes }] of executed.entries()) {
    if (!isEndorsed(setting, transaction)) {
      const where = `block ${keys.length}, transaction ${i}`;
      find(audit, "signature_invalid", where, "not endorsed by every bank that it needs");
    }
    audit.entries++;
    for (const { bank, entry } of carried) {
      if (bank === (audit.bank.number as number)) entries.push(encodeEntry(entry));
    }
    for (const outcome of outcomes) {
      if (outcome.kind !== "swap") continue;
      setting.swaps.set(hashKey(outcome.sid), outcome.announcement);
      seen.add(hashKey(outcome.sid));
    }
  }
}

/** A journal may go on beyond what was vouched for, and may not end before it. */
const isHead = ({ head, keys }: Chain, { seq, hash, bytes }: ExpectedHead): boolean =>
  head.bytes >= bytes && (seq === 0 || keys[seq - 1] === hash);

/** A validator signs one vote in a view, and none in a view that it has let time out (SignOnce). */
function auditConduct(audit: LedgerAudit, electorate: Validator, records: readonly LedgerRecord[]) {
  let last = 0;
  for (const record of records) {
    if (record.kind !== CHAIN_STATE) continue;
    const decoded = decode(stateRecordLayout, record.payload);
    if (!decoded.ok) continue;
    const where = `byte ${record.offset}`;
    const { lastVoted, vote, timeout } = decoded.value;
    if (!isSignedByOwner(audit.bank, electorate, decoded.value)) {
      find(audit, "signature_invalid", where, "a vote or timeout that the bank did not sign");
    }
    if (vote !== null && vote.view <= last) {
      find(audit, "conduct", where, `a vote of view ${vote.view} after one of view ${last}`);
    }
    if (lastVoted < last || lastVoted < Math.max(vote?.view ?? 0, timeout?.view ?? 0)) {
      find(audit, "conduct", where, `it forgets that it signed in view ${last}`);
    }
    last = Math.max(last, lastVoted);
  }
}

function isSignedByOwner(
  { number }: Bank,
  electorate: Electorate,
  { vote, timeout }: StateRecord,
): boolean {
  if (vote !== null && !isVoteOf(electorate, number, vote, vote.signature)) return false;
  return timeout === null || isTimeoutOf(electorate, number, timeout, timeout.signature);
}

function auditMoney(audit: LedgerAudit, { state, banks }: Validator): void {
  for (const [number, books] of state.ledger.books) {
    const code = banks.get(number)?.currency.code ?? "";
    const money = checkConservation(books);
    if (money !== undefined) find(audit, "conservation", `the books of ${code}`, money);
    const tags = checkTagConservation(books);
    if (tags !== undefined) find(audit, "tag_conservation", `the books of ${code}`, tags);
  }
}

/** AgreementOfFinalBlocks: at every height, all journals that reach it hold the same block. */
function disagreements(chains: readonly Chain[]): readonly Finding[] {
  for (const [i, a] of chains.entries()) {
    for (const b of chains.slice(i + 1)) {
      const at = a.keys.findIndex((key, j) => b.keys[j] !== undefined && b.keys[j] !== key);
      if (at < 0) continue;
      const detail = `${a.audit.bank.id} and ${b.audit.bank.id} hold different final blocks`;
      const where = `block ${at + 1}`;
      return [{ code: "equivocation", bank: CORRIDOR_ITSELF, where, detail }];
    }
  }
  return [];
}
