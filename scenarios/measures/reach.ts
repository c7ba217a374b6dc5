import type { PaymentRow } from "../run-result.ts";

const NOT_CONNECTED = "MEMBER_NOT_CONNECTED";

/** How far money got when not everybody has an account; amounts in minor units of one currency. */
export interface Reach {
  readonly planned: bigint;
  readonly executed: bigint;
  readonly payees: number;
  /** Payees that were paid at least once. */
  readonly reached: number;
  /** Payees without an account, or who would have been paid by somebody without one. */
  readonly unreachable: readonly string[];
}

/** `null` when everybody whom a payment named was connected. */
export function reach(payments: readonly PaymentRow[]): Reach | null {
  const paid = payments.filter(({ kind }) => kind !== "order");
  if (!paid.some(({ reason }) => reason === NOT_CONNECTED)) return null;
  const sum = (rows: readonly PaymentRow[]): bigint =>
    rows.reduce((total, { amount }) => total + BigInt(amount), 0n);
  const executed = paid.filter(({ outcome }) => outcome === "executed");
  const payees = new Set(paid.map(({ payee }) => payee));
  const reached = new Set(executed.map(({ payee }) => payee));
  const unreachable = [...payees].filter((payee) => !reached.has(payee));
  return {
    planned: sum(paid),
    executed: sum(executed),
    payees: payees.size,
    reached: reached.size,
    unreachable,
  };
}
