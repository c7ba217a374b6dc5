import { describe, expect, it } from "vitest";
import { CORRIDOR } from "../../corridor/entries.ts";
import { Bench } from "./bench.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import { announcementOf, ringLegs } from "../../scenarios/explore/agreed-swaps.ts";

/** Bank 2 of four: it takes part in a swap that bank 1 announces. */
const participant = (): Bench => new Bench(SHAPES[4], 2);

describe("a bank LOCKs only what announcement, terms and its own payer agree on", () => {
  it.each([
    ["the expiry is another", [1, 2], { expiryMs: 1_780_000_050_000 }],
    ["the legs are more", [1, 2], { legBanks: [1, 2, 3] }],
    ["a leg is on another bank's ledger", [1, 3], { legBanks: [1, 2] }],
  ])("in the announcement %s: REFUSE", (_, banks, changes) => {
    const bench = participant();
    const { deal } = bench.swap(ringLegs(banks));
    const { bytes, sid, key } = announcementOf(bench.world.corridor, deal, changes);
    const swap = { sid, key, deal, announcement: bytes };
    bench.announce(swap);
    bench.terms(1, swap);
    expect(bench.own(CORRIDOR.LOCK)).toEqual([]);
    expect(bench.own(CORRIDOR.REFUSE)).toHaveLength(1);
  });

  it("its own member has signed, but for another swap: no LOCK", () => {
    const bench = participant();
    const swap = bench.swap();
    const other = bench.swap(ringLegs([1, 2], 1n), { number: 11 });
    bench.announce(swap);
    bench.terms(1, swap, { ...swap.deal, instructions: other.deal.instructions });
    expect(bench.course).toBe("");
    bench.terms(1, swap);
    expect(bench.own(CORRIDOR.LOCK)).toHaveLength(1);
  });
});
