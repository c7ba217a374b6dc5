import {
  dayAmounts,
  totalOf,
  UNSETTLED,
  type Amounts,
} from "../../corridor/liquidity/payment-day.ts";
import { delayIndicator } from "../measures/delay-indicator.ts";
import { intradayLiquidity } from "../measures/intraday-liquidity.ts";
import { liquidityBounds } from "../measures/liquidity-bounds.ts";
import { queueDelay } from "../measures/queue-delay.ts";
import { maximumQueue, maximumQueued } from "../measures/queue-value.ts";
import { ratio, roundRatio, type Ratio } from "../measures/ratio.ts";
import { settledShare } from "../measures/settled-share.ts";
import { turnoverRatio } from "../measures/turnover-ratio.ts";
import type { DayMeasures, MemberRow, RatioRow } from "./day-manifest.ts";
import type { Labels } from "./labels.ts";
import type { SettledDay } from "./settled-day.ts";

/** Decimals to which ratios are rounded half up: shares and indicators, and times in milliseconds. */
const RATIO_DECIMALS = 6;
const TIME_DECIMALS = 3;

export interface MeasuredDay {
  readonly measures: DayMeasures;
  /** In the order of the members. */
  readonly members: readonly MemberRow[];
}

/** Takes every measure of a day. */
export function measureDay(settled: SettledDay, labels: Labels): MeasuredDay {
  const { day } = settled;
  const bounds = liquidityBounds(day);
  const liquidity = intradayLiquidity(settled);
  const queued = maximumQueued(settled);
  const unsettled = unsettledOf(settled);
  const at = (amounts: Amounts, member: number): string => String(amounts[member]);
  const members = Array.from({ length: labels.size }, (_, member): MemberRow => ({
    member: labels.text(member),
    opening: at(day.opening, member),
    closing: at(liquidity.closing, member),
    sent: at(liquidity.sent, member),
    received: at(liquidity.received, member),
    lower_bound: at(bounds.lower, member),
    upper_bound: at(bounds.upper, member),
    maximum_usage: at(liquidity.maximumUsage, member),
    maximum_surplus: at(liquidity.maximumSurplus, member),
    maximum_queued: at(queued, member),
    unsettled: unsettled.payments[member] as number,
    unsettled_value: at(unsettled.values, member),
  }));
  const measures = {
    ...sharesOf(settled),
    ...delaysOf(settled),
    liquidity: {
      opening: String(totalOf(day.opening)),
      lowerBound: String(totalOf(bounds.lower)),
      upperBound: String(totalOf(bounds.upper)),
      maximumUsage: String(totalOf(liquidity.maximumUsage)),
    },
    turnoverRatio: turnoverOf(settled, liquidity.maximumUsage),
  };
  return { measures, members };
}

function sharesOf(settled: SettledDay): Pick<DayMeasures, "settled" | "unsettled"> {
  const { submitted, settled: paid } = settledShare(settled);
  return {
    settled: {
      payments: paid.payments,
      value: String(paid.value),
      ofPayments: submitted.payments,
      ofValue: String(submitted.value),
      byNumber: row(ratio(BigInt(paid.payments), BigInt(submitted.payments))),
      byValue: row(ratio(paid.value, submitted.value)),
    },
    unsettled: {
      payments: submitted.payments - paid.payments,
      value: String(submitted.value - paid.value),
    },
  };
}

function delaysOf(
  settled: SettledDay,
): Pick<DayMeasures, "delayIndicator" | "queueDelay" | "maximumQueue"> {
  const { weightedMs, unweightedMs, ...delays } = queueDelay(settled);
  const maximum = maximumQueue(settled);
  return {
    delayIndicator: row(delayIndicator(settled)),
    queueDelay: {
      weightedMs: row(weightedMs, TIME_DECIMALS),
      unweightedMs: row(unweightedMs, TIME_DECIMALS),
      ...delays,
    },
    maximumQueue: { ...maximum, value: String(maximum.value) },
  };
}

function turnoverOf(settled: SettledDay, usage: Amounts): DayMeasures["turnoverRatio"] {
  const { peak, average } = turnoverRatio(settled, settledShare(settled).settled.value, usage);
  return { peak: row(peak), average: row(average) };
}

function row(of: Ratio | null, decimals = RATIO_DECIMALS): RatioRow | null {
  if (of === null) return null;
  return {
    numerator: String(of.numerator),
    denominator: String(of.denominator),
    rounded: roundRatio(of, decimals),
  };
}

/** By payer: what did not settle. */
function unsettledOf({ day, settledBy }: SettledDay) {
  const payments = new Int32Array(day.opening.length);
  const values = dayAmounts(day, day.opening.length);
  for (let payment = 0; payment < settledBy.length; payment++) {
    if (settledBy[payment] !== UNSETTLED) continue;
    const payer = day.payers[payment] as number;
    payments[payer] = (payments[payer] as number) + 1;
    values[payer] = (values[payer] as bigint) + (day.values[payment] as bigint);
  }
  return { payments, values };
}
