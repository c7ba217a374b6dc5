import { describe, expect, it } from "vitest";
import { modelledSignatures } from "../../scenarios/explore/corridor.ts";
import { swapSubmission, agreeSwap } from "../../scenarios/explore/agreed-swaps.ts";
import { explore, NO_FAULTS, type Scope } from "../../scenarios/explore/search.ts";
import { prepare, WORLDS, type ExploreWorld } from "../../scenarios/explore/worlds.ts";
import type { World } from "../../scenarios/explore/world.ts";
import { foundedOf } from "./kit.ts";

/** Bank 1 is about to write the block that announces a swap with bank 2, which cannot pay its leg. */
function aboutToBeRefused(): World {
  const world = foundedOf(2);
  const legs = [
    { bank: 1, payer: 1, payee: 2, amount: 10n },
    { bank: 2, payer: 2, payee: 1, amount: 2_000n },
  ];
  const deal = agreeSwap(world.corridor, { number: 10, legs });
  world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
  world.do({ kind: "idle", seat: "1" });
  return world;
}

const EVERY_ORDER: Scope = { orders: "all", ...NO_FAULTS };
const ONE_FAULT = { crashes: 1, losses: 1, repeats: 1, timers: 1, together: 1 };

const worldOf = (name: string): ExploreWorld => {
  const found = WORLDS.find((world) => world.name === name);
  if (found === undefined) throw new RangeError(`no world ${name}`);
  return found;
};

/**
 * Every schedule ends with one outcome on all ledgers: the worlds check it at every step, and at every
 * end after healing. The counts are pinned: a change of the protocol that changes them is to be looked at.
 */
describe("every order of messages, fsyncs and timers, and every fault within bounds (D1, N1, N6, R1)", () => {
  it("n = 2, bank 2 refuses: ABORT in every order", () => {
    const result = explore(aboutToBeRefused(), EVERY_ORDER);
    expect([...result.outcomes.keys()]).toEqual(["ABORT"]);
    expect(result.complete).toBe(true);
  });

  it("n = 2, bank 2 refuses and one fault: never COMMIT", () => {
    const result = explore(aboutToBeRefused(), { ...EVERY_ORDER, ...ONE_FAULT });
    // "none": the announcement was lost with the crash of bank 1 before it was durable.
    expect([...result.outcomes.keys()].toSorted()).toEqual(["ABORT", "none"]);
    expect(result.complete).toBe(true);
  });

  it.each([
    ["two-banks", 5_472, "ABORT 24, COMMIT 159, none 13"],
    ["two-banks-two-swaps", 11_815, "ABORT COMMIT 10, COMMIT 6, COMMIT COMMIT 238"],
    ["three-banks-in-order", 3_031, "COMMIT 21"],
    ["three-banks", 37_868, "ABORT 22, COMMIT 375, none 3"],
    ["four-banks-one-liar", 61_924, "ABORT 70, COMMIT 3729"],
  ] as const)(
    "%s: all of its %i states",
    (name, states, outcomes) => {
      const { start, scope } = prepare(worldOf(name), modelledSignatures());
      const result = explore(start, scope);
      const named = [...result.outcomes]
        .map(([outcome, count]) => `${outcome} ${count}`)
        .toSorted();
      expect(result.violation).toBeUndefined();
      expect(result.complete).toBe(true);
      expect([result.states, named.join(", ")]).toEqual([states, outcomes]);
    },
    600_000,
  );
});
