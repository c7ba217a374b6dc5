import { encodeHeads, parseMessage } from "../../../corridor/messages.ts";
import type { Lie } from "./lie.ts";

/**
 * Takes in nothing that shows it another branch of its own log, which would stop a correct bank: what a
 * bank needs that runs twice with one key, or again from an old disk.
 */
export const deafToItself = (self: number): Lie => ({
  hears: (bytes) => {
    const parsed = parseMessage(bytes);
    if (!parsed.ok) return bytes;
    const { value: message } = parsed;
    if (message.kind === "heads" && message.yours !== null) {
      return encodeHeads({ heads: message.heads, yours: null });
    }
    const isOwn = message.kind === "push" && message.block.header.bank === self;
    return isOwn ? undefined : bytes;
  },
});
