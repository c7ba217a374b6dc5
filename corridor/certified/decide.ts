import { oweAnswer } from "../answers.ts";
import { report, type Step } from "../bank-state.ts";
import { recordDecided } from "../decided.ts";
import { COMMIT, type Certificate, type Decision } from "../entries.ts";
import { firstOfEach, noted, type Swap } from "../swap/swap.ts";

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
