import { describe, expect, it } from "vitest";
import { checkModel } from "../../../scenarios/explore/abstract-model.ts";
import { MODEL_ROWS } from "../../../scenarios/explore/abstract-rows.ts";

/** The rows of a million states and more take long; `daliz explore abstract-model` has them all. */
const QUICK_STATES = 100_000;

const rowsWith = (violated: boolean) =>
  MODEL_ROWS.filter(({ want }) => (want.violationAt !== undefined) === violated);

describe("3.13 the abstract model of certified commit (R1)", () => {
  it.each(rowsWith(false).filter(({ want }) => want.states < QUICK_STATES))(
    "$name: no violation, in as many states and levels as published",
    ({ model, want }) => {
      expect(checkModel(model)).toEqual(want);
    },
  );

  it.each(rowsWith(true))("$name is detected, at the published depth", ({ model, want }) => {
    expect(checkModel(model).violationAt).toBe(want.violationAt);
  });

  it("stops when it has used up its budget, and says so by the count", () => {
    const [row] = rowsWith(false);
    const cut = checkModel((row as NonNullable<typeof row>).model, 100);
    expect(cut.states).toBeGreaterThan(100);
    expect(cut.states).toBeLessThan(300);
  });
});
