import { UNSETTLED } from "../../corridor/liquidity/payment-day.ts";
import type { SettledDay } from "../rtgs/settled-day.ts";

export const SETTLED_SHARE = {
  title: "Settled share",
  unit: "0 to 1",
  formula: "settled / submitted by the close, by number and by value",
  source: "definition",
} as const;

export interface SettledShare {
  readonly submitted: { readonly payments: number; readonly value: bigint };
  readonly settled: { readonly payments: number; readonly value: bigint };
}

export function settledShare({ day, settledBy }: SettledDay): SettledShare {
  let [submitted, settled, payments] = [0n, 0n, 0];
  for (let payment = 0; payment < settledBy.length; payment++) {
    const value = day.values[payment] as bigint;
    submitted += value;
    if (settledBy[payment] === UNSETTLED) continue;
    settled += value;
    payments += 1;
  }
  return {
    submitted: { payments: settledBy.length, value: submitted },
    settled: { payments, value: settled },
  };
}
