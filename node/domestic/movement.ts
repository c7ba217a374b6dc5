import { decode } from "../../crypto/canonical-layout.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import type { Books } from "../accounts/books.ts";
import { factsOf, NO_FACTS } from "../facts.ts";
import { accountOf, tagKey, type AccountId, type TagId } from "../ids.ts";
import { ORDER, type Instruction } from "../instruction.ts";
import type { DraftOf, DOMESTIC } from "../ledger/domestic-entries.ts";
import { ZERO, type Amount } from "../money.ts";
import type { Movement } from "../rules/rule.ts";
import { tagDefinitionLayout, tagIdOf } from "../tags/definition.ts";
import { termsLayout, type Terms } from "../terms.ts";

const PLAIN = {
  by: null,
  payee: null,
  tag: null,
  amount: ZERO,
  line: null,
  purpose: null,
  facts: NO_FACTS,
  definition: null,
  legs: null,
  expiryMs: null,
  case: null,
} as const;

/**
 * What an instruction other than a swap's asks for, as the rules see it; `undefined` when its tag
 * definition does not decode.
 */
export function movementOf(
  books: Books,
  { order, member, net }: Instruction,
  timeMs: number,
): Movement | undefined {
  const plain = { ...PLAIN, payer: accountOf(member), timeMs };
  switch (order.kind) {
    case ORDER.issue:
      return { ...plain, channel: "issue", amount: order.amount };
    case ORDER.redeem:
      return { ...plain, channel: "redeem", amount: order.amount };
    case ORDER.transfer: {
      const { payee, tag, amount, line, purpose } = order;
      const facts = factsOf(order.facts);
      return { ...plain, channel: "transfer", payee, tag, amount, line, purpose, facts };
    }
    case ORDER.defineTag: {
      const value = decode(tagDefinitionLayout, order.definition);
      if (!value.ok) return undefined;
      const definition = { id: tagIdOf(order.definition), value: value.value, net };
      return { ...plain, channel: "define-tag", definition };
    }
    case ORDER.issueTag:
      return { ...plain, channel: "issue-tag", tag: order.tag, amount: order.amount };
    case ORDER.returnTag: {
      const owner = books.tags.get(tagKey(order.tag))?.definition.fundOwner;
      const payee = owner === undefined ? null : accountOf(owner);
      return { ...plain, channel: "return-tag", payee, tag: order.tag, amount: order.amount };
    }
    case ORDER.attest:
      return { ...plain, channel: "attest" };
    case ORDER.contract: {
      const { tag, payee, line, amount } = order;
      return { ...plain, channel: "contract", tag, payee, line, amount };
    }
    case ORDER.freeze:
      return {
        ...plain,
        channel: "freeze",
        tag: order.tag,
        payee: order.account,
        case: order.case,
      };
    case ORDER.unfreeze: {
      const { tag, account: payee } = order;
      return { ...plain, channel: "unfreeze", tag, payee, case: order.case };
    }
    case ORDER.courtDebit: {
      const { account: payer, payee, tag, amount } = order;
      return {
        ...plain,
        channel: "court-debit",
        payer,
        by: plain.payer,
        payee,
        tag,
        amount,
        case: order.case,
      };
    }
    case ORDER.swap:
      throw new TypeError("a swap's instruction is decided with its terms");
    default:
      return unreachable(order);
  }
}

/** A leg to be held as the rules see it; its facts are the border facts of the terms. */
export function movementOfLeg(
  leg: {
    readonly payer: AccountId;
    readonly payee: AccountId;
    readonly tag: TagId | null;
    readonly amount: Amount;
  },
  terms: Terms,
  timeMs: number,
): Movement {
  const { payer, payee, tag, amount } = leg;
  const { legs, expiryMs, border } = terms;
  const facts = factsOf(border);
  return {
    ...PLAIN,
    channel: "swap",
    payer,
    payee,
    tag,
    amount,
    line: facts.get("line") ?? null,
    purpose: facts.get("purpose") ?? null,
    facts,
    legs,
    expiryMs,
    timeMs,
  };
}

/** The movement behind a HOLD in the ledger. */
export function movementOfHold(hold: DraftOf<typeof DOMESTIC.HOLD>): Movement {
  const terms = decode(termsLayout, hold.terms);
  invariant(terms.ok, "JournalChain", "terms in the ledger that do not decode");
  return movementOfLeg(hold, terms.value, hold.timeMs);
}
