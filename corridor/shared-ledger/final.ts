import { hashKey } from "../../crypto/hash.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import type { Decision, TakenInstruction } from "../../node/domestic/decide.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { fromMs } from "../../node/time.ts";
import { parseSharedAnnouncement } from "./announcement.ts";
import { addDeadline } from "../deadlines.ts";
import type { Report, SwapStep } from "../report.ts";
import { branchOf, makeFinal, type BlockNode } from "./block-tree.ts";
import { executeBlock, type Executed } from "./execute.ts";
import { reportLater } from "./journal.ts";
import { booksOf, type LedgerOutcome } from "./ledger.ts";
import { MAX_REMEMBERED_ROOTS } from "./limits.ts";
import { prunePool, removeFromPool } from "./pool.ts";
import type { ValidatorState, ValidatorStep } from "./state.ts";
import type { OpenSwap } from "./open-swap.ts";
import { ACTION, type ActionOf } from "./transaction.ts";

/** Makes everything final up to a height on the way to a certified block, and executes it in order. */
export function finalizeUpTo(step: ValidatorStep, tip: BlockNode, height: number): void {
  const { tree, safety } = step.state;
  if (height <= tree.final.height) return;
  const branch = branchOf(tree, tip);
  // Two final blocks at one height need more than b banks that lie (AgreementOfFinalBlocks).
  if (branch === undefined) return stopForked(step, tip);
  const newly = branch.filter((node) => node.height <= height).toReversed();
  for (const node of newly) if (!finalize(step, node)) return;
  const last = newly.at(-1);
  invariant(last !== undefined, "KnownBlock", "nothing between the final block and a higher one");
  makeFinal(tree, last);
  prunePool(step.state.pool, step.state.ledger);
  safety.failed = 0;
  step.state.isSafetyDirty = true;
}

function finalize(step: ValidatorStep, node: BlockNode): boolean {
  const { state, config } = step;
  const { block } = node;
  invariant(block !== undefined, "KnownBlock", "the block before the first is final already");
  if (!isRootRight(step, node)) return false;
  const { timeMs } = node;
  const { transactions } = block;
  const executed = executeBlock(state.ledger, { height: node.height, timeMs, transactions });
  state.finalBlocks.set(node.height, node.place);
  state.roots.set(node.height, { root: state.ledger.root, total: node.total });
  state.roots.delete(node.height - MAX_REMEMBERED_ROOTS);
  for (const one of executed) tellExecuted(step, one);
  config.onFinal?.({ block, executed, ledger: state.ledger });
  return true;
}

/** q banks have signed this root: a validator that has another one is broken, and must not go on. */
function isRootRight(step: ValidatorStep, { block }: BlockNode): boolean {
  const { finalHeight, finalRoot } = block?.header ?? { finalHeight: 0, finalRoot: undefined };
  const own = step.state.roots.get(finalHeight)?.root;
  if (own === undefined || finalRoot === undefined || hashKey(own) === hashKey(finalRoot)) {
    return true;
  }
  stop(step, "state_diverged", `the results up to block ${finalHeight} differ from the certified`);
  return false;
}

function stopForked(step: ValidatorStep, { height }: BlockNode): void {
  stop(step, "chain_forked", `block ${height} is certified beside a final block`);
}

function stop(step: ValidatorStep, code: string, message: string): void {
  step.state.phase = "stopped";
  step.effects.push({ kind: "stop", code, message });
}

function tellExecuted(step: ValidatorStep, executed: Executed): void {
  const { transaction, codes, carried, outcomes } = executed;
  const { state, config } = step;
  removeFromPool(state.pool, transaction);
  if (transaction.kind === "batch" && transaction.bank === config.self) {
    state.nextBatch = Math.max(state.nextBatch, transaction.number + 1);
    for (const [i, action] of transaction.actions.entries()) {
      if (action.kind !== ACTION.VOID || codes[i] !== "not_expired") continue;
      const swap = swapOf(state, action);
      if (swap !== undefined) swap.isVoiding = false;
    }
  }
  for (const { bank, entry } of carried) {
    if (bank !== (config.self as number)) continue;
    if (entry.kind === DOMESTIC.ENROL) state.enrolling.delete(entry.member);
    if (entry.kind === DOMESTIC.TAG_DEFINE) scheduleReturns(step);
  }
  for (const outcome of outcomes) tellOutcome(step, outcome);
}

