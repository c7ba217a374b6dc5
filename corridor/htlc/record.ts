import { equalBytes } from "../../crypto/bytes.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Step } from "../bank-state.ts";
import { CORRIDOR, isEntryUnder, type SwapEntry } from "../entries.ts";
import { MAX_VERSIONS_PER_VIEW } from "../limits.ts";
import { noted, type SeenEntry, type Swap } from "../swap/swap.ts";
import { claimerOf } from "./timelocks.ts";

/** Notes an HLOCK, a CLAIM or a REFUSE; entries of other arrangements mean nothing here. */
export function record(step: Step, swap: Swap, { author, ref, entry }: SeenEntry<SwapEntry>): void {
  const { announcement, course } = swap;
  if (announcement === undefined || course?.kind !== "htlc") return;
  if (!isEntryUnder("htlc", entry)) return;
  switch (entry.kind) {
    case CORRIDOR.HLOCK: {
      const { leg, hash, untilMs } = entry;
      if (announcement.legBanks[leg] === author) course.locks[leg] ??= { hash, untilMs };
      return;
    }
    case CORRIDOR.CLAIM: {
      const shown = course.claims[entry.leg];
      if (shown === undefined || claimerOf(announcement, entry.leg) !== author) return;
      noted(swap.times, "decided", step.now);
      if (shown.length >= MAX_VERSIONS_PER_VIEW) return;
      if (!shown.some((secret) => equalBytes(secret, entry.secret))) shown.push(entry.secret);
      return;
    }
    case CORRIDOR.REFUSE:
      if (!announcement.legBanks.includes(author)) return;
      swap.participantRefused = true;
      if (author === step.config.self) course.refusal = ref;
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      return;
    default:
      unreachable(entry);
  }
}
