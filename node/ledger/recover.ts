import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { parseLedgerFile, type LedgerDamage, type LedgerRecord } from "./record.ts";

export interface RecoveredLedger {
  readonly records: readonly LedgerRecord[];
  /** Where the file goes on; bytes beyond it are a torn tail. */
  readonly end: number;
  readonly tornBytes: number;
}

/**
 * What a bank starts from. Damage beyond the durable mark is a torn tail: it was never sent, and is cut.
 * Damage at or before the mark stops the bank; it is never cut (hostile-world D3, D4). Without a mark,
 * only a tail that no whole record follows may be cut.
 */
export function recoverLedger(
  bytes: Bytes,
  durableMark: number | undefined,
): Outcome<RecoveredLedger, LedgerDamage> {
  const { records, end, damage } = parseLedgerFile(bytes);
  if (durableMark !== undefined && end < durableMark) {
    const why = damage?.why ?? "the file is shorter than what was durable";
    return reject({
      code: "ledger_corrupt",
      offset: end,
      why: `${why}; ${durableMark} bytes were durable`,
    });
  }
  return ok({ records, end, tornBytes: bytes.length - end });
}
