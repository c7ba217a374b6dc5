import type { StoredBlock } from "../node/machine.ts";
import type { SwapId } from "./announcement.ts";
import { logOf, type Step } from "./bank-state.ts";
import { isDurable, sendStored } from "./catch-up.ts";
import { lookUpDecided } from "./decided.ts";
import { flushPeersOnly } from "./draft.ts";
import { MAX_BYTES_PER_GET, MAX_OWED_ANSWERS } from "./limits.ts";
import { storedAtHeight } from "./logs.ts";

/** A STATUS asks after its swap: one that was decided here is answered (protocols.md 3.5). */
export function oweAnswer(step: Step, asker: number, sid: SwapId): void {
  const { owed, decided } = step.state;
  if (asker === step.config.self || lookUpDecided(decided, sid) === undefined) return;
  if (owed.length < MAX_OWED_ANSWERS) owed.push({ asker, sid });
}

/**
 * Answers with the blocks that stand where the certificates' entries do, on every branch, each once.
 * They come from the journal, so it has to have them first. What exceeds the bound is left out: who
 * still lacks a certificate asks again with the STATUS of its next view.
 */
export function serveAnswers(step: Step): void {
  const { state } = step;
  if (state.owed.length === 0 || state.flight !== undefined) return;
  if (state.unwritten.length > 0) return flushPeersOnly(step);
  const blocksFor = new Map<number, Map<number, StoredBlock>>();
  for (const { asker, sid } of state.owed.splice(0)) {
    const blocks = blocksFor.get(asker) ?? new Map<number, StoredBlock>();
    blocksFor.set(asker, blocks);
    for (const { bank, seq } of lookUpDecided(state.decided, sid)?.blocks ?? []) {
      for (const stored of storedAtHeight(logOf(step, bank), seq)) {
        if (isDurable(step, stored)) blocks.set(stored.offset, stored);
      }
    }
  }
  for (const [asker, blocks] of blocksFor) sendStored(step, asker, withinBound(blocks.values()));
}

function withinBound(blocks: Iterable<StoredBlock>): readonly StoredBlock[] {
  const chosen: StoredBlock[] = [];
  let bytes = 0;
  for (const block of blocks) {
    bytes += block.length;
    if (bytes > MAX_BYTES_PER_GET) break;
    chosen.push(block);
  }
  return chosen;
}
