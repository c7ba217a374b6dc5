import { describe, expect, it } from "vitest";
import { MAX_CURVES, MAX_POINTS, readGamePlan } from "../../../scenarios/load/game-sets.ts";
import { GAME_PARAMETERS } from "../../../scenarios/measures/htlc-game/parameters.ts";
import { renderProblem } from "../../../scenarios/problem.ts";

const planOf = (...sets: string[]) => {
  const plan = readGamePlan(sets);
  if (!plan.ok) throw new Error(plan.error.map(renderProblem).join("\n"));
  return plan.value;
};

const complaints = (...sets: string[]): readonly string[] => {
  const plan = readGamePlan(sets);
  return plan.ok ? [] : plan.error.map(renderProblem);
};

describe("what the game is played with", () => {
  it("is the paper's, if nothing is set", () => {
    const { settings, agreed, highlighted } = planOf();
    expect(settings).toHaveLength(1);
    for (const [name, { default: value }] of Object.entries(GAME_PARAMETERS)) {
      expect(settings[0]?.game).toHaveProperty(name, value);
    }
    expect(settings[0]?.rate).toBe("fixed");
    expect([agreed.length, agreed[0], agreed.at(-1)]).toEqual([50, 0.196, 3]);
    expect(highlighted).toEqual([1.6, 2, 2.4]);
  });

  it("may be set name by name, the last one counting", () => {
    const plan = planOf("sigma=0.3", "tauA=0.5", "sigma=0.2", "from=1", "to=1", "points=1");
    expect(plan.settings.map(({ game }) => [game.sigma, game.tauA])).toEqual([[0.2, 0.5]]);
    expect(plan.agreed).toEqual([1]);
  });

  it("has a curve for each combination of several values, named by what differs", () => {
    const { settings } = planOf("sigma=0.1,0.2", "collateral=0, 0.1");
    expect(settings.map(({ name }) => name)).toEqual([
      "sigma 0.1, collateral 0",
      "sigma 0.1, collateral 0.1",
      "sigma 0.2, collateral 0",
      "sigma 0.2, collateral 0.1",
    ]);
    const both = planOf("rate=adjusted,fixed").settings;
    expect(both.map(({ name }) => name)).toEqual(["fixed rate", "adjusted rate"]);
  });
});

describe("what is refused", () => {
  it.each([
    ["sigma=0", 'sigma: found "0", allowed: a number above 0 and up to 5'],
    ["sigma=-0.1", "sigma"],
    ["sigma=5.001", "sigma"],
    ["sigma=", "sigma"],
    ["sigma=0.1,", "sigma"],
    ["sigma=0x1", "sigma"],
    ["sigma=NaN", "sigma"],
    ["sigma=Infinity", "sigma"],
    ["sigma=1e999", "sigma"],
    ["tauA=-1", "tauA"],
    ["tauB=0", "tauB"],
    ["tauEpsilon=-0.5", "tauEpsilon: found"],
    ["tauA=168.1", "tauA"],
    ["rA=0.6", "rA"],
    ["rB=-0.01", "rB"],
    ["mu=0.51", "mu"],
    ["alphaA=-0.1", "alphaA"],
    ["price=0", "price"],
    ["collateral=-1", "collateral"],
    ["points=0", "points: found"],
    ["points=2.5", "a whole number from 1 to 1000"],
    [`points=${MAX_POINTS + 1}`, "points"],
    ["from=0", "from"],
    ["to=0.1", "to: found 0.1, allowed: at least from, 0.196"],
    ["rate=both", "rate: found"],
    ["rate=fixed,fixed", "rate: found"],
    ["highlight=", "highlight"],
    ["sigm=0.1", 'did you mean "sigma"?'],
    ["sigma", "--set: found"],
    ["=1", "--set: found"],
    ["toString=1", "--set: found"],
    ["sigma=\u001b[31m0", "\\u001b"],
  ])("%s", (set, said) => {
    const found = complaints(set);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(said);
  });

  it("what does not go together", () => {
    expect(complaints("rate=adjusted", "collateral=0.1")[0]).toContain("rate=adjusted");
    expect(complaints("sigma=1", "tauB=26")[0]).toContain("sigma");
    expect(complaints("sigma=1", "tauB=25")).toEqual([]);
  });

  it("everything that is wrong at once", () => {
    expect(complaints("sigma=0", "rate=x", "tau=1")).toHaveLength(3);
  });

  it("more curves than can be told apart", () => {
    const values = (count: number) => Array.from({ length: count }, (_, i) => i + 1).join(",");
    expect(planOf(`price=${values(MAX_CURVES)}`).settings).toHaveLength(MAX_CURVES);
    expect(complaints(`price=${values(MAX_CURVES + 1)}`)).toHaveLength(1);
    expect(complaints("price=1,2,3", "sigma=0.1,0.2,0.3,0.4,0.45")[0]).toContain("15 combinations");
    expect(planOf(`points=${MAX_POINTS}`).agreed).toHaveLength(MAX_POINTS);
  });
});
