import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import { fromMs } from "../../node/time.ts";
import type { Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { CORRIDOR } from "../entries.ts";
import type { SwapMachine } from "../swap/machine.ts";
import type { Swap } from "../swap/swap.ts";
import { askSoon } from "../swap/terms-exchange.ts";
import { newGrossCourse } from "./course.ts";
import { pump, record } from "./pump.ts";

/** Sequential gross legs: each is final by itself, and nothing makes one depend on another (protocols.md 2.4). */
export const gross: SwapMachine = {
  newCourse: newGrossCourse,
  concerns: ({ legBanks }, bank) => legBanks.includes(bank),
  whyUnusable: ({ legBanks }) =>
    new Set(legBanks).size === legBanks.length ? undefined : "two legs at one bank",
  open: ({ sid }) => ({
    corridor: [{ kind: CORRIDOR.PAY, sid, leg: 0 }],
    domestic: [{ kind: DOMESTIC.POST, sid, leg: 0 }],
  }),
  record,
  pump,
  arm,
  due: pump,
  replayClosing: () => undefined,
};

/** Looks again when the swap has expired; when it is to pay, once it was advised. */
function arm(step: Step, swap: Swap): void {
  const { announcement, key, myLegs } = swap;
  if (announcement === undefined) return;
  const { deadlines } = step.state;
  addDeadline(deadlines, fromMs(announcement.expiryMs), { kind: "swap-due", key });
  if (myLegs[0] !== 0 && swap.terms === undefined) askSoon(step, swap);
}
