import type { Bytes } from "../crypto/bytes.ts";
import type { BankNumber } from "./ids.ts";
import type { Instant } from "./time.ts";

/**
 * A bank is one machine: `step(state, input, now) -> effects`. It has no clock, no randomness and no
 * promises; a driver (live or simulated) feeds it one input at a time and carries the effects out in
 * the order given: append, send, wake, report. `now` never decreases within a process (MonotonicTime).
 */
export type Input =
  /** The journal has been replayed and the driver is ready. */
  | { readonly kind: "start" }
  /** An authenticated link to a peer is open both ways. */
  | { readonly kind: "connected"; readonly peer: BankNumber }
  | { readonly kind: "disconnected"; readonly peer: BankNumber }
  /** One message from a peer, without its length prefix. */
  | { readonly kind: "frame"; readonly from: BankNumber; readonly bytes: Bytes }
  /** A member's signed submission, from a file, standard input or an API. */
  | { readonly kind: "instruction"; readonly bytes: Bytes }
  /** The time of the last `wake` effect has come. */
  | { readonly kind: "wake" }
  /** Every byte of the journal below `size` survives a crash. */
  | { readonly kind: "durable"; readonly size: number }
  /** No more input is at hand: what is pending becomes a block, unless a flush is under way. */
  | { readonly kind: "idle" };

/** The number of each kind of input in records and traces of a machine's history. */
export const INPUT_NUMBER = {
  start: 1,
  connected: 2,
  disconnected: 3,
  frame: 4,
  instruction: 5,
  wake: 6,
  durable: 7,
  idle: 8,
} as const satisfies Record<Input["kind"], number>;

/** A region of the bank's own journal, durable when an effect names it. */
export interface StoredBlock {
  /** Offset in the journal file of the block's first field, after the array head. */
  readonly offset: number;
  /** Bytes of the public fields: header, signature and corridor entries. */
  readonly length: number;
}

export type Effect<Report> =
  /** Append these bytes to the journal and make them durable; then feed `durable`. */
  | { readonly kind: "append"; readonly bytes: Bytes }
  | { readonly kind: "send"; readonly to: BankNumber; readonly bytes: Bytes }
  /** Send blocks of the journal, each as one message: `prefix`, then the region of the journal. */
  | {
      readonly kind: "send-stored";
      readonly to: BankNumber;
      readonly prefix: Bytes;
      readonly blocks: readonly StoredBlock[];
    }
  /** Feed `wake` at this time; replaces any earlier request. */
  | { readonly kind: "wake"; readonly at: Instant }
  | { readonly kind: "report"; readonly report: Report }
  /** Disconnect a peer that broke the rules of the wire. */
  | { readonly kind: "drop"; readonly peer: BankNumber; readonly reason: string }
  /** Stop the process: going on would be unsafe. */
  | { readonly kind: "stop"; readonly code: string; readonly message: string };
