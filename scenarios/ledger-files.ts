import fs from "node:fs";
import path from "node:path";
import type { Verifier } from "../crypto/ed25519.ts";
import { auditRun, type AuditReport, type LedgerToAudit } from "../corridor/audit/audit.ts";
import { auditChain } from "../corridor/shared-ledger/audit.ts";
import type { ChainParameters } from "../corridor/shared-ledger/state.ts";
import { EMPTY_BYTES, type Bytes } from "../crypto/bytes.ts";
import type { Genesis } from "../node/genesis.ts";
import { parseGenesis } from "../node/genesis-json.ts";
import { CHAIN_BLOCK, OWN_BLOCK, parseLedgerFile } from "../node/ledger/record.ts";
import { parseFullBlock } from "../node/ledger/block.ts";
import { badInput } from "./exit.ts";
import { DAY_KIND } from "./rtgs/day-scenario.ts";
import type { LedgerHead } from "./run-result.ts";
import { SIGNATURES, type Signatures } from "./scenario.ts";
import { verifierOf } from "./simulated/seeded-secrets.ts";

/** Ledgers as files, with the genesis they belong to and, for a run folder, the heads it vouches for. */
export interface LedgerFiles {
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  /** Whether the run's banks signed with Ed25519, or were simulated with digests in its place. */
  readonly signatures: Signatures;
  readonly ledgers: readonly (LedgerToAudit & { readonly file: string })[];
  /** Of a run with one shared ledger: how its chain ran. */
  readonly sharedLedger?: ChainParameters | undefined;
}

/** Reads a run folder, or single ledger files with the genesis file named beside them. */
export function readLedgers(paths: readonly string[], genesisFile?: string): LedgerFiles {
  const [first] = paths;
  const found = paths.map((file) => fs.statSync(file, { throwIfNoEntry: false }));
  const missing = paths.find((_, i) => found[i] === undefined);
  if (missing !== undefined) throw badInput(`${missing}: no such run folder or ledger file`);
  if (first !== undefined && found[0]?.isDirectory() === true) {
    if (paths.length > 1) throw badInput(`${first}: want one run folder, or ledger files`);
    return readRunFolder(first, genesisFile);
  }
  if (genesisFile === undefined) throw badInput("ledger files need --genesis <file>");
  const verifier = verifierOf("real");
  const genesis = readGenesis(genesisFile, verifier);
  const ledgers = paths.map((file) => {
    const bytes = readBytes(file);
    return { file, bank: bankOf(bytes, file), bytes, head: undefined };
  });
  return { genesis, verifier, signatures: "real", ledgers };
}

export const audit = ({ ledgers, genesis, verifier, sharedLedger }: LedgerFiles): AuditReport =>
  sharedLedger === undefined
    ? auditRun(ledgers, genesis, verifier)
    : auditChain(ledgers, genesis, verifier, sharedLedger).report;

/** The domestic entries of one bank's currency, in order. */
export function domesticEntriesOf(files: LedgerFiles, bank: number): readonly Bytes[] {
  const { ledgers, genesis, verifier, sharedLedger } = files;
  const own = ledgers.find((ledger) => ledger.bank === bank);
  if (own === undefined) return [];
  if (sharedLedger !== undefined) {
    return auditChain([own], genesis, verifier, sharedLedger).entries.get(bank) ?? [];
  }
  return parseLedgerFile(own.bytes ?? EMPTY_BYTES).records.flatMap(({ kind, payload }) => {
    const block = kind === OWN_BLOCK ? parseFullBlock(payload) : undefined;
    return block?.ok === true ? block.value.domestic : [];
  });
}

export function readGenesis(file: string, verifier: Verifier): Genesis {
  const genesis = parseGenesis(readBytes(file).toString("utf8"), verifier);
  if (genesis.ok) return genesis.value;
  const { field, found, want } = genesis.error;
  throw badInput(`${file}: ${field}: found ${found}, want ${want}`);
}

