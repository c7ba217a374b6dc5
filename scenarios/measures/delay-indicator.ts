import { waitedUntilMs, type SettledDay } from "../rtgs/settled-day.ts";
import { ratio, type Ratio } from "./ratio.ts";

export const DELAY_INDICATOR = {
  title: "Delay indicator rho",
  unit: "0 to 1",
  formula:
    "sum of v (settled - submitted) / sum of v (close - submitted), unsettled counted at close",
  source: "Leinonen and Soramäki, Bank of Finland Discussion Papers 16/1999",
} as const;

/**
 * 0 when nothing waited, 1 when everything waited until the close; `null` when nothing could have
 * waited, as everything was submitted at the close.
 */
export function delayIndicator(settled: SettledDay): Ratio | null {
  const { day, submittedMs, closeMs } = settled;
  let [waited, longest] = [0n, 0n];
  for (let payment = 0; payment < submittedMs.length; payment++) {
    const value = day.values[payment] as bigint;
    const submitted = submittedMs[payment] as number;
    const until = waitedUntilMs(settled, payment);
    if (until > submitted) waited += value * BigInt(until - submitted);
    longest += value * BigInt(closeMs - submitted);
  }
  return ratio(waited, longest);
}
