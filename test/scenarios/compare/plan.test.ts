import { describe, expect, it } from "vitest";
import {
  isUnchanged,
  MAX_CASES,
  planComparison,
  scenarioOf,
  taskAt,
  taskCount,
  type PlanRequest,
} from "../../../scenarios/compare/plan.ts";
import { renderProblem } from "../../../scenarios/problem.ts";

const REQUEST: PlanRequest = {
  scenario: "bilateral",
  arrangements: [],
  runs: 3,
  seed: undefined,
  sets: ["workload.swaps.count=2"],
  vary: [],
  volatility: 0.1,
};

const planOf = (changes: Partial<PlanRequest> = {}) => {
  const plan = planComparison({ ...REQUEST, ...changes });
  if (!plan.ok) throw new Error(plan.error.map(renderProblem).join("\n"));
  return plan.value;
};

const complaints = (changes: Partial<PlanRequest>): readonly string[] => {
  const plan = planComparison({ ...REQUEST, ...changes });
  return plan.ok ? [] : plan.error.map(renderProblem);
};

const ttl = { path: "corridor.ttlMs", values: ["2000", "5000"] };
const topology = { path: "network.topology", values: ["none", "single-site", "six-capitals"] };

describe("the plan of a comparison", () => {
  it("has the scenario's own arrangement and seed, if nothing else is asked for", () => {
    const { cases, firstSeed, runs } = planOf();
    expect(cases.map(({ name }) => name)).toEqual(["certified"]);
    expect([firstSeed, runs]).toEqual([20_240_602, 3]);
  });

  it("has a case for each combination of values, named by them", () => {
    const { cases } = planOf({ arrangements: ["certified"], vary: [ttl, topology] });
    expect(cases.map(({ name }) => name)).toEqual([
      "ttlMs 2000, topology none",
      "ttlMs 2000, topology single-site",
      "ttlMs 2000, topology six-capitals",
      "ttlMs 5000, topology none",
      "ttlMs 5000, topology single-site",
      "ttlMs 5000, topology six-capitals",
    ]);
    expect(new Set(cases.map(({ hash }) => hash)).size).toBe(6);
  });

  it("gives every case the same seeds, those of one seed beside each other", () => {
    const plan = planOf({ vary: [ttl], seed: "7" });
    expect(taskCount(plan)).toBe(6);
    const tasks = Array.from({ length: 6 }, (_, i) => taskAt(plan, i));
    expect(tasks.map(({ caseNumber, seed }) => [caseNumber, seed])).toEqual([
      [0, 7],
      [1, 7],
      [0, 8],
      [1, 8],
      [0, 9],
      [1, 9],
    ]);
    const [, , third, fourth] = tasks.map((task) => scenarioOf(plan, task));
    expect([third?.seed, third?.corridor.ttlMs]).toEqual([8, 2000]);
    expect([fourth?.seed, fourth?.corridor.ttlMs]).toEqual([8, 5000]);
    expect([third?.mode, third?.signatures]).toEqual(["sim", "modelled"]);
  });

  it("lets a user have real signatures", () => {
    const plan = planOf({ sets: ["signatures=real"] });
    expect(scenarioOf(plan, taskAt(plan, 0)).signatures).toBe("real");
  });

  it("knows whether the scenario has changed since", () => {
    const plan = planOf();
    expect(isUnchanged(plan)).toBe(true);
    const cases = plan.cases.map((one) => ({ ...one, hash: "0".repeat(64) }));
    expect(isUnchanged({ ...plan, cases })).toBe(false);
  });
});

describe("what a comparison refuses", () => {
  it.each<readonly [string, Partial<PlanRequest>, string]>([
    ["an unknown scenario", { scenario: "nowhere" }, '"nowhere"'],
    ["an unknown arrangement", { arrangements: ["certified", "barter"] }, '"barter"'],
    ["an arrangement without a name", { arrangements: [""] }, "--arrangements"],
    ["an arrangement twice", { arrangements: ["certified", "certified"] }, "twice"],
    ["a value that the scenario does not allow", { sets: ["corridor.ttlMs=-5"] }, "corridor.ttlMs"],
    ["a path that is not there", { vary: [{ path: "corridor.speed", values: ["1"] }] }, "speed"],
    ["a value of --vary that is not allowed", { vary: [{ ...ttl, values: ["-1"] }] }, "ttlMs"],
    [
      "a live run",
      { sets: ["mode=live", "faults=[{kind: clog, banks: [kz], atMs: 1, forMs: 1, delayMs: 1}]"] },
      "live",
    ],
    ["a seed that is none", { seed: "-1" }, "seed"],
    ["seeds beyond the last", { seed: String(Number.MAX_SAFE_INTEGER - 1) }, "--seed"],
    [
      "more swaps than there are rows for",
      { sets: ["workload.swaps.count=10000"], runs: 501 },
      "5010000 swaps",
    ],
  ])("%s", (_, changes, said) => {
    const found = complaints(changes);
    expect(found.join("\n")).toContain(said);
  });

  it("more cases than a comparison has", () => {
    const values = (count: number) => Array.from({ length: count }, (_, i) => String(1000 + i));
    const vary = [
      { path: "corridor.ttlMs", values: values(20) },
      {
        path: "corridor.deltaMs",
        values: ["200", "210", "220", "230", "240", "250", "260", "270", "280", "290", "300"],
      },
    ];
    expect(complaints({ vary })[0]).toContain(`220 cases, allowed: at most ${MAX_CASES}`);
  });
});
