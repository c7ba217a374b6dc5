import { invariant } from "../../crypto/outcome.ts";
import { DOMESTIC, type DomesticDraft } from "../../node/ledger/domestic-entries.ts";
import { oweAnswer } from "../answers.ts";
import { report, type Step } from "../bank-state.ts";
import { decisionName, recordDecided } from "../decided.ts";
import {
  COMMIT,
  CORRIDOR,
  type Certificate,
  type CorridorEntry,
  type Decision,
} from "../entries.ts";
import { hashKey } from "../../crypto/hash.ts";
import { appendAbout } from "./own-entries.ts";
import { firstOfEach, includes, noted, type Swap } from "./swap.ts";

/** Learns the outcome from q VOTEs, or q CONFIRMs of one view, in whatever view this bank is. */
export function learnDecision(step: Step, swap: Swap): void {
  if (swap.certificate !== undefined) return;
  const certificate = completeCertificate(swap, step.config.genesis.quorum);
  if (certificate === undefined) return;
  swap.certificate = certificate;
  noted(swap.times, "decided", step.now);
  recordDecided(step.state.decided, swap.sid, certificate);
  if (step.state.phase === "opening") return;
  if (swap.statuses.length > 0) {
    const askers = new Set(swap.statuses.map(({ author }) => author));
    for (const asker of askers) oweAnswer(step, asker, swap.sid);
  }
  if (step.config.trace) {
    const { view } = certificate;
    report(step, { kind: "step", sid: swap.key, step: "decided", view });
  }
}

function completeCertificate(swap: Swap, quorum: number): Certificate | undefined {
  if (swap.votes.size >= quorum) {
    return { view: 0, decision: COMMIT, refs: [...swap.votes.values()].slice(0, quorum) };
  }
  for (const [key, box] of swap.confirms) {
    if (box.size < quorum) continue;
    const [view, decision] = key.split(" ").map(Number) as [number, Decision];
    return { view, decision, refs: firstOfEach(box, quorum) };
  }
  return undefined;
}

/** Closes this bank's legs once the outcome is certain: SETTLE posts the hold, VOID voids it. */
export function closeLegs(step: Step, swap: Swap): void {
  const { certificate, sid } = swap;
  if (certificate === undefined) return;
  for (const leg of swap.myLegs) {
    if (includes(swap.closed, leg)) continue;
    const corridor: CorridorEntry[] = [];
    const domestic: DomesticDraft[] = [];
    if (certificate.decision === COMMIT) {
      invariant(
        includes(swap.locked, leg),
        "CommitValidity",
        `COMMIT without the own LOCK of ${swap.key}`,
      );
      corridor.push({ kind: CORRIDOR.SETTLE, sid, leg, certificate });
      domestic.push({ kind: DOMESTIC.POST, sid, leg });
    } else {
      corridor.push({ kind: CORRIDOR.VOID, sid, leg, certificate });
      if (includes(swap.locked, leg)) domestic.push({ kind: DOMESTIC.UNHOLD, sid, leg });
    }
    appendAbout(step, swap, { corridor, domestic });
  }
}

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
