import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { quorumSize } from "../../node/genesis.ts";
import { renderProblem } from "../../scenarios/problem.ts";
import {
  corridorNames,
  libraryNames,
  LIBRARY_FOLDER,
  openScenario,
} from "../../scenarios/resolve.ts";
import { isLiveFault, type Scenario } from "../../scenarios/scenario.ts";
import { MAX_FILE_BYTES } from "../../scenarios/scenario-limits.ts";
import { GENERATED } from "./fixtures.ts";

function opened(nameOrPath: string, sets: readonly string[] = []): Scenario {
  const scenario = openScenario(nameOrPath, sets);
  if (!scenario.ok) throw new Error(scenario.error.map(renderProblem).join("\n"));
  return scenario.value;
}

function refused(nameOrPath: string): string[] {
  const scenario = openScenario(nameOrPath);
  return scenario.ok ? [] : scenario.error.map(renderProblem);
}

describe("the library", () => {
  it("has these scenarios", () => {
    expect(libraryNames()).toEqual([
      "bilateral",
      "border-rules",
      "card-abroad",
      "contract-splitting",
      "coverage",
      "diversion-experiment",
      "everyday-tenge",
      "expiry",
      "fraud-day",
      "freeze-in-mid-swap",
      "herstatt",
      "hub-outage",
      "imported-rails",
      "issuance",
      "livestock",
      "meal-term",
      "meal-vouchers",
      "participant-crash",
      "qr-morning",
      "redeemer-cut-off",
      "rtgs-day",
      "school-build",
      "school-build-untagged",
      "swarm",
      "tagged-crash",
      "tagged-export",
      "tenge-corridor",
      "vat-chain",
      "vat-refund",
      "witness-crash",
      "year-end",
    ]);
  });

  it.each(corridorNames())(
    "%s loads, and says what in it is invented or counterfactual",
    (name) => {
      const scenario = opened(name);
      const isAbroad = scenario.banks.length > 1;
      const isTenge = scenario.banks.some(({ id }) => id === "kz");
      expect(scenario.name).toBe(name);
      // A corridor with Kazakhstan in it is counterfactual; a bank alone at home is not.
      const label = isAbroad && isTenge ? /counterfactual|Invented: the banks/ : /[Ii]nvented/;
      expect(scenario.labels).toContainEqual(expect.stringMatching(label));
      expect(scenario.question).toMatch(/\?/);
      const least = ["conservation", "audit-passes", ...(isAbroad ? ["atomicity"] : [])];
      expect(scenario.expect).toEqual(expect.arrayContaining(least));
    },
  );

  it("tenge-corridor is the size of the pilot of 2022, with the tenge on most swaps", () => {
    const { banks, members, corridor, tags, workload } = opened("tenge-corridor");
    expect(banks.map(({ id }) => id)).toEqual(["kz", "cn", "hk", "th", "ae", "sa"]);
    expect(quorumSize(banks.length, corridor.byzantine)).toBe(4);
    expect(members.filter((m) => m.memberClass === "commercial-bank")).toHaveLength(20);
    expect(tags).toHaveLength(1);
    if (workload.kind !== "generated" || workload.swaps === null) throw new Error("no swaps");
    expect(workload.swaps).toMatchObject({ count: 170, totalUsd: 2_250_000_000n });
    const withTenge = workload.swaps.pairs.filter(({ first }) => first.id === "kz");
    expect(withTenge.reduce((sum, { share }) => sum + share, 0)).toBe(70);
  });

  it("witness-crash kills a bank that takes part in no swap", () => {
    const { faults, workload } = opened("witness-crash");
    if (workload.kind !== "generated" || workload.swaps === null) throw new Error("no swaps");
    const taking = workload.swaps.pairs.flatMap(({ first, second }) => [first.id, second.id]);
    expect(faults.filter(isLiveFault).map(({ bank }) => bank)).toEqual(["sa"]);
    expect(taking).not.toContain("sa");
  });

  it("expiry leaves the bank of one leg of every swap away", () => {
    const { faults, workload } = opened("expiry");
    if (workload.kind !== "listed") throw new Error("no list");
    expect(faults).toEqual([{ kind: "away", bank: "hk", when: { kind: "at", atMs: 0 } }]);
    expect(workload.swaps.map(({ buy }) => buy.bank)).toEqual(["hk", "hk", "hk"]);
  });

  it("tagged-export sells the same money once untagged and once tagged", () => {
    const { workload } = opened("tagged-export");
    if (workload.kind !== "listed") throw new Error("no list");
    const [clean, tagged] = workload.swaps;
    expect(clean).toMatchObject({ tag: null, rejected: null });
    expect(tagged).toMatchObject({ tag: "housing", rejected: "TAG_EXPORT_FORBIDDEN" });
    expect(tagged?.sell).toEqual(clean?.sell);
  });
});

