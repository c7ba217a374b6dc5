import { dayAmounts, type Amounts, type PaymentDay } from "../../corridor/liquidity/payment-day.ts";

export const LIQUIDITY_BOUNDS = {
  title: "Liquidity bounds",
  unit: "minor units",
  formula:
    "lower (net): max(0, sum sent - sum received); upper (no queueing): the largest sum sent - received after any payment, if each settled when it was submitted",
  source: "Koponen and Soramäki, Bank of Finland E:14, 1998",
} as const;

/** By member: with the lower bound it can settle all its payments by the close, with the upper at once. */
export interface LiquidityBounds {
  readonly lower: Amounts;
  readonly upper: Amounts;
}

export function liquidityBounds(day: PaymentDay): LiquidityBounds {
  const { opening, payers, payees, values } = day;
  const lower = dayAmounts(day, opening.length);
  const upper = dayAmounts(day, opening.length);
  for (let payment = 0; payment < payers.length; payment++) {
    const payer = payers[payment] as number;
    const payee = payees[payment] as number;
    const net = (lower[payer] as bigint) + (values[payment] as bigint);
    lower[payer] = net;
    lower[payee] = (lower[payee] as bigint) - (values[payment] as bigint);
    if (net > (upper[payer] as bigint)) upper[payer] = net;
  }
  for (const [member, net] of lower.entries()) if (net < 0n) lower[member] = 0n;
  return { lower, upper };
}
