import { unreachable } from "../../crypto/outcome.ts";
import { participantsOf } from "../announcement.ts";
import type { Step } from "../bank-state.ts";
import { CORRIDOR, isCertificate, isEntryUnder, type SwapEntry } from "../entries.ts";
import { wantBlock } from "../fetch.ts";
import { MAX_VERSIONS_PER_VIEW } from "../limits.ts";
import { castBallot, keepNewest, notePlace, type SeenEntry, type Swap } from "../swap/swap.ts";
import { leaderOf } from "./slow-path.ts";

/** Notes one entry of certified commit. */
export function record(step: Step, swap: Swap, { author, ref, entry }: SeenEntry<SwapEntry>): void {
  const { announcement } = swap;
  if (announcement === undefined || !isEntryUnder("certified", entry)) return;
  switch (entry.kind) {
    case CORRIDOR.LOCK: {
      const seen = swap.locks[entry.leg];
      if (seen === undefined || announcement.legBanks[entry.leg] !== author) return;
      return notePlace(seen, ref);
    }
    case CORRIDOR.REFUSE:
      if (participantsOf(announcement).includes(author)) swap.participantRefused = true;
      return;
    case CORRIDOR.VOTE:
      if (!swap.votes.has(author)) swap.votes.set(author, ref);
      return;
    case CORRIDOR.STATUS:
      return keepNewest(swap.statuses, { author, ref, entry }, MAX_VERSIONS_PER_VIEW, {
        isRival: (seen) => seen.author === author && seen.entry.view === entry.view,
      });
    case CORRIDOR.LEAD:
      if (author !== leaderOf(step, swap, entry.view)) return;
      return keepNewest(swap.leads, { author, ref, entry }, MAX_VERSIONS_PER_VIEW, {
        isRival: (seen) => seen.entry.view === entry.view,
      });
    case CORRIDOR.ACCEPT:
      castBallot(swap.accepts, entry.view, entry.decision, author, ref);
      return;
    case CORRIDOR.CONFIRM:
      castBallot(swap.confirms, entry.view, entry.decision, author, ref);
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      if (!isCertificate(entry.grounds)) return;
      // The outcome is learnt from the certificate's own entries: make sure that they come.
      for (const part of entry.grounds.refs) {
        if (step.state.logs.has(part.bank)) wantBlock(step, author, part);
      }
      return;
    default:
      unreachable(entry);
  }
}
