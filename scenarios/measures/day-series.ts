import type { SettledDay } from "../rtgs/settled-day.ts";
import { quantile } from "./quantile.ts";
import { waitsMs } from "./queue-delay.ts";
import { queueLevels } from "./queue-value.ts";

/** A quantity from one time on, for a drawing. */
export interface Point {
  readonly atMs: number;
  readonly value: bigint;
}

/** What was queued: of each stretch of the day its peak, with its first and last time. */
export function queueSeries(settled: SettledDay, stretches: number): readonly Point[] {
  const bins = new Bins(settled, stretches, (a, b) => a > b);
  for (const { atMs, value } of queueLevels(settled)) bins.add(atMs, value);
  return bins.points;
}

/** The balances of these members: of each stretch of the day the lowest. */
export function balanceSeries(
  settled: SettledDay,
  members: readonly number[],
  stretches: number,
): readonly (readonly Point[])[] {
  const { day, submittedMs, closeMs, settlements } = settled;
  const balances = members.map((member) => day.opening[member] as bigint);
  const bins = members.map(() => new Bins(settled, stretches, (a, b) => a < b));
  /** By member: its place among those asked for, from 1. */
  const placeOf = new Uint8Array(day.opening.length);
  for (const [i, member] of members.entries()) placeOf[member] = i + 1;
  for (const [i, bin] of bins.entries()) bin.add(submittedMs[0] ?? closeMs, balances[i] ?? 0n);
  const { payments, starts } = settlements;
  for (let submission = 0; submission < submittedMs.length; submission++) {
    const [start, end] = [starts[submission] as number, starts[submission + 1] as number];
    for (let i = start; i < end; i++) {
      const payment = payments[i] as number;
      move(day.payers[payment] as number, -(day.values[payment] as bigint));
      move(day.payees[payment] as number, day.values[payment] as bigint);
    }
    for (let i = start; i < end; i++) {
      const payment = payments[i] as number;
      note(day.payers[payment] as number, submittedMs[submission] as number);
      note(day.payees[payment] as number, submittedMs[submission] as number);
    }
  }
  return bins.map(({ points }) => points);

  function move(member: number, value: bigint): void {
    const place = placeOf[member] as number;
    if (place > 0) balances[place - 1] = (balances[place - 1] as bigint) + value;
  }

  function note(member: number, atMs: number): void {
    const place = placeOf[member] as number;
    if (place > 0) bins[place - 1]?.add(atMs, balances[place - 1] as bigint);
  }
}

/** By per cent from 1 to 100: how long that share of all payments waited at most, unsettled ones to the close. */
export function waitQuantiles(settled: SettledDay): readonly number[] {
  const sorted = waitsMs(settled).sort();
  if (sorted.length === 0) return [];
  return Array.from({ length: 100 }, (_, i) => quantile(sorted, i + 1));
}

/** Keeps one value of each stretch of time: the one that comes before the others. */
class Bins {
  readonly points: Point[] = [];
  readonly #fromMs: number;
  readonly #lengthMs: number;
  readonly #comesBefore: (a: bigint, b: bigint) => boolean;
  #last = -1;

  constructor(
    { submittedMs, closeMs }: SettledDay,
    stretches: number,
    comesBefore: (a: bigint, b: bigint) => boolean,
  ) {
    this.#fromMs = submittedMs[0] ?? closeMs;
    this.#lengthMs = Math.max(1, (closeMs - this.#fromMs) / stretches);
    this.#comesBefore = comesBefore;
  }

  add(atMs: number, value: bigint): void {
    const stretch = Math.floor((atMs - this.#fromMs) / this.#lengthMs);
    const known = this.points.at(-1);
    if (known === undefined || stretch > this.#last) this.points.push({ atMs, value });
    else if (this.#comesBefore(value, known.value)) {
      this.points[this.points.length - 1] = { atMs: known.atMs, value };
    }
    this.#last = stretch;
  }
}
