import { bankNumber } from "../../node/ids.ts";
import { report } from "../bank-state.ts";
import { hashKey } from "../../crypto/hash.ts";
import { parentOf, type BlockNode } from "./block-tree.ts";
import type { ValidatorStep } from "./state.ts";

/** The order of a bank's messages of one view, for their names in a trace. */
const KINDS = ["PROPOSE", "VOTE", "TX"] as const;

/** Reports a message about swaps that was sent or received, when tracing: its block and the open ones below. */
export function traceMessage(
  step: ValidatorStep,
  direction: "in" | "out",
  message: (typeof KINDS)[number],
  about: {
    readonly bank: number;
    readonly view: number;
    readonly peer: number;
    readonly node: BlockNode | undefined;
  },
): void {
  if (!step.config.trace || step.state.phase === "opening") return;
  const { bank, view, peer, node } = about;
  if (peer === (step.config.self as number)) return;
  const entries = swapsBelow(step, node).map((sid) => `${message} ${sid}`);
  if (entries.length === 0) return;
  const seq = KINDS.length * view + KINDS.indexOf(message);
  report(step, { kind: "block", direction, bank: bankNumber(bank), seq, peer, entries });
}

/** The swaps whose outcome hangs on a block: its own, and those of its ancestors that are not final. */
function swapsBelow({ state }: ValidatorStep, tip: BlockNode | undefined): readonly string[] {
  const sids: string[] = [];
  let node = tip;
  while (node !== undefined && node.block !== undefined && node.height > state.tree.final.height) {
    for (const transaction of node.block.transactions) {
      if (transaction.kind === "swap") sids.push(hashKey(transaction.sid));
    }
    node = parentOf(state.tree, node);
  }
  return sids;
}
