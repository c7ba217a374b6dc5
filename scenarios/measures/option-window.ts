import { unreachable } from "../../crypto/outcome.ts";
import type { Scenario } from "../scenario.ts";

/**
 * How long the last who may still withdraw from a swap can wait, by the arrangement's own deadlines, in
 * milliseconds: the time-to-live under `certified` (T0: a deadline that the quorum enforces), the longer
 * time lock under `htlc` (T_A = 4 D + 4 e for two legs, `corridor/htlc/timelocks.ts`), the hub's time-out
 * under `two-phase`, the pay-in window of a cycle under `netting`. `null` where nobody waits for another's
 * choice: both legs are one entry of a shared ledger, and a gross leg that is paid cannot be taken back.
 */
export function optionWindowMs({
  arrangement,
  arrangements,
  corridor,
}: Pick<Scenario, "arrangement" | "arrangements" | "corridor">): number | null {
  switch (arrangement) {
    case "certified":
      return corridor.ttlMs;
    case "htlc":
      return 4 * (arrangements.htlc.deltaMaxMs + arrangements.htlc.epsilonMs);
    case "two-phase":
      return arrangements.twoPhase.prepareMs;
    case "netting":
      return arrangements.netting.payInMs;
    case "shared-ledger":
    case "gross":
      return null;
    default:
      return unreachable(arrangement);
  }
}
