import { describe, expect, it } from "vitest";
import { durationMs } from "../../../node/time.ts";
import {
  budgetOf,
  isLiveBudget,
  isSafeBudget,
  isWithinBudget,
  renderBudget,
} from "../../../scenarios/checkers/fault-budget.ts";
import type { Fault } from "../../../scenarios/scenario.ts";

const atMs = durationMs(0);
const when = { kind: "at", atMs } as const;

function budget(faults: readonly Fault[], byzantine = 1, crashed = 1) {
  const corridor = { byzantine, crashed, deltaMs: durationMs(50), ttlMs: durationMs(1_000) };
  return budgetOf({ faults, corridor });
}

const lies = (bank: string): Fault => ({ kind: "byzantine", bank, behaviour: "forging", atMs });
const disk = (bank: string, damage: "torn" | "rot" | "full" | "lost-tail"): Fault => ({
  kind: "disk",
  bank,
  damage,
  atMs,
});
const kill = (bank: string, restartAfterMs: number | null): Fault => ({
  kind: "kill",
  bank,
  when,
  restartAfterMs: restartAfterMs === null ? null : durationMs(restartAfterMs),
});

describe("the fault budget", () => {
  it("counts as lying whoever lies, or runs on a disk that lost or changed what was durable", () => {
    const faults = [lies("a"), disk("b", "rot"), disk("c", "lost-tail"), disk("d", "torn")];
    expect(budget(faults).lying).toEqual(["a", "b", "c"]);
    expect(budget(faults).gone).toEqual([]);
  });

  it("counts as gone whoever does not come back, once", () => {
    const away: Fault = { kind: "away", bank: "b", when };
    const faults = [kill("a", null), away, disk("c", "full"), kill("d", 100), kill("a", null)];
    expect(budget(faults).gone).toEqual(["a", "b", "c"]);
  });

  it("counts nobody twice: who lies is not gone as well", () => {
    expect(budget([kill("a", null), lies("a")])).toMatchObject({ lying: ["a"], gone: [] });
  });

  it("counts nobody for a partition, a clog or a wrong clock", () => {
    const clock: Fault = { kind: "clock", bank: "a", offsetMs: 5, driftPpm: 0 };
    const clog: Fault = { kind: "clog", banks: ["a"], atMs, forMs: atMs, delayMs: atMs };
    expect(budget([clock, clog])).toMatchObject({ lying: [], gone: [] });
  });

  it.each([
    ["one lies, one is gone", [lies("a"), kill("b", null)], true, true],
    ["two are gone, as b counts for the gone, too", [kill("a", null), kill("b", null)], true, true],
    ["three are gone", ["a", "b", "c"].map((bank) => kill(bank, null)), true, false],
    ["two lie", [lies("a"), lies("b")], false, false],
  ])("%s", (_, faults, safe, live) => {
    const counted = budget(faults);
    expect([isSafeBudget(counted), isLiveBudget(counted)]).toEqual([safe, live]);
    expect([isWithinBudget(counted, "P2"), isWithinBudget(counted, "P8")]).toEqual([safe, live]);
  });

  it("says how much of it is used", () => {
    expect(renderBudget(budget([lies("a"), kill("b", null)]))).toBe(
      "1 lying (b = 1), 1 gone (c = 1)",
    );
  });
});