describe("a scenario's name or path", () => {
  const folder = mkdtempSync(join(tmpdir(), "daliz-scenarios-"));
  const place = (name: string): string => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true }));

  it("stands for one of the library, or for a user's own file", () => {
    copyFileSync(join(LIBRARY_FOLDER, "bilateral.yaml"), place("mine.yaml"));
    expect(opened(place("mine.yaml")).document).toEqual(opened("bilateral").document);
    expect(opened(place("mine.yaml"), ["seed=5"]).seed).toBe(5);
  });

  it("may name a file whose rates lie beside it", () => {
    writeFileSync(place("rates.csv"), "date,KZT,CNY,HKD\n2030-01-01,100,10,1\n");
    const text = GENERATED.replace(
      "fx-usd-daily.csv, date: 2026-09-29",
      "rates.csv, date: 2030-01-01",
    );
    writeFileSync(place("own-rates.yaml"), text);
    expect(opened(place("own-rates.yaml")).rates).toMatchObject({ date: "2030-01-01" });
    writeFileSync(place("rates.csv"), "date,KZT,CNY,HKD\n2030-01-01,100,10,-1\n");
    expect(refused(place("own-rates.yaml"))).toEqual([
      'rates.csv:2:1 2030-01-01.HKD: found "-1", allowed: a positive decimal number such as 441.23 (at most 12 digits before and 12 after the point)',
    ]);
  });

  it("must have the name of the file in the library", () => {
    const scenario = openScenario("bilateral", ["name=other"]);
    expect(scenario.ok ? [] : scenario.error.map(renderProblem)).toEqual([
      '--set name: found "other", allowed: bilateral, the name of the file',
    ]);
  });

  it("is suggested when it is nearly one of the library", () => {
    const [problem = ""] = refused("tenge-coridor");
    expect(problem).toContain('scenario: found "tenge-coridor", allowed: one of bilateral, ');
    expect(problem).toMatch(/\(did you mean "tenge-corridor"\?\), or a path such as .\/my.yaml$/);
  });

  it("must lead to a file that can be read", () => {
    writeFileSync(place("large.yaml"), new Uint8Array(MAX_FILE_BYTES + 1));
    symlinkSync(place("loop.yaml"), place("loop.yaml"));
    execFileSync("mkfifo", [place("pipe.yaml")]);
    const cases: readonly (readonly [path: string, found: string])[] = [
      ["missing.yaml", "no such file"],
      ["mine.yaml/deeper.yaml", "no such file"],
      ["", "a folder"],
      ["loop.yaml", "a link that leads nowhere"],
      ["pipe.yaml", "something that is not a file"],
      [`${"x".repeat(300)}.yaml`, "a name that is too long"],
    ];
    for (const [name, found] of cases) {
      expect(refused(`${folder}/${name}`)).toEqual([
        `${folder}/${name}: found ${found}, allowed: a file that can be read`,
      ]);
    }
    expect(refused(place("large.yaml"))).toEqual([
      `${place("large.yaml")}: found ${MAX_FILE_BYTES + 1} bytes, allowed: at most ${MAX_FILE_BYTES} bytes`,
    ]);
  });

  it.each([
    "",
    ".",
    "..",
    "a\0b.yaml",
    "CON",
    "bilateral\n",
    "__proto__",
    "constructor",
    "Bilateral",
  ])("is refused: %j", (name) => {
    expect(refused(name).join("\n")).toMatch(/^scenario: found "[\x20-\x7e]*$/);
  });
});
