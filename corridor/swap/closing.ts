import { invariant } from "../../crypto/outcome.ts";
import { DOMESTIC, type DomesticDraft } from "../../node/ledger/domestic-entries.ts";
import type { Step } from "../bank-state.ts";
import { COMMIT, CORRIDOR, type CorridorEntry, type Decision, type Grounds } from "../entries.ts";
import { appendAbout } from "./own-entries.ts";
import { includes } from "./small-set.ts";
import type { Swap } from "./swap.ts";

/**
 * Closes this bank's open legs: SETTLE posts the hold, VOID voids it, if the leg was ever locked. Nothing
 * follows a closing entry: what else is to be said stands `before` it.
 */
export function closeLegs(
  step: Step,
  swap: Swap,
  decision: Decision,
  grounds: Grounds,
  before: readonly CorridorEntry[] = [],
): void {
  const { sid } = swap;
  for (const leg of swap.myLegs) {
    if (includes(swap.closed, leg)) continue;
    const corridor: CorridorEntry[] = [...before];
    const domestic: DomesticDraft[] = [];
    const isLocked = includes(swap.locked, leg);
    if (decision === COMMIT) {
      invariant(isLocked, "CommitValidity", `COMMIT without the own LOCK of ${swap.key}`);
      corridor.push({ kind: CORRIDOR.SETTLE, sid, leg, grounds });
      domestic.push({ kind: DOMESTIC.POST, sid, leg });
    } else {
      corridor.push({ kind: CORRIDOR.VOID, sid, leg, grounds });
      if (isLocked) domestic.push({ kind: DOMESTIC.UNHOLD, sid, leg });
    }
    appendAbout(step, swap, { corridor, domestic });
  }
}
