import { describe, expect, it } from "vitest";
import { parseChoice, renderChoice } from "../../scenarios/arrangement-choice.ts";
import { principalAtRisk } from "../../scenarios/measures/principal-at-risk.ts";
import { assembleResult } from "../../scenarios/play/assemble.ts";
import { renderProblem } from "../../scenarios/problem.ts";
import { renderTables } from "../../scenarios/report/tables.ts";
import { openScenario } from "../../scenarios/resolve.ts";
import type { RunResult } from "../../scenarios/run-result.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { runSimulated } from "../../scenarios/simulated/run-simulated.ts";
import { judgeSeed } from "../../scenarios/swarm/campaign.ts";
import { planWorkload } from "../../scenarios/workload/plan-workload.ts";

function opened(name: string, ...sets: readonly string[]): Scenario {
  const scenario = openScenario(name, ["mode=sim", "signatures=modelled", ...sets]);
  if (!scenario.ok) throw new Error(scenario.error.map(renderProblem).join("\n"));
  return scenario.value;
}

async function resultOf(scenario: Scenario): Promise<RunResult> {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(renderProblem(plan.error));
  const { signal } = new AbortController();
  const nothing = (): void => undefined;
  const parts = { scenario, plan: plan.value, signal, onProgress: nothing, onEvent: nothing };
  return assembleResult(scenario, await runSimulated(parts));
}

const verdictOf = ({ manifest }: RunResult, name: string) =>
  manifest.properties?.find((property) => property.name === name);

describe("the arrangements", () => {
  it.each(["certified", "htlc", "two-phase", "gross"])(
    "%s, with faults drawn from 15 seeds: nothing that it promises is violated",
    (arrangement) => {
      const scenario = opened("swarm", `arrangement=${arrangement}`);
      let [settled, voided] = [0, 0];
      for (let seed = 1; seed <= 15; seed++) {
        const result = judgeSeed(scenario, seed);
        expect(result.violated, `seed ${seed}`).toEqual([]);
        settled += result.settled;
        voided += result.voided;
      }
      expect(settled).toBeGreaterThan(15);
      if (arrangement !== "gross") expect(voided).toBeGreaterThan(3);
    },
    60_000,
  );

  it("settle the same workload, each in its own time: gross, certified, two-phase, HTLC", async () => {
    const slowest: number[] = [];
    for (const arrangement of ["gross", "certified", "two-phase", "htlc"]) {
      const result = await resultOf(
        opened("bilateral", `arrangement=${arrangement}`, "network.topology=six-capitals"),
      );
      expect(result.manifest.audit.findings).toEqual([]);
      expect(result.swaps.every(({ outcome }) => outcome === "settled")).toBe(true);
      expect(result.swaps.every((swap) => swap.arrangement === arrangement)).toBe(true);
      slowest.push(Math.max(...result.swaps.map(({ settleMs }) => settleMs ?? 0)));
    }
    const [gross = 0, certified = 0, twoPhase = 0, htlc = 0] = slowest;
    expect(gross).toBeLessThan(certified);
    // With two banks the initiator is the hub: as many delays as certified commit takes.
    expect(Math.abs(twoPhase - certified)).toBeLessThan(certified / 3);
    expect(twoPhase).toBeLessThan(htlc);
  });

  it("redeemer-cut-off: a swap under htlc ends split, as a result with its example, and nobody is blamed (R3)", async () => {
    const result = await resultOf(opened("redeemer-cut-off"));
    const { audit, expectations } = result.manifest;
    expect(audit).toMatchObject({ passed: true, findings: [] });
    const [split = ""] = audit.splits ?? [];
    const { sid = "" } = result.swaps.find(({ outcome }) => outcome === "split") ?? {};
    expect(split).toBe(`swap ${sid.slice(0, 16)} (htlc): leg 1 paid, leg 0 not`);
    expect(verdictOf(result, "P1")?.verdict).toBe("documented");
    expect(verdictOf(result, "P1")?.detail).toContain(sid.slice(0, 16));
    expect(expectations.find(({ name }) => name === "atomicity")).toMatchObject({
      holds: true,
      detail: expect.stringContaining(split) as string,
    });
    const text = renderTables(result, { colour: false });
    expect(text).toContain("documented");
    expect(text).toContain("Principal at risk");
  });

  it("the same run without its fault loses nothing, and promises so", async () => {
    const result = await resultOf(opened("redeemer-cut-off", "faults=[]"));
    expect(result.manifest.audit.splits).toBeUndefined();
    expect(verdictOf(result, "P1")?.verdict).toBe("holds");
    expect(principalAtRisk(result.swaps, result.manifest.banks)).toEqual([]);
  });

  it("hub-outage: banks wait for the hub as long as it is away, and nothing is lost", async () => {
    const result = await resultOf(opened("hub-outage"));
    const [killed, back] = result.manifest.faults;
    const longest = Math.max(...result.swaps.map(({ heldMs }) => heldMs ?? 0));
    expect(longest).toBeGreaterThan((back?.atMs ?? 0) - (killed?.atMs ?? 0) - 1);
    expect(verdictOf(result, "P8")?.verdict).toBe("holds");
    expect(result.swaps.filter(({ outcome }) => outcome === "voided").length).toBeGreaterThan(3);
  });

  it("a hub that never comes back leaves money held: P8 is violated, as two-phase says (R5)", async () => {
    const fault = "faults[0]={ kind: kill, bank: sa, when: { step: prepared, count: 15 } }";
    const result = await resultOf(opened("hub-outage", fault, "expect=[conservation]"));
    expect(verdictOf(result, "P8")).toMatchObject({ verdict: "documented" });
    expect(verdictOf(result, "P8")?.detail).toContain("blocks while its hub is away");
    expect(result.manifest.conservation.some(({ pending }) => pending !== "0")).toBe(true);
  });

  it("herstatt: what was paid and never answered is what the payers lose (R8)", async () => {
    const result = await resultOf(opened("herstatt"));
    const lost = result.swaps.filter(({ outcome }) => outcome === "split");
    expect(lost.length).toBeGreaterThan(0);
    const sum = (currency: string): bigint =>
      lost.reduce((all, s) => all + (s.sellCurrency === currency ? BigInt(s.sellAmount) : 0n), 0n);
    for (const { currency, left, peak } of principalAtRisk(result.swaps, result.manifest.banks)) {
      expect(left).toBe(sum(currency));
      expect(peak).toBeGreaterThanOrEqual(left);
    }
    expect(verdictOf(result, "P1")?.verdict).toBe("documented");
  });

  it.each(["certified", "htlc:250:50", "two-phase:6:3000", "two-phase:initiator:1", "gross:0"])(
    "as one word for a bank's process: %s",
    (word) => {
      const choice = parseChoice(word);
      expect(choice && renderChoice(choice)).toBe(word);
    },
  );

  it.each([
    "",
    "cls",
    "certified:1",
    "htlc",
    "htlc:1",
    "htlc:01:2",
    "htlc:-1:2",
    "gross:x",
    "two-phase:kz:1",
    "gross:1:2",
  ])("no choice: %j", (word) => {
    expect(parseChoice(word)).toBeUndefined();
  });
});
