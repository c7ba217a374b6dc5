import type { PaymentRow } from "../run-result.ts";
import { distribution, type Distribution } from "./distribution.ts";

export interface PaymentsOfKind {
  readonly kind: string;
  readonly count: number;
  readonly outcomes: Readonly<Record<PaymentRow["outcome"], number>>;
  /** From submission to the durable entry, in milliseconds, of the executed ones. */
  readonly times: Distribution | null;
}

/** Payments by their kind, in the order of first appearance. */
export function paymentsByKind(payments: readonly PaymentRow[]): readonly PaymentsOfKind[] {
  const kinds = Map.groupBy(payments, (payment) => payment.kind);
  return [...kinds].map(([kind, rows]) => {
    const outcomes = { executed: 0, rejected: 0, refused: 0, unanswered: 0 };
    for (const row of rows) outcomes[row.outcome] += 1;
    const times = rows.flatMap((row) =>
      row.outcome === "executed" && row.finalUs > 0 ? [(row.finalUs - row.submittedUs) / 1000] : [],
    );
    return { kind, count: rows.length, outcomes, times: distribution(times) };
  });
}
