import { describe, expect, it } from "vitest";
import { homeFigures } from "../../scenarios/measures/home-figures.ts";
import { leakage } from "../../scenarios/measures/leakage.ts";
import { reach } from "../../scenarios/measures/reach.ts";
import { assembleResult } from "../../scenarios/play/assemble.ts";
import { renderProblem } from "../../scenarios/problem.ts";
import { homeSection } from "../../scenarios/report/page/home-section.ts";
import { openScenario } from "../../scenarios/resolve.ts";
import type { RunResult } from "../../scenarios/run-result.ts";
import { runSimulated } from "../../scenarios/simulated/run-simulated.ts";
import { planWorkload } from "../../scenarios/workload/plan-workload.ts";

/** A run of a library scenario in virtual time, with modelled signatures: they are not what is tested here. */
async function played(name: string, ...sets: readonly string[]): Promise<RunResult> {
  const opened = openScenario(name, ["mode=sim", "signatures=modelled", ...sets]);
  if (!opened.ok) throw new Error(opened.error.map(renderProblem).join("\n"));
  const scenario = opened.value;
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const outcome = await runSimulated({
    scenario,
    plan: plan.value,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onEvent: () => undefined,
  });
  const result = assembleResult(scenario, outcome);
  expect(result.manifest.expectations.filter(({ holds }) => !holds)).toEqual([]);
  return result;
}

describe("diversions", () => {
  const run = (tagging: string) =>
    played("diversion-experiment", "workload.procurement.purchases=80", `tagging=${tagging}`);

  it("all stop at coloured money, without documents the fictitious works pass, from plain money all leak", async () => {
    const [full, noEvidence, none] = await Promise.all(["full", "no-evidence", "none"].map(run));
    const rows = [full, noEvidence, none].map((result) => leakage(result?.payments ?? []));
    const tried = rows.map((row) => row.map(({ way, tried: times }) => [way, times]));
    // The same is tried whatever the tag asks for: only then can runs be compared.
    expect(tried[1]).toEqual(tried[0]);
    expect(tried[2]).toEqual(tried[0]);
    expect(tried[0]?.map(([way]) => way).toSorted()).toEqual([
      "dead-souls",
      "fictitious-works",
      "price-inflation",
    ]);
    const leakedWays = rows.map((row) =>
      row.filter(({ leaked }) => leaked > 0n).map(({ way }) => way),
    );
    expect(leakedWays[0]).toEqual([]);
    expect(leakedWays[1]).toEqual(["fictitious-works"]);
    expect(leakedWays[2]?.toSorted()).toEqual(tried[0]?.map(([way]) => way).toSorted());
    expect(
      rows[2]?.every(({ stopped, leaked, triedAmount }) => stopped === 0 && leaked === triedAmount),
    ).toBe(true);
    const figures = [full, noEvidence, none].map((result) => homeFigures(result as RunResult));
    expect(figures.map(({ stoppedPercent }) => stoppedPercent === 100)).toEqual([
      true,
      false,
      false,
    ]);
    expect(figures[2]?.stoppedPercent).toBe(0);
    // Acts that come late are the price of asking for them.
    expect(figures[0]?.honestRefusedPercent).toBeGreaterThan(0);
    expect(figures[1]?.honestRefusedPercent).toBe(0);
    const section = (await homeSection(full as RunResult))?.text ?? "";
    for (const word of [
      "dead-souls",
      "TAG_UNIT_PRICE_EXCEEDED",
      "final supplier",
      "most of what was spent",
    ]) {
      expect(section).toContain(word);
    }
  });
});

describe("coverage", () => {
  it("grows with the organisations that are connected, up to everybody", async () => {
    const purchases = "workload.procurement.purchases=120";
    const [five, ten, all] = await Promise.all(
      [5, 10, 108].map((connected) => played("coverage", purchases, `connected=${connected}`)),
    );
    const reached = [five, ten, all].map((r) => homeFigures(r as RunResult).reachedPercent ?? 0);
    expect(reached[0]).toBeLessThan(reached[1] ?? 0);
    expect(reached[1]).toBeLessThan(100);
    expect(reached[2]).toBe(100);
    expect(reach(all?.payments ?? [])).toBeNull();
    const unreachable = reach(five?.payments ?? [])?.unreachable ?? [];
    const refused = five?.payments.filter(({ reason }) => reason === "MEMBER_NOT_CONNECTED") ?? [];
    expect(refused.every(({ payee }) => unreachable.includes(payee))).toBe(true);
    expect((await homeSection(five as RunResult))?.text).toContain(unreachable[0]);
  });
});

describe("VAT", () => {
  const run = (percent: number) =>
    played("vat-refund", "workload.vat.invoices=40", `workload.vat.insidePercent=${percent}`);

  it("is lost outside the scheme alone, and refunded after the days of where it was paid", async () => {
    const [outside, inside] = await Promise.all([run(0), run(100)]);
    const rows = [outside, inside].map((result) => result?.manifest.home?.[0]?.vat);
    const [before, after] = rows;
    expect(BigInt(before?.gap ?? 0)).toBeGreaterThan(0n);
    expect(before?.marked).toBe("0");
    expect(after?.gap).toBe("0");
    expect(after?.marked).toBe(after?.due);
    expect(before?.due).toBe(after?.due);
    const daysOf = (row: typeof before, where: string) =>
      row?.refunds.find((refund) => refund.where === where)?.days;
    expect(daysOf(before, "outside")?.min).toBeGreaterThanOrEqual(70);
    expect(daysOf(before, "outside")?.max).toBeLessThanOrEqual(75.1);
    expect(daysOf(after, "inside")?.min).toBeGreaterThanOrEqual(10);
    expect(daysOf(after, "inside")?.max).toBeLessThanOrEqual(15.1);
    expect(daysOf(after, "outside")).toBeNull();
    // A claim whose supplier never filed stays open, before and after.
    expect(before?.refunds.find(({ where }) => where === "outside")?.open).toBeGreaterThan(0);
    expect(before?.queue.at(-1)?.open).toBeGreaterThan(0);
    const section = (await homeSection(inside))?.text ?? "";
    expect(section).toContain("70 to 75 days before, 10 to 15 in the pilot");
  });
});

describe("a term of meals", () => {
  it("is paid as served, and what is left goes back", async () => {
    const result = await played("meal-term", "workload.meals.children=4", "workload.meals.days=15");
    const { payments, manifest } = result;
    const served = payments.filter(
      ({ payee, outcome }) => payee === "canteen" && outcome === "executed",
    );
    const [tag] = manifest.tags ?? [];
    expect(tag?.released).toBe(`${served.length * 120_000}`);
    expect(BigInt(tag?.returned ?? 0) + BigInt(tag?.released ?? 0)).toBe(250_000_000n);
    const codes = new Set(payments.map(({ reason }) => reason));
    expect(codes).toContain("VOUCHER_DAY");
    expect(codes).toContain("VOUCHER_NO_ATTENDANCE");
  });
});
