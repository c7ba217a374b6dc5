import { instant, type Instant } from "../time.ts";

/** What a process takes for the time; monotonic within it. */
export interface Clock {
  /** Microseconds since the Unix epoch. */
  read(): Instant;
  /** How many microseconds of this clock pass in one of the machine's. */
  readonly pace: number;
}

/** The machine's own clock. */
export const readClock = (): Instant =>
  instant(Math.floor((performance.timeOrigin + performance.now()) * 1000));

export const REAL_CLOCK: Clock = { read: readClock, pace: 1 };

/** Where a faster clock stood when the machine's stood at a point; both in milliseconds. */
export interface ClockStart {
  readonly machineMs: number;
  readonly startMs: number;
  readonly pace: number;
}

/**
 * A clock that began elsewhere and may run faster than the machine's, so that a term of school fits into
 * a minute. All processes of a run count from the same start, also those that are started again.
 */
export class PacedClock implements Clock {
  #start: ClockStart;

  constructor(start: ClockStart) {
    this.#start = start;
  }

  get start(): ClockStart {
    return this.#start;
  }

  get pace(): number {
    return this.#start.pace;
  }

  read(): Instant {
    const { machineMs, startMs, pace } = this.#start;
    return instant(Math.floor(startMs * 1000 + (readClock() - machineMs * 1000) * pace));
  }

  /** Goes on from another point, at another pace. */
  restart(start: ClockStart): void {
    this.#start = start;
  }
}

/** The same clock from now on at another pace; rounded so that it never goes back. */
export const hastened = (clock: Clock, pace: number): ClockStart => ({
  machineMs: Math.floor(readClock() / 1000),
  startMs: Math.ceil(clock.read() / 1000),
  pace,
});

/** As one word of a command line: `machine,start,pace`. */
export const renderClockStart = ({ machineMs, startMs, pace }: ClockStart): string =>
  [machineMs, startMs, pace].join(",");

/** `undefined` when it is not three whole numbers of a clock that runs forward. */
export function parseClockStart(written: string): ClockStart | undefined {
  const match = /^([0-9]{1,15}),([0-9]{1,15}),([1-9][0-9]{0,6})$/.exec(written);
  if (match === null) return undefined;
  const [machineMs = 0, startMs = 0, pace = 1] = match.slice(1).map(Number);
  return { machineMs, startMs, pace };
}
