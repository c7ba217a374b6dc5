import { COMMIT, CORRIDOR, entryName, type Grounds } from "../../../corridor/entries.ts";
import type { MakeChecker } from "../checker.ts";
import { certificateStands } from "../justification.ts";
import { unfounded } from "../other-justification.ts";
import { shownSid, type SwapNote } from "../signed-record.ts";

/**
 * P3: when a COMMIT certificate exists, every honest bank taking part has its LOCK in its durable log;
 * and an honest bank closes a leg only with a certificate, and SETTLEs only what it LOCKed before.
 */
export const commitValidity: MakeChecker = ({ record, genesis, isHonestBank, violated }) => {
  const isFounded = (grounds: Grounds, swap: SwapNote): boolean =>
    certificateStands(record, swap.sid, grounds, genesis.quorum);
  return {
    property: "P3",
    onCertificate: (swap, decision) => {
      if (decision !== COMMIT || swap.isLate) return;
      for (const [leg, bank] of swap.announced?.legBanks.entries() ?? []) {
        if (!isHonestBank(bank) || swap.locks[leg]?.includes(bank) === true) continue;
        const what = `is certified COMMIT without the LOCK of leg ${leg}`;
        violated("P3", undefined, `swap ${shownSid(swap)} ${what}`);
      }
    },
    onEntry: (entry, swap, before, { seat, block }) => {
      const { arrangement } = swap.announced ?? {};
      if (arrangement !== undefined && arrangement !== "certified") {
        const why = swap.isLate ? undefined : unfounded(entry, swap, block.header.bank, record);
        const what = `block ${block.header.seq}, swap ${shownSid(swap)}: ${why}`;
        if (why !== undefined) violated("P3", seat, what);
        return;
      }
      if (entry.kind !== CORRIDOR.SETTLE && entry.kind !== CORRIDOR.VOID) return;
      const where = `block ${block.header.seq}, swap ${shownSid(swap)}: ${entryName(entry.kind)}`;
      if (entry.kind === CORRIDOR.SETTLE && (before.locked & (1 << entry.leg)) === 0) {
        violated("P3", seat, `${where} of leg ${entry.leg} that it never LOCKed`);
      }
      if (swap.announced?.legBanks[entry.leg] !== block.header.bank && !swap.isLate) {
        violated("P3", seat, `${where} of another bank's leg`);
      }
      if (!swap.isLate && !isFounded(entry.grounds, swap)) {
        violated("P3", seat, `${where} without a certificate`);
      }
    },
  };
};
