import { describe, expect, it } from "vitest";
import { fromMs } from "../../../node/time.ts";
import { closingBoundMs, conditionsOf } from "../../../scenarios/checkers/run-conditions.ts";
import { renderProblem } from "../../../scenarios/problem.ts";
import { COST_NAMES } from "../../../scenarios/costs.ts";
import { openScenario } from "../../../scenarios/resolve.ts";
import { conditions } from "./stage.ts";

function of(...sets: readonly string[]) {
  const opened = openScenario("tenge-corridor", ["mode=sim", ...sets]);
  if (!opened.ok) throw new Error(opened.error.map(renderProblem).join("\n"));
  return conditionsOf(opened.value);
}

describe("the premises of P4 and P8", () => {
  it("name the network's greatest delay where it has one", () => {
    const site = "network.topology=single-site";
    const constant = of(site, "network.model=constant").greatestDelayUs ?? 0;
    const measured = of(site, "network.model=measured").greatestDelayUs ?? 0;
    expect(of().greatestDelayUs).toBe(0);
    expect(constant).toBeGreaterThan(0);
    expect(measured).toBeGreaterThan(constant);
  });

  it.each([
    ["a long tail", ["network.topology=single-site", "network.model=heavy-tail"]],
    ["narrow lines", ["network.bandwidthMbps=10"]],
    ["messages that overtake each other", ["network.reorder=true"]],
  ])("name none with %s", (_, sets) => {
    expect(of(...sets).greatestDelayUs).toBeUndefined();
  });

  it("say how long a bank handles a message at the most, by the run's costs", () => {
    const load = { waiting: 3, bytes: 1_024, entries: 9 };
    const free = COST_NAMES.map((name) => `costs.${name}=0`);
    expect(of(...free).handlingUs(load)).toBe(0);
    const costs = [...free, "costs.verifyUs=10", "costs.entryUs=1", "costs.fsyncUs=100"];
    // Three inputs before it, itself and the flush's own step, four signatures each; two flushes.
    expect(of(...costs).handlingUs(load)).toBe(5 * (4 * 10 + 10) + 200);
    // Six banks on two processors: each waits for two others.
    expect(of(...costs, "costs.cores=2").handlingUs(load)).toBe(3 * 5 * (4 * 10 + 10) + 200);
  });

  it("bound a hold's closing by T0, the timeouts up to view V + b + c + 1, and four delays", () => {
    const budget = { lying: [], gone: [], byzantine: 1, crashed: 1 };
    const small = conditions({ budget, deltaMs: 10, ttlMs: 500 });
    expect(closingBoundMs(fromMs(1_000), 0, small)).toBe(1_000 + 500 + 60 + 120 + 240 + 40);
    expect(closingBoundMs(fromMs(1_000), 1, small)).toBe(1_000 + 500 + 60 * 15 + 40);
  });
});
