import { hashKey } from "../../crypto/hash.ts";
import { report, type Step } from "../bank-state.ts";
import { noted, type Swap } from "./swap.ts";

interface End {
  readonly outcome: "settled" | "voided";
  readonly view: number;
}

/**
 * Forgets a swap that has nothing left to do here, and reports how it ended; the index of decided swaps
 * keeps that it is over.
 */
export function forget(step: Step, swap: Swap, end: End): void {
  step.state.swaps.delete(swap.key);
  reportEnd(step, swap, end);
}

/** Reports how a swap ended for a bank that takes part in it; not again what a journal says. */
export function reportEnd(step: Step, swap: Swap, { outcome, view }: End): void {
  if (swap.myLegs.length === 0 || step.state.phase === "opening") return;
  noted(swap.times, "final", step.now);
  report(step, {
    kind: "swap",
    sid: swap.key,
    commitment: swap.announcement === undefined ? "" : hashKey(swap.announcement.commitment),
    outcome,
    view,
    refusal: swap.refusal,
    times: swap.times,
  });
}
