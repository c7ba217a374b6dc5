import { unreachable } from "../crypto/outcome.ts";
import type { Bytes } from "../crypto/bytes.ts";
import type { Effect, Input } from "../node/machine.ts";
import { after, durationMs, type Instant } from "../node/time.ts";
import { swapIdOf } from "./announcement.ts";
import {
  report,
  send,
  sidKeyOf,
  warn,
  type BankMachine,
  type Flight,
  type Step,
} from "./bank-state.ts";
import { publicPartOf } from "../node/ledger/block.ts";
import { observeOne, receiveBlock, refTo, traceBlock } from "./blocks.ts";
import {
  receiveGet,
  receiveHeads,
  scheduleHeads,
  sendHeads,
  serveAnnouncement,
  serveAnswers,
} from "./catch-up.ts";
import { armTimer, pump, serveSwapDeadline } from "./swap/arrangements.ts";
import type { Swap } from "./swap/swap.ts";
import {
  askForMissing,
  attachTerms,
  deliverDecline,
  deliverTerms,
  sendTerms,
} from "./swap/terms-exchange.ts";
import { addDeadline, nextDeadline, takeDue } from "./deadlines.ts";
import { flush, flushPeersOnly } from "./draft.ts";
import { CORRIDOR, isClosing, type CorridorEntry } from "./entries.ts";
import { accuseFound } from "./evidence.ts";
import { MAX_ASKING_PAUSE_MS, MAX_INPUTS_WHILE_CHECKING } from "./limits.ts";
import { encodePush, parseMessage, type Message } from "./messages.ts";
import { returnExpired } from "./expiry.ts";
import { beginIfChecked } from "./own-head.ts";
import type { Report } from "./report.ts";
import { receiveSubmission } from "./submissions.ts";
import { countViolation } from "./violations.ts";

/**
 * One central bank's whole machine: its ledger joined with its running swaps. Feeds one input and
 * returns the effects in the order in which the driver carries them out. What depends on a block is an
 * effect of the step that hears that the block is durable, never of an earlier one (JournalFirst).
 */
export function stepBank(machine: BankMachine, input: Input, now: Instant): Effect<Report>[] {
  const { state } = machine;
  // MonotonicTime: a clock that was set back does not turn the machine's time back.
  if (now > state.now) state.now = now;
  const step: Step = { ...machine, now: state.now, effects: [] };
  if (state.phase === "stopped") return step.effects;
  dispatch(step, input);
  askToBeWoken(step);
  return step.effects.sort((a, b) => EFFECT_ORDER[a.kind] - EFFECT_ORDER[b.kind]);
}

/** The contract's order, in whichever order a step came upon its effects. */
export const EFFECT_ORDER: Record<Effect<Report>["kind"], number> = {
  append: 0,
  send: 1,
  "send-stored": 1,
  wake: 2,
  report: 3,
  drop: 4,
  stop: 5,
};

function dispatch(step: Step, input: Input): void {
  const { state } = step;
  switch (input.kind) {
    case "start":
      return start(step);
    case "connected":
      state.links.add(input.peer);
      return sendHeads(step, input.peer);
    case "disconnected":
      state.links.delete(input.peer);
      return;
    case "frame":
      return receiveFrame(step, input.from, input.bytes);
    case "instruction":
      return receiveOrQueue(step, input.bytes);
    case "wake":
      state.wakeAt = undefined;
      return serveDeadlines(step);
    case "durable":
      return becomeDurable(step, input.size);
    case "idle":
      flush(step);
      return serveAnswers(step);
    default:
      unreachable(input);
  }
}

function start(step: Step): void {
  step.state.phase = "checking";
  scheduleHeads(step);
  for (const swap of step.state.swaps.values()) armTimer(step, swap);
  accuseFound(step);
  beginIfChecked(step);
}

function receiveOrQueue(step: Step, bytes: Bytes): void {
  const { state } = step;
  if (state.phase === "running") return receiveSubmission(step, bytes);
  if (state.queued.length < MAX_INPUTS_WHILE_CHECKING) state.queued.push(bytes);
  else warn(step, "busy", null, "too many submissions before the bank may sign");
}

function receiveFrame(step: Step, from: number, bytes: Bytes): void {
  const { parse = parseMessage } = step.config;
  const parsed = parse(bytes);
  if (!parsed.ok) return countViolation(step, from, parsed.error.code, "a message");
  receiveMessage(step, from, parsed.value);
  beginIfChecked(step);
  if (step.state.phase === "running" && step.state.queued.length > 0) {
    for (const queued of step.state.queued.splice(0)) receiveSubmission(step, queued);
  }
}

