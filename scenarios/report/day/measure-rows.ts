import { DELAY_INDICATOR } from "../../measures/delay-indicator.ts";
import { INTRADAY_LIQUIDITY } from "../../measures/intraday-liquidity.ts";
import { LIQUIDITY_BOUNDS } from "../../measures/liquidity-bounds.ts";
import { QUEUE_DELAY } from "../../measures/queue-delay.ts";
import { QUEUE_VALUE } from "../../measures/queue-value.ts";
import { SETTLED_SHARE } from "../../measures/settled-share.ts";
import { TURNOVER_RATIO } from "../../measures/turnover-ratio.ts";
import type { DayMeasures, RatioRow } from "../../rtgs/day-manifest.ts";
import { renderCount, renderDuration, renderShare } from "../format.ts";

interface Definition {
  readonly title: string;
  readonly unit: string;
  readonly formula: string;
  readonly source: string;
}

/** One figure of a day: where it stands in the manifest, how it is defined, and how it reads. */
export interface MeasureRow {
  readonly path: string;
  readonly name: string;
  readonly definition: Definition;
  readonly show: (measures: DayMeasures, space: string) => string;
}

const row = (
  path: string,
  name: string,
  definition: Definition,
  show: MeasureRow["show"],
): MeasureRow => ({ path, name, definition, show });

/** Every measure of a day, in the order of its tables and its codebook. */
export const MEASURE_ROWS: readonly MeasureRow[] = [
  row("settled.byNumber", "Settled, of all payments", SETTLED_SHARE, ({ settled }, space) =>
    shareOf(settled.payments, settled.ofPayments, space),
  ),
  row("settled.byValue", "Settled, of all value", SETTLED_SHARE, ({ settled }, space) => {
    const share = settled.byValue === null ? "" : renderShare(Number(settled.byValue.rounded), 1);
    const value = money(settled.value, space);
    return `${value} of ${money(settled.ofValue, space)}${inPerCent(share, space)}`;
  }),
  row(
    "unsettled",
    "Not settled at the close",
    SETTLED_SHARE,
    ({ unsettled }, space) =>
      `${renderCount(unsettled.payments, space)}, worth ${money(unsettled.value, space)}`,
  ),
  row("delayIndicator", "Delay indicator rho", DELAY_INDICATOR, ({ delayIndicator }) =>
    rounded(delayIndicator),
  ),
  row("queueDelay.weightedMs", "Queue delay, weighted by value", QUEUE_DELAY, (measures, space) =>
    duration(measures.queueDelay.weightedMs, space),
  ),
  row("queueDelay.unweightedMs", "Queue delay, unweighted", QUEUE_DELAY, (measures, space) =>
    duration(measures.queueDelay.unweightedMs, space),
  ),
  row("queueDelay.waited", "Payments that waited", QUEUE_DELAY, ({ queueDelay, settled }, space) =>
    shareOf(queueDelay.waited, settled.ofPayments, space),
  ),
  row("queueDelay.p50Ms", "Half of them at most", QUEUE_DELAY, ({ queueDelay }, space) =>
    wait(queueDelay.p50Ms, space),
  ),
  row("queueDelay.p95Ms", "95 of 100 at most", QUEUE_DELAY, ({ queueDelay }, space) =>
    wait(queueDelay.p95Ms, space),
  ),
  row("queueDelay.longestMs", "The longest", QUEUE_DELAY, ({ queueDelay }, space) =>
    wait(queueDelay.longestMs, space),
  ),
  row("maximumQueue", "Maximum queue value", QUEUE_VALUE, ({ maximumQueue }, space) => {
    const { value, payments, atMs } = maximumQueue;
    if (payments === 0) return "nothing was queued";
    return `${money(value, space)} in ${renderCount(payments, space)} payments, after ${renderDuration(atMs, space)}`;
  }),
  row("liquidity.opening", "Opening balances", INTRADAY_LIQUIDITY, ({ liquidity }, space) =>
    money(liquidity.opening, space),
  ),
  row("liquidity.lowerBound", "Lower bound (net)", LIQUIDITY_BOUNDS, ({ liquidity }, space) =>
    money(liquidity.lowerBound, space),
  ),
  row(
    "liquidity.upperBound",
    "Upper bound (no queueing)",
    LIQUIDITY_BOUNDS,
    ({ liquidity }, space) => money(liquidity.upperBound, space),
  ),
  row("liquidity.maximumUsage", "Maximum used", INTRADAY_LIQUIDITY, ({ liquidity }, space) =>
    money(liquidity.maximumUsage, space),
  ),
  row("turnoverRatio.peak", "Turnover of the peak", TURNOVER_RATIO, ({ turnoverRatio }) =>
    rounded(turnoverRatio.peak),
  ),
  row("turnoverRatio.average", "Turnover of the average", TURNOVER_RATIO, ({ turnoverRatio }) =>
    rounded(turnoverRatio.average),
  ),
];

const NOTHING = "none";

const rounded = (ratio: RatioRow | null): string => ratio?.rounded ?? NOTHING;

const money = (minor: string, space: string): string => renderCount(BigInt(minor), space);

const shareOf = (part: number, whole: number, space: string): string =>
  `${renderCount(part, space)} of ${renderCount(whole, space)}${inPerCent(renderShare(part, whole), space)}`;

/** In brackets; nothing when there is no whole. */
const inPerCent = (share: string, space: string): string =>
  share === "" ? "" : ` (${share.replaceAll("\u202f", space)})`;

/** A mean that has been rounded already, as one reads it. */
const duration = (ratio: RatioRow | null, space: string): string =>
  ratio === null ? NOTHING : renderDuration(Number(ratio.rounded), space);

const wait = (ms: number | null, space: string): string =>
  ms === null ? NOTHING : renderDuration(ms, space);
