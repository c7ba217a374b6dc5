import { describe, expect, it } from "vitest";
import { instant } from "../../../node/time.ts";
import { Direction, type Wire } from "../../../scenarios/sim/links.ts";
import { Prng } from "../../../scenarios/sim/prng.ts";

const WIRE: Wire = {
  delayUs: (_from, _to, prng) => prng.int(100, 10_000),
  bandwidthMbps: null,
  lossPercent: 0,
  duplicatePercent: 0,
  reorder: false,
};

const direction = (wire: Partial<Wire> = {}): Direction =>
  new Direction(1, 2, { ...WIRE, ...wire }, Prng.fromSeed(7));

const sendMany = (line: Direction, count: number, everyUs: number, bytes = 100) =>
  Array.from({ length: count }, (_, i) => line.arrivals(instant(i * everyUs), bytes));

const isAscending = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value >= (values[i - 1] as number));

describe("one direction of a link", () => {
  it("keeps the order, and does not when the wire reorders", () => {
    const kept = sendMany(direction(), 200, 50).flat();
    const mixed = sendMany(direction({ reorder: true }), 200, 50).flat();
    expect(kept).toHaveLength(200);
    expect(isAscending(kept)).toBe(true);
    expect(isAscending(mixed)).toBe(false);
  });

  it("loses and repeats as often as it is told (N3)", () => {
    const lost = sendMany(direction({ lossPercent: 10 }), 10_000, 1).filter((a) => a.length === 0);
    const twice = sendMany(direction({ duplicatePercent: 5 }), 10_000, 1).filter(
      (a) => a.length > 1,
    );
    expect(lost.length).toBeGreaterThan(850);
    expect(lost.length).toBeLessThan(1_150);
    expect(twice.length).toBeGreaterThan(380);
    expect(twice.length).toBeLessThan(620);
  });

  it("loses everything while a partition stands, one way (N2)", () => {
    const line = direction();
    line.blocks++;
    expect(line.arrivals(instant(0), 10)).toEqual([]);
    line.blocks--;
    expect(line.arrivals(instant(0), 10)).toHaveLength(1);
  });

  it("is slower by what clogs it (N4)", () => {
    const line = direction({ delayUs: () => 1_000 });
    line.clogUs += 500;
    expect(line.arrivals(instant(0), 10)).toEqual([1_500]);
  });

  it("carries one message after the other at its bandwidth: 1,000 bytes take 8 ms at 1 Mbit/s", () => {
    const line = direction({ delayUs: () => 0, bandwidthMbps: 1 });
    expect(sendMany(line, 3, 0, 1_000).flat()).toEqual([8_000, 16_000, 24_000]);
  });
});
