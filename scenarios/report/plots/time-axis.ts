import { NUMBER_LABELS } from "./plot-style.ts";

/** How an axis of times is drawn: in which unit, from where to where, on which scale. */
export interface TimeAxis {
  readonly type: "linear" | "log";
  /** Milliseconds in one unit of the axis. */
  readonly unitMs: number;
  readonly title: string;
  /** In units of the axis. */
  readonly domain: readonly [number, number];
  /** Where labels stand; empty when the plot may choose. */
  readonly labels: readonly number[];
}

/** From this ratio of the longest to the shortest on, a linear scale would hide most swaps. */
const LOG_FROM_RATIO = 30;

/** Times from here on read better in seconds. */
const SECONDS_FROM_MS = 10_000;

/** The axis for these times in milliseconds, which are not empty. */
export function timeAxis(timesMs: readonly number[]): TimeAxis {
  const longest = timesMs.reduce((a, b) => Math.max(a, b), 0);
  const positive = timesMs.filter((ms) => ms > 0);
  const shortest = positive.reduce((a, b) => Math.min(a, b), longest);
  const inSeconds = longest >= SECONDS_FROM_MS;
  const unitMs = inSeconds ? 1000 : 1;
  const unit = inSeconds ? "seconds" : "milliseconds";
  const isLog = positive.length === timesMs.length && longest / shortest >= LOG_FROM_RATIO;
  if (!isLog) {
    const top = longest === 0 ? 1 : longest / unitMs;
    return { type: "linear", unitMs, title: unit, domain: [0, top * 1.02], labels: [] };
  }
  const [low, high] = [roundDown(shortest / unitMs), roundUp(longest / unitMs)];
  const labels = roundNumbers(low, high);
  const title = `${unit}, logarithmic scale`;
  return { type: "log", unitMs, title, domain: [low, high], labels };
}

/** The encoding of a field, in units of the axis, along it. */
export const alongTimeAxis = (
  { type, domain, labels }: TimeAxis,
  field: string,
  { title, tickCount }: { readonly title: string | null; readonly tickCount: number },
) => ({
  field,
  type: "quantitative" as const,
  scale: { type, domain: [...domain], nice: false },
  axis: {
    title,
    ...NUMBER_LABELS,
    ...(labels.length > 0 ? { values: [...labels] } : { tickCount }),
  },
});

const ROUND = [1, 2, 5, 10];

const roundDown = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (ROUND.findLast((step) => step * power <= value) ?? 1);
};

const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (ROUND.find((step) => step * power >= value) ?? 10);
};

/** 1, 2, 5, 10, 20, ... from `low` to `high`. */
function roundNumbers(low: number, high: number): readonly number[] {
  const numbers: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high; exponent += 1) {
    for (const step of ROUND.slice(0, 3)) {
      const number = Number(`${step}e${exponent}`);
      if (number >= low && number <= high) numbers.push(number);
    }
  }
  return numbers;
}
