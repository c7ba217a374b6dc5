import { MAX_AMOUNT } from "../../node/money.ts";

/**
 * Minor units by index. Sums of amounts may exceed 2^63 - 1, which a column of 64 bits does not hold:
 * then it is a list of integers of any size, which is slower and as exact.
 */
export type Amounts = BigInt64Array | bigint[];

/** A column of zeros for amounts that lie between `-most` and `most`. */
export const newAmounts = (length: number, most: bigint): Amounts =>
  most <= MAX_AMOUNT ? new BigInt64Array(length) : Array.from({ length }, () => 0n);

export function totalOf(amounts: Amounts): bigint {
  let total = 0n;
  for (let i = 0; i < amounts.length; i++) total += amounts[i] as bigint;
  return total;
}

/**
 * What the members of one bank pay each other in one day, as columns: members are numbered from 0, and
 * payments from 0 in the order in which they are submitted. The columns of amounts hold any sum of
 * opening balances and payments.
 */
export interface PaymentDay {
  /** By member. */
  readonly opening: Amounts;
  /** By payment; payer and payee differ. */
  readonly payers: Int32Array;
  readonly payees: Int32Array;
  readonly values: Amounts;
  /** 0 to `HIGHEST_CLASS`: a higher class is always first in its payer's queue. */
  readonly classes: Uint8Array;
}

/** A column of zeros that holds what the columns of the day hold. */
export const dayAmounts = ({ values }: PaymentDay, length: number): Amounts =>
  newAmounts(length, values instanceof BigInt64Array ? 0n : MAX_AMOUNT + 1n);

export const HIGHEST_CLASS = 9;

/**
 * By payment: the submission that let it settle, which is its own when it did not wait, or `UNSETTLED`.
 * Nothing changes between two submissions, so a payment settles at the time of one.
 */
export type SettledBy = Int32Array;

export const UNSETTLED = -1;
