import { encode } from "../../../crypto/canonical-layout.ts";
import type { Bytes } from "../../../crypto/bytes.ts";
import type { Signer } from "../../../crypto/ed25519.ts";
import type { Hash } from "../../../crypto/hash.ts";
import { CORRIDOR, corridorEntryLayout } from "../../../corridor/entries.ts";
import { encodePush, parseMessage, type Message } from "../../../corridor/messages.ts";
import { encodePublicBlock, sealBlock } from "../../../node/ledger/block.ts";
import type { Prng } from "../prng.ts";
import type { Lie } from "./lie.ts";

type Push = Extract<Message, { readonly kind: "push" }>;

/**
 * Signs two blocks at every height from now on. One half of the peers is shown the machine's own log;
 * the other half one that follows it up to now, and then says REFUSE where the first says LOCK or VOTE.
 */
export function equivocation(self: number, signer: Signer, prng: Prng): Lie {
  const deceived = new Map<number, boolean>();
  const others = new Map<number, { readonly hash: Hash; readonly bytes: Bytes }>();
  const otherOf = (push: Push): Bytes => {
    const { block, entries } = push;
    const { seq } = block.header;
    const known = others.get(seq);
    if (known !== undefined) return known.bytes;
    const corridor = block.corridor.map((bytes, i) => {
      const entry = entries[i];
      const isYes = entry?.kind === CORRIDOR.LOCK || entry?.kind === CORRIDOR.VOTE;
      return isYes ? encode(corridorEntryLayout, { kind: CORRIDOR.REFUSE, sid: entry.sid }) : bytes;
    });
    const { net, bank, epoch, prev, timeMs } = block.header;
    const before = others.get(seq - 1)?.hash ?? prev;
    const position = { net, bank, epoch, seq, prev: before, timeMs: timeMs + 1 };
    const other = sealBlock({ ...position, corridor, domestic: [] }, signer);
    const bytes = encodePush(encodePublicBlock(other));
    others.set(seq, { hash: other.hash, bytes });
    return bytes;
  };
  return {
    onSend: (to, bytes) => {
      const isDeceived = deceived.get(to) ?? prng.int(0, 1) === 1;
      deceived.set(to, isDeceived);
      const push = isDeceived ? ownPush(bytes, self) : undefined;
      return [{ to, bytes: push === undefined ? bytes : otherOf(push), delayUs: 0 }];
    },
  };
}

function ownPush(bytes: Bytes, self: number): Push | undefined {
  const parsed = parseMessage(bytes);
  if (!parsed.ok || parsed.value.kind !== "push") return undefined;
  return parsed.value.block.header.bank === self ? parsed.value : undefined;
}
