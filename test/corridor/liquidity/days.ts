import fc from "fast-check";
import type { Amounts, PaymentDay } from "../../../corridor/liquidity/payment-day.ts";

/** A payment of a day in a test: class 0 when none is given. */
export type Paid = readonly [payer: number, payee: number, value: bigint, level?: number];

/** A day whose amounts stand in columns of 64 bits, or in lists of integers of any size. */
export function dayOf(
  opening: readonly bigint[],
  payments: readonly Paid[],
  columns: "64 bits" | "any size" = "64 bits",
): PaymentDay {
  const amounts = (values: readonly bigint[]): Amounts =>
    columns === "64 bits" ? BigInt64Array.from(values) : [...values];
  return {
    opening: amounts(opening),
    payers: Int32Array.from(payments, ([payer]) => payer),
    payees: Int32Array.from(payments, ([, payee]) => payee),
    values: amounts(payments.map(([, , value]) => value)),
    classes: Uint8Array.from(payments, ([, , , level = 0]) => level),
  };
}

export interface DayShape {
  readonly members: number;
  readonly payments: number;
  readonly classes?: number;
}

/** Small days: few members, small amounts, so that much has to wait; often nobody opens with anything. */
export function smallDays({ members, payments, classes = 1 }: DayShape): fc.Arbitrary<PaymentDay> {
  return fc
    .record({
      members: fc.integer({ min: 2, max: members }),
      largest: fc.bigInt(1n, 12n),
      richest: fc.constantFrom(0n, 3n, 10n),
      columns: fc.constantFrom("64 bits" as const, "any size" as const),
    })
    .chain(({ members: count, largest, richest, columns }) =>
      fc
        .tuple(
          fc.array(fc.bigInt(0n, richest), { minLength: count, maxLength: count }),
          fc.array(
            fc.tuple(
              fc.nat(count - 1),
              fc.integer({ min: 1, max: count - 1 }),
              fc.bigInt(1n, largest),
              fc.nat(classes - 1),
            ),
            { maxLength: payments },
          ),
        )
        .map(([opening, drawn]) =>
          dayOf(
            opening,
            drawn.map(([payer, step, value, level]) => [
              payer,
              (payer + step) % count,
              value,
              level,
            ]),
            columns,
          ),
        ),
    );
}