/** The open swap that an action is to void. */
export function swapOf(
  { swaps }: Pick<ValidatorState, "swaps">,
  { announcement }: ActionOf<typeof ACTION.VOID>,
): OpenSwap | undefined {
  const parsed = parseSharedAnnouncement(announcement);
  return parsed.ok ? swaps.get(hashKey(parsed.value.commitment)) : undefined;
}

function tellOutcome(step: ValidatorStep, outcome: LedgerOutcome): void {
  switch (outcome.kind) {
    case "instruction":
      if (outcome.bank === (step.config.self as number)) {
        done(step, outcome.taken);
        reportLater(step, instructionReport(outcome.taken, outcome.decision));
      }
      return;
    case "ignored": {
      if (outcome.bank !== (step.config.self as number)) return;
      done(step, outcome.taken);
      const { member, number } = outcome.taken.instruction;
      const common = { kind: "instruction", member, number } as const;
      const { code } = outcome;
      if (code === "exists") {
        return reportLater(step, { ...common, status: "exists", found: "taken in before" });
      }
      return reportLater(step, { ...common, status: "refused", code, found: `number ${number}` });
    }
    case "swap":
      return closeOpenSwap(step, outcome);
    default:
      unreachable(outcome);
  }
}

const done = (step: ValidatorStep, { instruction: { member, number } }: TakenInstruction): void => {
  step.state.underWay.delete(underWayKey(member, number));
};

export const underWayKey = (member: string, number: number): string => `${member} ${number}`;

export function instructionReport(
  { instruction: { member, number } }: TakenInstruction,
  { rejection, flags: notes }: Pick<Decision, "rejection" | "flags">,
): Report {
  if (rejection !== undefined) {
    return { kind: "instruction", member, number, status: "rejected", ...rejection };
  }
  const noted = notes.length === 0 ? {} : { notes };
  return { kind: "instruction", member, number, status: "executed", ...noted };
}

/**
 * Tells how a swap of this bank ended. What the rules of leg 0's currency turn down is a rejection, as
 * it would have been before the swap was announced; every other end without execution is a void.
 */
function closeOpenSwap(
  step: ValidatorStep,
  { sid, swapKey, announcement, outcome, code, refusedBy }: SwapOutcome,
): void {
  const { state, config, now } = step;
  const swap = state.swaps.get(swapKey);
  if (swap === undefined) return;
  state.swaps.delete(swapKey);
  if (state.phase === "opening") return;
  const { times } = swap;
  times.decided = now;
  const isRejection = refusedBy !== undefined && refusedBy.bank === announcement.legBanks[0];
  if (isRejection) {
    if (refusedBy.bank === (config.self as number)) {
      reportLater(step, instructionReport(refusedBy.taken, refusedBy.decision));
    }
    return;
  }
  const key = hashKey(sid);
  traceStep(step, key, "decided");
  traceStep(step, key, outcome);
  reportLater(step, {
    kind: "swap",
    sid: key,
    commitment: swapKey,
    outcome,
    view: 0,
    refusal: code === "PVP_EXPIRED" ? null : code,
    times,
  });
}

type SwapOutcome = Extract<LedgerOutcome, { readonly kind: "swap" }>;

export function traceStep(step: ValidatorStep, sid: string, what: SwapStep): void {
  if (!step.config.trace) return;
  reportLater(step, { kind: "step", sid, step: what, view: 0 });
}

/** Wakes the validator when the next tag of its own currency expires. */
export function scheduleReturns(step: ValidatorStep): void {
  const { state, config, now } = step;
  let next = Infinity;
  for (const { definition } of booksOf(state.ledger, config.self).tags.values()) {
    if (fromMs(definition.validToMs) > now) next = Math.min(next, definition.validToMs);
  }
  if (next < Infinity) addDeadline(state.deadlines, fromMs(next), { kind: "tags" });
}
