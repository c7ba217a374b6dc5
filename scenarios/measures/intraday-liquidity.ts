import { dayAmounts, type Amounts } from "../../corridor/liquidity/payment-day.ts";
import type { SettledDay } from "../rtgs/settled-day.ts";

export const INTRADAY_LIQUIDITY = {
  title: "Intraday liquidity",
  unit: "minor units",
  formula:
    "maximum usage: the largest sum sent - received of settled payments at one time, at least 0; available at the start: the opening balance; total payments: sent and received",
  source: "Basel Committee, Monitoring tools for intraday liquidity management (BCBS 248), 2013",
} as const;

/** By member. Of what settles at once, only what it comes to counts. */
export interface IntradayLiquidity {
  readonly maximumUsage: Amounts;
  /** The largest sum received - sent at one time, at least 0. */
  readonly maximumSurplus: Amounts;
  readonly sent: Amounts;
  readonly received: Amounts;
  readonly closing: Amounts;
}

export function intradayLiquidity({ day, settlements }: SettledDay): IntradayLiquidity {
  const column = (): Amounts => dayAmounts(day, day.opening.length);
  const [maximumUsage, maximumSurplus, sent, received] = [column(), column(), column(), column()];
  const { payments, starts } = settlements;
  for (let submission = 0; submission < day.payers.length; submission++) {
    const [start, end] = [starts[submission] as number, starts[submission + 1] as number];
    for (let i = start; i < end; i++) {
      const payment = payments[i] as number;
      add(sent, day.payers[payment] as number, day.values[payment] as bigint);
      add(received, day.payees[payment] as number, day.values[payment] as bigint);
    }
    for (let i = start; i < end; i++) {
      const payment = payments[i] as number;
      take(day.payers[payment] as number);
      take(day.payees[payment] as number);
    }
  }
  const closing = column();
  for (const [member, opening] of day.opening.entries()) closing[member] = opening - used(member);
  return { maximumUsage, maximumSurplus, sent, received, closing };

  function used(member: number): bigint {
    return (sent[member] as bigint) - (received[member] as bigint);
  }

  function take(member: number): void {
    const usage = used(member);
    if (usage > (maximumUsage[member] as bigint)) maximumUsage[member] = usage;
    if (-usage > (maximumSurplus[member] as bigint)) maximumSurplus[member] = -usage;
  }
}

function add(amounts: Amounts, member: number, value: bigint): void {
  amounts[member] = (amounts[member] as bigint) + value;
}
