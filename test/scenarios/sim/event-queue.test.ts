import fc from "fast-check";
import { expect, it } from "vitest";
import { EventQueue } from "../../../scenarios/sim/event-queue.ts";
import { holds } from "../../property.ts";

it("gives back events by time and, at equal times, in the order in which they were added", () => {
  const moves = fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 200 });
  holds(
    fc.property(moves, (steps) => {
      const queue = new EventQueue<number>();
      const model: { readonly at: number; readonly id: number }[] = [];
      for (const [id, at] of steps.entries()) {
        if (at !== undefined) {
          queue.add(at, id);
          model.push({ at, id });
          continue;
        }
        const next = model.toSorted((a, b) => a.at - b.at || a.id - b.id)[0];
        expect(queue.nextAt).toBe(next?.at ?? Infinity);
        expect(queue.take()).toBe(next?.id);
        if (next !== undefined) model.splice(model.indexOf(next), 1);
        expect(queue.size).toBe(model.length);
      }
    }),
    500,
  );
});
