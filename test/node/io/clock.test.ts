import { expect, it } from "vitest";
import {
  hastened,
  PacedClock,
  parseClockStart,
  readClock,
  renderClockStart,
} from "../../../node/io/clock.ts";

const START = { machineMs: 1_000, startMs: Date.UTC(2026, 8, 7), pace: 60_000 };

it("a clock of another pace counts from its start, and is the same in every process that knows it", () => {
  const again = parseClockStart(renderClockStart(START));
  expect(again).toEqual(START);
  const clock = new PacedClock(START);
  const before = readClock();
  const read = clock.read();
  const after = readClock();
  const at = (us: number): number =>
    START.startMs * 1000 + (us - START.machineMs * 1000) * START.pace;
  expect(read).toBeGreaterThanOrEqual(at(before));
  expect(read).toBeLessThanOrEqual(at(after));
});

it("never goes back when its pace changes", () => {
  const machineMs = Math.floor(readClock() / 1000);
  const clock = new PacedClock({ machineMs, startMs: machineMs, pace: 1 });
  for (const pace of [2, 1_000_000, 1, 7]) {
    const before = clock.read();
    clock.restart(hastened(clock, pace));
    expect(clock.read()).toBeGreaterThanOrEqual(before);
    expect(clock.pace).toBe(pace);
  }
});

it.each(["", "1,2", "1,2,0", "1,2,3,4", "-1,2,3", "1,2,10000000", "1e3,2,3", "a,b,c"])(
  "is not read from %j",
  (written) => {
    expect(parseClockStart(written)).toBeUndefined();
  },
);
