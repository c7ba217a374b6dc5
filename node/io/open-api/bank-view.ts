import type { Bytes } from "../../../crypto/bytes.ts";
import type { Hash } from "../../../crypto/hash.ts";
import type { Books } from "../../accounts/books.ts";
import type { Bank } from "../../genesis.ts";
import type { AccountId } from "../../ids.ts";
import type { SignedInstruction } from "../../instruction.ts";
import type { FullBlock } from "../../ledger/block.ts";

/**
 * What the API sees of a running bank, and may not change. The machine is the only writer: whatever the
 * API wants done goes in as an input, as from any other source.
 */
export interface BankView {
  readonly net: Hash;
  readonly bank: Bank;
  readonly books: Pick<Books, "members" | "balances" | "tags">;
  /** Whether the bank has asked its peers for its own newest block, and may sign. */
  isRunning(): boolean;
  /** Domestic entries that count in the books and do not stand in a block yet. */
  pendingEntries(): number;
  /** The block of its own that is being made durable, and the journal's size once it is. */
  flight(): { readonly block: FullBlock; readonly end: number } | undefined;
  /** A swap whose terms were submitted here and which waits for the other bank's announcement. */
  waitingSwap(commitment: string): { readonly parties: readonly AccountId[] } | undefined;
}

/** How submissions are written for the machine (FORMAT.md, section 11). */
export interface SubmissionForms {
  instruction(signed: SignedInstruction): Bytes;
  swap(swap: AgreedSwap): Bytes;
}

export interface AgreedSwap {
  readonly terms: Bytes;
  readonly salt: Bytes;
  readonly instructions: readonly SignedInstruction[];
}

/** What a bank says of an instruction. */
export interface InstructionAnswer {
  readonly about: "instruction";
  readonly member: string;
  readonly number: number;
  readonly status: "executed" | "rejected" | "exists" | "waiting" | "refused";
  readonly code: string | undefined;
  readonly found: string | undefined;
  readonly allowed: string | undefined;
}

/** What a bank says of a swap that has ended. */
export interface SwapEnd {
  readonly about: "swap";
  readonly commitment: string;
  readonly outcome: "settled" | "voided";
  readonly refusal: string | null;
}

export type BankAnswer = InstructionAnswer | SwapEnd;
