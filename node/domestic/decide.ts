import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import type { Books } from "../accounts/books.ts";
import { balanceKey } from "../accounts/keys.ts";
import { tagKey, type AccountId, type TagId } from "../ids.ts";
import { ORDER, type Instruction, type SignedInstruction } from "../instruction.ts";
import { DOMESTIC, type DomesticDraft, type DraftOf } from "../ledger/domestic-entries.ts";
import { ZERO, type Amount } from "../money.ts";
import { decideMovement } from "../rules/order.ts";
import type { Movement, RuleRejection } from "../rules/rule.ts";
import { asksForSplit, vatPartOf } from "../rules/vat.ts";
import { freezeOn, type Tag } from "../tags/tag.ts";
import type { Terms } from "../terms.ts";
import { movementOf, movementOfLeg } from "./movement.ts";

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
  /** The terms, and their bytes as the commitment binds them. */
  readonly agreed: Terms;
  readonly terms: Bytes;
  readonly termsSalt: Bytes;
}

/** What the rules made of an instruction: the entry that takes it in, and why, if it was turned down. */
export interface Decision {
  readonly entry: DomesticDraft;
  readonly rejection: RuleRejection | undefined;
  /** Rules that noted a movement that passed, each with what it saw. */
  readonly flags: readonly RuleRejection[];
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
  const flags = verdict.value;
  const entry = execution(
    books,
    taken,
    movement,
    flags.map(({ rule }) => rule),
  );
  return { entry, rejection: undefined, flags };
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
  const { sid, payer, payee, amount, agreed, terms, termsSalt } = leg;
  const movement = movementOfLeg({ payer, payee, tag, amount }, agreed, timeMs);
  const verdict = decideMovement(books, movement);
  if (!verdict.ok) {
    return turnedDown(taken, { terms, termsSalt, leg: leg.leg }, timeMs, verdict.error);
  }
  const flags = verdict.value;
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
    flags: flags.map(({ rule }) => rule),
    instruction: signed,
    timeMs,
  };
  return { entry, rejection: undefined, flags };
}

/** The account's money under an expired tag that goes back to its fund owner, if it does now. */
export function expiryReturn(
  books: Books,
  { tag: id, payer }: { readonly tag: TagId; readonly payer: AccountId },
  timeMs: number,
): DraftOf<typeof DOMESTIC.TAG_RETURN> | undefined {
  const tag = books.tags.get(tagKey(id));
  if (tag === undefined || timeMs < tag.definition.validToMs) return undefined;
  if (!tag.holders.has(payer) || freezeOn(tag, payer) !== undefined) return undefined;
  const amount = books.balances.get(balanceKey(payer, id))?.posted ?? ZERO;
  if (amount === 0n) return undefined;
  return { kind: DOMESTIC.TAG_RETURN, payer, tag: id, amount, instruction: null, timeMs };
}

/** Gives expired tagged money back to its fund owner; no instruction is needed, the rule is named. */
export function expiryReturns(books: Books, timeMs: number): readonly DomesticDraft[] {
  return [...books.tags.values()].flatMap((tag) => returnsOf(books, tag, timeMs));
}

function returnsOf(books: Books, tag: Tag, timeMs: number): readonly DomesticDraft[] {
  if (tag.held === 0n || timeMs < tag.definition.validToMs) return [];
  return [...tag.holders].flatMap(
    (payer) => expiryReturn(books, { tag: tag.id, payer }, timeMs) ?? [],
  );
}

function execution(
  books: Books,
  taken: TakenInstruction,
  movement: Movement,
  flags: readonly string[],
): DomesticDraft {
  const { instruction, signed } = taken;
  const { payer, amount, timeMs } = movement;
  const { order } = instruction;
  const common = { amount, instruction: signed, timeMs };
  switch (order.kind) {
    case ORDER.issue:
      return { kind: DOMESTIC.ISSUE, account: payer, ...common };
    case ORDER.redeem:
      return { kind: DOMESTIC.REDEEM, account: payer, ...common };
    case ORDER.transfer:
      return payment(books, movement, { ...common, flags });
    case ORDER.defineTag:
      return { kind: DOMESTIC.TAG_DEFINE, instruction: signed, timeMs };
    case ORDER.issueTag:
      return { kind: DOMESTIC.TAG_ISSUE, tag: order.tag, account: payer, ...common };
    case ORDER.returnTag:
      return { kind: DOMESTIC.TAG_RETURN, payer, tag: order.tag, ...common };
    case ORDER.attest:
      return { kind: DOMESTIC.ATTEST, instruction: signed, timeMs };
    case ORDER.contract:
      return { kind: DOMESTIC.TAG_CONTRACT, instruction: signed, timeMs };
    case ORDER.freeze:
      return { kind: DOMESTIC.TAG_FREEZE, instruction: signed, timeMs };
    case ORDER.unfreeze:
      return { kind: DOMESTIC.TAG_UNFREEZE, instruction: signed, timeMs };
    case ORDER.courtDebit: {
      const { account, payee } = order;
      return { kind: DOMESTIC.COURT_DEBIT, payer: account, payee, flags, ...common };
    }
    case ORDER.swap:
      throw new TypeError("a swap's instruction is decided with its terms");
    default:
      return unreachable(order);
  }
}

/** A payment's entry: split when VAT is part of it, released when its payee is the tag's last. */
function payment(
  books: Books,
  { payer, payee, tag, line, facts }: Movement,
  common: {
    readonly amount: Amount;
    readonly flags: readonly string[];
    readonly instruction: SignedInstruction;
    readonly timeMs: number;
  },
): DomesticDraft {
  invariant(payee !== null, "JournalChain", "a payment without a payee");
  const split = asksForSplit(facts) ? vatPartOf(books, facts) : undefined;
  if (split !== undefined) {
    const { vat, tag: vatTag } = split;
    const part = { vat: vat as Amount, vatTag: vatTag.id };
    return { kind: DOMESTIC.VAT_XFER, payer, payee, tag, line, ...part, ...common };
  }
  const isFinal = tag !== null && books.tags.get(tagKey(tag))?.payees.get(payee)?.final === true;
  if (isFinal && line !== null) {
    return { kind: DOMESTIC.TAG_RELEASE, payer, payee, tag, line, ...common };
  }
  return { kind: DOMESTIC.XFER, payer, payee, tag, line, ...common };
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
  return { entry, rejection, flags: [] };
}

const MALFORMED_DEFINITION: RuleRejection = {
  code: "TAG_DEFINITION_INVALID",
  rule: "TAG-1",
  found: "bytes that are no tag definition",
  allowed: "a definition as FORMAT.md, section 7, describes it",
};
