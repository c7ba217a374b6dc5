import type { MakeChecker } from "../checker.ts";
import { unjustified } from "../justification.ts";
import { shownSid } from "../signed-record.ts";
import { brokenRule } from "../swap-conduct.ts";

/**
 * P2: over everything that was ever signed, also by liars, no swap has certificates of both outcomes.
 * It rests on the safety rules S1 to S6 (protocols.md 3.6), and on every entry of an honest bank being
 * justified by what others had signed before it (3.5); both are judged here, entry by entry.
 */
export const certificateUniqueness: MakeChecker = (setting) => {
  const { record, genesis, conditions, violated } = setting;
  return {
    property: "P2",
    notApplicable: () => {
      const { arrangement } = conditions.choice;
      const isDecided = arrangement === "certified" || arrangement === "two-phase";
      return isDecided ? undefined : `${arrangement} leaves no certificate`;
    },
    onCertificate: (swap, decision) => {
      if (record.outcomes.get(swap.key) === decision) return;
      violated("P2", undefined, `swap ${shownSid(swap)} has certificates of both outcomes`);
    },
    onEntry: (entry, swap, before, { seat, block }) => {
      const isCertified = (swap.announced?.arrangement ?? "certified") === "certified";
      const isJudged = isCertified && !swap.isLate;
      const broken =
        brokenRule(entry, before) ??
        (isJudged ? unjustified(entry, block.header.bank, swap, record, genesis) : undefined);
      if (broken === undefined) return;
      violated("P2", seat, `block ${block.header.seq}, swap ${shownSid(swap)}: ${broken}`);
    },
  };
};
