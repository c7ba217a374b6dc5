import { concatBytes, u32, type Bytes } from "../../../crypto/bytes.ts";
import type { Signer } from "../../../crypto/ed25519.ts";
import { digestParts, hashKey, type Hash } from "../../../crypto/hash.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import {
  leaderOf,
  sealChainBlock,
  type ChainBlock,
} from "../../../corridor/shared-ledger/block.ts";
import { signTimeout, signVote } from "../../../corridor/shared-ledger/certificates.ts";
import {
  encodePropose,
  encodeStatus,
  encodeTimeout,
  encodeTransactionMessage,
  encodeVote,
  parseChainMessage,
  type ChainMessage,
} from "../../../corridor/shared-ledger/messages.ts";
import {
  ACTION,
  encodeBody,
  endorse,
  TRANSACTION,
} from "../../../corridor/shared-ledger/transaction.ts";
import type { Genesis } from "../../../node/genesis.ts";
import type { Prng } from "../prng.ts";
import type { Lie, Mail } from "./lie.ts";

export interface Liar {
  readonly genesis: Genesis;
  readonly self: number;
  readonly signer: Signer;
  readonly term: number;
}

/** As a leader signs two blocks in one view, for different halves of its peers, and votes for both. */
export function equivocatingLeader(liar: Liar, prng: Prng): Lie {
  const deceived = new Map<number, boolean>();
  const others = new Map<string, ChainBlock>();
  return {
    onSend: (to, bytes) => {
      const message = ownMessage(liar, bytes);
      const isDeceived = deceived.get(to) ?? prng.int(0, 1) === 1;
      deceived.set(to, isDeceived);
      if (message?.kind === "propose" && isDeceived) {
        return plainly(to, encodePropose(otherBlock(liar, others, message.block)));
      }
      if (message?.kind !== "vote") return plainly(to, bytes);
      const other = others.get(hashKey(message.block));
      const votes = other === undefined ? [] : plainly(to, voteFor(liar, message.view, other.hash));
      return [...plainly(to, bytes), ...votes];
    },
  };
}

/** The same block a millisecond later: another hash, and nothing else to object to. */
function otherBlock(liar: Liar, others: Map<string, ChainBlock>, block: ChainBlock): ChainBlock {
  const known = others.get(block.key);
  if (known !== undefined) return known;
  const { version: _v, transactionRoot: _r, transactionCount: _c, ...header } = block.header;
  const later = { ...header, timeMs: header.timeMs + 1 };
  const other = sealChainBlock(later, block.transactions, liar.signer);
  others.set(block.key, other);
  return other;
}

/** Votes for a second block in every view, one that there is not. */
export const doubleVote = (liar: Liar): Lie => ({
  onSend: (to, bytes) => {
    const message = ownMessage(liar, bytes);
    if (message?.kind !== "vote") return plainly(to, bytes);
    const other = digestParts(message.block, u32(liar.self));
    return [...plainly(to, voteFor(liar, message.view, other)), ...plainly(to, bytes)];
  },
});

/** As a leader claims other results than its transactions have. */
export const wrongResults = (liar: Liar): Lie => ({
  onSend: (to, bytes) => {
    const message = ownMessage(liar, bytes);
    if (message?.kind !== "propose") return plainly(to, bytes);
    const { block } = message;
    const { version: _v, transactionRoot: _r, transactionCount: _c, ...header } = block.header;
    const wrong = { ...header, finalRoot: digestParts(header.finalRoot) };
    return plainly(to, encodePropose(sealChainBlock(wrong, block.transactions, liar.signer)));
  },
});

/** Signs nonsense of every kind beside what it should: far views, made-up blocks, money of nobody. */
export const forgingValidator = (liar: Liar, prng: Prng): Lie => ({
  onSend: (to, bytes) => {
    const nonsense = prng.int(0, 3) > 0 ? [] : plainly(to, nonsenseOf(liar, prng));
    return [...plainly(to, bytes), ...nonsense];
  },
});

function nonsenseOf(liar: Liar, prng: Prng): Bytes {
  const { genesis, self, signer, term } = liar;
  const view = prng.int(1, 5_000);
  switch (prng.int(0, 3)) {
    case 0:
      return voteFor(liar, view, randomHash(prng));
    case 1: {
      const highQc = { view: 0, block: randomHash(prng), votes: [] };
      const last = (Math.floor(view / term) + 1) * term - 1;
      const signature = signTimeout(genesis, { view: last, highView: 0 }, signer);
      return encodeTimeout({ view: last, signature, highQc });
    }
    case 2: {
      const bodyBytes = encodeBody({
        kind: TRANSACTION.BATCH,
        net: genesis.net,
        bank: self,
        number: prng.int(1, 5_000),
        actions: [{ kind: ACTION.RETURNS }],
      });
      const own = { bank: self, instructions: [] };
      const bytes = endorse(genesis, { bodyBytes, endorsements: [] }, own, signer);
      return encodeTransactionMessage(bytes);
    }
    default:
      return concatBytes(Uint8Array.of(prng.int(30, 40)), randomHash(prng));
  }
}

/** Takes in nothing that shows it what it has signed and does not know of any more. */
export const deafValidator = ({ genesis, self, term }: Liar): Lie => ({
  hears: (bytes) => {
    const parsed = parseChainMessage(bytes, genesis);
    if (!parsed.ok) return bytes;
    const { value: message } = parsed;
    if (message.kind === "status" && message.yours !== null) {
      return encodeStatus({ ...message, yours: null });
    }
    const isOwn =
      message.kind === "propose" && leaderOf(genesis, message.block.header.view, term) === self;
    return isOwn ? undefined : bytes;
  },
});

/** What the liar itself has signed of a message, and does not only pass on. */
function ownMessage({ genesis, self, term }: Liar, bytes: Bytes): ChainMessage | undefined {
  const parsed = parseChainMessage(bytes, genesis);
  if (!parsed.ok) return undefined;
  const { value: message } = parsed;
  switch (message.kind) {
    case "propose":
      return leaderOf(genesis, message.block.header.view, term) === self ? message : undefined;
    case "vote":
      return message;
    case "timeout":
    case "transaction":
    case "offer":
    case "status":
    case "get":
      return undefined;
    default:
      return unreachable(message);
  }
}

const voteFor = ({ genesis, signer }: Liar, view: number, block: Hash): Bytes =>
  encodeVote({ view, block, signature: signVote(genesis, { view, block }, signer) });

const plainly = (to: number, bytes: Bytes): readonly Mail[] => [{ to, bytes, delayUs: 0 }];

const randomHash = (prng: Prng): Hash => digestParts(u32(prng.u32()), u32(prng.u32()));
