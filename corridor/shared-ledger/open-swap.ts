import { hashKey } from "../../crypto/hash.ts";
import type { SignedInstruction } from "../../node/instruction.ts";
import { instant } from "../../node/time.ts";
import type { SwapTimes } from "../report.ts";
import type { SwapContent } from "./execute-swap.ts";
import type { SwapTransaction } from "./transaction.ts";

/** A swap in which this bank takes part, until the ledger has closed it. */
export interface OpenSwap {
  /** Its commitment. */
  readonly key: string;
  readonly sid: string;
  readonly content: SwapContent;
  readonly legs: readonly number[];
  /** With the most endorsements seen. */
  transaction: SwapTransaction;
  /** Instructions of members of any bank, as far as they are known here. */
  instructions: readonly SignedInstruction[];
  isEndorsed: boolean;
  /** This bank has asked the ledger to void it. */
  isVoiding: boolean;
  readonly times: SwapTimes;
}

export function newOpenSwap(
  content: SwapContent,
  transaction: SwapTransaction,
  self: number,
): OpenSwap {
  const never = instant(0);
  return {
    key: transaction.swapKey,
    sid: hashKey(transaction.sid),
    content,
    legs: content.announcement.legBanks.flatMap((bank, leg) => (bank === self ? [leg] : [])),
    transaction,
    instructions: [],
    isEndorsed: false,
    isVoiding: false,
    times: {
      received: never,
      announced: never,
      locked: never,
      voted: never,
      decided: never,
      final: never,
    },
  };
}
