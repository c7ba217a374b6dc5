/**
 * The topologies that come with the program. EVERY FIGURE HERE IS AN ASSUMPTION, none is a measurement
 * of a bank's link: no public source has round trips between these six cities, and between central
 * banks there would be leased lines of unknown routes.
 */

/** Times there and back, in whole microseconds: the median and the 90th percentile. */
export type Round = readonly [p50Us: number, p90Us: number];

/** Assumed: all banks in two halls of one data centre, with a millisecond at the 90th percentile. */
export const SINGLE_SITE: Round = [500, 1_000];

/**
 * The seat of each currency's central bank, with its latitude and longitude in degrees. The National
 * Bank of Kazakhstan sits in Astana and has its older seat in Almaty, 970 km to the south-east.
 */
export const CAPITALS = {
  KZT: { city: "Astana", at: [51.13, 71.43] },
  CNY: { city: "Beijing", at: [39.91, 116.4] },
  HKD: { city: "Hong Kong", at: [22.28, 114.16] },
  THB: { city: "Bangkok", at: [13.76, 100.5] },
  AED: { city: "Abu Dhabi", at: [24.45, 54.38] },
  SAR: { city: "Riyadh", at: [24.71, 46.68] },
} as const;

/**
 * Round trips between the six capitals. The median is 2 d x 1.75 / 200 + 4, rounded to a millisecond,
 * where d is the great circle in kilometres (sphere of 6,371 km): light covers 200 km of fibre in a
 * millisecond, a route is taken to be 1.75 times the great circle, and 4 ms are for access and
 * equipment at both ends. The 90th percentile is taken to be 1.2 times the median before rounding.
 */
const CAPITALS_MS: readonly (readonly [pair: string, p50Ms: number, p90Ms: number])[] = [
  ["KZT/CNY", 68, 82],
  ["KZT/HKD", 89, 107],
  ["KZT/THB", 90, 108],
  ["KZT/AED", 62, 74],
  ["KZT/SAR", 67, 81],
  ["CNY/HKD", 39, 46],
  ["CNY/THB", 62, 74],
  ["CNY/AED", 108, 130],
  ["CNY/SAR", 119, 143],
  ["HKD/THB", 34, 41],
  ["HKD/AED", 110, 132],
  ["HKD/SAR", 123, 148],
  ["THB/AED", 91, 109],
  ["THB/SAR", 105, 125],
  ["AED/SAR", 18, 21],
];

const CAPITALS_US = new Map<string, Round>(
  CAPITALS_MS.flatMap(([pair, p50Ms, p90Ms]) => {
    const round: Round = [p50Ms * 1000, p90Ms * 1000];
    const reverse = pair.split("/").reverse().join("/");
    return [
      [pair, round],
      [reverse, round],
    ];
  }),
);

export const isCapital = (currency: string): boolean => Object.hasOwn(CAPITALS, currency);

/** The round trip between the seats of two currencies' central banks, which are two of the six. */
export const capitalsRound = (from: string, to: string): Round | undefined =>
  CAPITALS_US.get(`${from}/${to}`);
