import { after, durationMs } from "../../node/time.ts";
import { countViolation } from "../violations.ts";
import { lastOfTerm } from "./block.ts";
import { isTimeoutOf, signTimeout } from "./certificates.ts";
import { isCertificateValid, learnCertificate, learnTimeouts, noteStatement } from "./certify.ts";
import { broadcastLater, recordSafety } from "./journal.ts";
import { MAX_DOUBLINGS, MAX_SENT_AGAIN } from "./limits.ts";
import {
  encodeTimeout,
  encodeTransactionMessage,
  STATEMENT,
  type ChainMessage,
} from "./messages.ts";
import { hasReady } from "./pool.ts";
import { sendStatus } from "./status.ts";
import type { SeenTimeout, ValidatorStep } from "./state.ts";

/** The first view timer, in working delays: one proposal and its votes take two (protocols.md 5, P8). */
const FIRST_TIMEOUT_DELTAS = 6;

/** tau_1 * 2^m, with m the number of views that failed since a block last became final. */
export const viewTimeoutMs = ({ genesis, state }: ValidatorStep): number =>
  FIRST_TIMEOUT_DELTAS * genesis.deltaMs * 2 ** Math.min(state.safety.failed, MAX_DOUBLINGS);

/** The view timer runs while there is something that should become final. */
export function tendViewTimer(step: ValidatorStep): void {
  const { state, now } = step;
  if (state.phase !== "running" || !hasWork(step)) {
    state.viewTimer = undefined;
    return;
  }
  const { view } = state.safety;
  if (state.viewTimer?.view === view) return;
  state.viewTimer = { view, at: after(now, durationMs(viewTimeoutMs(step))) };
}

/** Transactions that wait, blocks with transactions that are not final, or a view that others must leave too. */
export function hasWork({ state }: ValidatorStep): boolean {
  const { pool, ledger, tree, safety, ownTimeout } = state;
  if (hasReady(pool, ledger)) return true;
  if (ownTimeout !== undefined && ownTimeout.view >= safety.view) return true;
  for (const node of tree.nodes.values()) {
    if (node.height > tree.final.height && (node.block?.transactions.length ?? 0) > 0) return true;
  }
  return false;
}

/** The timer ran out: nothing is voted for up to the end of the leader's term, and everybody is told. */
export function letViewTimeOut(step: ValidatorStep): void {
  const { state, config } = step;
  const { safety, ownTimeout } = state;
  const last = lastOfTerm(safety.view, config.term);
  state.viewTimer = { view: safety.view, at: after(step.now, durationMs(viewTimeoutMs(step))) };
  if (ownTimeout === undefined || ownTimeout.view < last) timeOut(step, last);
  else broadcastTimeout(step);
  sendOwnAgain(step);
}

/** D[lastVoted = max(lastVoted, v), highQC], then TIMEOUT(v, highQC) to all. */
function timeOut(step: ValidatorStep, view: number): void {
  const { state, config, genesis } = step;
  const { safety } = state;
  const { highQc } = safety;
  const highView = highQc.view;
  safety.lastVoted = Math.max(safety.lastVoted, view);
  const signature = signTimeout(genesis, { view, highView }, config.signer);
  const timeout = { view, highView, signature };
  state.ownTimeout = { ...timeout, highQc };
  recordSafety(step, { timeout });
  broadcastTimeout(step);
  countTimeout(step, config.self, timeout);
}

function broadcastTimeout(step: ValidatorStep): void {
  const { ownTimeout } = step.state;
  if (ownTimeout === undefined) return;
  const { view, signature, highQc } = ownTimeout;
  broadcastLater(step, encodeTimeout({ view, signature, highQc }));
}

/** Transactions may have been lost on the way: whoever endorsed them sends them again. */
function sendOwnAgain(step: ValidatorStep): void {
  const { state, config } = step;
  let left = MAX_SENT_AGAIN;
  for (const transaction of state.pool.waiting.values()) {
    if (!transaction.signers.includes(config.self)) continue;
    if (left-- === 0) return;
    broadcastLater(step, encodeTransactionMessage(transaction.bytes));
  }
}

/** Another validator's view has run out. */
export function receiveTimeout(
  step: ValidatorStep,
  from: number,
  message: Extract<ChainMessage, { readonly kind: "timeout" }>,
): void {
  const { state, config } = step;
  const { view, signature, highQc } = message;
  if (highQc.view >= view || lastOfTerm(view, config.term) !== view) {
    return countViolation(step, from, "view_invalid", `a timeout of view ${view}`);
  }
  const known = state.timeouts.get(from);
  const isNews = known === undefined || known.view < view;
  if (isNews) {
    const highView = highQc.view;
    if (!isTimeoutOf(step, from, { view, highView }, signature)) {
      return countViolation(step, from, "signature_invalid", `a timeout of view ${view}`);
    }
    if (!isCertificateValid(step, highQc)) {
      return countViolation(step, from, "certificate_invalid", `a timeout of view ${view}`);
    }
    noteStatement(step, from, { kind: STATEMENT.TIMEOUT, view, highView, signature });
    learnCertificate(step, highQc, from);
    countTimeout(step, from, { view, highView, signature });
  }
  // Whoever is behind is told what it lacks.
  if (highQc.view < state.safety.highQc.view || view < state.safety.view) sendStatus(step, from);
}

/** On b + 1 of a view not below the own: join. On q of one view: it has failed. */
function countTimeout(step: ValidatorStep, bank: number, timeout: SeenTimeout): void {
  const { state, genesis } = step;
  state.timeouts.set(bank, timeout);
  const { view } = timeout;
  if (view < state.safety.view) return;
  const same = [...state.timeouts].filter(([, other]) => other.view === view);
  if (same.length >= genesis.quorum) {
    const timeouts = same
      .map(([signer, { highView, signature }]) => ({ bank: signer, highView, signature }))
      .sort((a, b) => a.bank - b.bank);
    return learnTimeouts(step, { view, timeouts });
  }
  joinOthers(step);
}

/** One of b + 1 banks is correct, and has seen its timer run out. */
function joinOthers(step: ValidatorStep): void {
  const { state, genesis } = step;
  if (state.phase !== "running") return;
  const views = [...state.timeouts.values()].map(({ view }) => view).sort((a, b) => b - a);
  const joined = views[genesis.byzantine];
  if (joined === undefined || joined < state.safety.view) return;
  if (state.ownTimeout !== undefined && state.ownTimeout.view >= joined) return;
  timeOut(step, joined);
}
