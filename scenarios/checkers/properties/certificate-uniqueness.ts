import {
  ABORT,
  COMMIT,
  CORRIDOR,
  isCertificate,
  isEntryUnder,
  type Decision,
  type Grounds,
  type SwapEntry,
} from "../../../corridor/entries.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import type { CheckerSetting, MakeChecker } from "../checker.ts";
import { isJustifiedLead, isVerified, leaderByFormula } from "../justification.ts";
import { allLocked, ballotName, shownSid, type Conduct, type SwapNote } from "../signed-record.ts";

/**
 * P2: over everything that was ever signed, also by liars, no swap has certificates of both outcomes.
 * It rests on the safety rules S1 to S6 (protocols.md 3.6), and on every entry of an honest bank being
 * justified by what others had signed before it (3.5); both are judged here, entry by entry.
 */
export const certificateUniqueness: MakeChecker = (setting) => {
  const { record, conditions, violated } = setting;
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
      const broken =
        brokenRule(entry, before) ??
        (swap.isLate || !isCertified
          ? undefined
          : unjustified(entry, swap, block.header.bank, setting));
      if (broken === undefined) return;
      violated("P2", seat, `block ${block.header.seq}, swap ${shownSid(swap)}: ${broken}`);
    },
  };
};

/** S1, S2, S3, S6 and what goes with them: one bank's own entries, in the order in which it signed them. */
function brokenRule(entry: SwapEntry, before: Readonly<Conduct>): string | undefined {
  switch (entry.kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.HLOCK:
      if ((before.locked & (1 << entry.leg)) !== 0) return `a second LOCK of leg ${entry.leg}`;
      if (before.refused) return "LOCK after REFUSE";
      return before.view > 0 ? "S2: LOCK after STATUS" : undefined;
    case CORRIDOR.REFUSE:
      return before.refused || before.locked !== 0 ? "REFUSE after LOCK or REFUSE" : undefined;
    case CORRIDOR.VOTE:
      if (before.voted) return "S1: a second VOTE";
      return before.view > 0 ? "S1: VOTE after STATUS" : undefined;
    case CORRIDOR.STATUS: {
      if (entry.view <= before.view) return `S2: STATUS ${entry.view} in view ${before.view}`;
      if (before.voted && entry.locks === null) return "S3: STATUS without P after VOTE";
      const reported = entry.lock === null ? "none" : ballotName(entry.lock);
      const highest = before.lock === undefined ? "none" : ballotName(before.lock);
      return reported === highest
        ? undefined
        : `S3: STATUS reports lock ${reported}, not ${highest}`;
    }
    case CORRIDOR.LEAD:
      return outOfTurn("LEAD", entry.view, before.led, before);
    case CORRIDOR.ACCEPT:
      return outOfTurn("ACCEPT", entry.view, before.accepted, before);
    case CORRIDOR.CONFIRM:
      return outOfTurn("CONFIRM", entry.view, before.confirmed, before);
    case CORRIDOR.PAY:
      return before.refused ? "PAY after REFUSE" : undefined;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
    case CORRIDOR.CLAIM:
    case CORRIDOR.PREPARE:
    case CORRIDOR.DECIDE:
    case CORRIDOR.INQUIRE:
      return undefined;
    default:
      return unreachable(entry);
  }
}

function outOfTurn(
  name: string,
  view: number,
  done: number,
  before: Readonly<Conduct>,
): string | undefined {
  if (view !== before.view) return `S2: ${name} ${view} in view ${before.view}`;
  return (done & (1 << view)) === 0 ? undefined : `S6: a second ${name} in view ${view}`;
}

const decides = (grounds: Grounds, decision: Decision): boolean =>
  isCertificate(grounds) && grounds.decision === decision;

/** Whether anything in the world lets an honest bank sign this entry. Closing entries are P3's. */
function unjustified(
  entry: SwapEntry,
  swap: SwapNote,
  bank: number,
  { record, genesis }: CheckerSetting,
): string | undefined {
  const { quorum } = genesis;
  if (!isEntryUnder("certified", entry)) return "an entry of another arrangement";
  switch (entry.kind) {
    case CORRIDOR.LOCK:
      return swap.announced?.legBanks[entry.leg] === bank ? undefined : "LOCK of another's leg";
    case CORRIDOR.REFUSE:
      return swap.announced?.legBanks.includes(bank) === true ? undefined : "REFUSE of a witness";
    case CORRIDOR.VOTE:
      return allLocked(swap) ? undefined : "VOTE without the LOCK of every leg";
    case CORRIDOR.STATUS:
      return isVerified(record, swap, entry, quorum) ? undefined : "S3: STATUS of what is not so";
    case CORRIDOR.LEAD:
      if (bank !== leaderByFormula(swap.sid, entry.view, genesis)) return "LEAD by another bank";
      return isJustifiedLead(record, swap, entry, quorum) ? undefined : "S5: LEAD of another value";
    case CORRIDOR.ACCEPT: {
      const leader = leaderByFormula(swap.sid, entry.view, genesis);
      const led = swap.slow?.leads.some(
        (lead) =>
          lead.bank === leader &&
          ballotName(lead.entry) === ballotName(entry) &&
          isJustifiedLead(record, swap, lead.entry, quorum),
      );
      return led === true ? undefined : "S4: ACCEPT of what no LEAD justifies";
    }
    case CORRIDOR.CONFIRM: {
      const accepted = swap.slow?.accepts.get(ballotName(entry))?.length ?? 0;
      return accepted >= quorum ? undefined : `CONFIRM after ${accepted} ACCEPTs`;
    }
    case CORRIDOR.SETTLE:
      return decides(entry.grounds, COMMIT) ? undefined : "SETTLE without a COMMIT certificate";
    case CORRIDOR.VOID:
      return decides(entry.grounds, ABORT) ? undefined : "VOID without an ABORT certificate";
    default:
      return unreachable(entry);
  }
}
