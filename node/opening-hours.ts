import { dayOf, weekdayOf } from "./calendar.ts";

/** When a settlement system takes payments: one session for each of its business days. */
export interface OpeningHours {
  /** Local time less UTC. Constant: none of the corridor's jurisdictions changes its clocks. */
  readonly offsetMinutes: number;
  /** From local midnight of the business day; below zero the session opens on the evening before. */
  readonly fromMinute: number;
  /** Later than `fromMinute`, by 24 hours at most: sessions do not overlap. */
  readonly toMinute: number;
  /** Days of the week with a session, 0 for Monday to 6 for Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Local days without one, as days since 1 January 1970. */
  readonly holidays: ReadonlySet<number>;
}

/** From the opening up to the closing, which is no longer part of it; milliseconds since the Unix epoch. */
export interface Session {
  readonly fromMs: number;
  readonly toMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Longer than any run of holidays. */
const MAX_CLOSED_DAYS = 400;

const sessionOf = (hours: OpeningHours, day: number): Session | undefined => {
  if (!hours.weekdays.has(weekdayOf(day)) || hours.holidays.has(day)) return undefined;
  const midnight = day * DAY_MINUTES - hours.offsetMinutes;
  const { fromMinute, toMinute } = hours;
  return {
    fromMs: (midnight + fromMinute) * MINUTE_MS,
    toMs: (midnight + toMinute) * MINUTE_MS,
  };
};

/** The first session that is still open at this time or opens later; nothing when none comes in 400 days. */
export function sessionFrom(hours: OpeningHours, atMs: number): Session | undefined {
  const today = dayOf(atMs, hours.offsetMinutes);
  // A session reaches at most a day back and a day forward from its business day.
  for (let day = today - 1; day <= today + MAX_CLOSED_DAYS; day++) {
    const session = sessionOf(hours, day);
    if (session !== undefined && session.toMs > atMs) return session;
  }
  return undefined;
}

export function isOpen(hours: OpeningHours, atMs: number): boolean {
  const session = sessionFrom(hours, atMs);
  return session !== undefined && session.fromMs <= atMs;
}

/** The earliest time, not before this one, at which all of these systems are open; nothing within 400 days of none. */
export function nextCommonOpening(
  systems: readonly OpeningHours[],
  atMs: number,
): number | undefined {
  let at = atMs;
  for (;;) {
    const sessions = systems.map((hours) => sessionFrom(hours, at));
    if (sessions.some((session) => session === undefined)) return undefined;
    const opening = Math.max(at, ...sessions.map((session) => session?.fromMs ?? at));
    if (opening === at) return at;
    if (opening - atMs > MAX_CLOSED_DAYS * DAY_MINUTES * MINUTE_MS) return undefined;
    at = opening;
  }
}

/** How long all of these systems are open together between two times. */
export function commonOpenMs(
  systems: readonly OpeningHours[],
  fromMs: number,
  toMs: number,
): number {
  let total = 0;
  let at = nextCommonOpening(systems, fromMs);
  while (at !== undefined && at < toMs) {
    const closing = Math.min(
      toMs,
      ...systems.map((hours) => sessionFrom(hours, at ?? 0)?.toMs ?? 0),
    );
    total += closing - at;
    at = nextCommonOpening(systems, closing);
  }
  return total;
}
