import type { Genesis } from "../../node/genesis.ts";
import type { Announcement, Arrangement } from "../announcement.ts";
import type { Step } from "../bank-state.ts";
import { certified } from "../certified/machine.ts";
import { gross } from "../gross/machine.ts";
import { htlc } from "../htlc/machine.ts";
import { twoPhase } from "../two-phase/machine.ts";
import { askSoon } from "./terms-exchange.ts";
import type { SwapDeadline, SwapMachine } from "./machine.ts";
import type { Swap } from "./swap.ts";

/** The machine of each arrangement: what a bank does about a swap is looked up here, and nowhere else. */
const MACHINES: Readonly<Record<Arrangement, SwapMachine>> = {
  certified,
  htlc,
  "two-phase": twoPhase,
  gross,
};

export const machineFor = ({ arrangement }: Announcement): SwapMachine => MACHINES[arrangement];

/** The machine of a swap's arrangement, once its announcement is known. */
export const machineOf = ({ announcement }: Swap): SwapMachine | undefined =>
  announcement && machineFor(announcement);

/** Why an announcement that is sound in itself is of no use under its arrangement. */
export const whyUnusable = (
  announcement: Announcement,
  genesis: Pick<Genesis, "banks">,
): string | undefined => machineFor(announcement).whyUnusable(announcement, genesis);

/** Takes every step of the protocol that what is known of a swap allows (Idempotence). */
export function pump(step: Step, swap: Swap): void {
  machineOf(swap)?.pump(step, swap);
}

/** Starts a swap's timers; one whose announcement is not known only asks for it. */
export function armTimer(step: Step, swap: Swap): void {
  const machine = machineOf(swap);
  if (machine === undefined) return askSoon(step, swap);
  machine.arm(step, swap);
}

export function serveSwapDeadline(step: Step, deadline: SwapDeadline): void {
  const swap = step.state.swaps.get(deadline.key);
  if (swap !== undefined) machineOf(swap)?.due(step, swap, deadline);
}
