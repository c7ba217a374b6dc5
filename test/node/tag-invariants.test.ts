import fc from "fast-check";
import { expect, it } from "vitest";
import { tagKey } from "../../node/ids.ts";
import { holds } from "../property.ts";
import { PARTIES, step, World } from "./tag-world.ts";

it("no sequence of payments, holds, voids, freezes and returns loses a tag, strips it or overspends a line", () => {
  const reached = new Set<string>();
  holds(
    fc.property(fc.array(step, { maxLength: 50, size: "max" }), (steps) => {
      const world = new World();
      expect(world.broken()).toBeUndefined();
      for (const s of steps) {
        const before = world.home.drafts.length;
        world.run(s);
        expect(world.broken(), JSON.stringify(s)).toBeUndefined();
        for (const { kind } of world.home.drafts.slice(before)) reached.add(`${s.op} ${kind}`);
      }
      // However it went: what is not frozen goes home at the end, and nothing is under a hold for ever.
      for (const sid of Array.from(world.open.keys()))
        world.run({ op: "resolve", sid, how: "UNHOLD" });
      world.run({ op: "freeze", lift: true, account: null });
      for (const account of PARTIES) world.run({ op: "freeze", lift: true, account });
      world.run({ op: "wait", ms: 2_000 });
      expect(world.broken()).toBeUndefined();
      expect(world.home.books.tags.get(tagKey(world.tag))?.held).toBe(0n);
    }),
    150,
  );
  // Paid on, released, split, held, posted, voided, returned: all of it happened.
  const wanted = ["pay 3", "pay 36", "pay 43", "hold 16", "resolve 17", "resolve 18", "return 37"];
  expect(wanted.filter((what) => !reached.has(what))).toEqual([]);
});
