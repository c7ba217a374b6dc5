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
  takeHold,
  type Books,
} from "../accounts/books.ts";
import { balanceKey } from "../accounts/keys.ts";
import { attestationKey } from "../attestations.ts";
import { factsOf, NO_FACTS } from "../facts.ts";
import { accountOf, memberOf, tagKey, type AccountId, type TagId } from "../ids.ts";
import { instructionHash, ORDER, parseInstruction, type Instruction } from "../instruction.ts";
import type { SignedInstruction } from "../instruction.ts";
import { DOMESTIC, type DomesticDraft, type DraftOf } from "../ledger/domestic-entries.ts";
import { newUsedNumbers, recordNumber } from "../members.ts";
import { subtractAmounts, type Amount } from "../money.ts";
import { isFinal } from "../rules/tag-payment.ts";
import { parseRuleSet } from "../rules/rule-set.ts";
import { VAT_LINE } from "../rules/vat.ts";
import { tagDefinitionLayout, tagIdOf } from "../tags/definition.ts";
import { freeMirror, mirrorOf, openMirror, reserveMirror } from "../tags/mirror.ts";
import {
  putBackOnLine,
  receiveOnLine,
  releaseFromLine,
  returnFromLines,
  takeFromLine,
  type TaggedSpend,
} from "../tags/spend.ts";
import { contractKey, isOwner, newTag, type Tag } from "../tags/tag.ts";
import { movementOf, movementOfHold } from "./movement.ts";
import { countMovement, uncount } from "./totals.ts";

/**
 * Carries one entry out on the books. It cannot fail: the entry was decided on these very books, or
 * is replayed from the bank's own ledger. A balance that would go below zero is a bug (NonNegative).
 */
export function applyEntry(books: Books, entry: DomesticDraft): void {
  const signed = "instruction" in entry ? entry.instruction : null;
  const order = signed === null ? undefined : take(books, signed);
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
    case DOMESTIC.TAG_RELEASE:
    case DOMESTIC.VAT_XFER:
      return pay(books, entry, order);
    case DOMESTIC.COURT_DEBIT: {
      const movement = order && movementOf(books, order, entry.timeMs);
      invariant(movement?.channel === "court-debit", "JournalChain", "a debit without its order");
      countMovement(books, movement);
      debit(books, entry.payer, null, entry.amount);
      return credit(books, entry.payee, null, entry.amount);
    }
    case DOMESTIC.HOLD:
      return hold(books, entry);
    case DOMESTIC.POST:
      return post(books, holdKey(hashKey(entry.sid), entry.leg));
    case DOMESTIC.UNHOLD:
      return unhold(books, holdKey(hashKey(entry.sid), entry.leg));
    case DOMESTIC.ENROL: {
      const { member: id, memberClass, resident, key, reserves } = entry;
      books.members.set(id, {
        id,
        memberClass,
        resident: resident === 1,
        key: key as Uint8Array as EnrolledKey,
        reserves,
        numbers: newUsedNumbers(),
      });
      return;
    }
    case DOMESTIC.REJECTED:
      return;
    case DOMESTIC.RULES: {
      const rules = parseRuleSet(entry.rules);
      invariant(rules.ok, "JournalChain", "rules in the ledger that do not decode");
      books.rules = rules.value;
      return;
    }
    case DOMESTIC.TAG_RETURN: {
      const tag = tagAt(books, entry.tag);
      debit(books, entry.payer, entry.tag, entry.amount);
      credit(books, accountOf(tag.definition.fundOwner), null, entry.amount);
      returnFromLines(tag, entry.payer, entry.amount);
      forgetHolder(books, tag, entry.payer);
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
    case DOMESTIC.TAG_DEFINE:
    case DOMESTIC.ATTEST:
    case DOMESTIC.TAG_CONTRACT:
    case DOMESTIC.TAG_FREEZE:
    case DOMESTIC.TAG_UNFREEZE:
      invariant(order !== undefined, "JournalChain", "an entry without its instruction");
      return learn(books, order);
    default:
      unreachable(entry);
  }
}

/** Uses the instruction's number up. */
function take(books: Books, signed: SignedInstruction): Instruction {
  const parsed = parseInstruction(signed);
  invariant(parsed.ok, "JournalChain", "an instruction in the ledger that does not decode");
  const { member, number } = parsed.value;
  recordNumber(memberAt(books, accountOf(member)).numbers, number, instructionHash(signed));
  return parsed.value;
}

/** What an order states that moves no money. */
function learn(books: Books, { order, member }: Instruction): void {
  switch (order.kind) {
    case ORDER.defineTag: {
      const definition = decode(tagDefinitionLayout, order.definition);
      invariant(definition.ok, "JournalChain", "an undecided tag definition in the ledger");
      const id = tagIdOf(order.definition);
      books.tags.set(tagKey(id), newTag(id, definition.value));
      return;
    }
    case ORDER.attest: {
      const { topic, subject, value, validToMs } = order;
      books.attestations.set(attestationKey({ topic, subject, by: member }), { value, validToMs });
      return;
    }
    case ORDER.contract: {
      const tag = tagAt(books, order.tag);
      const payer = accountOf(member);
      const key = contractKey(payer, order.payee, order.line);
      const before = tag.contracts.get(key);
      const amount = ((before?.amount ?? 0n) + order.amount) as Amount;
      tag.contracts.set(key, { amount, paid: before?.paid ?? (0n as Amount) });
      const line = tag.lines.get(order.line);
      if (line !== undefined && isOwner(tag, payer)) {
        line.contracted = (line.contracted + order.amount) as Amount;
      }
      return;
    }
    case ORDER.freeze:
      tagAt(books, order.tag).frozen.set(order.account ?? "", { by: member, case: order.case });
      return;
    case ORDER.unfreeze:
      tagAt(books, order.tag).frozen.delete(order.account ?? "");
      return;
    case ORDER.issue:
    case ORDER.redeem:
    case ORDER.transfer:
    case ORDER.swap:
    case ORDER.issueTag:
    case ORDER.returnTag:
    case ORDER.courtDebit:
      return invariant(false, "JournalChain", "an entry of another kind than its order");
    default:
      unreachable(order);
  }
}

