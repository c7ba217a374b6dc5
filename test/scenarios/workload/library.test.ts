import { describe, expect, it } from "vitest";
import { utf8ToBytes } from "../../../crypto/bytes.ts";
import { digest, hashKey } from "../../../crypto/hash.ts";
import { renderProblem } from "../../../scenarios/problem.ts";
import { libraryNames, openScenario } from "../../../scenarios/resolve.ts";
import type { Scenario } from "../../../scenarios/scenario.ts";
import { usdCentsOf } from "../../../scenarios/workload/usd-value.ts";
import { planOf, textOf } from "./corridor.ts";
import { worstCase } from "./worst-case.ts";

function open(name: string): Scenario {
  const opened = openScenario(name);
  if (!opened.ok) throw new Error(opened.error.map(renderProblem).join("\n"));
  return opened.value;
}

describe("the library's scenarios", () => {
  it.each(libraryNames())("%s has a plan that its members can pay", (name) => {
    const scenario = open(name);
    const { members } = scenario;
    const plan = planOf(scenario);
    expect(plan.swaps.length + plan.payments.length).toBeGreaterThan(0);
    // What is paid at home from money received before is judged by playing it (home-runs.test.ts).
    const { workload } = scenario;
    const isHome =
      workload.kind === "generated" && (workload.procurement ?? workload.meals ?? workload.vat);
    if (workload.kind === "generated" && !isHome) expect(worstCase(scenario, plan)).toEqual([]);
    for (const { legs } of plan.swaps) {
      const accounts = legs.flatMap(({ payer, payee }) => [payer, payee]);
      expect(members.map(({ id }) => String(id))).toEqual(expect.arrayContaining(accounts));
    }
  });
});

describe("tenge-corridor", () => {
  const scenario = open("tenge-corridor");
  const { swaps, payments } = planOf(scenario);

  it("has as many swaps, worth as much, as the mBridge pilot of 2022: 164, 22 million dollars", () => {
    expect(swaps.length).toBeGreaterThanOrEqual(164);
    const cents = swaps.reduce((sum, swap) => sum + (usdCentsOf(swap, scenario) ?? 0n), 0n);
    expect(cents).toBe(22_500_000_00n);
  });

  it("has twenty commercial banks of six countries, and each of them trades, with any seed", () => {
    const banks = scenario.members.filter(({ memberClass }) => memberClass === "commercial-bank");
    const ids = banks.map(({ id }) => String(id)).toSorted((a, b) => (a < b ? -1 : 1));
    expect(ids).toHaveLength(20);
    expect(new Set(banks.map(({ bank }) => bank)).size).toBe(6);
    for (let seed = 0; seed < 40; seed++) {
      const plan = planOf({ ...scenario, seed });
      const traders = new Set(plan.swaps.flatMap(({ legs }) => legs.map(({ payer }) => payer)));
      expect([...traders].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids);
    }
  });

  it("has tagged money reach a final supplier, by way of the city and the builder", () => {
    const tagged = payments.filter(({ kind }) => kind === "tagged");
    const firstOf = (payer: string, payees: readonly string[]): number =>
      tagged.findIndex((payment) => payment.payer === payer && payees.includes(payment.payee));
    const path = [
      firstOf("treasury-kz", ["city-works"]),
      firstOf("city-works", ["builder"]),
      firstOf("builder", ["cement", "glass"]),
    ];
    expect(path[0]).toBe(0);
    expect(path).toEqual(path.toSorted((a, b) => a - b));
  });

  it("is the same plan as ever", () => {
    const text = textOf({ swaps, payments });
    expect(hashKey(digest(utf8ToBytes(text)))).toBe(
      "d728ae9b53dbda8e5fa16739177b74b239e71ff417cb797ad9a62435254c4d4f",
    );
  });
});
