import { describe, expect, it } from "vitest";
import { ABORT, COMMIT, CORRIDOR, type SwapEntry } from "../../../corridor/entries.ts";
import { MAX_LEGS, MAX_VIEW } from "../../../corridor/limits.ts";
import {
  act,
  brokenFinality,
  brokenRule,
  newSwapConduct,
} from "../../../scenarios/checkers/swap-conduct.ts";
import { bytesNamed } from "../../bytes.ts";

const sid = bytesNamed("swap");
const LEGS = Array.from({ length: MAX_LEGS }, (_, leg) => leg);
const VIEWS = Array.from({ length: MAX_VIEW }, (_, i) => i + 1);
const VOTES = { view: 0, decision: COMMIT, refs: [] } as const;

describe("what a bank has signed about a swap", () => {
  it("is told apart for every leg that an entry can name", () => {
    const conduct = newSwapConduct();
    for (const kind of [CORRIDOR.LOCK, CORRIDOR.SETTLE] as const) {
      for (const leg of LEGS) {
        const entry: SwapEntry = { kind, sid, leg, grounds: VOTES };
        expect(brokenRule(entry, conduct) ?? brokenFinality(entry, conduct)).toBeUndefined();
        act(conduct, entry);
        expect(brokenRule(entry, conduct) ?? brokenFinality(entry, conduct)).toBeDefined();
      }
    }
  });

  it("is told apart for every view that an entry can name", () => {
    const conduct = newSwapConduct();
    for (const view of VIEWS) {
      const { lock } = conduct;
      const report = lock === undefined ? null : { ...lock, accepts: [] };
      act(conduct, { kind: CORRIDOR.STATUS, sid, view, locks: null, lock: report });
      for (const kind of [CORRIDOR.LEAD, CORRIDOR.ACCEPT, CORRIDOR.CONFIRM] as const) {
        const entry: SwapEntry = { kind, sid, view, decision: ABORT, statuses: [] };
        expect(brokenRule(entry, conduct)).toBeUndefined();
        act(conduct, entry);
        expect(brokenRule(entry, conduct)).toMatch(/^S6: a second/);
      }
    }
  });
});
