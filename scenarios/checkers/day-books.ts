import { totalOf, type Amounts } from "../../corridor/liquidity/payment-day.ts";
import type { SettledDay } from "../rtgs/settled-day.ts";

export interface DayBooks {
  readonly openingTotal: bigint;
  readonly closingTotal: bigint;
  /** The first time at which a member was below zero; `null` when none ever was. */
  readonly firstNegative: { readonly payment: number; readonly member: number } | null;
}

/**
 * Keeps the books of a day once more, from nothing but which payments settled when: money is conserved
 * (I1), and after each submission, with all that it let settle at once, no balance is below zero (I2).
 */
export function keepBooks({ day, settlements }: SettledDay): DayBooks {
  const balances = day.opening.slice();
  const { payments, starts } = settlements;
  let firstNegative: DayBooks["firstNegative"] = null;
  for (let submission = 0; submission < day.payers.length; submission++) {
    const [start, end] = [starts[submission] as number, starts[submission + 1] as number];
    for (let i = start; i < end; i++) {
      const payment = payments[i] as number;
      const value = day.values[payment] as bigint;
      add(balances, day.payers[payment] as number, -value);
      add(balances, day.payees[payment] as number, value);
    }
    for (let i = start; i < end && firstNegative === null; i++) {
      const payment = payments[i] as number;
      const member = day.payers[payment] as number;
      if ((balances[member] as bigint) < 0n) firstNegative = { payment, member };
    }
  }
  return { openingTotal: totalOf(day.opening), closingTotal: totalOf(balances), firstNegative };
}

function add(amounts: Amounts, member: number, value: bigint): void {
  amounts[member] = (amounts[member] as bigint) + value;
}
