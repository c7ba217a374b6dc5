const DAY_US = 86_400_000_000;
const DAYS_A_WEEK = 7;

/** 1 January 1970 was a Thursday: counted so, Saturday and Sunday are the days 5 and 6 of a week. */
const MONDAY_OFFSET = 3;
const SATURDAY = 5;

/**
 * Microseconds between two times (since 1970-01-01, UTC) that fall on Monday to Friday. Public holidays
 * are not known here. `fromUs` is not after `toUs`.
 */
export const businessMicros = (fromUs: number, toUs: number): number =>
  weekdayMicros(toUs) - weekdayMicros(fromUs);

/** The same from a Monday long before both. */
function weekdayMicros(us: number): number {
  const day = Math.floor(us / DAY_US) + MONDAY_OFFSET;
  const weeks = Math.floor(day / DAYS_A_WEEK);
  const weekday = day - weeks * DAYS_A_WEEK;
  const within = weekday >= SATURDAY ? 0 : us - Math.floor(us / DAY_US) * DAY_US;
  return (weeks * SATURDAY + Math.min(weekday, SATURDAY)) * DAY_US + within;
}
