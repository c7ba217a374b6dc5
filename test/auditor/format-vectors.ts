import { concatBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import { bigUint, decode, encode, list } from "../../crypto/canonical-layout.ts";
import { hashKey } from "../../crypto/hash.ts";
import { inclusionProof, merkleRoot } from "../../crypto/merkle.ts";
import { invariant } from "../../crypto/outcome.ts";
import { swapIdOf } from "../../corridor/announcement.ts";
import { auditRun } from "../../corridor/audit/audit.ts";
import {
  groundsLayout,
  CORRIDOR,
  corridorEntryLayout,
  type CorridorEntry,
} from "../../corridor/entries.ts";
import { encodeSwapProof } from "../../corridor/proof.ts";
import { proveSwap } from "../../corridor/prove.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { genesisLayout } from "../../node/genesis.ts";
import { encodeBothForms, type FullBlock } from "../../node/ledger/block.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticEntry,
  type EntryOf,
} from "../../node/ledger/domestic-entries.ts";
import { ledgerHead } from "../../scenarios/play/judged-ledgers.ts";
import { signatureCases } from "../crypto/ed25519-cases.ts";
import { verifier } from "./machines.ts";
import type { TinyRun } from "./tiny-run.ts";

/** The examples of FORMAT.md, section 15, by their names there. */
export function formatVectors(run: TinyRun): ReadonlyMap<string, Bytes> {
  const { genesis } = run.machines;
  const vectors = new Map<string, Bytes>([
    ["integers", encode(list(bigUint), INTEGERS)],
    ...merkleVectors(),
    ...signatureVectors(),
    ["genesis-record", encode(genesisLayout, genesis.record)],
    ["net", genesis.net],
    ["tag-definition", run.definition],
    ["tag-id", run.tag],
  ]);
  const aa = blocksOf(run);
  const [hold, announcement] = holdAndAnnouncement(aa);
  const issue = domesticOf(aa, DOMESTIC.ISSUE);
  const { body, signature } = issue.value.instruction;
  const block = blockAt(aa, 3);
  const settle = corridorOf(aa, CORRIDOR.SETTLE);
  const { value } = settle;
  invariant(value.kind === CORRIDOR.SETTLE, "Vectors", "a SETTLE");
  const more: readonly (readonly [string, Bytes])[] = [
    ["member-key", bytesOfMember(aa)],
    ["instruction-body", body],
    ["instruction-signature", signature],
    ["issue-entry", issue.bytes],
    ["terms", hold.value.terms],
    ["terms-salt", hold.value.termsSalt],
    ["commitment", commitmentOf(hold.value.terms, hold.value.termsSalt)],
    ["announcement", announcement],
    ["sid", swapIdOf(announcement)],
    ["hold-entry", hold.bytes],
    ["lock-entry", corridorOf(aa, CORRIDOR.LOCK).bytes],
    ["block-full", encodeBothForms(block).full],
    ["block-header", block.headerBytes],
    ["block-hash", block.hash],
    ["certificate", encode(groundsLayout, value.grounds)],
    ["settle-entry", settle.bytes],
    ["status-entry", corridorOf(aa, CORRIDOR.STATUS).bytes],
    ["void-entry", corridorOf(aa, CORRIDOR.VOID).bytes],
  ];
  for (const [name, bytes] of more) vectors.set(name, Uint8Array.from(bytes));
  return vectors;
}

/** The run folder that stands beside the tests, file by file. */
export function tinyFolder(run: TinyRun, genesisJson: string): ReadonlyMap<string, Bytes> {
  const { genesis } = run.machines;
  const ledgers = genesis.banks.map(({ id, number }) => {
    const bytes = run.machines.ledger(number);
    return { id, bank: number, bytes, head: ledgerHead(id, bytes) };
  });
  const audit = auditRun(ledgers, genesis, verifier);
  const sid = hashKey(formatVectors(run).get("sid") ?? new Uint8Array(0));
  const proof = proveSwap(audit.ledgers, sid);
  invariant(proof.ok && audit.findings.length === 0, "Vectors", "the tiny run is in order");
  const manifest = { format: "daliz-run/1", heads: ledgers.map(({ head }) => head) };
  return new Map([
    ["genesis.json", utf8ToBytes(genesisJson)],
    ["manifest.json", utf8ToBytes(`${JSON.stringify(manifest, null, 2)}\n`)],
    ...ledgers.map(({ id, bytes }) => [`ledgers/${id}.ledger`, bytes] as const),
    ["swap.proof", Uint8Array.from(encodeSwapProof(proof.value))],
  ]);
}

