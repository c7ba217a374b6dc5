import type { BankConfig, BankMachine } from "../../corridor/bank-state.ts";
import type { Validator } from "../../corridor/shared-ledger/state.ts";
import type { Input } from "../../node/machine.ts";
import { TRUE_CLOCK, type Clock } from "./clock.ts";
import { SimDisk } from "./disk.ts";
import type { Lie } from "./lies/lie.ts";

/**
 * One bank in a simulated world: its machine while it is up, its disk, its clock and its processor. A
 * bank whose key was copied has two seats.
 */
export interface Seat {
  /** Where it stands in the world's list. */
  readonly index: number;
  readonly id: string;
  config: BankConfig;
  /** How it lies, if it does. */
  lie: Lie | undefined;
  machine: BankMachine | undefined;
  /** The machine of a bank under `shared-ledger`, in place of the other. */
  validator: Validator | undefined;
  /** The code with which the machine asked to be stopped, or could not be opened. */
  stopped: string | undefined;
  disk: SimDisk;
  /** What the disk does wrong at the next occasion. */
  damage: "none" | "full" | "torn" | "lost-tail";
  clock: Clock;
  /** Counts starts: what was meant for an earlier life is not delivered. */
  life: number;
  readonly inbox: Input[];
  /** How many of the inbox are taken out. */
  taken: number;
  /** A step is under way, or the seat waits for a processor. */
  working: boolean;
  /** Inputs came since the last `idle`. */
  idleDue: boolean;
  /** The wake-up that was asked for last. */
  wake: number;
}

export const newSeat = (index: number, id: string, config: BankConfig): Seat => ({
  index,
  id,
  config,
  lie: undefined,
  machine: undefined,
  validator: undefined,
  stopped: undefined,
  disk: new SimDisk(),
  damage: "none",
  clock: TRUE_CLOCK,
  life: 0,
  inbox: [],
  taken: 0,
  working: false,
  idleDue: false,
  wake: 0,
});

export const isUp = (seat: Seat): boolean =>
  (seat.machine ?? seat.validator) !== undefined && seat.stopped === undefined;
