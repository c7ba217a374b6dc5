const DAY_MS = 86_400_000;

/** Days since 1 January 1970 in a zone this many minutes ahead of UTC. */
export const dayOf = (timeMs: number, offsetMinutes: number): number =>
  Math.floor((timeMs + offsetMinutes * 60_000) / DAY_MS);

/** 0 for Monday to 6 for Sunday. */
export const weekdayOf = (day: number): number => (day + 3) % 7;

/** Months since January of the year 0 (Gregorian calendar, extended backwards). */
export function monthOf(day: number): number {
  // Counted in 400-year eras from 1 March of the year 0, so that a leap day is a year's last day.
  const fromMarch = day + 719_468;
  const era = Math.floor(fromMarch / 146_097);
  const dayOfEra = fromMarch - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const year = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  return (year + era * 400) * 12 + month + 2;
}

export const yearOf = (day: number): number => Math.floor(monthOf(day) / 12);
