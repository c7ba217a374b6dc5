import { hashKey, type Hash } from "../../crypto/hash.ts";
import type { StoredBlock } from "../../node/machine.ts";
import type { ChainBlock } from "./block.ts";
import type { ChainRule } from "./state.ts";

/** One block above, or at, the last final one. */
export interface BlockNode {
  readonly hash: Hash;
  readonly key: string;
  readonly view: number;
  readonly height: number;
  readonly timeMs: number;
  readonly parentKey: string;
  readonly parentView: number;
  /** The height up to which everything is final once this block has a certificate. */
  readonly finalWith: number;
  /** Transactions from the first block up to this one. */
  readonly total: number;
  /** Absent for the block before the first. */
  readonly block: ChainBlock | undefined;
  readonly place: BlockPlace;
}

/** Where a block stands in the journal, once it does. */
export interface BlockPlace {
  stored: StoredBlock | undefined;
}

/** Every known block that is not final and could become so, and the last final one. */
export interface BlockTree {
  readonly nodes: Map<string, BlockNode>;
  final: BlockNode;
}

export function newBlockTree(genesisHash: Hash): BlockTree {
  const final: BlockNode = {
    hash: genesisHash,
    key: hashKey(genesisHash),
    view: 0,
    height: 0,
    timeMs: 0,
    parentKey: "",
    parentView: 0,
    finalWith: 0,
    total: 0,
    block: undefined,
    place: { stored: undefined },
  };
  return { nodes: new Map([[final.key, final]]), final };
}

/**
 * The commit rule (protocols.md 2.3, step 5): with `chain=2` a block is final when it and its direct
 * child, in consecutive views, both have a certificate; with `chain=3` also its grandchild. All its
 * ancestors become final with it. A block's certificate of its parent counts as one.
 */
export function newNode(block: ChainBlock, parent: BlockNode, chain: ChainRule): BlockNode {
  const { header, hash, key } = block;
  const { view, height, timeMs } = header;
  const isDirect = view === parent.view + 1;
  const inARow = chain === 2 ? isDirect : isDirect && parent.view === parent.parentView + 1;
  const newly = inARow ? height - chain + 1 : 0;
  return {
    hash,
    key,
    view,
    height,
    timeMs,
    parentKey: parent.key,
    parentView: parent.view,
    finalWith: Math.max(parent.finalWith, newly),
    total: parent.total + block.transactions.length,
    block,
    place: { stored: undefined },
  };
}

export const parentOf = ({ nodes }: BlockTree, { parentKey }: BlockNode): BlockNode | undefined =>
  nodes.get(parentKey);

/** From a block down to the last final one, without that one; nothing when it does not descend from it. */
export function branchOf(tree: BlockTree, tip: BlockNode): readonly BlockNode[] | undefined {
  const branch: BlockNode[] = [];
  let node: BlockNode | undefined = tip;
  while (node !== undefined && node.height > tree.final.height) {
    branch.push(node);
    node = parentOf(tree, node);
  }
  return node === tree.final ? branch : undefined;
}

/** Whether a block descends from the block at a height with a hash, or is that block. */
export function isExtending(
  tree: BlockTree,
  tip: BlockNode,
  ancestor: { readonly height: number; readonly block: Hash },
): boolean {
  if (ancestor.height <= tree.final.height) return true;
  let node: BlockNode | undefined = tip;
  while (node !== undefined && node.height > ancestor.height) node = parentOf(tree, node);
  return node !== undefined && node.key === hashKey(ancestor.block);
}

/** Makes a block the last final one: what does not descend from it is forgotten. */
export function makeFinal(tree: BlockTree, final: BlockNode): void {
  const before = tree.final.height;
  tree.final = final;
  const keeps = new Map<string, boolean>();
  const isKept = (node: BlockNode): boolean => {
    const known = keeps.get(node.key);
    if (known !== undefined) return known;
    const parent = tree.nodes.get(node.parentKey);
    const kept = node === final || (node.height > before && parent !== undefined && isKept(parent));
    keeps.set(node.key, kept);
    return kept;
  };
  for (const node of tree.nodes.values()) isKept(node);
  for (const [key, kept] of keeps) if (!kept) tree.nodes.delete(key);
}

export const nodesOfView = ({ nodes }: BlockTree, view: number): number => {
  let count = 0;
  for (const node of nodes.values()) if (node.view === view) count++;
  return count;
};
