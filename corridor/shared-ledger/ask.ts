import { hashKey, type Hash } from "../../crypto/hash.ts";
import { bankNumber } from "../../node/ids.ts";
import type { StoredBlock } from "../../node/machine.ts";
import { send } from "../bank-state.ts";
import { branchOf } from "./block-tree.ts";
import { MAX_BLOCKS_SERVED, MAX_BYTES_SERVED, MAX_WANTED } from "./limits.ts";
import { encodeGetBlocks, PROPOSE_PREFIX, type ChainMessage } from "./messages.ts";
import { putBounded, type ValidatorStep } from "./state.ts";

/** Asks a peer for a block and its ancestors, unless that was done a moment ago. */
export function askFor(step: ValidatorStep, from: number, tip: Hash): void {
  const { state, now, genesis } = step;
  if (state.phase === "opening" || from === step.config.self) return;
  const key = hashKey(tip);
  const asked = state.wanted.get(key);
  if (asked !== undefined && now - asked < 2_000 * genesis.deltaMs) return;
  state.wanted.delete(key);
  putBounded(state.wanted, key, now, MAX_WANTED);
  send(step, from, encodeGetBlocks({ tip, above: state.tree.final.height }));
}

/** Serves blocks from the journal, the lowest first; those that are not durable yet are not served. */
export function serveBlocks(
  step: ValidatorStep,
  from: number,
  { tip, above }: Extract<ChainMessage, { readonly kind: "get" }>,
): void {
  const { state } = step;
  if (!state.links.has(from)) return;
  const { tree, finalBlocks } = state;
  const node = tree.nodes.get(hashKey(tip));
  const branch = node === undefined ? undefined : branchOf(tree, node);
  const blocks: StoredBlock[] = [];
  let bytes = 0;
  const serve = (stored: StoredBlock | undefined): boolean => {
    if (stored === undefined || stored.offset + stored.length > state.durableSize) return false;
    bytes += stored.length;
    if (blocks.length >= MAX_BLOCKS_SERVED || bytes > MAX_BYTES_SERVED) return false;
    blocks.push(stored);
    return true;
  };
  // Whatever the tip is, an honest asker's branch leads through the final blocks.
  let goesOn = true;
  for (let height = above + 1; goesOn && height <= tree.final.height; height++) {
    goesOn = serve(finalBlocks.get(height)?.stored);
  }
  for (const one of branch?.toReversed() ?? []) {
    if (!goesOn) break;
    if (one.height > above) goesOn = serve(one.place.stored);
  }
  if (blocks.length === 0) return;
  step.effects.push({ kind: "send-stored", to: bankNumber(from), prefix: PROPOSE_PREFIX, blocks });
}
