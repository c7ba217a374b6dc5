import { bytesToHex } from "../../crypto/bytes.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import { holdKey, type Books } from "../accounts/books.ts";
import { movementOfHold } from "../domestic/movement.ts";
import { factsOf, isHashText, type Facts } from "../facts.ts";
import { accountOf, tagKey, UNTAGGED, type AccountId, type TagKey } from "../ids.ts";
import {
  instructionHash,
  ORDER,
  parseInstruction,
  type Instruction,
  type SignedInstruction,
} from "../instruction.ts";
import { DOMESTIC, type DomesticDraft, type DraftOf } from "../ledger/domestic-entries.ts";
import { ZERO, type Amount } from "../money.ts";
import { tagIdOf } from "../tags/definition.ts";
import { evidenceFact } from "../tags/tag.ts";
import type { Evidence, LedgerLine, Part, Place, SwapLeg } from "./ledger-line.ts";
import { QR_FACT } from "./qr-code.ts";

/** What has to be remembered of earlier entries to read the next one. */
export interface Reading {
  readonly books: Pick<Books, "tags">;
  /** Tags in the order of the ledger: the books may know later ones already. */
  readonly defined: Set<TagKey>;
  /** Open holds, and the column under which each one's money will arrive. */
  readonly holds: Map<string, OpenHold>;
}

interface OpenHold {
  readonly line: LedgerLine;
  readonly arrivesUnder: TagKey;
}

export interface ReadEntry {
  readonly line: LedgerLine;
  /** The QR code that the entry paid. */
  readonly paidQr: PaidQrCode | undefined;
}

export interface PaidQrCode {
  readonly payee: AccountId;
  readonly nonce: string;
  readonly expiryMs: number;
}

const NOTHING = {
  order: null,
  from: null,
  to: null,
  amount: ZERO,
  tag: UNTAGGED,
  line: null,
  purpose: null,
  invoice: null,
  evidence: [],
  swap: null,
  rejection: null,
  parts: [],
} as const;

/**
 * Reads one domestic entry, in the order of the ledger; `undefined` for what concerns no account.
 * `blockMs` is the time of its block, for entries that carry none.
 */
export function readEntry(
  reading: Reading,
  entry: DomesticDraft,
  { place, blockMs }: { readonly place: Place; readonly blockMs: number },
): ReadEntry | undefined {
  const told =
    "instruction" in entry && entry.instruction !== null ? tell(entry.instruction) : undefined;
  const timeMs = "timeMs" in entry ? entry.timeMs : blockMs;
  const base = { ...NOTHING, place, timeMs, ...told?.fields };
  const one = (line: Omit<LedgerLine, keyof typeof base> & Partial<LedgerLine>) => ({
    line: { ...base, ...line },
    paidQr: undefined,
  });
  switch (entry.kind) {
    case DOMESTIC.ENROL:
    case DOMESTIC.RULES:
      return undefined;
    case DOMESTIC.ISSUE: {
      const { account, amount } = entry;
      const parts = [moved(account, UNTAGGED, amount)];
      return one({ kind: "issue", to: account, amount, parts });
    }
    case DOMESTIC.REDEEM: {
      const { account, amount } = entry;
      const parts = [moved(account, UNTAGGED, -(amount as bigint))];
      return one({ kind: "redeem", from: account, amount, parts });
    }
    case DOMESTIC.XFER:
    case DOMESTIC.TAG_RELEASE:
    case DOMESTIC.VAT_XFER: {
      const { payer: from, payee: to, amount, line } = entry;
      const parts = partsOfPayment(reading, entry);
      const tag = tagKey(entry.tag);
      const evidence = evidenceOf(reading, tag, told?.facts);
      const read = one({ kind: "payment", from, to, amount, tag, line, evidence, parts });
      return { ...read, paidQr: told && paidQrCode(to, told.facts) };
    }
    case DOMESTIC.COURT_DEBIT: {
      const { payer: from, payee: to, amount } = entry;
      const parts = [moved(from, UNTAGGED, -(amount as bigint)), moved(to, UNTAGGED, amount)];
      return one({ kind: "court-debit", from, to, amount, parts });
    }
    case DOMESTIC.HOLD:
      return readHold(reading, entry, base);
    case DOMESTIC.POST:
    case DOMESTIC.UNHOLD:
      return readOutcome(reading, entry, { place, timeMs });
    case DOMESTIC.TAG_ISSUE: {
      const { account, amount } = entry;
      const tag = tagKey(entry.tag);
      const parts = [moved(account, UNTAGGED, -(amount as bigint)), moved(account, tag, amount)];
      return one({ kind: "tag-issue", from: account, to: account, amount, tag, parts });
    }
    case DOMESTIC.TAG_RETURN: {
      const { payer: from, amount } = entry;
      const tag = tagKey(entry.tag);
      const owner = accountOf(tagIn(reading, tag).definition.fundOwner);
      const parts = [moved(from, tag, -(amount as bigint)), moved(owner, UNTAGGED, amount)];
      return one({ kind: "tag-return", from, to: owner, amount, tag, parts });
    }
    case DOMESTIC.REJECTED: {
      const { code, rule } = entry;
      return one({ kind: "rejection", ...told?.asked, rejection: { code, rule } });
    }
    case DOMESTIC.TAG_DEFINE:
      if (told?.definition !== undefined) reading.defined.add(told.definition);
      return one({ kind: "statement" });
    case DOMESTIC.ATTEST:
    case DOMESTIC.TAG_CONTRACT:
    case DOMESTIC.TAG_FREEZE:
    case DOMESTIC.TAG_UNFREEZE:
      return one({ kind: "statement", ...told?.asked });
    default:
      return unreachable(entry);
  }
}