type Payment =
  | DraftOf<typeof DOMESTIC.XFER>
  | DraftOf<typeof DOMESTIC.TAG_RELEASE>
  | DraftOf<typeof DOMESTIC.VAT_XFER>;

function pay(books: Books, entry: Payment, order: Instruction | undefined): void {
  const { payer, payee, amount } = entry;
  const movement = order && movementOf(books, order, entry.timeMs);
  invariant(movement?.channel === "transfer", "JournalChain", "a payment without its order");
  countMovement(books, movement);
  const vat = entry.kind === DOMESTIC.VAT_XFER ? entry.vat : (0n as Amount);
  const net = subtractAmounts(amount, vat);
  debit(books, payer, entry.tag, amount);
  if (entry.tag === null) {
    credit(books, payee, null, net);
  } else {
    const tag = tagAt(books, entry.tag);
    const spend: TaggedSpend = {
      payer,
      payee,
      amount,
      line: entry.line ?? "",
      facts: movement.facts,
      final: isFinal(tag, movement),
    };
    takeFromLine(tag, spend);
    if (spend.final) {
      credit(books, payee, null, net);
      releaseFromLine(tag, spend.line, amount);
    } else {
      credit(books, payee, entry.tag, net);
      receiveOnLine(tag, { ...spend, amount: net });
      if (vat > 0n) releaseFromLine(tag, spend.line, vat);
    }
    forgetHolder(books, tag, payer);
  }
  if (entry.kind === DOMESTIC.VAT_XFER) openVat(books, entry);
}

/** The VAT part arrives under the VAT tag, which counts it as issued and paid in. */
function openVat(books: Books, entry: DraftOf<typeof DOMESTIC.VAT_XFER>): void {
  const tag = tagAt(books, entry.vatTag);
  const { payee, vat } = entry;
  if (vat === 0n) return;
  credit(books, payee, entry.vatTag, vat);
  openMirror(tag, factsOf([{ name: "line", value: VAT_LINE }]), payee, vat);
  const line = tag.lines.get(VAT_LINE);
  if (line !== undefined) line.paidIn = (line.paidIn + vat) as Amount;
}

function hold(books: Books, entry: DraftOf<typeof DOMESTIC.HOLD>): void {
  const { payer, payee, tag: id, amount, timeMs } = entry;
  const key = holdKey(hashKey(entry.sid), entry.leg);
  const plain = {
    payer,
    payee,
    tag: id,
    amount,
    timeMs,
    spend: null,
    mirror: null,
    facts: NO_FACTS,
  };
  if (id === null && books.tags.size === 0 && books.rules.rules.length === 0) {
    return placeHold(books, key, { ...plain, counts: [] });
  }
  const movement = movementOfHold(entry);
  const { facts, line } = movement;
  const tag = id === null ? undefined : tagAt(books, id);
  const spend =
    tag === undefined ? null : { payer, payee, amount, line: line ?? "", facts, final: true };
  const mirror = tag === undefined ? (mirrorOf(books, facts) ?? null) : null;
  const counts = countMovement(books, movement);
  placeHold(books, key, { ...plain, spend, mirror, facts, counts });
  if (tag !== undefined && spend !== null) {
    takeFromLine(tag, spend);
    forgetHolder(books, tag, payer);
  }
  if (mirror !== null) reserveMirror(mirror, facts, amount);
}

/** Posts a hold: a tag's money ends with it, and carried money begins under the mirror's tag. */
function post(books: Books, key: string): void {
  const { payer, payee, tag: id, amount, spend, mirror, facts, timeMs } = takeHold(books, key);
  if (mirror !== null) {
    credit(books, payee, mirror.id, amount);
    return openMirror(mirror, facts, payee, amount);
  }
  credit(books, payee, null, amount);
  if (id === null || spend === null) return;
  const tag = tagAt(books, id);
  releaseFromLine(tag, spend.line, amount);
  forgetHolder(books, tag, payer);
  books.importReleases.set(payer, timeMs);
}

/** Voids a hold: everything is as it was before, tag, line, documents and sums. */
function unhold(books: Books, key: string): void {
  const { payer, tag: id, amount, spend, mirror, facts, counts } = takeHold(books, key);
  credit(books, payer, id, amount);
  uncount(books, counts);
  if (mirror !== null) freeMirror(mirror, facts, amount);
  if (id === null || spend === null) return;
  const tag = tagAt(books, id);
  putBackOnLine(tag, spend);
  tag.holders.add(payer);
}

/** An account without money under the tag is no holder; without any under holds either, it has no depth. */
function forgetHolder(books: Books, tag: Tag, account: AccountId): void {
  if (postedOf(books, account, tag.id) > 0n) return;
  tag.holders.delete(account);
  const pending = books.balances.get(balanceKey(account, tag.id))?.pending ?? 0n;
  if (pending === 0n) tag.depths.delete(account);
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
