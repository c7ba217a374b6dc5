import { CORRIDOR } from "../../../corridor/entries.ts";
import { HEADS_EVERY_MS } from "../../../corridor/limits.ts";
import { fromMs, instant, toMs, type Instant } from "../../../node/time.ts";
import { isUp, type Seat } from "../../sim/seat.ts";
import type { CheckerSetting, PropertyChecker } from "../checker.ts";
import { isLiveBudget, renderBudget } from "../fault-budget.ts";
import { closingBoundMs } from "../run-conditions.ts";
import { holdKey, shownSid } from "../signed-record.ts";

export interface LockLiveness extends PropertyChecker {
  /** No fault is under way from now on: the next exchange of HEADS is GST. */
  readonly healed: (now: Instant) => void;
  /** Until when the last open hold may stay open; `undefined` before healing. */
  readonly boundOf: () => Instant | undefined;
}

interface Open {
  readonly name: string;
  readonly since: Instant;
}

/**
 * P8, and P1': every hold of an honest bank that is up is closed within T0, the timeouts of the views
 * up to V + b + c + 1 and four delays, after GST or after it was placed. V is the highest view that an
 * honest bank was in at GST, which is the first exchange of HEADS after the network has healed.
 */
export const lockLiveness = (setting: CheckerSetting): LockLiveness => {
  const { conditions, record, now, violated, isHonest } = setting;
  const open = new Map<Seat, Map<number, Open>>();
  let healedAt: Instant | undefined;
  let highestView = 0;
  const bound = (since: Instant): number => {
    const gst =
      healedAt === undefined ? Infinity : toMs(healedAt) + HEADS_EVERY_MS + conditions.deltaMs;
    return closingBoundMs(fromMs(Math.max(gst, toMs(since))), highestView, conditions);
  };
  return {
    property: "P8",
    healed: (at) => {
      healedAt = at;
      highestView = record.highestView;
    },
    boundOf: () => {
      if (healedAt === undefined) return undefined;
      let last = bound(healedAt);
      for (const holds of open.values()) {
        for (const { since } of holds.values()) last = Math.max(last, bound(since));
      }
      return fromMs(last);
    },
    onEntry: (entry, swap, _before, { seat }) => {
      if (entry.kind === CORRIDOR.LOCK || entry.kind === CORRIDOR.HLOCK) {
        const holds = open.get(seat) ?? new Map<number, Open>();
        open.set(seat, holds);
        holds.set(holdKey(swap.sid, entry.leg), { name: shownSid(swap), since: now() });
      } else if (entry.kind === CORRIDOR.SETTLE || entry.kind === CORRIDOR.VOID) {
        const key = holdKey(swap.sid, entry.leg);
        const hold = open.get(seat)?.get(key);
        if (hold === undefined) return;
        open.get(seat)?.delete(key);
        if (healedAt !== undefined && toMs(now()) > bound(hold.since)) {
          violated("P8", seat, `the hold of swap ${hold.name} is closed after its bound`);
        }
      }
    },
    atEnd: ({ seats }) => {
      for (const seat of seats) {
        if (!isUp(seat) || !isHonest(seat)) continue;
        const overdue = [...(open.get(seat)?.values() ?? [])].filter(
          ({ since }) => toMs(instant(now())) >= bound(since),
        );
        const [first] = overdue;
        if (first === undefined) continue;
        violated("P8", seat, `${overdue.length} holds are open, the first of swap ${first.name}`);
      }
    },
    notApplicable: () => {
      const { budget, deltaMs, greatestDelayUs } = conditions;
      if (healedAt === undefined) return "the run ended before its network had healed";
      if (!isLiveBudget(budget)) return `too few banks are up: ${renderBudget(budget)}`;
      if (greatestDelayUs !== undefined && greatestDelayUs > deltaMs * 1000) {
        return "messages take longer than the corridor's figure for one delay";
      }
      return undefined;
    },
  };
};