type Base = Omit<LedgerLine, "kind">;

function readHold(reading: Reading, entry: DraftOf<typeof DOMESTIC.HOLD>, base: Base): ReadEntry {
  const { payer: from, payee: to, amount, tag } = entry;
  const swap = base.swap === null ? null : { ...base.swap, ...legOf(entry) };
  const held = { account: from, tag: tagKey(tag), posted: -(amount as bigint), pending: amount };
  const { facts, line, purpose } = movementOfHold(entry);
  const parts = [held];
  const evidence = evidenceOf(reading, held.tag, facts);
  const stated = { line, purpose, evidence, swap, parts };
  const read: LedgerLine = { ...base, kind: "hold", from, to, amount, tag: held.tag, ...stated };
  const carried = facts.get("carry") ?? UNTAGGED;
  const isCarried = tag === null && isHashText(carried) && reading.defined.has(carried);
  const arrivesUnder = isCarried ? carried : UNTAGGED;
  reading.holds.set(keyOfHold(entry), { line: read, arrivesUnder });
  return { line: read, paidQr: undefined };
}

function readOutcome(
  reading: Reading,
  entry: DraftOf<typeof DOMESTIC.POST> | DraftOf<typeof DOMESTIC.UNHOLD>,
  at: Pick<LedgerLine, "place" | "timeMs">,
): ReadEntry {
  const key = keyOfHold(entry);
  const hold = reading.holds.get(key);
  invariant(hold !== undefined, "HoldOnce", `hold ${key} is not placed`);
  reading.holds.delete(key);
  const { from, to, amount, tag } = hold.line;
  invariant(from !== null && to !== null, "HoldOnce", "a hold without its parties");
  const isPosted = entry.kind === DOMESTIC.POST;
  const freed = {
    account: from,
    tag,
    posted: isPosted ? 0n : amount,
    pending: -(amount as bigint),
  };
  const parts = isPosted ? [freed, moved(to, hold.arrivesUnder, amount)] : [freed];
  const kind = isPosted ? "post" : "void";
  return { line: { ...hold.line, ...at, kind, order: null, parts }, paidQr: undefined };
}

