import type { BankMachine } from "../../../corridor/bank-state.ts";
import type { Bytes } from "../../../crypto/bytes.ts";
import type { FullBlock } from "../../../node/ledger/block.ts";

/** A message that leaves a lying bank, and how long it is kept back first. */
export interface Mail {
  readonly to: number;
  readonly bytes: Bytes;
  readonly delayUs: number;
}

/** What a lying bank does otherwise than a correct one; all the rest its own correct machine does. */
export interface Lie {
  /** Changes what is about to be signed. */
  readonly beforeFlush?: (machine: BankMachine) => void;
  /** What leaves in place of one message. */
  readonly onSend?: (to: number, bytes: Bytes) => readonly Mail[];
  /** What leaves besides, once a block of its own is durable. */
  readonly afterBlock?: (block: FullBlock) => readonly Mail[];
  /** What it takes in of a message, if anything. */
  readonly hears?: (bytes: Bytes) => Bytes | undefined;
}
