import fc from "fast-check";
import { expect, it } from "vitest";
import {
  addDeadline,
  newDeadlines,
  nextDeadline,
  takeDue,
  type Deadline,
} from "../../corridor/deadlines.ts";
import { instant } from "../../node/time.ts";
import { holds } from "../property.ts";

const deadline = (key: number): Deadline => ({ kind: "offer", key: `${key}` });

it("deadlines come out by time, and those of one time in the order in which they were asked for", () => {
  const add = fc.record({ at: fc.nat(20) });
  const take = fc.record({ now: fc.nat(25) });
  const asModel = fc.property(fc.array(fc.oneof(add, add, take), { maxLength: 60 }), (steps) => {
    const real = newDeadlines();
    let model: { readonly at: number; readonly key: number }[] = [];
    for (const [key, step] of steps.entries()) {
      if ("at" in step) {
        addDeadline(real, instant(step.at), deadline(key));
        model = [...model, { at: step.at, key }].toSorted((a, b) => a.at - b.at || a.key - b.key);
      } else {
        const first = model[0];
        const due = first !== undefined && first.at <= step.now;
        const expected = due ? deadline(first.key) : undefined;
        expect(takeDue(real, instant(step.now))).toEqual(expected);
        if (due) model = model.slice(1);
      }
      expect(nextDeadline(real)).toBe(model[0]?.at);
    }
  });
  holds(asModel, 500);
});

it("nothing is due before its time, and nothing is ever lost (N8)", () => {
  const deadlines = newDeadlines();
  for (let i = 0; i < 1_000; i++) addDeadline(deadlines, instant((i * 7919) % 1_000), deadline(i));
  expect(takeDue(deadlines, instant(-1))).toBeUndefined();
  const taken = new Set<string>();
  for (let now = 0; now < 1_000; now++) {
    const due = takeDue(deadlines, instant(now));
    expect(due).toEqual(deadline(Number(due?.kind === "offer" ? due.key : -1)));
    if (due?.kind === "offer") taken.add(due.key);
    expect(takeDue(deadlines, instant(now))).toBeUndefined();
  }
  expect(taken.size).toBe(1_000);
  expect(nextDeadline(deadlines)).toBeUndefined();
});
