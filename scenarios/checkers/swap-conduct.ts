import { unreachable } from "../../crypto/outcome.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  entryName,
  isCertificate,
  isClosing,
  type ClosingEntry,
  type Decision,
  type SwapEntry,
} from "../../corridor/entries.ts";
import { ballotName } from "./signed-swap.ts";

/**
 * What an honest bank has signed about a swap, as its durable blocks say. Legs and views are bits: both
 * stay below 31 (MAX_LEGS, MAX_VIEW).
 */
export interface SwapConduct {
  locked: number;
  refused: boolean;
  voted: boolean;
  /** The highest view entered. */
  view: number;
  led: number;
  accepted: number;
  confirmed: number;
  /** The value confirmed last, with its view. */
  lock: { readonly view: number; readonly decision: Decision } | undefined;
  closed: number;
  outcome: Decision | undefined;
}

export const newSwapConduct = (): SwapConduct => ({
  locked: 0,
  refused: false,
  voted: false,
  view: 0,
  led: 0,
  accepted: 0,
  confirmed: 0,
  lock: undefined,
  closed: 0,
  outcome: undefined,
});

/** Notes an entry, after it was judged. */
export function act(conduct: SwapConduct, entry: SwapEntry): void {
  switch (entry.kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.HLOCK:
      conduct.locked |= 1 << entry.leg;
      return;
    case CORRIDOR.REFUSE:
      conduct.refused = true;
      return;
    case CORRIDOR.VOTE:
      conduct.voted = true;
      return;
    case CORRIDOR.STATUS:
      conduct.view = Math.max(conduct.view, entry.view);
      return;
    case CORRIDOR.LEAD:
      conduct.led |= 1 << entry.view;
      return;
    case CORRIDOR.ACCEPT:
      conduct.accepted |= 1 << entry.view;
      return;
    case CORRIDOR.CONFIRM:
      conduct.confirmed |= 1 << entry.view;
      conduct.lock = { view: entry.view, decision: entry.decision };
      return;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
    case CORRIDOR.PAY:
      conduct.closed |= 1 << entry.leg;
      conduct.outcome = outcomeOf(entry);
      return;
    case CORRIDOR.CLAIM:
    case CORRIDOR.PREPARE:
    case CORRIDOR.DECIDE:
    case CORRIDOR.INQUIRE:
      return;
    default:
      unreachable(entry);
  }
}

/**
 * Which of S1, S2, S3, S6 (protocols.md 3.6), or of what goes with them, an entry breaks, by what the
 * bank itself had signed `before` it.
 */
export function brokenRule(entry: SwapEntry, before: Readonly<SwapConduct>): string | undefined {
  switch (entry.kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.HLOCK:
      if ((before.locked & (1 << entry.leg)) !== 0) return `a second LOCK of leg ${entry.leg}`;
      if (before.refused) return "LOCK after REFUSE";
      return before.view > 0 ? "S2: LOCK after STATUS" : undefined;
    case CORRIDOR.REFUSE:
      return before.refused || before.locked !== 0 ? "REFUSE after LOCK or REFUSE" : undefined;
    case CORRIDOR.VOTE:
      if (before.voted) return "S1: a second VOTE";
      return before.view > 0 ? "S1: VOTE after STATUS" : undefined;
    case CORRIDOR.STATUS: {
      if (entry.view <= before.view) return `S2: STATUS ${entry.view} in view ${before.view}`;
      if (before.voted && entry.locks === null) return "S3: STATUS without P after VOTE";
      const reported = entry.lock === null ? "none" : ballotName(entry.lock);
      const highest = before.lock === undefined ? "none" : ballotName(before.lock);
      return reported === highest
        ? undefined
        : `S3: STATUS reports lock ${reported}, not ${highest}`;
    }
    case CORRIDOR.LEAD:
      return outOfTurn("LEAD", entry.view, before.led, before);
    case CORRIDOR.ACCEPT:
      return outOfTurn("ACCEPT", entry.view, before.accepted, before);
    case CORRIDOR.CONFIRM:
      return outOfTurn("CONFIRM", entry.view, before.confirmed, before);
    case CORRIDOR.PAY:
      return before.refused ? "PAY after REFUSE" : undefined;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
    case CORRIDOR.CLAIM:
    case CORRIDOR.PREPARE:
    case CORRIDOR.DECIDE:
    case CORRIDOR.INQUIRE:
      return undefined;
    default:
      return unreachable(entry);
  }
}

function outOfTurn(
  name: string,
  view: number,
  done: number,
  before: Readonly<SwapConduct>,
): string | undefined {
  if (view !== before.view) return `S2: ${name} ${view} in view ${before.view}`;
  return (done & (1 << view)) === 0 ? undefined : `S6: a second ${name} in view ${view}`;
}

/** How an entry breaks P7: after it first closed a leg a bank only closes its other legs, each once, the same way. */
export function brokenFinality(
  entry: SwapEntry,
  before: Readonly<SwapConduct>,
): string | undefined {
  const name = entryName(entry.kind);
  if (!isClosing(entry)) return before.closed === 0 ? undefined : `${name} after the end`;
  if ((before.closed & (1 << entry.leg)) !== 0) return closedAgain(entry);
  const decision = outcomeOf(entry);
  if (before.outcome !== undefined && before.outcome !== decision) {
    return `${name} after the opposite`;
  }
  if (entry.kind === CORRIDOR.PAY || !isCertificate(entry.grounds)) return undefined;
  return entry.grounds.decision === decision
    ? undefined
    : `${name} with a certificate of the opposite`;
}

const outcomeOf = ({ kind }: ClosingEntry): Decision => (kind === CORRIDOR.VOID ? ABORT : COMMIT);

export const closedAgain = ({ kind, leg }: ClosingEntry): string =>
  `${entryName(kind)} of leg ${leg} once more`;
