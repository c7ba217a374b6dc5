import { COMMIT, isClosing } from "../../../corridor/entries.ts";
import { parseHex } from "../../../crypto/bytes.ts";
import type { Hash } from "../../../crypto/hash.ts";
import type { MakeChecker } from "../checker.ts";
import { shortKey, shownSid } from "../signed-record.ts";
import { brokenFinality, closedAgain } from "../swap-conduct.ts";

/** P7: after its first SETTLE or VOID an honest bank only closes its other legs, the same way, each once. */
export const finality: MakeChecker = ({ record, violated, isHonest }) => {
  return {
    property: "P7",
    onEntry: (entry, swap, before, { seat, block }) => {
      // A swap was dropped only after every honest bank taking part had closed its legs.
      const broken =
        swap.isLate && isClosing(entry) ? closedAgain(entry) : brokenFinality(entry, before);
      if (broken === undefined) return;
      violated("P7", seat, `block ${block.header.seq}, swap ${shownSid(swap)}: ${broken}`);
    },
    onReport: (seat, report) => {
      if (report.kind !== "swap" || !isHonest(seat)) return;
      const sid = parseHex(report.sid, 32);
      const key = sid === undefined ? 0 : shortKey(sid as Hash);
      const swap = record.swaps.get(key);
      const own = swap?.conduct.get(seat.config.self)?.outcome;
      const isCertified = (swap?.announced?.arrangement ?? "certified") === "certified";
      // Without a certificate a bank knows how it has closed its own legs, and no more.
      if (own === undefined && record.isOver(key)) return;
      const known = isCertified ? record.outcomes.get(key) : own;
      if ((known === COMMIT) === (report.outcome === "settled") && known !== undefined) return;
      violated("P7", seat, `it reports swap ${report.sid.slice(0, 16)} as ${report.outcome}`);
    },
  };
};
