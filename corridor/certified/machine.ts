import { after, durationMs, toMs } from "../../node/time.ts";
import type { Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { recordDecided } from "../decided.ts";
import { CORRIDOR, isCertificate, type ClosingEntry } from "../entries.ts";
import type { SwapDeadline, SwapMachine } from "../swap/machine.ts";
import type { Swap } from "../swap/swap.ts";
import { askSoon } from "../swap/terms-exchange.ts";
import { forgetIfDone, pump } from "./pump.ts";
import { record } from "./record.ts";
import { viewTimeout } from "./slow-path.ts";

/** Certified commit (protocols.md, section 3). */
export const certified: SwapMachine = {
  newCourse: () => undefined,
  concerns: () => true,
  whyUnusable: () => undefined,
  open: ({ sid, myLegs }) => ({
    corridor: myLegs.map((leg) => ({ kind: CORRIDOR.LOCK, sid, leg })),
    domestic: [],
  }),
  record,
  pump,
  arm,
  due,
  replayClosing,
};

/** An announcement already expired gets a view's time, in which a certificate may still arrive. */
function arm(step: Step, swap: Swap): void {
  const { announcement, key, view } = swap;
  if (announcement?.arrangement !== "certified") return;
  const { state, now } = step;
  if (view > 0) {
    const at = after(now, viewTimeout(step, view));
    return addDeadline(state.deadlines, at, { kind: "swap-view", key, view });
  }
  const leftMs = announcement.expiryMs - toMs(now);
  const wait = leftMs > 0 ? Math.min(announcement.params.ttlMs, leftMs) : viewTimeout(step, 1);
  addDeadline(state.deadlines, after(now, durationMs(wait)), { kind: "swap-ttl", key });
  if (swap.myLegs.length > 0 && swap.terms === undefined) askSoon(step, swap);
}

/** The fast path, or a view of the slow path, had its time. */
function due(step: Step, swap: Swap, deadline: SwapDeadline): void {
  if (swap.certificate !== undefined || deadline.kind === "swap-due") return;
  const next = deadline.kind === "swap-ttl" ? 1 : deadline.view + 1;
  swap.wantedView = Math.max(swap.wantedView, next);
  pump(step, swap);
}

/** An own closing entry has the whole certificate: the outcome is certain before its parts are read. */
function replayClosing(step: Step, swap: Swap, entry: ClosingEntry): void {
  if (entry.kind === CORRIDOR.PAY || !isCertificate(entry.grounds)) return;
  swap.certificate ??= entry.grounds;
  recordDecided(step.state.decided, swap.sid, swap.certificate);
  forgetIfDone(step, swap);
}
