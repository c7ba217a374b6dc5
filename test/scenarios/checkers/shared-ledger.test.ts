import { describe, expect, it } from "vitest";
import type { Executed } from "../../../corridor/shared-ledger/execute.ts";
import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import { durationMs } from "../../../node/time.ts";
import { ChainMoney } from "../../../scenarios/checkers/shared-ledger/money.ts";
import { quantile } from "../../../scenarios/measures/quantile.ts";
import { BYZANTINE_BEHAVIOURS, type ByzantineBehaviour } from "../../../scenarios/scenario.ts";
import { judgeSeed } from "../../../scenarios/swarm/campaign.ts";
import { SharedWorld } from "../../corridor/shared-kit.ts";
import { play, setUp } from "./played.ts";

const SHARED = ["arrangement=shared-ledger"];

describe("a simulated run of a shared ledger", () => {
  it.each(Object.keys(BYZANTINE_BEHAVIOURS) as ByzantineBehaviour[])(
    "keeps every property while one bank of four is %s",
    (behaviour) => {
      const fault = { kind: "byzantine", bank: "hk", behaviour, atMs: durationMs(0) } as const;
      const { run, suite } = play("swarm", { sets: SHARED, faults: [fault] });
      suite.end();
      expect(suite.verdicts().filter(({ verdict }) => verdict === "violated")).toEqual([]);
      expect(run.recorder.swaps.length).toBeGreaterThan(0);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("keeps them with the faults of seed %i", (seed) => {
    const { scenario } = setUp("swarm", { sets: SHARED });
    expect(judgeSeed(scenario, seed).violated).toEqual([]);
  });

  it("has the same history for the same seed, and another for another", () => {
    const { scenario } = setUp("swarm", { sets: SHARED });
    const [a, again, b] = [judgeSeed(scenario, 3), judgeSeed(scenario, 3), judgeSeed(scenario, 4)];
    expect(again.traceHash).toBe(a.traceHash);
    expect(b.traceHash).not.toBe(a.traceHash);
  });

  // mbridge.md, section 6: consistent with what was reported, no more.
  it("Q1: four validators at wide-area delays settle in less than 10 s, 95 of 100 in less than 15 s", () => {
    const sets = [
      ...SHARED,
      "network.topology=six-capitals",
      "corridor.deltaMs=150",
      "corridor.ttlMs=60000",
    ];
    const { run } = play("swarm", { sets });
    const took = run.recorder.swaps.map(({ finals, submittedUs }) => {
      const last = Math.max(...[...finals.values()].map(({ times }) => times.final));
      return (last - submittedUs) / 1000;
    });
    expect(took.length).toBeGreaterThan(0);
    expect(run.recorder.swaps.every(({ finals }) => finals.size === 2)).toBe(true);
    const sorted = took.toSorted((x, y) => x - y);
    expect(quantile(sorted, 0.5)).toBeLessThan(10_000);
    expect(quantile(sorted, 0.95)).toBeLessThan(15_000);
    // Seven one-way delays of some 20 to 60 ms, and no fewer: the clock is that of the network.
    expect(quantile(sorted, 0.5)).toBeGreaterThan(140);
  });
});

describe("the checker of a shared ledger's money", () => {
  const executed = (): readonly Executed[] => {
    const shared = new SharedWorld({ n: 4, b: 1, c: 0 }).found();
    shared.swap(1, 2);
    shared.runFor(3_000);
    return [...(shared.finals.get(shared.seat(1)) ?? [])].flatMap((final) => final.executed);
  };
  const all = executed();
  const isSwap = ({ transaction }: Executed): boolean => transaction.kind === "swap";
  const without = (kind: number): readonly Executed[] =>
    all.map((one) =>
      isSwap(one)
        ? { ...one, carried: one.carried.filter(({ entry }) => entry.kind !== kind) }
        : one,
    );

  it("finds nothing in what was executed", () => {
    expect(new ChainMoney().take(all)).toEqual([]);
  });

  it("finds a leg that was not posted", () => {
    const found = new ChainMoney().take(without(DOMESTIC.POST)).map(([property]) => property);
    expect(new Set(found)).toEqual(new Set(["Atomicity", "Conservation"]));
  });

  it("finds what is executed twice", () => {
    const money = new ChainMoney();
    money.take(all);
    const found = new Set(money.take(all).map(([property]) => property));
    expect(found.has("ExecuteOnce")).toBe(true);
  });

  it("finds a balance below zero", () => {
    const swaps = all.filter(isSwap);
    const found = new Set(new ChainMoney().take(swaps).map(([property]) => property));
    expect(found).toEqual(new Set(["NonNegative"]));
  });
});
