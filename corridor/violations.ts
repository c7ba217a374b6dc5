import { bankNumber } from "../node/ids.ts";
import { warn, type BankState, type Step } from "./bank-state.ts";
import { MAX_VIOLATIONS, VIOLATION_FORGIVEN_MS } from "./limits.ts";

/** Counts a broken message or a needlessly slow signature against the peer that sent it. */
export function countViolation(
  step: Pick<Step, "now" | "effects"> & { readonly state: Pick<BankState, "violations"> },
  peer: number,
  code: string,
  detail: string,
): void {
  const { violations } = step.state;
  warn(step, code, peer, detail);
  const known = violations.get(peer);
  const forgiven = known === undefined || step.now - known.since > VIOLATION_FORGIVEN_MS * 1000;
  const count = forgiven ? 1 : known.count + 1;
  if (count < MAX_VIOLATIONS) {
    violations.set(peer, { count, since: forgiven ? step.now : known.since });
    return;
  }
  violations.delete(peer);
  step.effects.push({ kind: "drop", peer: bankNumber(peer), reason: code });
}
