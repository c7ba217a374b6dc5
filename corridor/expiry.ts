import { expiryReturns } from "../node/domestic/decide.ts";
import { fromMs, toMs } from "../node/time.ts";
import type { Step } from "./bank-state.ts";
import { addDeadline } from "./deadlines.ts";
import { append } from "./draft.ts";

/** Gives back what is left under tags that have expired, also while this bank was down. */
export function returnExpired(step: Step): void {
  if (step.state.phase !== "running") return;
  for (const entry of expiryReturns(step.state.books, toMs(step.now))) {
    append(step, { corridor: [], domestic: [entry], reports: [] });
  }
  scheduleExpiry(step);
}

/** Wakes the bank when the next tag expires. */
export function scheduleExpiry(step: Step): void {
  let next = Infinity;
  for (const { definition } of step.state.books.tags.values()) {
    if (definition.validToMs > toMs(step.now)) next = Math.min(next, definition.validToMs);
  }
  if (next < Infinity) addDeadline(step.state.deadlines, fromMs(next), { kind: "tags" });
}
