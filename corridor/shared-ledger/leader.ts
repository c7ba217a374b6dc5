import { toMs } from "../../node/time.ts";
import { place } from "./accept.ts";
import { leaderOf, sealChainBlock } from "./block.ts";
import { branchOf, type BlockNode } from "./block-tree.ts";
import { highestReported } from "./certificates.ts";
import { broadcastLater } from "./journal.ts";
import { MAX_BLOCK_PAYLOAD_BYTES, MAX_BLOCK_TRANSACTIONS } from "./limits.ts";
import { encodePropose } from "./messages.ts";
import { selectForBlock } from "./pool.ts";
import { highNode, type ValidatorStep } from "./state.ts";
import { traceMessage } from "./trace.ts";
import { castVote } from "./voting.ts";

/**
 * The leader of the view proposes once it holds a certificate, or timeouts, of the view before
 * (protocols.md 2.3, step 2), and there is something to do: transactions, or blocks with transactions
 * that further certificates make final. It proposes once in a view, and votes for its block like anybody.
 */
export function tryPropose(step: ValidatorStep): void {
  const { state, config, genesis, now } = step;
  const { safety, tree, lastTc } = state;
  const { view, highQc } = safety;
  if (state.phase !== "running" || view <= safety.lastVoted) return;
  if (leaderOf(genesis, view, config.term) !== (config.self as number)) return;
  const timeouts = lastTc?.view === view - 1 ? lastTc : null;
  if (highQc.view !== view - 1 && timeouts === null) return;
  // Somebody has reported a higher certificate: its block is being fetched.
  if (timeouts !== null && highQc.view < highestReported(timeouts)) return;
  const parent = highNode(state);
  const branch = branchOf(tree, parent);
  const finalRoot = state.roots.get(parent.finalWith)?.root;
  if (branch === undefined || finalRoot === undefined) return;
  const timeMs = Math.max(parent.timeMs, toMs(now));
  const included = branch.toReversed().flatMap(({ block }) => block?.transactions ?? []);
  const transactions = selectForBlock(state.pool, state.ledger, included, {
    count: MAX_BLOCK_TRANSACTIONS,
    bytes: MAX_BLOCK_PAYLOAD_BYTES,
    timeMs,
  });
  if (transactions.length === 0 && !isAwaited(step, parent)) return;
  const block = sealChainBlock(
    {
      net: genesis.net,
      view,
      height: parent.height + 1,
      justify: highQc,
      timeouts: highQc.view === view - 1 ? null : timeouts,
      timeMs,
      finalHeight: parent.finalWith,
      finalRoot,
    },
    transactions,
    config.signer,
  );
  const node = place(step, config.self, block);
  if (node === undefined) return;
  broadcastLater(step, encodePropose(block));
  for (const { number } of genesis.banks) {
    traceMessage(step, "out", "PROPOSE", { bank: config.self, view, peer: number, node });
  }
  castVote(step, node);
}

/** Whether those who know a block, and not yet its certificate, wait for a transaction to become final. */
function isAwaited({ state }: ValidatorStep, { block, total }: BlockNode): boolean {
  if (block === undefined) return false;
  const known = state.roots.get(block.header.finalHeight)?.total;
  return known === undefined || total > known;
}
