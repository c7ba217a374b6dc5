import process from "node:process";
import { describe, expect, it } from "vitest";
import type { SHAPES } from "../../scenarios/explore/corridor.ts";
import { dealSubmission, makeDeal, ringLegs } from "../../scenarios/explore/deals.ts";
import {
  explore,
  type Exploration,
  type Fault,
  type Scope,
} from "../../scenarios/explore/search.ts";
import type { World } from "../../scenarios/explore/world.ts";
import { foundedOf } from "./kit.ts";

const FAULTS: readonly Fault[] = ["lose", "repeat", "crash", "wake"];

/** The widest scopes take minutes: `ORDERS=all` runs them too. */
const WIDE = process.env["ORDERS"] === "all";

/** Bank 1 is about to write the block that announces a swap with bank 2, for this much. */
function aboutToAnnounce(n: keyof typeof SHAPES, amount: bigint): World {
  const world = foundedOf(n);
  const legs = [
    { bank: 1, payer: 1, payee: 2, amount: 10n },
    { bank: 2, payer: 2, payee: 1, amount },
  ];
  const deal = makeDeal(world.corridor, { number: 10, legs: n === 2 ? legs : ringLegs([1, 2]) });
  world.do({ kind: "submit", seat: "1", bytes: dealSubmission(deal) });
  world.do({ kind: "idle", seat: "1" });
  return world;
}

function tried(name: string, world: World, scope: Scope): Exploration {
  const result = explore(world, scope);
  const { states, schedules, ends } = result;
  const outcomes = [...result.outcomes].map(([outcome, count]) => `${outcome} ${count}`);
  console.info(
    `${name}: ${schedules} schedules, ${states} states, ${ends} ends (${outcomes.join(", ")})`,
  );
  return result;
}

/**
 * Every schedule ends with one outcome on all ledgers: the worlds check it at every step, and at every
 * end after healing. What is checked here is which outcomes there are, and how much was tried.
 */
describe("every order of messages, fsyncs and timers", () => {
  it("n = 2, nothing fails: COMMIT in every order", () => {
    const result = tried("n = 2", aboutToAnnounce(2, 10n), { faults: [], budget: 0 });
    expect([...result.outcomes.keys()]).toEqual(["COMMIT"]);
    expect(result.states).toBe(16);
  });

  it("n = 2, bank 2 refuses: ABORT in every order", () => {
    const result = tried("n = 2, refused", aboutToAnnounce(2, 2_000n), { faults: [], budget: 0 });
    expect([...result.outcomes.keys()]).toEqual(["ABORT"]);
  });

  it.each([1, WIDE ? 3 : 2])("n = 2, up to %i faults anywhere", (budget) => {
    const scope = { faults: FAULTS, budget };
    const result = tried(`n = 2, ${budget} faults`, aboutToAnnounce(2, 10n), scope);
    // "none": the announcement was lost with the crash of bank 1 before it was durable.
    expect([...result.outcomes.keys()].toSorted()).toEqual(["ABORT", "COMMIT", "none"]);
    expect(result.states).toBeGreaterThan(400);
  });

  it("n = 2, bank 2 refuses and one fault: never COMMIT", () => {
    const scope = { faults: FAULTS, budget: 1 };
    const result = tried("n = 2, refused, 1 fault", aboutToAnnounce(2, 2_000n), scope);
    expect([...result.outcomes.keys()].toSorted()).toEqual(["ABORT", "none"]);
  });

  it("n = 3, nothing fails: COMMIT in every order", () => {
    const result = tried("n = 3", aboutToAnnounce(3, 10n), { faults: [], budget: 0 });
    expect([...result.outcomes.keys()]).toEqual(["COMMIT"]);
    expect(result.states).toBeGreaterThan(3_000);
  });

  it.each(["1", "2", "3"])(
    "n = 3, one fault at bank %s, the others prompt among themselves",
    (faulty) => {
      const scope = {
        faults: FAULTS,
        budget: 1,
        faulty,
        prompt: WIDE ? "disks" : "others",
      } as const;
      const result = tried(`n = 3, 1 fault at bank ${faulty}`, aboutToAnnounce(3, 10n), scope);
      expect(result.outcomes.get("COMMIT")).toBeGreaterThan(0);
      expect(result.states).toBeGreaterThan(1_000);
    },
  );
});
