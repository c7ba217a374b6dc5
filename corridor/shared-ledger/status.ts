import { after, durationMs } from "../../node/time.ts";
import { send } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { HEADS_EVERY_MS } from "../limits.ts";
import { countViolation } from "../violations.ts";
import { stopStale } from "./accept.ts";
import { isTimeoutOf, isVoteOf } from "./certificates.ts";
import { isCertificateValid, isTimeoutsValid, learnCertificate, learnTimeouts } from "./certify.ts";
import { encodeStatus, STATEMENT, type ChainMessage, type Statement } from "./messages.ts";
import type { ValidatorStep } from "./state.ts";

export function scheduleStatus(step: ValidatorStep): void {
  const at = after(step.now, durationMs(HEADS_EVERY_MS));
  addDeadline(step.state.deadlines, at, { kind: "status" });
}

/** Tells a peer how far this validator is, and shows it the newest thing that it is known to have signed. */
export function sendStatus(step: ValidatorStep, peer: number): void {
  const { safety, lastTc, newest } = step.state;
  const timeouts = lastTc !== undefined && lastTc.view >= safety.highQc.view ? lastTc : null;
  const yours = newest.get(peer) ?? null;
  send(step, peer, encodeStatus({ highQc: safety.highQc, timeouts, yours }));
}

export function receiveStatus(
  step: ValidatorStep,
  from: number,
  { highQc, timeouts, yours }: Extract<ChainMessage, { readonly kind: "status" }>,
): void {
  const { state } = step;
  if (yours !== null && yours.view > state.safety.lastVoted) {
    if (isOwn(step, yours)) return stopStale(step, yours.view);
    return countViolation(step, from, "status_invalid", "a statement that this bank never signed");
  }
  if (!isCertificateValid(step, highQc)) {
    return countViolation(step, from, "certificate_invalid", "a status");
  }
  if (timeouts !== null && !isTimeoutsValid(step, timeouts)) {
    return countViolation(step, from, "certificate_invalid", "a status");
  }
  learnCertificate(step, highQc, from);
  if (timeouts !== null) learnTimeouts(step, timeouts);
  state.answered.add(from);
}

function isOwn(step: ValidatorStep, statement: Statement): boolean {
  const { self } = step.config;
  return statement.kind === STATEMENT.VOTE
    ? isVoteOf(step, self, statement, statement.signature)
    : isTimeoutOf(step, self, statement, statement.signature);
}
