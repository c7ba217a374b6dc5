import type { Bytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { parseChainMessage, type ChainMessage } from "../../corridor/shared-ledger/messages.ts";
import type { Transaction } from "../../corridor/shared-ledger/transaction.ts";
import type { Genesis } from "../../node/genesis.ts";

export interface DescribedFrame {
  readonly text: string;
  /** The swaps that it is about. */
  readonly sids: readonly string[];
}

/** A message between validators of a shared ledger, as a person reads it. */
export function describeChainFrame(bytes: Bytes, genesis: Genesis): DescribedFrame {
  const parsed = parseChainMessage(bytes, genesis);
  if (!parsed.ok) return { text: `refused: ${parsed.error.code}`, sids: [] };
  const sids = transactionsOf(parsed.value).flatMap((one) =>
    one.kind === "swap" ? [hashKey(one.sid)] : [],
  );
  return { text: describe(parsed.value), sids };
}

const transactionsOf = (message: ChainMessage): readonly Transaction[] => {
  if (message.kind === "propose") return message.block.transactions;
  return message.kind === "transaction" || message.kind === "offer" ? [message.transaction] : [];
};

function describe(message: ChainMessage): string {
  switch (message.kind) {
    case "propose": {
      const { view, height, justify, timeouts } = message.block.header;
      const why = timeouts === null ? "" : `, after timeouts of view ${timeouts.view}`;
      const content = message.block.transactions.map(describeTransaction).join(", ") || "nothing";
      return `PROPOSE view ${view}, block ${height} on view ${justify.view}${why}: ${content}`;
    }
    case "vote":
      return `VOTE view ${message.view} for ${short(message.block)}`;
    case "timeout":
      return `TIMEOUT view ${message.view}, highest certificate of view ${message.highQc.view}`;
    case "status":
      return `STATUS, highest certificate of view ${message.highQc.view}`;
    case "get":
      return `GET block ${short(message.tip)} and what is above height ${message.above}`;
    case "offer":
      return `OFFER of ${describeTransaction(message.transaction)}`;
    case "transaction":
      return `TRANSACTION ${describeTransaction(message.transaction)}`;
    default:
      return message satisfies never;
  }
}

function describeTransaction(one: Transaction): string {
  const endorsed = `endorsed by ${one.endorsements.map(({ bank }) => bank).join(", ")}`;
  return one.kind === "swap"
    ? `swap ${short(one.sid)}, ${endorsed}`
    : `batch ${one.number} of bank ${one.bank} with ${one.actions.length} actions`;
}

const short = (hash: Bytes): string => hashKey(hash).slice(0, 8);
