import fc from "fast-check";
import { expect, it } from "vitest";
import { instant } from "../../../node/time.ts";
import { readingAt, timeOfReading, TRUE_CLOCK } from "../../../scenarios/sim/clock.ts";
import { holds } from "../../property.ts";

const START = 1_790_640_000_000_000;

it("a true clock shows the world's time", () => {
  expect(readingAt(TRUE_CLOCK, instant(START))).toBe(START);
  expect(timeOfReading(TRUE_CLOCK, instant(START))).toBe(START);
});

it("a clock ahead by a second that gains 100 ppm is 1.0001 s ahead after a second (N5)", () => {
  const clock = { offsetUs: 1_000_000, driftPpm: 100, since: instant(START) };
  expect(readingAt(clock, instant(START + 1_000_000)) - START).toBe(2_000_100);
});

it("a reading's time is the first at which the clock shows it", () => {
  const anyClock = fc.record({
    offsetUs: fc.integer({ min: -10_000_000, max: 10_000_000 }),
    driftPpm: fc.integer({ min: -100_000, max: 100_000 }),
  });
  const ahead = fc.integer({ min: 0, max: 1_000_000_000 });
  holds(
    fc.property(anyClock, ahead, (drawn, us) => {
      const clock = { ...drawn, since: instant(START) };
      const reading = instant(START + drawn.offsetUs + us);
      const at = timeOfReading(clock, reading);
      expect(readingAt(clock, at)).toBeGreaterThanOrEqual(reading);
      expect(readingAt(clock, instant(at - 3))).toBeLessThan(reading);
    }),
    1_000,
  );
});
