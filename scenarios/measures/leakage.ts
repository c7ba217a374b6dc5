import type { PaymentRow } from "../run-result.ts";

/** What became of the payments that were to divert money in one way; amounts in minor units. */
export interface LeakageRow {
  readonly way: string;
  readonly currency: string;
  readonly tried: number;
  readonly stopped: number;
  readonly triedAmount: bigint;
  /** What was diverted: what came through. */
  readonly leaked: bigint;
  /** Codes that stopped them. */
  readonly codes: readonly string[];
}

/** One row for each way and currency, in order of first appearance. */
export function leakage(payments: readonly PaymentRow[]): readonly LeakageRow[] {
  const rows = new Map<string, { -readonly [Key in keyof LeakageRow]: LeakageRow[Key] }>();
  for (const { diversion: way, currency, amount, outcome, reason } of payments) {
    if (way === "") continue;
    const key = `${way} ${currency}`;
    const row = rows.get(key) ?? {
      way,
      currency,
      tried: 0,
      stopped: 0,
      triedAmount: 0n,
      leaked: 0n,
      codes: [],
    };
    row.tried += 1;
    row.triedAmount += BigInt(amount);
    if (outcome === "executed") row.leaked += BigInt(amount);
    else row.stopped += 1;
    if (reason !== "" && !row.codes.includes(reason)) row.codes = [...row.codes, reason];
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** Honest payments, and how many of them the rules turned down. */
export function honestRefusals(payments: readonly PaymentRow[]): {
  readonly honest: number;
  readonly refused: number;
} {
  const honest = payments.filter(({ kind, diversion }) => kind !== "order" && diversion === "");
  const refused = honest.filter(({ outcome }) => outcome !== "executed");
  return { honest: honest.length, refused: refused.length };
}
