import type { Bytes } from "../../crypto/bytes.ts";
import type { Bank } from "../../node/genesis.ts";
import type { Books } from "../../node/accounts/books.ts";
import { tagKey } from "../../node/ids.ts";
import { TAG_KIND } from "../../node/tags/definition.ts";
import { traceTag, type FlowKind, type TagTrace } from "./tag-trace.ts";

/** One tag's trace as a manifest keeps it: amounts are decimal strings of minor units. */
export interface TagRow {
  readonly bank: string;
  readonly currency: string;
  readonly id: string;
  readonly reference: string;
  readonly owner: string;
  readonly kind: string;
  readonly issued: string;
  readonly held: string;
  readonly released: string;
  readonly returned: string;
  readonly flows: readonly {
    readonly kind: FlowKind;
    readonly from: string;
    readonly to: string;
    readonly line: string;
    readonly amount: string;
    readonly payments: number;
  }[];
  readonly lines: readonly {
    readonly line: string;
    readonly maxAmount: string;
    readonly paidIn: string;
    readonly released: string;
  }[];
  readonly refusals: readonly {
    readonly code: string;
    readonly rule: string;
    readonly count: number;
    readonly amount: string;
  }[];
  readonly notes: readonly { readonly rule: string; readonly payments: number }[];
}

/** Tags, flows and lines that a manifest keeps; whoever wants more asks the ledgers (`trace-tag`). */
const MAX_TAGS_KEPT = 20;
const MAX_ROWS_KEPT = 200;

/** The traces of a bank's first tags, in the order in which they were defined. */
export function tagRows(
  { bank, books }: { readonly bank: Bank; readonly books: Books },
  entries: readonly Bytes[],
): readonly TagRow[] {
  const tags = [...books.tags.values()].slice(0, MAX_TAGS_KEPT);
  return tags.map((tag) => tagRow(traceTag(tag, entries), bank));
}

export function tagRow({ tag, flows, refusals, notes }: TagTrace, bank: Bank): TagRow {
  const { definition, issued, held, released, returned } = tag;
  const kind = Object.entries(TAG_KIND).find(([, number]) => number === definition.kind)?.[0];
  return {
    bank: bank.id,
    currency: bank.currency.code,
    id: tagKey(tag.id),
    reference: definition.reference,
    owner: definition.fundOwner,
    kind: kind ?? "",
    issued: `${issued}`,
    held: `${held}`,
    released: `${released}`,
    returned: `${returned}`,
    flows: flows.slice(0, MAX_ROWS_KEPT).map((flow) => ({ ...flow, amount: `${flow.amount}` })),
    lines: [...tag.lines].slice(0, MAX_ROWS_KEPT).map(([line, part]) => ({
      line,
      maxAmount: `${part.maxAmount}`,
      paidIn: `${part.paidIn}`,
      released: `${part.released}`,
    })),
    refusals: refusals.map((refusal) => ({ ...refusal, amount: `${refusal.amount}` })),
    notes: Array.from(notes, ([rule, payments]) => ({ rule, payments })),
  };
}
