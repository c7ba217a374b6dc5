/** What we use of it: the package brings no types. */
declare module "vega-statistics" {
  /** The normal distribution function, to double precision (West, 2009). */
  export function cumulativeNormal(value: number, mean?: number, stdev?: number): number;
  /** Its inverse (Giles, 2010); infinite at 0 and 1. */
  export function quantileNormal(probability: number, mean?: number, stdev?: number): number;
  export function densityNormal(value: number, mean?: number, stdev?: number): number;
}
