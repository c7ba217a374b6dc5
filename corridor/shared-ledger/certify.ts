import { encode } from "../../crypto/canonical-layout.ts";
import { digest, equalHash, hashKey } from "../../crypto/hash.ts";
import { countViolation } from "../violations.ts";
import { askFor } from "./ask.ts";
import { leaderOf } from "./block.ts";
import { parentOf, type BlockNode } from "./block-tree.ts";
import {
  isQuorumCertificate,
  isTimeoutCertificate,
  isVoteOf,
  quorumCertificateLayout,
  timeoutCertificateLayout,
  type QuorumCertificate,
  type TimeoutCertificate,
} from "./certificates.ts";
import { finalizeUpTo } from "./final.ts";
import { MAX_REMEMBERED_CERTIFICATES, MAX_VIEWS_AHEAD, MAX_WANTED } from "./limits.ts";
import { STATEMENT, type ChainMessage, type Statement } from "./messages.ts";
import { putBounded, type ValidatorStep } from "./state.ts";

/** Whether a certificate is valid; each is checked once. */
export function isCertificateValid(step: ValidatorStep, qc: QuorumCertificate): boolean {
  if (qc.view === 0) return isQuorumCertificate(step, qc);
  const name = hashKey(digest(encode(quorumCertificateLayout, qc)));
  return isRemembered(step, name, () => isQuorumCertificate(step, qc));
}

function isRemembered({ state }: ValidatorStep, name: string, check: () => boolean): boolean {
  const { verified } = state;
  if (verified.has(name)) return true;
  if (!check()) return false;
  verified.add(name);
  if (verified.size > MAX_REMEMBERED_CERTIFICATES) {
    const [oldest] = verified;
    if (oldest !== undefined) verified.delete(oldest);
  }
  return true;
}

/**
 * Takes a certificate in: the view moves on, and once its block is known, so do the highest certificate,
 * the lock and the final block. `from` is asked for the block if it is not known.
 */
export function learnCertificate(step: ValidatorStep, qc: QuorumCertificate, from: number): void {
  const { state } = step;
  const { safety, tree } = state;
  if (qc.view <= safety.highQc.view || qc.view <= tree.final.view) return;
  enterView(step, qc.view + 1);
  for (const { bank, signature } of qc.votes) {
    const { view, block } = qc;
    noteStatement(step, bank, { kind: STATEMENT.VOTE, view, block, signature });
  }
  const node = tree.nodes.get(hashKey(qc.block));
  if (node === undefined) {
    putBounded(state.unplaced, hashKey(qc.block), qc, MAX_WANTED);
    return askFor(step, from, qc.block);
  }
  if (node.view === qc.view) adopt(step, qc, node);
}

/** A block that came after its certificate. */
export function placeCertificate(step: ValidatorStep, node: BlockNode): void {
  const { unplaced, safety } = step.state;
  const qc = unplaced.get(node.key);
  if (qc === undefined) return;
  unplaced.delete(node.key);
  if (qc.view === node.view && qc.view > safety.highQc.view) adopt(step, qc, node);
}

function adopt(step: ValidatorStep, qc: QuorumCertificate, node: BlockNode): void {
  const { state } = step;
  const { safety, tree } = state;
  safety.highQc = qc;
  state.isSafetyDirty = true;
  for (const view of state.votes.keys()) if (view <= qc.view) state.votes.delete(view);
  // The lock is the highest block whose child has a certificate.
  const locked = parentOf(tree, node);
  if (locked !== undefined && locked.view > safety.lock.view) {
    safety.lock = { view: locked.view, height: locked.height, block: locked.hash };
  }
  finalizeUpTo(step, node, node.finalWith);
}

export function isTimeoutsValid(step: ValidatorStep, tc: TimeoutCertificate): boolean {
  const name = hashKey(digest(encode(timeoutCertificateLayout, tc)));
  return isRemembered(step, name, () => isTimeoutCertificate(step, tc));
}

/** A view has failed for q banks: the next one begins. The certificate is known to be valid. */
export function learnTimeouts(step: ValidatorStep, tc: TimeoutCertificate): void {
  const { state } = step;
  if (tc.view < state.safety.view || tc.view <= (state.lastTc?.view ?? 0)) return;
  state.lastTc = tc;
  state.safety.failed++;
  for (const { bank, highView, signature } of tc.timeouts) {
    noteStatement(step, bank, { kind: STATEMENT.TIMEOUT, view: tc.view, highView, signature });
  }
  enterView(step, tc.view + 1);
}

/** The view only grows. */
export function enterView(step: ValidatorStep, view: number): void {
  const { state } = step;
  if (view <= state.safety.view) return;
  state.safety.view = view;
  state.isSafetyDirty = true;
}

/** Keeps the newest thing that a bank is known to have signed: it is shown to it when it asks. */
export function noteStatement(step: ValidatorStep, bank: number, statement: Statement): void {
  const { newest } = step.state;
  if (statement.view > (newest.get(bank)?.view ?? 0)) newest.set(bank, statement);
}

/** The next leader collects votes: one of each bank and view, and q for one block make a certificate. */
export function receiveVote(
  step: ValidatorStep,
  from: number,
  { view, block, signature }: Omit<Extract<ChainMessage, { readonly kind: "vote" }>, "kind">,
): void {
  const { state, config, genesis } = step;
  const { safety, votes } = state;
  if (leaderOf(genesis, view + 1, config.term) !== (config.self as number)) return;
  if (view <= safety.highQc.view || view > safety.highQc.view + MAX_VIEWS_AHEAD) return;
  const box =
    votes.get(view) ?? new Map<number, { block: typeof block; signature: typeof signature }>();
  if (box.has(from)) return;
  if (!isVoteOf(step, from, { view, block }, signature)) {
    return countViolation(step, from, "signature_invalid", `a vote of view ${view}`);
  }
  votes.set(view, box);
  box.set(from, { block, signature });
  noteStatement(step, from, { kind: STATEMENT.VOTE, view, block, signature });
  const same = [...box].filter(([, vote]) => equalHash(vote.block, block));
  if (same.length < genesis.quorum) return;
  const signed = same
    .map(([bank, vote]) => ({ bank, signature: vote.signature }))
    .sort((a, b) => a.bank - b.bank);
  learnCertificate(step, { view, block, votes: signed }, from);
}
