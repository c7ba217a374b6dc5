import { decode } from "../crypto/canonical-layout.ts";
import { signedBytes, type Verifier } from "../crypto/ed25519.ts";
import { digest, DOMAIN, equalHash, type Hash } from "../crypto/hash.ts";
import { headerLayout, type Block, type Header, type KeyOf } from "../node/ledger/block.ts";
import { warn, type EntryGroup, type Step } from "./bank-state.ts";
import { append } from "./draft.ts";
import { CORRIDOR, type CorridorEntryOf } from "./entries.ts";
import type { SignedHeader } from "./logs.ts";

export type Evidence = CorridorEntryOf<typeof CORRIDOR.EVIDENCE>;

/**
 * The bank that two headers convict of forking its log: both validly signed by it, for the same
 * height, and different. `undefined` when they prove nothing. Anyone with the genesis can check this.
 */
export function guiltyOf(
  evidence: Omit<Evidence, "kind">,
  corridor: { readonly net: Hash; readonly keyOf: KeyOf; readonly verifier: Verifier },
): number | undefined {
  const a = decode(headerLayout, evidence.headerA);
  const b = decode(headerLayout, evidence.headerB);
  if (!a.ok || !b.ok) return undefined;
  if (a.value.bank !== b.value.bank || a.value.seq !== b.value.seq) return undefined;
  if (equalHash(digest(evidence.headerA), digest(evidence.headerB))) return undefined;
  const signed = (header: Header, bytes: Uint8Array, signature: Uint8Array): boolean => {
    const key = corridor.keyOf(header.bank, header.epoch);
    if (key === undefined || !equalHash(header.net, corridor.net)) return false;
    return corridor.verifier.verify(key, signedBytes(DOMAIN.block, bytes), signature).valid;
  };
  const both =
    signed(a.value, evidence.headerA, evidence.signatureA) &&
    signed(b.value, evidence.headerB, evidence.signatureB);
  return both ? a.value.bank : undefined;
}

export const checkEvidence = (step: Step, evidence: Evidence): number | undefined =>
  guiltyOf(evidence, {
    net: step.config.genesis.net,
    keyOf: step.keyOf,
    verifier: step.config.verifier,
  });

/** From now on the bank's LOCKs get no view-0 VOTE here, and no new swap with it is locked. */
export function convict(step: Step, bank: number): void {
  if (step.state.convicted.has(bank)) return;
  step.state.convicted.add(bank);
  warn(step, "equivocation", bank, "it signed two blocks at one height");
}

/**
 * Notes a fork: two blocks of one height. It writes EVIDENCE, once per bank, whoever else did. For a
 * fork far back the first header is no longer at hand: the journal keeps both blocks, and `verify`
 * finds it.
 */
export function noteFork(step: Step, block: Block, first: SignedHeader | undefined): void {
  const { bank } = block.header;
  convict(step, bank);
  if (first !== undefined) accuse(step, bank, evidenceOf(block, first));
}

/** The same while the journal is replayed: what is due is written once the bank is started. */
export function noteReplayedFork(step: Step, block: Block, first: SignedHeader | undefined): void {
  const { bank } = block.header;
  const { convicted, accused, foundForks } = step.state;
  convicted.add(bank);
  if (first !== undefined && !accused.has(bank)) foundForks.set(bank, evidenceOf(block, first));
}

/** An EVIDENCE of the bank's own, as it is replayed. */
export function noteOwnEvidence(step: Step, evidence: Evidence): void {
  const header = decode(headerLayout, evidence.headerA);
  if (!header.ok) return;
  step.state.accused.add(header.value.bank);
  step.state.foundForks.delete(header.value.bank);
}

/** A bank that crashed between a fork and its EVIDENCE writes it now. */
export function accuseFound(step: Step): void {
  for (const [bank, evidence] of step.state.foundForks) accuse(step, bank, evidence);
  step.state.foundForks.clear();
}

function accuse(step: Step, bank: number, evidence: EntryGroup): void {
  if (step.state.accused.has(bank)) return;
  step.state.accused.add(bank);
  append(step, evidence);
}

const evidenceOf = (block: Block, first: SignedHeader): EntryGroup => ({
  corridor: [
    {
      kind: CORRIDOR.EVIDENCE,
      headerA: first.header,
      signatureA: first.signature,
      headerB: block.headerBytes.slice(),
      signatureB: block.signature,
    },
  ],
  domestic: [],
  reports: [],
});
