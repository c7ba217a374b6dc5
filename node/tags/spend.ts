import { invariant } from "../../crypto/outcome.ts";
import { numberOf, type Facts } from "../facts.ts";
import type { AccountId } from "../ids.ts";
import { subtractAmounts, ZERO, type Amount } from "../money.ts";
import {
  contractKey,
  depthOf,
  evidenceAsked,
  evidenceFact,
  evidenceKey,
  isOwner,
  lineHoldingKey,
  type EstimateLine,
  type Tag,
} from "./tag.ts";

/** One payment under a tag, as the tag accounts for it. */
export interface TaggedSpend {
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly amount: Amount;
  readonly line: string;
  readonly facts: Facts;
  /** Whether the tag ends with this payment. */
  readonly final: boolean;
}

/** Takes a payment out of what its payer may spend: line, pieces, contract and documents. */
export function takeFromLine(tag: Tag, spend: TaggedSpend): void {
  const { payer, line, amount } = spend;
  if (isOwner(tag, payer)) {
    const estimate = lineOf(tag, line);
    estimate.paidIn = (estimate.paidIn + amount) as Amount;
  } else {
    changeHolding(tag, payer, line, -(amount as bigint));
  }
  useUp(tag, spend, 1n);
}

/** Puts everything back that `takeFromLine` took: the hold was voided. */
export function putBackOnLine(tag: Tag, spend: TaggedSpend): void {
  const { payer, line, amount } = spend;
  if (isOwner(tag, payer)) {
    const estimate = lineOf(tag, line);
    estimate.paidIn = subtractAmounts(estimate.paidIn, amount);
  } else {
    changeHolding(tag, payer, line, amount);
  }
  useUp(tag, spend, -1n);
}

/** The payee has the money under the same line; it may pay it on. */
export function receiveOnLine(tag: Tag, spend: TaggedSpend): void {
  const { payer, payee, line, amount } = spend;
  changeHolding(tag, payee, line, amount);
  tag.holders.add(payee);
  tag.depths.set(payee, Math.max(depthOf(tag, payee), depthOf(tag, payer) + 1));
}

/** The money leaves the tag: it is spent for good. */
export function releaseFromLine(tag: Tag, line: string, amount: Amount): void {
  const estimate = lineOf(tag, line);
  estimate.released = (estimate.released + amount) as Amount;
  tag.held = subtractAmounts(tag.held, amount);
  tag.released = (tag.released + amount) as Amount;
}

/**
 * Money goes back to the fund owner. What an account returns it had received under lines: they are
 * freed again, in the order of the definition. The owner's own money was never under a line.
 */
export function returnFromLines(tag: Tag, payer: AccountId, amount: Amount): void {
  tag.held = subtractAmounts(tag.held, amount);
  tag.returned = (tag.returned + amount) as Amount;
  if (isOwner(tag, payer)) return;
  let left: bigint = amount;
  for (const [line, estimate] of tag.lines) {
    if (left === 0n) return;
    const received = tag.lineHoldings.get(lineHoldingKey(payer, line)) ?? 0n;
    const part = received < left ? received : left;
    if (part === 0n) continue;
    changeHolding(tag, payer, line, -part);
    estimate.paidIn = subtractAmounts(estimate.paidIn, part as Amount);
    left -= part;
  }
}

function useUp(
  tag: Tag,
  { payer, payee, line, amount, facts, final }: TaggedSpend,
  sign: 1n | -1n,
): void {
  if (final) lineOf(tag, line).bought += sign * (numberOf(facts.get("quantity")) ?? 0n);
  const contract = tag.contracts.get(contractKey(payer, payee, line));
  if (contract !== undefined) contract.paid = (contract.paid + sign * amount) as Amount;
  for (const topic of evidenceAsked(tag, final)) {
    const hash = facts.get(evidenceFact(topic));
    if (hash === undefined) continue;
    const key = evidenceKey(topic, line, hash);
    if (sign > 0n) tag.usedEvidence.add(key);
    else tag.usedEvidence.delete(key);
  }
}

function changeHolding(tag: Tag, account: AccountId, line: string, change: bigint): void {
  const key = lineHoldingKey(account, line);
  const left = (tag.lineHoldings.get(key) ?? ZERO) + change;
  invariant(left >= 0n, "LineRemainder", `${account} has less under line ${line}`);
  if (left === 0n) tag.lineHoldings.delete(key);
  else tag.lineHoldings.set(key, left as Amount);
}

function lineOf(tag: Tag, line: string): EstimateLine {
  const estimate = tag.lines.get(line);
  invariant(estimate !== undefined, "LineRemainder", `no line ${line}`);
  return estimate;
}
