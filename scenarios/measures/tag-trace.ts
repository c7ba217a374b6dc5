import { decode } from "../../crypto/canonical-layout.ts";
import { hashKey } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Books } from "../../node/accounts/books.ts";
import { holdKey } from "../../node/accounts/books.ts";
import { factsOf } from "../../node/facts.ts";
import { tagKey, type TagKey } from "../../node/ids.ts";
import { parseInstruction } from "../../node/instruction.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticEntry,
  type EntryOf,
} from "../../node/ledger/domestic-entries.ts";
import { termsLayout } from "../../node/terms.ts";
import type { Tag } from "../../node/tags/tag.ts";
import type { Bytes } from "../../crypto/bytes.ts";

/** What became of money on its way: put under the tag, passed on, spent for good, or given back. */
export type FlowKind = "issued" | "paid" | "released" | "retagged" | "imported" | "returned";

/** All payments of one kind between two accounts under one line. Amounts are in minor units. */
export interface TagFlow {
  readonly kind: FlowKind;
  readonly from: string;
  readonly to: string;
  readonly line: string;
  amount: bigint;
  payments: number;
}

export interface TagRefusal {
  readonly code: string;
  readonly rule: string;
  amount: bigint;
  count: number;
}

/** Where one tag's money went, from allocation to full expenditure, by the ledger alone. */
export interface TagTrace {
  readonly tag: Tag;
  readonly flows: readonly TagFlow[];
  /** What the rules did not let happen: what each code saved. */
  readonly refusals: readonly TagRefusal[];
  /** Payments that passed with a note, by the rule that noted them. */
  readonly notes: ReadonlyMap<string, number>;
}

/** Follows a tag through the domestic entries of its bank's ledger, in their order. */
export function traceTag(tag: Tag, entries: Iterable<Bytes>): TagTrace {
  const trace = new Trace(tag);
  for (const bytes of entries) {
    const entry = decode(domesticEntryLayout, bytes);
    if (entry.ok) trace.take(entry.value);
  }
  return trace.result();
}

/** The tags of a bank's books whose id begins so, or whose reference is this. */
export function findTags({ tags }: Books, wanted: string): readonly Tag[] {
  const isIdPart = /^[0-9a-f]{4,64}$/.test(wanted);
  return [...tags].flatMap(([key, tag]) =>
    (isIdPart && key.startsWith(wanted)) || tag.definition.reference === wanted ? [tag] : [],
  );
}

class Trace {
  readonly #tag: Tag;
  readonly #key: TagKey;
  readonly #flows = new Map<string, TagFlow>();
  readonly #refusals = new Map<string, TagRefusal>();
  readonly #notes = new Map<string, number>();
  readonly #holds = new Map<string, EntryOf<typeof DOMESTIC.HOLD>>();

  constructor(tag: Tag) {
    this.#tag = tag;
    this.#key = tagKey(tag.id);
  }

  result(): TagTrace {
    return {
      tag: this.#tag,
      flows: [...this.#flows.values()],
      refusals: [...this.#refusals.values()],
      notes: this.#notes,
    };
  }

  take(entry: DomesticEntry): void {
    switch (entry.kind) {
      case DOMESTIC.TAG_ISSUE:
        if (this.#isIt(entry.tag)) this.#flow("issued", "budget", entry.account, "", entry.amount);
        return;
      case DOMESTIC.XFER:
      case DOMESTIC.TAG_RELEASE:
        if (!this.#isIt(entry.tag)) return;
        this.#note(entry.flags);
        return this.#flow(
          entry.kind === DOMESTIC.XFER ? "paid" : "released",
          entry.payer,
          entry.payee,
          entry.line ?? "",
          entry.amount,
        );
      case DOMESTIC.VAT_XFER:
        return this.#takeSplit(entry);
      case DOMESTIC.TAG_RETURN: {
        const owner = this.#tag.definition.fundOwner;
        if (this.#isIt(entry.tag)) this.#flow("returned", entry.payer, owner, "", entry.amount);
        return;
      }
      case DOMESTIC.HOLD:
        this.#holds.set(holdKey(hashKey(entry.sid), entry.leg), entry);
        return;
      case DOMESTIC.POST:
        return this.#takePost(entry);
      case DOMESTIC.REJECTED:
        return this.#takeRefusal(entry);
      case DOMESTIC.ISSUE:
      case DOMESTIC.REDEEM:
      case DOMESTIC.UNHOLD:
      case DOMESTIC.ENROL:
      case DOMESTIC.TAG_DEFINE:
      case DOMESTIC.RULES:
      case DOMESTIC.ATTEST:
      case DOMESTIC.TAG_CONTRACT:
      case DOMESTIC.TAG_FREEZE:
      case DOMESTIC.TAG_UNFREEZE:
      case DOMESTIC.COURT_DEBIT:
        return;
      default:
        unreachable(entry);
    }
  }

  #takeSplit(entry: EntryOf<typeof DOMESTIC.VAT_XFER>): void {
    const { payer, payee, amount, vat, line } = entry;
    if (this.#isIt(entry.vatTag)) this.#flow("issued", payer, payee, "VAT", vat);
    if (!this.#isIt(entry.tag)) return;
    this.#note(entry.flags);
    const isFinal = this.#tag.payees.get(payee)?.final === true;
    this.#flow(isFinal ? "released" : "paid", payer, payee, line ?? "", amount - vat);
    this.#flow("retagged", payer, payee, line ?? "", vat);
  }

  #takePost(entry: EntryOf<typeof DOMESTIC.POST>): void {
    const held = this.#holds.get(holdKey(hashKey(entry.sid), entry.leg));
    const terms = held && decode(termsLayout, held.terms);
    if (held === undefined || terms?.ok !== true) return;
    const facts = factsOf(terms.value.border);
    const line = facts.get("line") ?? "";
    if (this.#isIt(held.tag)) {
      this.#note(held.flags);
      this.#flow("imported", held.payer, held.payee, line, held.amount);
    } else if (held.tag === null && facts.get("carry") === this.#key) {
      this.#flow("issued", held.payer, held.payee, line, held.amount);
    }
  }

  #takeRefusal(entry: EntryOf<typeof DOMESTIC.REJECTED>): void {
    const parsed = parseInstruction(entry.instruction);
    if (!parsed.ok) return;
    const { order } = parsed.value;
    if (!("tag" in order) || !this.#isIt(order.tag)) return;
    const terms = entry.terms && decode(termsLayout, entry.terms.terms);
    const leg = terms?.ok === true ? terms.value.legs[entry.terms?.leg ?? 0] : undefined;
    const amount = "amount" in order ? order.amount : (leg?.amount ?? 0n);
    const key = `${entry.code} ${entry.rule}`;
    const known = this.#refusals.get(key) ?? {
      code: entry.code,
      rule: entry.rule,
      amount: 0n,
      count: 0,
    };
    known.amount += amount;
    known.count += 1;
    this.#refusals.set(key, known);
  }

  #isIt(tag: Tag["id"] | null): boolean {
    return tag !== null && tagKey(tag) === this.#key;
  }

  #flow(kind: FlowKind, from: string, to: string, line: string, amount: bigint): void {
    const key = `${kind} ${from} ${to} ${line}`;
    const known = this.#flows.get(key) ?? { kind, from, to, line, amount: 0n, payments: 0 };
    known.amount += amount;
    known.payments += 1;
    this.#flows.set(key, known);
  }

  #note(rules: readonly string[]): void {
    for (const rule of rules) this.#notes.set(rule, (this.#notes.get(rule) ?? 0) + 1);
  }
}
