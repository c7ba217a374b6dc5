import { describe, expect, it } from "vitest";
import { PROPERTY_NAMES } from "../../../scenarios/checkers/checker.ts";
import { assembleResult } from "../../../scenarios/play/assemble.ts";
import { renderProblem } from "../../../scenarios/problem.ts";
import { corridorNames, openScenario } from "../../../scenarios/resolve.ts";
import { runSimulated } from "../../../scenarios/simulated/run-simulated.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";
import { failed, play } from "./played.ts";

/** Experiments are long so that their figures mean something; a few of their payments show the same here. */
const SMALLER: Readonly<Record<string, readonly string[]>> = {
  coverage: ["workload.procurement.purchases=20"],
  "diversion-experiment": ["workload.procurement.purchases=20"],
  "meal-term": ["workload.meals.days=8", "workload.meals.children=3"],
  "vat-refund": ["workload.vat.invoices=10"],
};

describe("the library, in virtual time", () => {
  it.each(corridorNames())("%s holds every property", async (name) => {
    const opened = openScenario(name, [
      "mode=sim",
      "signatures=modelled",
      ...(SMALLER[name] ?? []),
    ]);
    if (!opened.ok) throw new Error(opened.error.map(renderProblem).join("\n"));
    const scenario = opened.value;
    const plan = planWorkload(scenario);
    if (!plan.ok) throw new Error(renderProblem(plan.error));
    const outcome = await runSimulated({
      scenario,
      plan: plan.value,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onEvent: () => undefined,
    });
    const { manifest } = assembleResult(scenario, outcome);
    expect(manifest.properties?.map((property) => property.name)).toEqual(PROPERTY_NAMES);
    const open = manifest.properties?.filter(({ verdict }) => verdict !== "holds") ?? [];
    const withFaults = scenario.faults.length > 0 ? ["P4"] : [];
    // Without a swap no bank says anything to another one, and there is nothing to prove.
    const withoutSwaps = plan.value.swaps.length === 0 ? ["P9", "P13", "P14"] : [];
    // These lose atomicity in their scenarios, and leave nothing that proves an outcome.
    const isBaseline = scenario.arrangement === "htlc" || scenario.arrangement === "gross";
    const lost = isBaseline ? ["P1"] : [];
    const unproven = isBaseline ? ["P2", "P13"] : [];
    const expected = new Set([...lost, ...unproven, ...withFaults, ...withoutSwaps, "P15"]);
    expect(open.map((property) => property.name)).toEqual(
      PROPERTY_NAMES.filter((property) => expected.has(property)),
    );
    for (const { name: property, verdict } of open) {
      expect(verdict).toBe(lost.includes(property) ? "documented" : "not applicable");
    }
    expect(manifest.expectations.filter((expectation) => !expectation.holds)).toEqual([]);
    expect(manifest.expectations).toContainEqual({
      name: "properties-hold",
      holds: true,
      detail: "",
    });
  });
});

it("banks whose disks take a second for every flush settle all the same, one flush at a time (D9)", () => {
  const played = play("bilateral", { sets: ["costs.fsyncUs=1000000", "workload.swaps.count=12"] });
  expect(failed(played)).toEqual([]);
  const ends = played.run.recorder.swaps.map(({ finals }) => [...finals.values()]);
  for (const [one, other] of ends) expect([one?.outcome, other?.outcome]).toEqual(SETTLED);
});

const SETTLED = ["settled", "settled"];
