import type { Step } from "../bank-state.ts";
import { certified } from "../certified/machine.ts";
import { askSoon } from "./terms-exchange.ts";
import type { SwapDeadline, SwapMachine } from "./machine.ts";
import type { Swap } from "./swap.ts";

/** The machine of each arrangement: what a bank does about a swap is looked up here, and nowhere else. */
const MACHINES: ReadonlyMap<string, SwapMachine> = new Map([["certified", certified]]);

export const isKnownArrangement = (arrangement: string): boolean => MACHINES.has(arrangement);

/** The machine of a swap's arrangement, once its announcement is known. */
export const machineOf = ({ announcement }: Swap): SwapMachine | undefined =>
  announcement && MACHINES.get(announcement.arrangement);

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