function partsOfPayment(
  reading: Reading,
  entry:
    | DraftOf<typeof DOMESTIC.XFER>
    | DraftOf<typeof DOMESTIC.TAG_RELEASE>
    | DraftOf<typeof DOMESTIC.VAT_XFER>,
): readonly Part[] {
  const { payer, payee, amount } = entry;
  const tag = tagKey(entry.tag);
  const vat: bigint = entry.kind === DOMESTIC.VAT_XFER ? entry.vat : 0n;
  const isFinal = tag !== UNTAGGED && tagIn(reading, tag).payees.get(payee)?.final === true;
  const parts = [
    moved(payer, tag, -(amount as bigint)),
    moved(payee, isFinal ? UNTAGGED : tag, amount - vat),
  ];
  if (entry.kind === DOMESTIC.VAT_XFER && vat > 0n)
    parts.push(moved(payee, tagKey(entry.vatTag), vat));
  return parts;
}

/** What the instruction in an entry says, as far as members are told. */
function tell(signed: SignedInstruction): {
  readonly fields: Partial<Base>;
  readonly asked: Partial<Base>;
  readonly facts: Facts | undefined;
  readonly definition: TagKey | undefined;
} {
  const parsed = parseInstruction(signed);
  invariant(parsed.ok, "JournalChain", "an instruction in the ledger that does not decode");
  const { member, number, order } = parsed.value;
  const taken = { member, number, hash: hashKey(instructionHash(signed)) };
  const facts = order.kind === ORDER.transfer ? factsOf(order.facts) : undefined;
  const swap: SwapLeg | null =
    order.kind === ORDER.swap ? { sid: "", leg: 0, commitment: hashKey(order.commitment) } : null;
  return {
    fields: {
      order: taken,
      swap,
      purpose: order.kind === ORDER.transfer ? order.purpose : null,
      invoice: facts?.get(QR_FACT.invoice) ?? null,
    },
    asked: askedFor(parsed.value),
    facts,
    definition: order.kind === ORDER.defineTag ? tagKey(tagIdOf(order.definition)) : undefined,
  };
}

/** What an order asked for, told of one that moved no money. */
function askedFor({ member, order }: Instruction): Partial<Base> {
  const from = accountOf(member);
  const amount: Amount = "amount" in order ? order.amount : ZERO;
  const tag = "tag" in order ? tagKey(order.tag) : UNTAGGED;
  const to = "payee" in order ? order.payee : null;
  return { from, to, amount, tag, line: "line" in order ? order.line : null };
}

function evidenceOf(reading: Reading, tag: TagKey, facts: Facts | undefined): readonly Evidence[] {
  if (tag === UNTAGGED || facts === undefined) return NOTHING.evidence;
  return tagIn(reading, tag).definition.evidence.flatMap(({ topic }) => {
    const document = facts.get(evidenceFact(topic));
    return document === undefined || !isHashText(document) ? [] : [{ topic, document }];
  });
}

function paidQrCode(payee: AccountId, facts: Facts | undefined): PaidQrCode | undefined {
  const nonce = facts?.get(QR_FACT.nonce);
  const expiry = facts?.get(QR_FACT.expiry);
  if (nonce === undefined || expiry === undefined || !/^[0-9]{1,15}$/.test(expiry))
    return undefined;
  return { payee, nonce, expiryMs: Number(expiry) };
}

function tagIn({ books }: Reading, tag: TagKey) {
  const found = books.tags.get(tag);
  invariant(found !== undefined, "JournalChain", `no tag ${tag}`);
  return found;
}

const moved = (account: AccountId, tag: TagKey, posted: bigint): Part => ({
  account,
  tag,
  posted,
  pending: 0n,
});

const legOf = ({ sid, leg }: { readonly sid: Hash; readonly leg: number }) => ({
  sid: bytesToHex(sid),
  leg,
});

const keyOfHold = ({ sid, leg }: { readonly sid: Hash; readonly leg: number }): string =>
  holdKey(hashKey(sid), leg);