const INTEGERS = [0n, 127n, 128n, 255n, 256n, 65_535n, 65_536n, 2n ** 32n - 1n]
  .concat(2n ** 32n, 2n ** 63n - 1n)
  .concat(0n, 0n, 0n, 0n, 0n, 0n);

function merkleVectors(): [string, Bytes][] {
  const leaves = ["a", "b", "c"].map(utf8ToBytes);
  const roots = [0, 1, 2, 3].map((n): [string, Bytes] => [
    `merkle-root-${n}`,
    merkleRoot(leaves.slice(0, n)),
  ]);
  return [...roots, ["merkle-path-b", concatBytes(...inclusionProof(leaves, 1)).slice()]];
}

/** Two signatures on which verifiers disagree: one is valid, one is not. */
function signatureVectors(): [string, Bytes][] {
  const cases = signatureCases("format");
  const torsion = cases.find(({ name }) => name.startsWith("R = rB + T of order 8"));
  const aboveL = cases.find(({ name }) => name.startsWith("S + 1 L"));
  invariant(torsion?.valid === true && aboveL?.valid === false, "Vectors", "both cases are there");
  return [
    ["signature-key", torsion.key],
    ["signature-message", torsion.message],
    ["signature-valid", torsion.signature],
    ["signature-invalid", aboveL.signature],
  ];
}

interface Read<E> {
  readonly value: E;
  readonly bytes: Bytes;
}

type Ledger = readonly { readonly block: FullBlock }[];

function blocksOf(run: TinyRun): Ledger {
  const { genesis } = run.machines;
  const ledgers = [{ bank: 1, bytes: run.machines.ledger(1), head: undefined }];
  const [audit] = auditRun(ledgers, genesis, verifier).ledgers;
  return (audit?.own ?? []).map(({ block, domestic }) => ({ block: { ...block, domestic } }));
}

function blockAt(ledger: Ledger, seq: number): FullBlock {
  const block = ledger[seq - 1]?.block;
  invariant(block !== undefined, "Vectors", `block ${seq}`);
  return block;
}

function corridorOf(ledger: Ledger, kind: CorridorEntry["kind"]): Read<CorridorEntry> {
  for (const { block } of ledger) {
    for (const bytes of block.corridor) {
      const entry = decode(corridorEntryLayout, bytes);
      if (entry.ok && entry.value.kind === kind) return { value: entry.value, bytes };
    }
  }
  throw new RangeError(`no corridor entry of kind ${kind}`);
}

function domesticOf<K extends DomesticEntry["kind"]>(ledger: Ledger, kind: K): Read<EntryOf<K>> {
  for (const { block } of ledger) {
    for (const bytes of block.domestic) {
      const entry = decode(domesticEntryLayout, bytes);
      if (entry.ok && entry.value.kind === kind) return { value: entry.value as EntryOf<K>, bytes };
    }
  }
  throw new RangeError(`no domestic entry of kind ${kind}`);
}

function holdAndAnnouncement(ledger: Ledger): readonly [Read<EntryOf<16>>, Bytes] {
  const announce = corridorOf(ledger, CORRIDOR.ANNOUNCE);
  invariant(announce.value.kind === CORRIDOR.ANNOUNCE, "Vectors", "an ANNOUNCE");
  return [domesticOf(ledger, DOMESTIC.HOLD), announce.value.announcement];
}

function bytesOfMember(ledger: Ledger): Bytes {
  return domesticOf(ledger, DOMESTIC.ENROL).value.key;
}
