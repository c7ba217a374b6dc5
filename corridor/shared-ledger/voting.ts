import { equalHash } from "../../crypto/hash.ts";
import { after, durationMs, toMs } from "../../node/time.ts";
import { leaderOf, type ChainBlock } from "./block.ts";
import { isExtending, parentOf, type BlockNode } from "./block-tree.ts";
import { highestReported, signVote } from "./certificates.ts";
import { enterView } from "./certify.ts";
import { traceStep } from "./final.ts";
import { recordSafety, sendLater } from "./journal.ts";
import { encodeVote } from "./messages.ts";
import type { ValidatorStep } from "./state.ts";
import { traceMessage } from "./trace.ts";
import { isEndorsed } from "./transaction.ts";

/**
 * Votes for a block if every rule allows it (protocols.md 2.3, step 3). The vote goes to the leader of
 * the next view once the vote, the highest certificate and the lock are durable.
 */
export function tryVote(step: ValidatorStep, node: BlockNode): void {
  const { state } = step;
  const { block } = node;
  if (block === undefined || state.phase !== "running") return;
  if (!mayVote(step, node, block) || !isContentRight(step, node, block)) return;
  castVote(step, node);
}

/** Signs the vote, of which there is one in a view; the leader votes for its own block likewise. */
export function castVote(step: ValidatorStep, node: BlockNode): void {
  const { state, config, genesis, now } = step;
  const { view, hash: block } = node;
  state.safety.lastVoted = view;
  const signature = signVote(genesis, { view, block }, config.signer);
  // Who has voted waits for the next leader's proposal.
  enterView(step, view + 1);
  recordSafety(step, { vote: { view, block, signature } });
  const next = leaderOf(genesis, view + 1, config.term);
  const message = encodeVote({ view, block, signature });
  sendLater(step, next, message);
  traceMessage(step, "out", "VOTE", { bank: config.self, view, peer: next, node });
  for (const transaction of node.block?.transactions ?? []) {
    if (transaction.kind !== "swap") continue;
    const swap = state.swaps.get(transaction.swapKey);
    if (swap === undefined) continue;
    if (swap.times.voted === 0) swap.times.voted = now;
    traceStep(step, swap.sid, "voted");
  }
}

/** The vote rule, by the chain's length. */
function mayVote(step: ValidatorStep, node: BlockNode, { header }: ChainBlock): boolean {
  const { safety, tree } = step.state;
  const { view, justify, timeouts } = header;
  if (view <= safety.lastVoted || view < safety.view) return false;
  if (step.config.chain === 3) {
    return isExtending(tree, node, safety.lock) || justify.view > safety.lock.view;
  }
  if (justify.view === view - 1) return true;
  return timeouts !== null && justify.view >= highestReported(timeouts);
}

/** Deterministic execution, time and signatures: what the leader may not get wrong. */
function isContentRight(step: ValidatorStep, node: BlockNode, block: ChainBlock): boolean {
  const { state, now } = step;
  const { finalHeight, finalRoot, timeMs } = block.header;
  const parent = parentOf(state.tree, node);
  const root = state.roots.get(finalHeight)?.root;
  if (parent === undefined || finalHeight !== parent.finalWith) return false;
  if (root === undefined || !equalHash(root, finalRoot)) return false;
  if (timeMs > toMs(after(now, durationMs(farthestAheadMs(step))))) return false;
  return block.transactions.every((transaction) => {
    const pooled = state.pool.waiting.get(transaction.key);
    return pooled?.bytes === transaction.bytes || isEndorsed(step, transaction);
  });
}

/** How far a leader's clock may be ahead of the own one, in milliseconds: a block's time counts for expiry. */
export const farthestAheadMs = ({ genesis }: ValidatorStep): number => 4 * genesis.deltaMs;
