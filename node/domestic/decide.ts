import { decode } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Books } from "../accounts/books.ts";
import { accountOf, tagKey, type AccountId } from "../ids.ts";
import { ORDER, type Instruction, type SignedInstruction } from "../instruction.ts";
import { DOMESTIC, type DomesticDraft, type DraftOf } from "../ledger/domestic-entries.ts";
import { ZERO, type Amount } from "../money.ts";
import { decideMovement } from "../rules/order.ts";
import type { Movement, RuleRejection } from "../rules/rule.ts";
import { tagDefinitionLayout, tagIdOf } from "../tags/definition.ts";

/** An authentic instruction whose number is free: its signature and number have been checked. */
export interface TakenInstruction {
  readonly instruction: Instruction;
  readonly signed: SignedInstruction;
}

/** The leg of a swap that a bank is asked to lock, taken from terms that match the commitment. */
export interface LegToHold {
  readonly sid: Hash;
  readonly leg: number;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly amount: Amount;
  readonly expiryMs: number;
  readonly terms: Bytes;
  readonly termsSalt: Bytes;
}

/** What the rules made of an instruction: the entry that takes it in, and why, if it was turned down. */
export interface Decision {
  readonly entry: DomesticDraft;
  readonly rejection: RuleRejection | undefined;
}

/**
 * Decides an instruction other than a swap's. The entry is either its execution or the rejection by
 * the first rule that refuses. Pure, so an auditor decides again from the books, the instruction and
 * the time in the entry, and must come to the same entry.
 */
export function decideInstruction(books: Books, taken: TakenInstruction, timeMs: number): Decision {
  const movement = movementOf(books, taken.instruction, timeMs);
  if (movement === undefined) return turnedDown(taken, null, timeMs, MALFORMED_DEFINITION);
  const verdict = decideMovement(books, movement);
  if (!verdict.ok) return turnedDown(taken, null, timeMs, verdict.error);
  return { entry: execution(books, taken, movement), rejection: undefined };
}

/** Decides the hold for a swap's leg: a HOLD, or the rejection, which keeps the terms it judged. */
export function decideHold(
  books: Books,
  taken: TakenInstruction,
  leg: LegToHold,
  timeMs: number,
): Decision {
  const { instruction, signed } = taken;
  const tag = instruction.order.kind === ORDER.swap ? instruction.order.tag : null;
  const { sid, payer, payee, amount, expiryMs, terms, termsSalt } = leg;
  const movement: Movement = {
    channel: "swap",
    payer,
    payee,
    tag,
    amount,
    line: null,
    purpose: null,
    definition: null,
    expiryMs,
    timeMs,
  };
  const verdict = decideMovement(books, movement);
  if (!verdict.ok) {
    return turnedDown(taken, { terms, termsSalt, leg: leg.leg }, timeMs, verdict.error);
  }
  const entry: DraftOf<typeof DOMESTIC.HOLD> = {
    kind: DOMESTIC.HOLD,
    sid,
    leg: leg.leg,
    payer,
    payee,
    tag,
    amount,
    terms,
    termsSalt,
    instruction: signed,
    timeMs,
  };
  return { entry, rejection: undefined };
}

/** Gives expired tagged money back to its fund owner; no instruction is needed, the rule is named. */
export function expiryReturns(books: Books, timeMs: number): readonly DomesticDraft[] {
  const returns: DomesticDraft[] = [];
  for (const tag of books.tags.values()) {
    if (tag.held === 0n || timeMs < tag.definition.validToMs) continue;
    for (const payer of tag.holders) {
      const amount = books.balances.get(`${payer} ${tagKey(tag.id)}`)?.posted ?? ZERO;
      if (amount === 0n) continue;
      returns.push({
        kind: DOMESTIC.TAG_RETURN,
        payer,
        tag: tag.id,
        amount,
        instruction: null,
        timeMs,
      });
    }
  }
  return returns;
}

function movementOf(books: Books, instruction: Instruction, timeMs: number): Movement | undefined {
  const { order, member } = instruction;
  const plain = {
    payer: accountOf(member),
    payee: null,
    tag: null,
    amount: ZERO,
    line: null,
    purpose: null,
    definition: null,
    expiryMs: null,
    timeMs,
  };
  switch (order.kind) {
    case ORDER.issue:
      return { ...plain, channel: "issue", amount: order.amount };
    case ORDER.redeem:
      return { ...plain, channel: "redeem", amount: order.amount };
    case ORDER.transfer: {
      const { payee, tag, amount, line, purpose } = order;
      return { ...plain, channel: "transfer", payee, tag, amount, line, purpose };
    }
    case ORDER.defineTag: {
      const value = decode(tagDefinitionLayout, order.definition);
      if (!value.ok) return undefined;
      const definition = { id: tagIdOf(order.definition), value: value.value };
      return { ...plain, channel: "define-tag", definition };
    }
    case ORDER.issueTag:
      return { ...plain, channel: "issue-tag", tag: order.tag, amount: order.amount };
    case ORDER.returnTag: {
      const owner = books.tags.get(tagKey(order.tag))?.definition.fundOwner;
      const payee = owner === undefined ? null : accountOf(owner);
      return { ...plain, channel: "return-tag", payee, tag: order.tag, amount: order.amount };
    }
    case ORDER.swap:
      return undefined;
    default:
      return unreachable(order);
  }
}

function execution(books: Books, taken: TakenInstruction, movement: Movement): DomesticDraft {
  const { instruction, signed } = taken;
  const { payer, amount, timeMs } = movement;
  const { order } = instruction;
  const common = { amount, instruction: signed, timeMs };
  switch (order.kind) {
    case ORDER.issue:
      return { kind: DOMESTIC.ISSUE, account: payer, ...common };
    case ORDER.redeem:
      return { kind: DOMESTIC.REDEEM, account: payer, ...common };
    case ORDER.transfer: {
      const { payee, tag, line } = order;
      const release =
        tag !== null && books.tags.get(tagKey(tag))?.payees.get(payee)?.final === true;
      if (release && line !== null) {
        return { kind: DOMESTIC.TAG_RELEASE, payer, payee, tag, line, ...common };
      }
      return { kind: DOMESTIC.XFER, payer, payee, tag, line, ...common };
    }
    case ORDER.defineTag:
      return { kind: DOMESTIC.TAG_DEFINE, instruction: signed, timeMs };
    case ORDER.issueTag:
      return { kind: DOMESTIC.TAG_ISSUE, tag: order.tag, account: payer, ...common };
    case ORDER.returnTag:
      return { kind: DOMESTIC.TAG_RETURN, payer, tag: order.tag, ...common };
    case ORDER.swap:
      throw new TypeError("a swap's instruction is decided with its terms");
    default:
      return unreachable(order);
  }
}

function turnedDown(
  taken: TakenInstruction,
  terms: DraftOf<typeof DOMESTIC.REJECTED>["terms"],
  timeMs: number,
  rejection: RuleRejection,
): Decision {
  const { code, rule } = rejection;
  const entry: DraftOf<typeof DOMESTIC.REJECTED> = {
    kind: DOMESTIC.REJECTED,
    instruction: taken.signed,
    terms,
    code,
    rule,
    timeMs,
  };
  return { entry, rejection };
}

const MALFORMED_DEFINITION: RuleRejection = {
  code: "TAG_DEFINITION_INVALID",
  rule: "TAG-1",
  found: "bytes that are no tag definition",
  allowed: "a definition as FORMAT.md, section 7, describes it",
};
