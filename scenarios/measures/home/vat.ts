import { numberOf } from "../../../node/facts.ts";
import { tagKey, type TagKey } from "../../../node/ids.ts";
import { ORDER } from "../../../node/instruction.ts";
import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import { TAG_KIND } from "../../../node/tags/definition.ts";
import type { Tag } from "../../../node/tags/tag.ts";
import { distribution, type Distribution } from "../distribution.ts";
import type { LedgerItem } from "./ledger-items.ts";

const DAY_MS = 86_400_000;

/** Days that published figures state, before and in the pilot; drawn beside what a run measured. */
export const REFUND_DAYS = { before: [70, 75], pilot: [10, 15] } as const;

/** R5: value added tax of a bank's ledger; amounts in minor units as decimal strings. */
export interface VatRow {
  /** VAT stated on invoices: what is due. */
  readonly due: string;
  /** Split off at payment, under a VAT tag. */
  readonly marked: string;
  /** Paid to the budget, from marked money and from plain money. */
  readonly paid: string;
  /** Still marked: beyond the reach of whoever holds it. */
  readonly secured: string;
  /** Neither paid nor secured. */
  readonly gap: string;
  /** From a claim to its refund, for invoices inside the scheme and outside it. */
  readonly refunds: readonly {
    readonly where: "inside" | "outside";
    readonly claims: number;
    readonly refunded: string;
    readonly open: number;
    readonly days: Distribution | null;
  }[];
  /** How many claims were open, day by day. */
  readonly queue: readonly { readonly day: number; readonly open: number }[];
}

interface Claim {
  readonly claimedMs: number;
  refundedMs: number | null;
  isInside: boolean;
  amount: bigint;
}

/** Follows invoices (facts `invoice`, `vat`), payments to the budget (`vat-for`), claims and refunds (`claim`). */
export class Vat {
  readonly #tags: ReadonlyMap<TagKey, Tag>;
  #due = 0n;
  #marked = 0n;
  #paid = 0n;
  #firstMs = 0;
  #lastMs = 0;
  readonly #inside = new Set<string>();
  readonly #claims = new Map<string, Claim>();

  constructor(tags: ReadonlyMap<TagKey, Tag>) {
    this.#tags = tags;
  }

  take(item: LedgerItem): void {
    const { entry, facts, instruction, timeMs } = item;
    this.#firstMs ||= timeMs;
    this.#lastMs = timeMs;
    const order = instruction?.order;
    if (entry.kind === DOMESTIC.ATTEST && order?.kind === ORDER.attest && order.topic === "CLAIM") {
      const claim = { claimedMs: timeMs, refundedMs: null, isInside: false, amount: 0n };
      this.#claims.set(order.subject, claim);
    }
    const invoice = facts.get("invoice");
    const claim = this.#claims.get(facts.get("claim") ?? "");
    if (claim !== undefined && invoice !== undefined) claim.isInside = this.#inside.has(invoice);
    if (entry.kind === DOMESTIC.VAT_XFER) {
      this.#due += entry.vat;
      this.#marked += entry.vat;
      if (invoice !== undefined) this.#inside.add(invoice);
    } else if (entry.kind === DOMESTIC.XFER && entry.tag === null) {
      if (claim !== undefined) {
        claim.refundedMs = timeMs;
        claim.amount = entry.amount;
      } else if (facts.has("vat-for")) this.#paid += entry.amount;
      else this.#due += numberOf(facts.get("vat")) ?? 0n;
    } else if (entry.kind === DOMESTIC.TAG_RELEASE) {
      const kind = this.#tags.get(tagKey(entry.tag))?.definition.kind;
      if (kind === TAG_KIND.vat) this.#paid += entry.amount;
    }
  }

  /** `null` when the ledger has no VAT. */
  result(): VatRow | null {
    if (this.#due === 0n) return null;
    let secured = 0n;
    for (const { definition, held } of this.#tags.values()) {
      if (definition.kind === TAG_KIND.vat) secured += held;
    }
    const claims = [...this.#claims.values()];
    return {
      due: `${this.#due}`,
      marked: `${this.#marked}`,
      paid: `${this.#paid}`,
      secured: `${secured}`,
      gap: `${this.#due - this.#paid - secured}`,
      refunds: (["inside", "outside"] as const).map((where) =>
        refundsOf(
          where,
          claims.filter(({ isInside }) => isInside === (where === "inside")),
        ),
      ),
      queue: this.#queue(claims),
    };
  }

  #queue(claims: readonly Claim[]): VatRow["queue"] {
    if (claims.length === 0) return [];
    const days = Math.ceil((this.#lastMs - this.#firstMs) / DAY_MS);
    return Array.from({ length: days + 1 }, (_, day) => {
      const at = this.#firstMs + day * DAY_MS;
      const open = claims.filter(
        ({ claimedMs, refundedMs }) => claimedMs <= at && (refundedMs === null || refundedMs > at),
      );
      return { day, open: open.length };
    });
  }
}

function refundsOf(
  where: "inside" | "outside",
  claims: readonly Claim[],
): VatRow["refunds"][number] {
  const days = claims.flatMap(({ claimedMs, refundedMs }) =>
    refundedMs === null ? [] : [(refundedMs - claimedMs) / DAY_MS],
  );
  const refunded = claims.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    where,
    claims: claims.length,
    refunded: `${refunded}`,
    open: claims.length - days.length,
    days: distribution(days),
  };
}
