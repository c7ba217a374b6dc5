import { literal, tuple, uint, type LayoutValue } from "../../../crypto/canonical-layout.ts";
import { dayOf, weekdayOf } from "../../calendar.ts";
import type { Check } from "../judged.ts";

/** A payment is made between two times (the end excluded) and on one of these days of the week. */
export const CALENDAR = 10;
export const calendarLayout = tuple({
  kind: literal(CALENDAR),
  fromMs: uint(),
  toMs: uint(),
  /** Bit 0 stands for Monday. */
  weekdays: uint(127),
});

export function compileCalendar(rule: LayoutValue<typeof calendarLayout>): Check {
  const { fromMs, toMs, weekdays } = rule;
  return ({ movement: { timeMs }, set }) => {
    const weekday = weekdayOf(dayOf(timeMs, set.offsetMinutes));
    const isOpen = timeMs >= fromMs && timeMs < toMs && ((weekdays >> weekday) & 1) === 1;
    if (isOpen) return undefined;
    return {
      found: `time ${timeMs}, day ${weekday + 1} of the week`,
      allowed: `${fromMs} up to ${toMs}, days of the mask ${weekdays}`,
    };
  };
}
