import { oneOf } from "../crypto/canonical-layout.ts";
import type { EnrolledKey } from "../crypto/ed25519.ts";
import type { Hash } from "../crypto/hash.ts";
import { hashKey } from "../crypto/hash.ts";
import type { MemberId } from "./ids.ts";
import { NUMBER_WINDOW } from "./limits.ts";
import type { Amount } from "./money.ts";

/** What a member is. Only commercial banks and the treasury have reserves, issue and redeem. */
export const MEMBER_CLASS = {
  "commercial-bank": 1,
  treasury: 2,
  "payment-organisation": 3,
  company: 4,
  individual: 5,
  microfinance: 6,
  /** Signs what outside registers say: a registry, a school, the tax service, the anti-fraud centre. */
  attester: 7,
  /** Freezes and unfreezes tagged money under a case; pays nothing. */
  auditor: 8,
  /** Reads only. */
  monitor: 9,
  /** Carries out courts' decisions: debits accounts of others. */
  enforcement: 10,
} as const;

export const memberClassLayout = oneOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

export type MemberClassName = keyof typeof MEMBER_CLASS;
export type MemberClass = (typeof MEMBER_CLASS)[MemberClassName];

export interface Member {
  readonly id: MemberId;
  readonly memberClass: MemberClass;
  readonly resident: boolean;
  readonly key: EnrolledKey;
  /** What the member can still turn into CBDC: its balance in the RTGS system, which is modelled. */
  reserves: Amount;
  readonly numbers: UsedNumbers;
}

/** The numbers a member has used: the highest, and those within the window below it. */
export interface UsedNumbers {
  highest: number;
  /** Number to the hash of the instruction that used it, as hex. */
  readonly recent: Map<number, string>;
}

export const newUsedNumbers = (): UsedNumbers => ({ highest: 0, recent: new Map() });

export type NumberVerdict = "free" | "exists" | "replay";

/**
 * `free`: the number may be used. `exists`: this very instruction used it. `replay`: another one used
 * it, or it lies below the window and may have been used.
 */
export function judgeNumber(numbers: UsedNumbers, number: number, hash: Hash): NumberVerdict {
  const used = numbers.recent.get(number);
  if (used !== undefined) return used === hashKey(hash) ? "exists" : "replay";
  if (number === 0 || number <= numbers.highest - NUMBER_WINDOW) return "replay";
  return "free";
}

/** Uses a number up; the caller has found it free. */
export function recordNumber(numbers: UsedNumbers, number: number, hash: Hash): void {
  numbers.recent.set(number, hashKey(hash));
  if (number > numbers.highest) numbers.highest = number;
  const floor = numbers.highest - NUMBER_WINDOW;
  if (numbers.recent.size > 2 * NUMBER_WINDOW) {
    for (const old of numbers.recent.keys()) if (old <= floor) numbers.recent.delete(old);
  }
}
