import { hashKey } from "../../crypto/hash.ts";
import { countViolation } from "../violations.ts";
import { askFor } from "./ask.ts";
import { isProposedByLeader, leaderOf, type ChainBlock } from "./block.ts";
import { newNode, nodesOfView, type BlockNode } from "./block-tree.ts";
import {
  isCertificateValid,
  isTimeoutsValid,
  learnCertificate,
  learnTimeouts,
  placeCertificate,
} from "./certify.ts";
import { recordBlock } from "./journal.ts";
import { MAX_ORPHANS, MAX_VERSIONS_PER_VIEW } from "./limits.ts";
import { putBounded, type ValidatorStep } from "./state.ts";
import { traceMessage } from "./trace.ts";
import { tryVote } from "./voting.ts";

/** A block of any leader, pushed or served by `from`: checked, placed, and voted for if the rules allow. */
export function receiveBlock(step: ValidatorStep, from: number, block: ChainBlock): void {
  const { state, config, genesis } = step;
  const { tree, safety } = state;
  const { view, justify } = block.header;
  if (tree.nodes.has(block.key) || view <= tree.final.view) return;
  const leader = leaderOf(genesis, view, config.term);
  const why = whyInvalid(step, block);
  if (why !== undefined) return countViolation(step, from, why, `block of view ${view}`);
  if (leader === (config.self as number) && view > safety.lastVoted) return stopStale(step, view);
  if (!tree.nodes.has(hashKey(justify.block))) {
    if (justify.view < tree.final.view) return;
    putBounded(state.orphans, block.key, block, MAX_ORPHANS);
    learnCertificate(step, justify, from);
    return askFor(step, from, justify.block);
  }
  placeWithOrphans(step, from, block);
}

/** Why a block may not stand in the chain, whatever it contains; nothing when it may. */
export function whyInvalid(step: ValidatorStep, block: ChainBlock): string | undefined {
  const { view, justify, timeouts } = block.header;
  if (justify.view >= view) return "view_invalid";
  // Nobody is lured into a view that was not entered: the view before was certified, or it failed.
  if (justify.view !== view - 1 && timeouts?.view !== view - 1) return "view_unjustified";
  if (timeouts !== null && timeouts.view !== view - 1) return "view_unjustified";
  if (!isProposedByLeader(step, block, step.config.term)) return "signature_invalid";
  if (!isCertificateValid(step, justify)) return "certificate_invalid";
  if (timeouts !== null && !isTimeoutsValid(step, timeouts)) return "certificate_invalid";
  return undefined;
}

/** Places a block, and then those that waited for it. */
function placeWithOrphans(step: ValidatorStep, from: number, block: ChainBlock): void {
  const ready = [block];
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    const node = place(step, from, next);
    if (node === undefined) continue;
    traceMessage(step, "in", "PROPOSE", {
      bank: leaderOf(step.genesis, node.view, step.config.term),
      view: node.view,
      peer: from,
      node,
    });
    tryVote(step, node);
    for (const orphan of step.state.orphans.values()) {
      if (hashKey(orphan.header.justify.block) !== node.key) continue;
      step.state.orphans.delete(orphan.key);
      ready.push(orphan);
    }
  }
}

/** Gives a block its place after its parent; its own certificates count from then on. */
export function place(step: ValidatorStep, from: number, block: ChainBlock): BlockNode | undefined {
  const { state, config } = step;
  const { tree } = state;
  const { header } = block;
  const { view, justify, timeouts } = header;
  const parent = tree.nodes.get(hashKey(justify.block));
  if (parent === undefined || tree.nodes.has(block.key)) return undefined;
  const isFollowing =
    justify.view === parent.view &&
    header.height === parent.height + 1 &&
    header.timeMs >= parent.timeMs;
  if (!isFollowing) {
    countViolation(step, from, "block_invalid", `block of view ${view}`);
    return undefined;
  }
  const isCertified = state.unplaced.has(block.key) || state.wanted.has(block.key);
  if (!isCertified && nodesOfView(tree, view) >= MAX_VERSIONS_PER_VIEW) return undefined;
  const node = newNode(block, parent, config.chain);
  tree.nodes.set(node.key, node);
  state.wanted.delete(node.key);
  recordBlock(step, node);
  learnCertificate(step, justify, from);
  if (timeouts !== null) learnTimeouts(step, timeouts);
  placeCertificate(step, node);
  return tree.nodes.has(node.key) ? node : undefined;
}

/** A validly signed own block that this disk does not have: signing on would equivocate (3.10). */
export function stopStale(step: ValidatorStep, view: number): void {
  const ours = step.state.safety.lastVoted;
  step.state.phase = "stopped";
  step.effects.push({
    kind: "stop",
    code: "stale_state",
    message:
      `a peer holds what this bank signed in view ${view}; this journal ends at view ${ours}. ` +
      "Restore the newest copy of the journal; never sign from an old one.",
  });
}
