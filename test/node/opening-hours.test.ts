import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  commonOpenMs,
  isOpen,
  nextCommonOpening,
  sessionFrom,
  type OpeningHours,
} from "../../node/opening-hours.ts";
import { holds } from "../property.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MON_TO_FRI = new Set([0, 1, 2, 3, 4]);

const hoursOf = (
  offsetHours: number,
  from: number,
  to: number,
  weekdays: ReadonlySet<number> = MON_TO_FRI,
): OpeningHours => ({
  offsetMinutes: offsetHours * 60,
  fromMinute: from * 60,
  toMinute: to * 60,
  weekdays,
  holidays: new Set(),
});

// The default hours of the six banks, in local time.
const KZ = hoursOf(5, 9, 18);
const CN = hoursOf(8, -3.5, 17.25);
const HK = hoursOf(8, 8.5, 18.5);
const TH = hoursOf(7, 8.5, 17.5);
const AE = hoursOf(4, 8, 17);
const SA = hoursOf(3, 8, 17, new Set([6, 0, 1, 2, 3]));

const MONDAY = Date.UTC(2026, 0, 5);
const NEXT_MONDAY = MONDAY + 7 * DAY_MS;
const at = (text: string): number => Date.parse(`2026-01-${text}Z`);

describe("opening hours", () => {
  it("open at the first millisecond and close before the last", () => {
    expect(isOpen(KZ, at("05T04:00:00") - 1)).toBe(false);
    expect(isOpen(KZ, at("05T04:00:00"))).toBe(true);
    expect(isOpen(KZ, at("05T13:00:00") - 1)).toBe(true);
    expect(isOpen(KZ, at("05T13:00:00"))).toBe(false);
  });

  it("may begin on the evening before the business day", () => {
    const monday = { fromMs: at("04T12:30:00"), toMs: at("05T09:15:00") };
    expect(sessionFrom(CN, at("04T00:00:00"))).toEqual(monday);
    expect(isOpen(CN, at("04T12:30:00"))).toBe(true);
    // Friday evening would be Saturday's session.
    expect(isOpen(CN, at("09T12:30:00"))).toBe(false);
  });

  it("wait over a weekend and over holidays", () => {
    expect(sessionFrom(KZ, at("09T13:00:00"))?.fromMs).toBe(at("12T04:00:00"));
    const holidays = new Set([at("12T00:00:00") / DAY_MS]);
    expect(sessionFrom({ ...KZ, holidays }, at("09T13:00:00"))?.fromMs).toBe(at("13T04:00:00"));
  });

  it("never open without a weekday, and nobody waits for ever", () => {
    const never = { ...KZ, weekdays: new Set<number>() };
    expect(sessionFrom(never, MONDAY)).toBeUndefined();
    expect(nextCommonOpening([KZ, never], MONDAY)).toBeUndefined();
    expect(commonOpenMs([KZ, never], MONDAY, NEXT_MONDAY)).toBe(0);
    const apart = [hoursOf(0, 8, 10), hoursOf(0, 10, 12)];
    expect(nextCommonOpening(apart, MONDAY)).toBeUndefined();
  });

  it.each([
    // Without the half hour of China's next value day the week has 26 h 15.
    ["KZ and CN", [KZ, CN], 5 * 5.25 + 4 * 0.5],
    ["KZ and HK", [KZ, HK], 32.5],
    ["KZ and TH", [KZ, TH], 32.5],
    ["KZ and AE", [KZ, AE], 45],
    ["KZ and SA", [KZ, SA], 32],
    ["all six", [KZ, CN, HK, TH, AE, SA], 17],
  ])("%s are open together for the hours of a week that the sources give", (_, systems, hours) => {
    expect(commonOpenMs(systems, MONDAY, NEXT_MONDAY) / HOUR_MS).toBe(hours);
  });

  it("same-day yuan against tenge has 1 h 30 within 06:00 to 11:00 GMT (Q10)", () => {
    const kase = hoursOf(5, 10.25, 12.5);
    const windowOfRtgs = hoursOf(0, 6, 11);
    expect(commonOpenMs([kase, windowOfRtgs], MONDAY, MONDAY + DAY_MS) / HOUR_MS).toBe(1.5);
  });

  const minutes = fc.integer({ min: -720, max: 1_440 });
  const systems = fc
    .record({
      offsetMinutes: fc.integer({ min: -720, max: 840 }),
      fromMinute: minutes,
      length: fc.integer({ min: 1, max: 1_440 }),
      weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      holidays: fc.uniqueArray(fc.integer({ min: 20_455, max: 20_465 })),
    })
    .map(({ length, weekdays, holidays, ...rest }) => ({
      ...rest,
      toMinute: rest.fromMinute + length,
      weekdays: new Set(weekdays),
      holidays: new Set(holidays),
    }));

  it("add up to what looking at every minute finds", () => {
    holds(
      fc.property(fc.array(systems, { minLength: 1, maxLength: 3 }), (all) => {
        const to = MONDAY + 3 * DAY_MS;
        let found = 0;
        for (let now = MONDAY; now < to; now += 60_000) {
          if (all.every((hours) => isOpen(hours, now))) found += 60_000;
        }
        expect(commonOpenMs(all, MONDAY, to)).toBe(found);
      }),
      60,
    );
  });
});
