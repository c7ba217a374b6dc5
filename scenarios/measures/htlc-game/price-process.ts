import { cumulativeNormal } from "vega-statistics";
import type { HtlcGame } from "./parameters.ts";

type Process = Pick<HtlcGame, "mu" | "sigma">;

/** What is known of the price some hours after it stood at `from`. */
export interface PriceLater {
  readonly from: number;
  readonly hours: number;
}

/** The price after so many hours is log-normal; `z` is how far that is from its median. */
export const priceAt = ({ mu, sigma }: Process, { from, hours }: PriceLater, z: number): number =>
  from * Math.exp((mu - (sigma * sigma) / 2) * hours + sigma * Math.sqrt(hours) * z);

/** F(x; p, tau): the probability that the price is below `limit`, which may be 0. */
export const chanceBelow = (process: Process, later: PriceLater, limit: number): number =>
  cumulativeNormal(deviations(process, later, limit));

/** E[X; X < x]: the mean of the price over the cases in which it is below `limit`, and 0 over the others. */
export const meanBelow = (process: Process, later: PriceLater, limit: number): number =>
  meanOf(process, later) *
  cumulativeNormal(deviations(process, later, limit) - process.sigma * Math.sqrt(later.hours));

/** E[X; X > x]: the same for the cases in which it is above. */
export const meanAbove = (process: Process, later: PriceLater, limit: number): number =>
  meanOf(process, later) *
  cumulativeNormal(process.sigma * Math.sqrt(later.hours) - deviations(process, later, limit));

const meanOf = ({ mu }: Process, { from, hours }: PriceLater): number =>
  from * Math.exp(mu * hours);

const deviations = ({ mu, sigma }: Process, { from, hours }: PriceLater, limit: number): number =>
  (Math.log(limit / from) - (mu - (sigma * sigma) / 2) * hours) / (sigma * Math.sqrt(hours));
