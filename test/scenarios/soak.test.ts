import { describe, expect, it } from "vitest";
import { judgeSoak, type SoakSample } from "../../scenarios/bench/soak.ts";

/** Twenty samples, three minutes apart, of which one figure is drawn from the minute. */
const samples = (drawn: (minute: number) => Partial<SoakSample>): readonly SoakSample[] =>
  Array.from({ length: 20 }, (_, i) => ({
    minute: 3 * i,
    swaps: 100,
    p50Ms: 10,
    p95Ms: 20,
    heapMb: 30,
    rssMb: 100,
    descriptors: 30,
    ...drawn(3 * i),
  }));

describe("the verdict of a soak", () => {
  it("of an even run is no slope, no descriptors more, no drift", () => {
    const even = { heapMbPerHour: 0, moreDescriptors: 0, latencyDrift: 1 };
    expect(judgeSoak(samples(() => ({})))).toEqual(even);
  });

  it("shows a heap that grows by 6 MB an hour", () => {
    const verdict = judgeSoak(samples((minute) => ({ heapMb: 30 + minute / 10 })));
    expect(verdict.heapMbPerHour).toBeCloseTo(6, 6);
  });

  it("leaves the warm-up out", () => {
    const warm = samples((minute) => (minute < 6 ? { heapMb: 90, descriptors: 99 } : {}));
    expect(judgeSoak(warm)).toMatchObject({ heapMbPerHour: 0, moreDescriptors: 0 });
  });

  it("shows descriptors that leak, and a p95 that doubles", () => {
    const verdict = judgeSoak(
      samples((minute) => ({ descriptors: 30 + minute, p95Ms: minute < 30 ? 20 : 40 })),
    );
    expect(verdict).toMatchObject({ moreDescriptors: 51, latencyDrift: 2 });
  });
});
