import { hashKey } from "../../crypto/hash.ts";
import { report, type Step } from "../bank-state.ts";
import { decisionName } from "../decided.ts";
import { noted, type Swap } from "./swap.ts";

/** Forgets a swap that has nothing left to do here; the index of decided swaps keeps its outcome. */
export function forgetIfDone(step: Step, swap: Swap): void {
  if (swap.certificate === undefined || swap.closedDurably < swap.myLegs.length) return;
  step.state.swaps.delete(swap.key);
  if (swap.myLegs.length === 0 || step.state.phase === "opening") return;
  noted(swap.times, "final", step.now);
  report(step, {
    kind: "swap",
    sid: swap.key,
    commitment: swap.announcement === undefined ? "" : hashKey(swap.announcement.commitment),
    outcome: decisionName(swap.certificate.decision),
    view: swap.certificate.view,
    refusal: swap.refusal,
    times: swap.times,
  });
}
