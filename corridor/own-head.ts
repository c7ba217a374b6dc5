import { ownLog, report, type Step } from "./bank-state.ts";
import { pump } from "./swap/arrangements.ts";
import { returnExpired } from "./expiry.ts";

/**
 * A started bank signs nothing until q - 1 peers have shown the newest block of its own that they hold,
 * and none was newer than the disk or in conflict with it; or the operator said `--alone`. Answering
 * this question signs nothing, so banks that restart together do not wait for each other.
 */
export function beginIfChecked(step: Step): void {
  const { state, config } = step;
  if (state.phase !== "checking") return;
  if (!config.alone && state.answered.size < config.genesis.quorum - 1) return;
  state.phase = "running";
  report(step, { kind: "ready", head: ownLog(step).linked });
  returnExpired(step);
  for (const swap of state.swaps.values()) pump(step, swap);
}

/** A validly signed own block that this disk does not have: signing on would equivocate. */
export function stopStale(step: Step, seq: number): void {
  const ours = ownLog(step).linked;
  step.state.phase = "stopped";
  step.effects.push({
    kind: "stop",
    code: "stale_state",
    message:
      `a peer holds block ${seq} signed by this bank; this ledger ends at block ${ours} or differs there. ` +
      "Restore the newest copy of the ledger; never sign from an old one.",
  });
}