export function readBytes(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw badInput(`${file}: ${(error as Error).message}`);
  }
}

function readRunFolder(folder: string, genesisFile: string | undefined): LedgerFiles {
  const manifest = path.join(folder, "manifest.json");
  const { heads, signatures, sharedLedger } = readManifest(manifest);
  const verifier = verifierOf(signatures);
  // A genesis is signed for real, also that of a run whose banks were not.
  const file = genesisFile ?? path.join(folder, "genesis.json");
  const genesis = readGenesis(file, verifierOf("real"));
  for (const [i, { bank }] of heads.entries()) {
    if (!genesis.banks.some(({ id }) => id === bank)) {
      throw badInput(`${manifest}: bank ${bank} is not in the genesis`);
    }
    if (heads.findIndex((head) => head.bank === bank) !== i) {
      throw badInput(`${manifest}: heads: bank ${bank} stands twice`);
    }
  }
  const ledgers = genesis.banks.map(({ id, number }) => {
    const file = path.join(folder, "ledgers", `${id}.ledger`);
    // Whether there should be one, the audit knows from the head.
    const bytes = fs.existsSync(file) ? readBytes(file) : undefined;
    return { file, bank: number, bytes, head: heads.find((head) => head.bank === id) };
  });
  return { genesis, verifier, signatures, ledgers, sharedLedger };
}

interface Vouched {
  readonly heads: readonly LedgerHead[];
  readonly signatures: Signatures;
  readonly sharedLedger: ChainParameters | undefined;
}

type ManifestKeys = Partial<Record<keyof Vouched | "kind", unknown>>;

function readManifest(file: string): Vouched {
  let value: unknown;
  try {
    value = JSON.parse(readBytes(file).toString("utf8"));
  } catch (error) {
    throw badInput(`${file}: ${(error as Error).message}`);
  }
  const { heads, signatures = "real", sharedLedger, kind } = (value ?? {}) as ManifestKeys;
  if (kind === DAY_KIND) {
    throw badInput(
      `${file}: the day of one bank has no ledgers; daliz verify and daliz report read it`,
    );
  }
  if (!Array.isArray(heads)) throw badInput(`${file}: heads: found none, want a list`);
  if (signatures !== "real" && signatures !== "modelled") {
    throw badInput(`${file}: signatures: want ${SIGNATURES.join(" or ")}`);
  }
  return {
    heads: heads.map((head: unknown, i) => checkHead(head, `${file}: heads[${i}]`)),
    signatures,
    sharedLedger: sharedLedger === undefined ? undefined : checkParameters(sharedLedger, file),
  };
}

function checkParameters(found: unknown, file: string): ChainParameters {
  const { chain, term } = (found ?? {}) as Partial<ChainParameters>;
  const isFine = (chain === 2 || chain === 3) && Number.isSafeInteger(term) && Number(term) > 0;
  if (!isFine) throw badInput(`${file}: sharedLedger: want chain 2 or 3 and a term from 1`);
  return { chain, term: Number(term) };
}

function checkHead(head: unknown, where: string): LedgerHead {
  const h = head as Partial<LedgerHead> | null;
  const fine =
    typeof h?.bank === "string" &&
    typeof h.seq === "number" &&
    typeof h.hash === "string" &&
    typeof h.bytes === "number";
  if (!fine) throw badInput(`${where}: want bank, file, seq, hash and bytes`);
  return h as LedgerHead;
}

/** The bank whose own blocks the file holds. */
function bankOf(bytes: Uint8Array, file: string): number {
  for (const record of parseLedgerFile(bytes).records) {
    if (record.kind >= CHAIN_BLOCK) {
      throw badInput(
        `${file}: a journal of a shared ledger: want the run folder that it is part of`,
      );
    }
    if (record.kind !== OWN_BLOCK) continue;
    const block = parseFullBlock(record.payload);
    if (block.ok) return block.value.header.bank;
  }
  throw badInput(`${file}: no block of a ledger could be read`);
}
