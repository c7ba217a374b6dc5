import type { Bytes } from "../../crypto/bytes.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import {
  LEDGER_MAGIC,
  parseLedgerFile,
  readRecord,
  type LedgerDamage,
  type LedgerRecord,
} from "./record.ts";

export interface RecoveredLedger {
  readonly records: readonly LedgerRecord[];
  /** Where the file goes on; bytes beyond it are a torn tail. */
  readonly end: number;
  readonly tornBytes: number;
}

/**
 * What a bank starts from. Damage beyond the durable mark is a torn tail: it was never sent, and is cut.
 * Damage at or before the mark stops the bank; it is never cut (hostile-world D3, D4). Without a mark,
 * only a tail that no whole record follows may be cut. A file that does not begin as a ledger never is.
 */
export function recoverLedger(
  bytes: Bytes,
  durableMark: number | undefined,
): Outcome<RecoveredLedger, LedgerDamage> {
  const { records, end, damage } = parseLedgerFile(bytes);
  const refuse = (why: string): Outcome<RecoveredLedger, LedgerDamage> =>
    reject({ code: "ledger_corrupt", offset: end, why });
  if (durableMark !== undefined && end < durableMark) {
    const why = damage?.why ?? "the file is shorter than what was durable";
    return refuse(`${why}; ${durableMark} bytes were durable`);
  }
  if (damage !== undefined) {
    if (end < LEDGER_MAGIC.length) return refuse(damage.why);
    if (durableMark === undefined && recordFollows(bytes, end)) {
      return refuse(`${damage.why}, and a whole record follows`);
    }
  }
  return ok({ records, end, tornBytes: bytes.length - end });
}

function recordFollows(bytes: Bytes, end: number): boolean {
  for (let at = end + 1; at < bytes.length; at++) {
    if (typeof readRecord(bytes, at) !== "string") return true;
  }
  return false;
}
