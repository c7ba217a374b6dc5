import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantViolation } from "../../../crypto/outcome.ts";
import { Prng } from "../../../scenarios/sim/prng.ts";
import { drawTickets } from "../../../scenarios/workload/tickets.ts";
import { holds } from "../../property.ts";
import { amount } from "./corridor.ts";

const sumOf = (tickets: readonly bigint[]): bigint => tickets.reduce((sum, one) => sum + one, 0n);

describe("tickets", () => {
  it("sum to the total exactly, from a dollar each to the largest amount", () => {
    const property = fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 300 }),
      fc.bigInt(0n, 2n ** 62n),
      (seed, count, more) => {
        const total = amount(more + 100n * BigInt(count));
        const tickets = drawTickets(total, count, Prng.fromSeed(seed));
        expect(tickets).toHaveLength(count);
        expect(sumOf(tickets)).toBe(total);
        const part = total / BigInt(count) / 50n;
        const least = part > 100n ? part : 100n;
        expect(tickets.every((ticket) => ticket >= least)).toBe(true);
      },
    );
    holds(property, 300);
  });

  it("of a dollar each leave nothing to draw", () => {
    const tickets = drawTickets(amount(1_700), 17, Prng.fromSeed(1));
    expect(new Set(tickets)).toEqual(new Set([100n]));
    expect(() => drawTickets(amount(1_699), 17, Prng.fromSeed(1))).toThrow(InvariantViolation);
    expect(() => drawTickets(amount(100), 0, Prng.fromSeed(1))).toThrow(InvariantViolation);
  });

  // A log-normal spread of 1.04 puts the median at exp(-1.04^2 / 2) = 58 % of the average, 84 % of the
  // tickets below 1.65 times the average, and 2.3 % above 4.7 times.
  it("are mostly small, with a few large ones", () => {
    const count = 20_000;
    const average = 100_000_00n;
    const tickets = drawTickets(amount(average * BigInt(count)), count, Prng.fromSeed(22));
    const sorted = tickets.toSorted((a, b) => (a < b ? -1 : 1));
    const median = Number(sorted[count / 2]) / Number(average);
    const shareAbove = (times: number): number =>
      tickets.filter((ticket) => Number(ticket) > times * Number(average)).length / count;
    expect(median).toBeCloseTo(0.58, 1);
    expect(shareAbove(1.65)).toBeCloseTo(0.16, 1);
    expect(shareAbove(4.7)).toBeGreaterThan(0.015);
    expect(shareAbove(4.7)).toBeLessThan(0.03);
    expect(shareAbove(40)).toBeLessThan(0.0005);
  });
});
