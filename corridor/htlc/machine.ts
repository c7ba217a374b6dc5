import { fromMs, type Instant } from "../../node/time.ts";
import type { Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { CORRIDOR } from "../entries.ts";
import type { SwapMachine } from "../swap/machine.ts";
import type { Swap } from "../swap/swap.ts";
import { askSoon } from "../swap/terms-exchange.ts";
import { newHtlcCourse } from "./course.ts";
import { pump } from "./pump.ts";
import { record } from "./record.ts";
import { hashOfSecret, secretOf } from "./secret.ts";
import { lockByMs, untilMs } from "./timelocks.ts";

/** Hash time-locked contracts in a ring: bank i pays bank i + 1, the bank of leg 0 leads (protocols.md 2.1). */
export const htlc: SwapMachine = {
  newCourse: ({ legBanks }) => newHtlcCourse(legBanks.length),
  concerns: ({ legBanks }, bank) => legBanks.includes(bank),
  whyUnusable: ({ legBanks }) =>
    new Set(legBanks).size === legBanks.length ? undefined : "two legs at one bank",
  open: ({ announcement, sid }, { config }) => {
    if (announcement?.arrangement !== "htlc") return { corridor: [], domestic: [] };
    const hash = hashOfSecret(secretOf(config.saltSecret, sid));
    const until = untilMs(announcement, 0);
    return {
      corridor: [{ kind: CORRIDOR.HLOCK, sid, leg: 0, hash, untilMs: until }],
      domestic: [],
    };
  },
  record,
  pump,
  arm,
  due: pump,
  replayClosing: () => undefined,
};

/** Looks again when it is too late to lock, when the swap has expired, and when the own lock is over. */
function arm(step: Step, swap: Swap): void {
  const { announcement, key } = swap;
  const [leg] = swap.myLegs;
  if (announcement?.arrangement !== "htlc" || leg === undefined) return;
  const wake = (at: Instant): void => {
    addDeadline(step.state.deadlines, at, { kind: "swap-due", key });
  };
  wake(fromMs(untilMs(announcement, leg)));
  if (leg === 0) return;
  wake(fromMs(Math.min(lockByMs(announcement, leg) + 1, announcement.expiryMs)));
  if (swap.terms === undefined) askSoon(step, swap);
}
