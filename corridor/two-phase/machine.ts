import { after, durationMs, toMs } from "../../node/time.ts";
import type { Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { CORRIDOR } from "../entries.ts";
import type { SwapMachine } from "../swap/machine.ts";
import type { Swap } from "../swap/swap.ts";
import { askSoon } from "../swap/terms-exchange.ts";
import { newTwoPhaseCourse } from "./course.ts";
import { pump } from "./pump.ts";
import { record } from "./record.ts";

/** Two-phase commit: one bank, the hub, decides (protocols.md 2.2). */
export const twoPhase: SwapMachine = {
  newCourse: newTwoPhaseCourse,
  concerns: (announcement, bank) =>
    announcement.legBanks.includes(bank) || hubOf(announcement) === bank,
  whyUnusable: (announcement, { banks }) =>
    banks.some(({ number }) => (number as number) === hubOf(announcement))
      ? undefined
      : "the hub is not in the corridor",
  open: ({ sid, myLegs }) => ({
    corridor: myLegs.map((leg) => ({ kind: CORRIDOR.LOCK, sid, leg })),
    domestic: [],
  }),
  record,
  pump,
  arm,
  due: pump,
  replayClosing: () => undefined,
};

const hubOf = (announcement: Parameters<SwapMachine["newCourse"]>[0]): number | undefined =>
  announcement.arrangement === "two-phase" ? announcement.params.hub : undefined;

/** How long this bank waits: as the announcement says, from now. Whoever is prepared after a restart asks at once. */
function arm(step: Step, swap: Swap): void {
  const { announcement, course, key } = swap;
  if (announcement?.arrangement !== "two-phase" || course?.kind !== "two-phase") return;
  const { now, state } = step;
  const leftMs = Math.max(0, announcement.expiryMs - toMs(now));
  const isPrepared = swap.locked !== 0;
  const waitMs = isPrepared ? 0 : Math.min(announcement.params.prepareMs, leftMs);
  course.waitsUntil = after(now, durationMs(waitMs));
  addDeadline(state.deadlines, course.waitsUntil, { kind: "swap-due", key });
  if (swap.myLegs.length > 0 && swap.terms === undefined) askSoon(step, swap);
}
