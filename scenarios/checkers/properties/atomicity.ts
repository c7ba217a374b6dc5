import { ABORT, COMMIT, CORRIDOR, entryName, isClosing } from "../../../corridor/entries.ts";
import type { MakeChecker } from "../checker.ts";
import { shownSid } from "../signed-record.ts";

/** P1: no honest bank SETTLEs what another honest bank VOIDs. That all close it in the end is P8. */
export const atomicity: MakeChecker = ({ record, violated }) => {
  return {
    property: "P1",
    atEnd: () => {
      for (const swap of record.swaps.values()) {
        // Gross legs that are never answered end without a word: nobody voids what was never held.
        if (swap.announced?.arrangement !== "gross" || swap.isClosed) continue;
        const [paid] = [...swap.conduct].filter(([, { outcome }]) => outcome === COMMIT);
        if (paid === undefined) continue;
        const what = `bank ${paid[0]} has paid, and was not paid when the run ended`;
        violated("P1", undefined, `swap ${shownSid(swap)}: ${what}`);
      }
    },
    onEntry: (entry, swap, _before, { seat }) => {
      if (!isClosing(entry)) return;
      const name = entryName(entry.kind);
      const decision = entry.kind === CORRIDOR.VOID ? ABORT : COMMIT;
      for (const [bank, { outcome }] of swap.conduct) {
        if (outcome === undefined || outcome === decision) continue;
        violated("P1", seat, `swap ${shownSid(swap)}: ${name}, and bank ${bank} did the opposite`);
      }
      const known = record.outcomes.get(swap.key);
      if (swap.isLate && known !== undefined && known !== decision) {
        violated("P1", seat, `swap ${shownSid(swap)}: ${name}, long after the opposite`);
      }
    },
  };
};
