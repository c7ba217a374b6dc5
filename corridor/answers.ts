import type { SwapId } from "./announcement.ts";
import type { Step } from "./bank-state.ts";
import { isDecided } from "./decided.ts";
import { MAX_OWED_ANSWERS } from "./limits.ts";

/** A STATUS asks after its swap: one that was decided here is answered (protocols.md 3.5). */
export function oweAnswer(step: Step, asker: number, sid: SwapId): void {
  const { owed, decided } = step.state;
  if (asker === step.config.self || !isDecided(decided, sid)) return;
  if (owed.length < MAX_OWED_ANSWERS) owed.push({ asker, sid });
}
