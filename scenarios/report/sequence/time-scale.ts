/** A stretch of time in which nothing happened, drawn shorter than it was. */
export interface Pause {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Where times stand below each other: in proportion, but for pauses, which all take one height. */
export interface TimeScale {
  readonly height: number;
  readonly lastUs: number;
  readonly pauses: readonly Pause[];
  /** Pixels from the top; times outside the scale are clamped. */
  readonly y: (timeUs: number) => number;
}

/** What was on its way from one bank to another. */
export interface Flight {
  readonly sentUs: number;
  readonly receivedUs: number;
}

/** A pause is cut when it is longer than this share of the time in which something happened. */
const PAUSE_SHARE = 0.6;

/** Shorter pauses are never cut: fast networks and disks make many of them. */
const SHORTEST_PAUSE_US = 10_000;

const PAUSE_HEIGHT = 44;

/** Messages to a bank that is down arrive much later; they do not keep a pause from being cut. */
const LATE_FACTOR = 10;

/** `timesUs` is not empty; `busyHeight` is what all but the pauses take, in pixels. */
export function timeScale(
  timesUs: readonly number[],
  flights: readonly Flight[],
  busyHeight: number,
): TimeScale {
  const times = [...new Set(timesUs)].sort((a, b) => a - b);
  const pauses = findPauses(times, flights);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const cut = pauses.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const scale = busyHeight / Math.max(1, last - first - cut);
  const y = (timeUs: number): number => {
    const clamped = Math.min(last, Math.max(first, timeUs));
    let pixels = (clamped - first) * scale;
    for (const { fromUs, toUs } of pauses) {
      if (clamped <= fromUs) break;
      const inside = Math.min(clamped, toUs) - fromUs;
      pixels += (inside / (toUs - fromUs)) * PAUSE_HEIGHT - inside * scale;
    }
    return pixels;
  };
  return { height: y(last), lastUs: last, pauses, y };
}

function findPauses(times: readonly number[], flights: readonly Flight[]): readonly Pause[] {
  const lengths = flights.map((flight) => flight.receivedUs - flight.sentUs).sort((a, b) => a - b);
  const longest = LATE_FACTOR * (lengths[Math.floor(lengths.length / 2)] ?? 0);
  const timely = flights.filter((flight) => flight.receivedUs - flight.sentUs <= longest);
  const idle = times.slice(1).flatMap((toUs, i) => {
    const fromUs = times[i] ?? toUs;
    const isBusy = timely.some((f) => f.sentUs < toUs && f.receivedUs > fromUs);
    return isBusy || toUs - fromUs < SHORTEST_PAUSE_US ? [] : [{ fromUs, toUs }];
  });
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const busy = span - idle.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  return idle.filter(({ fromUs, toUs }) => toUs - fromUs > PAUSE_SHARE * busy);
}
