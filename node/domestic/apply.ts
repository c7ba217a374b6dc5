import { decode } from "../../crypto/canonical-layout.ts";
import type { EnrolledKey } from "../../crypto/ed25519.ts";
import { hashKey } from "../../crypto/hash.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import {
  credit,
  debit,
  holdKey,
  placeHold,
  postedOf,
  postHold,
  voidHold,
  type Books,
} from "../accounts/books.ts";
import { accountOf, memberOf, tagKey, type AccountId, type TagId } from "../ids.ts";
import {
  instructionHash,
  ORDER,
  parseInstruction,
  type Instruction,
  type SignedInstruction,
} from "../instruction.ts";
import { DOMESTIC, type DomesticDraft } from "../ledger/domestic-entries.ts";
import { newUsedNumbers, recordNumber, type MemberClass } from "../members.ts";
import { subtractAmounts, ZERO, type Amount } from "../money.ts";
import { tagDefinitionLayout, tagIdOf } from "../tags/definition.ts";
import { lineHoldingKey, newTag, type Tag } from "../tags/tag.ts";

/**
 * Carries one entry out on the books. It cannot fail: the entry was decided on these very books, or
 * is replayed from the bank's own ledger. A balance that would go below zero is a bug (NonNegative).
 */
export function applyEntry(books: Books, entry: DomesticDraft): void {
  if ("instruction" in entry && entry.instruction !== null) takeNumber(books, entry.instruction);
  switch (entry.kind) {
    case DOMESTIC.ISSUE: {
      const member = memberAt(books, entry.account);
      member.reserves = subtractAmounts(member.reserves, entry.amount);
      credit(books, entry.account, null, entry.amount);
      books.issued += entry.amount;
      return;
    }
    case DOMESTIC.REDEEM: {
      const member = memberAt(books, entry.account);
      member.reserves = (member.reserves + entry.amount) as Amount;
      debit(books, entry.account, null, entry.amount);
      books.redeemed += entry.amount;
      return;
    }
    case DOMESTIC.XFER:
      debit(books, entry.payer, entry.tag, entry.amount);
      credit(books, entry.payee, entry.tag, entry.amount);
      if (entry.tag !== null) {
        moveTagged(books, entry.tag, { ...entry, line: entry.line ?? "" });
      }
      return;
    case DOMESTIC.HOLD: {
      const { payer, payee, tag, amount } = entry;
      placeHold(books, holdKey(hashKey(entry.sid), entry.leg), { payer, payee, tag, amount });
      return;
    }
    case DOMESTIC.POST:
      postHold(books, holdKey(hashKey(entry.sid), entry.leg));
      return;
    case DOMESTIC.UNHOLD:
      voidHold(books, holdKey(hashKey(entry.sid), entry.leg));
      return;
    case DOMESTIC.ENROL:
      books.members.set(entry.member, {
        id: entry.member,
        memberClass: entry.memberClass satisfies MemberClass,
        resident: entry.resident === 1,
        key: entry.key as Uint8Array as EnrolledKey,
        reserves: entry.reserves,
        numbers: newUsedNumbers(),
      });
      return;
    case DOMESTIC.REJECTED:
      return;
    case DOMESTIC.TAG_DEFINE: {
      const { order } = instructionIn(entry.instruction);
      invariant(order.kind === ORDER.defineTag, "JournalChain", "a tag without its definition");
      const definition = decode(tagDefinitionLayout, order.definition);
      invariant(definition.ok, "JournalChain", "an undecided tag definition in the ledger");
      const id = tagIdOf(order.definition);
      books.tags.set(tagKey(id), newTag(id, definition.value));
      return;
    }
    case DOMESTIC.TAG_ISSUE: {
      const tag = tagAt(books, entry.tag);
      debit(books, entry.account, null, entry.amount);
      credit(books, entry.account, entry.tag, entry.amount);
      tag.issued = (tag.issued + entry.amount) as Amount;
      tag.held = (tag.held + entry.amount) as Amount;
      tag.holders.add(entry.account);
      return;
    }
    case DOMESTIC.TAG_RELEASE: {
      const tag = tagAt(books, entry.tag);
      debit(books, entry.payer, entry.tag, entry.amount);
      credit(books, entry.payee, null, entry.amount);
      moveTagged(books, entry.tag, entry);
      tag.held = subtractAmounts(tag.held, entry.amount);
      tag.released = (tag.released + entry.amount) as Amount;
      const line = tag.lines.get(entry.line);
      if (line !== undefined) line.released = (line.released + entry.amount) as Amount;
      leaveLine(tag, entry.payee, entry.line, entry.amount);
      if (postedOf(books, entry.payee, entry.tag) === 0n) tag.holders.delete(entry.payee);
      return;
    }
    case DOMESTIC.TAG_RETURN: {
      const tag = tagAt(books, entry.tag);
      debit(books, entry.payer, entry.tag, entry.amount);
      credit(books, accountOf(tag.definition.fundOwner), null, entry.amount);
      tag.held = subtractAmounts(tag.held, entry.amount);
      tag.returned = (tag.returned + entry.amount) as Amount;
      if (postedOf(books, entry.payer, entry.tag) === 0n) tag.holders.delete(entry.payer);
      return;
    }
    default:
      unreachable(entry);
  }
}

function takeNumber(books: Books, signed: SignedInstruction): void {
  const { member, number } = instructionIn(signed);
  recordNumber(memberAt(books, accountOf(member)).numbers, number, instructionHash(signed));
}

function instructionIn(signed: SignedInstruction): Instruction {
  const parsed = parseInstruction(signed);
  invariant(parsed.ok, "JournalChain", "an instruction in the ledger that does not decode");
  return parsed.value;
}

interface TaggedMove {
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly amount: Amount;
  readonly line: string;
}

/** Accounts for a line: the owner pays into it, everybody else pays on what came under it. */
function moveTagged(books: Books, tagId: TagId, move: TaggedMove): void {
  const tag = tagAt(books, tagId);
  const { payer, payee, amount, line } = move;
  if (accountOf(tag.definition.fundOwner) === payer) {
    const estimate = tag.lines.get(line);
    if (estimate !== undefined) estimate.paidIn = (estimate.paidIn + amount) as Amount;
  } else {
    leaveLine(tag, payer, line, amount);
  }
  const key = lineHoldingKey(payee, line);
  tag.lineHoldings.set(key, ((tag.lineHoldings.get(key) ?? ZERO) + amount) as Amount);
  tag.holders.add(payee);
  if (postedOf(books, payer, tagId) === 0n) tag.holders.delete(payer);
}

function leaveLine(tag: Tag, account: AccountId, line: string, amount: Amount): void {
  const key = lineHoldingKey(account, line);
  const left = subtractAmounts(tag.lineHoldings.get(key) ?? ZERO, amount);
  if (left === 0n) tag.lineHoldings.delete(key);
  else tag.lineHoldings.set(key, left);
}

function memberAt(books: Books, account: AccountId) {
  const member = books.members.get(memberOf(account));
  invariant(member !== undefined, "KnownAccounts", `no account ${account}`);
  return member;
}

function tagAt(books: Books, id: TagId): Tag {
  const tag = books.tags.get(tagKey(id));
  invariant(tag !== undefined, "JournalChain", `no tag ${tagKey(id)}`);
  return tag;
}
