import { instant, type Instant } from "../../node/time.ts";

/** How a bank's clock differs from the world's time: an offset, and a drift since the start. */
export interface Clock {
  /** Microseconds that the clock is ahead; negative when it is behind. */
  readonly offsetUs: number;
  /** Parts per million that the clock runs too fast; above -1,000,000. */
  readonly driftPpm: number;
  /** When the offset and the drift began, in the world's time. */
  readonly since: Instant;
}

export const TRUE_CLOCK: Clock = { offsetUs: 0, driftPpm: 0, since: instant(0) };

const MILLION = 1_000_000;

/** What the clock shows at a time of the world. */
export function readingAt(clock: Clock, at: Instant): Instant {
  if (clock === TRUE_CLOCK) return at;
  const { offsetUs, driftPpm, since } = clock;
  return instant(Math.max(0, at + offsetUs + Math.floor(((at - since) / MILLION) * driftPpm)));
}

/** The earliest time of the world at which the clock shows `reading` or more. */
export function timeOfReading(clock: Clock, reading: Instant): Instant {
  if (clock === TRUE_CLOCK) return reading;
  const { offsetUs, driftPpm, since } = clock;
  const ahead = reading - offsetUs - since;
  let at = Math.max(0, since + Math.floor((ahead / (MILLION + driftPpm)) * MILLION) - 2);
  while (readingAt(clock, instant(at)) < reading) at++;
  return instant(at);
}
