import { unreachable } from "../../crypto/outcome.ts";
import type { Step } from "../bank-state.ts";
import { CORRIDOR, isEntryUnder, type SwapEntry } from "../entries.ts";
import { notePlace, type SeenEntry, type Swap } from "../swap/swap.ts";

/** Notes a vote, what the hub says, or a question; entries of other arrangements mean nothing here. */
export function record(step: Step, swap: Swap, { author, ref, entry }: SeenEntry<SwapEntry>): void {
  const { announcement, course } = swap;
  if (announcement?.arrangement !== "two-phase" || course?.kind !== "two-phase") return;
  if (!isEntryUnder("two-phase", entry)) return;
  const isHub = author === announcement.params.hub;
  const takesPart = announcement.legBanks.includes(author);
  switch (entry.kind) {
    case CORRIDOR.LOCK: {
      const seen = swap.locks[entry.leg];
      if (seen !== undefined && announcement.legBanks[entry.leg] === author) notePlace(seen, ref);
      return;
    }
    case CORRIDOR.REFUSE:
      if (!takesPart) return;
      swap.participantRefused = true;
      course.refusal ??= ref;
      return;
    case CORRIDOR.PREPARE:
      if (isHub) course.hasPrepared = true;
      return;
    case CORRIDOR.DECIDE:
      if (isHub) course.decide ??= { decision: entry.decision, ref };
      return;
    case CORRIDOR.INQUIRE:
      if (takesPart && author !== step.config.self) course.isAsked = true;
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      return;
    default:
      unreachable(entry);
  }
}