function receiveMessage(step: Step, from: number, message: Message): void {
  switch (message.kind) {
    case "push":
      return receiveBlock(step, from, message);
    case "heads":
      return receiveHeads(step, from, message);
    case "get":
      return receiveGet(step, from, message);
    case "get-announcement":
      return serveAnnouncement(step, from, message.sid);
    case "terms":
      return receiveTerms(step, from, message);
    case "get-terms": {
      const swap = step.state.swaps.get(sidKeyOf(message.sid));
      if (swap !== undefined) sendTerms(step, swap, from);
      return;
    }
    case "decline": {
      const swap = step.state.swaps.get(sidKeyOf(message.sid));
      if (swap?.announcement?.legBanks.includes(from) !== true) return;
      swap.refusal ??= message.code;
      return;
    }
    default:
      unreachable(message);
  }
}

function receiveTerms(
  step: Step,
  from: number,
  message: Extract<Message, { readonly kind: "terms" }>,
): void {
  const { sid, terms: bytes, salt, instructions } = message;
  const key = sidKeyOf(sid);
  const swap = step.state.swaps.get(key);
  if (swap?.announcement === undefined) return;
  if (step.config.trace) {
    const length = bytes.length + salt.length;
    const traced = { direction: "in", message: "TERMS", peer: from, sid: key } as const;
    report(step, { kind: "private", ...traced, bytes: length });
  }
  if (!swap.announcement.legBanks.includes(from)) {
    return countViolation(step, from, "sender_mismatch", "terms from a bank that takes no part");
  }
  if (swap.myLegs.length === 0 || swap.locked !== 0) return;
  if (!attachTerms(swap, { bytes, salt, instructions })) {
    return countViolation(step, from, "terms_mismatch", "terms that the commitment does not bind");
  }
  pump(step, swap);
}

/** The block is durable: only now does any byte of it leave, and only now do its entries count here. */
function becomeDurable(step: Step, size: number): void {
  const { state } = step;
  state.durableSize = Math.max(state.durableSize, size);
  const { flight } = state;
  if (flight === undefined || flight.end > size) return;
  state.flight = undefined;
  if (flight.own !== undefined) publish(step, flight.own);
}

function publish(step: Step, own: NonNullable<Flight["own"]>): void {
  const { block, publicBytes, entries, reports } = own;
  const push = encodePush(publicBytes);
  step.config.made?.(push, {
    kind: "push",
    block: publicPartOf(block),
    bytes: publicBytes,
    entries,
  });
  for (const peer of step.state.links) {
    send(step, peer, push);
    traceBlock(step, "out", block, entries, peer);
  }
  const swaps = entries.map((entry) => swapOf(step, entry));
  entries.forEach((entry, index) => sendPrivately(step, entry, swaps[index]));
  for (const what of reports) report(step, what);
  entries.forEach((entry, index) => {
    countDurable(entry, swaps[index]);
    observeOne(step, step.config.self, refTo(block, index), entry);
  });
}

function swapOf(step: Step, entry: CorridorEntry): Swap | undefined {
  if (entry.kind === CORRIDOR.EVIDENCE) return undefined;
  const sid = entry.kind === CORRIDOR.ANNOUNCE ? swapIdOf(entry.announcement) : entry.sid;
  return step.state.swaps.get(sidKeyOf(sid));
}

/** What goes to the banks taking part alone: the terms with the announcement, the reason with a REFUSE. */
function sendPrivately(step: Step, entry: CorridorEntry, swap: Swap | undefined): void {
  if (swap === undefined) return;
  if (entry.kind === CORRIDOR.ANNOUNCE) deliverTerms(step, swap);
  if (entry.kind === CORRIDOR.REFUSE) deliverDecline(step, swap);
}

function countDurable(entry: CorridorEntry, swap: Swap | undefined): void {
  if (swap === undefined) return;
  swap.unsealed--;
  if (isClosing(entry)) swap.closedDurably++;
}

function serveDeadlines(step: Step): void {
  const { state, now } = step;
  for (;;) {
    const due = takeDue(state.deadlines, now);
    if (due === undefined) return;
    switch (due.kind) {
      case "heads":
        for (const peer of state.links) sendHeads(step, peer);
        flushPeersOnly(step);
        scheduleHeads(step);
        break;
      case "offer":
        state.offers.delete(due.key);
        break;
      case "tags":
        returnExpired(step);
        break;
      case "swap-ttl":
      case "swap-view":
      case "swap-due":
        serveSwapDeadline(step, due);
        break;
      case "swap-missing": {
        const swap = state.swaps.get(due.key);
        if (swap === undefined || !askForMissing(step, swap)) break;
        const waitMs = Math.min(2 * due.waitMs, MAX_ASKING_PAUSE_MS);
        addDeadline(state.deadlines, after(now, durationMs(waitMs)), { ...due, waitMs });
        break;
      }
      default:
        unreachable(due);
    }
  }
}

/** One wake-up for all timers: the earliest deadline, asked for again only when it changed. */
function askToBeWoken(step: Step): void {
  const next = nextDeadline(step.state.deadlines);
  if (next === undefined || next === step.state.wakeAt) return;
  if (step.state.wakeAt !== undefined && step.state.wakeAt <= next) return;
  step.state.wakeAt = next;
  step.effects.push({ kind: "wake", at: next });
}
