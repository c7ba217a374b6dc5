import {
  ABORT,
  COMMIT,
  CORRIDOR,
  entryName,
  isCertificate,
  isClosing,
} from "../../../corridor/entries.ts";
import { parseHex } from "../../../crypto/bytes.ts";
import type { Hash } from "../../../crypto/hash.ts";
import type { MakeChecker } from "../checker.ts";
import { shortKey, shownSid } from "../signed-record.ts";

/** P7: after its first SETTLE or VOID an honest bank only closes its other legs, the same way, each once. */
export const finality: MakeChecker = ({ record, violated, isHonest }) => {
  return {
    property: "P7",
    onEntry: (entry, swap, before, { seat, block }) => {
      const where = `block ${block.header.seq}, swap ${shownSid(swap)}: ${entryName(entry.kind)}`;
      if (!isClosing(entry)) {
        if (before.closed !== 0) violated("P7", seat, `${where} after the end`);
        return;
      }
      const isSecond = (before.closed & (1 << entry.leg)) !== 0;
      // A swap was dropped only after every honest bank taking part had closed its legs.
      if (isSecond || swap.isLate) violated("P7", seat, `${where} of leg ${entry.leg} once more`);
      const decision = entry.kind === CORRIDOR.VOID ? ABORT : COMMIT;
      if (before.outcome !== undefined && before.outcome !== decision) {
        violated("P7", seat, `${where} after the opposite`);
      }
      if (entry.kind === CORRIDOR.PAY || !isCertificate(entry.grounds)) return;
      if (entry.grounds.decision !== decision) {
        violated("P7", seat, `${where} with a certificate of the opposite`);
      }
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
