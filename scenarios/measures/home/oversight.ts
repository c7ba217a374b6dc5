import { decode } from "../../../crypto/canonical-layout.ts";
import { factsOf } from "../../../node/facts.ts";
import { tagKey, type TagKey } from "../../../node/ids.ts";
import { ORDER } from "../../../node/instruction.ts";
import { DOMESTIC, type EntryOf } from "../../../node/ledger/domestic-entries.ts";
import type { Tag } from "../../../node/tags/tag.ts";
import { termsLayout } from "../../../node/terms.ts";
import type { LedgerItem } from "./ledger-items.ts";

/** What the finance ministry's monitor and an auditor look at; all of it read from the signed ledger. */
export interface OversightRow {
  /** Freezes and their lifting, in order. */
  readonly freezes: readonly {
    readonly timeMs: number;
    readonly by: string;
    readonly case: string;
    readonly reference: string;
    readonly account: string;
    readonly isLifted: boolean;
  }[];
  /** Of what a tag released, the share of the payee that received most, in hundredths of a per cent. */
  readonly concentration: readonly {
    readonly reference: string;
    readonly payee: string;
    readonly basisPoints: number;
  }[];
  /** Imports paid from tagged money, whose customs documents are due. */
  readonly claims: readonly {
    readonly reference: string;
    readonly importer: string;
    readonly amount: string;
    readonly document: string;
    readonly dueMs: number;
    readonly state: "open" | "met" | "overdue";
  }[];
}

/** An import's customs document is due so long after its payment (a choice of this model). */
const CUSTOMS_DUE_MS = 30 * 86_400_000;

interface ImportClaim {
  readonly tag: TagKey;
  readonly importer: string;
  readonly amount: bigint;
  readonly document: string;
  readonly dueMs: number;
  metMs: number | null;
}

/** Follows freezes, who is paid, and imports until their customs document is attested (topic CUSTOMS). */
export class Oversight {
  readonly #tags: ReadonlyMap<TagKey, Tag>;
  readonly #freezes: OversightRow["freezes"][number][] = [];
  readonly #released = new Map<TagKey, Map<string, bigint>>();
  readonly #holds = new Map<string, EntryOf<typeof DOMESTIC.HOLD>>();
  readonly #claims: ImportClaim[] = [];
  readonly #attested = new Set<string>();
  #nowMs = 0;

  constructor(tags: ReadonlyMap<TagKey, Tag>) {
    this.#tags = tags;
  }

  take({ entry, instruction, timeMs }: LedgerItem): void {
    this.#nowMs = timeMs;
    const order = instruction?.order;
    if (order?.kind === ORDER.freeze || order?.kind === ORDER.unfreeze) {
      if (entry.kind !== DOMESTIC.TAG_FREEZE && entry.kind !== DOMESTIC.TAG_UNFREEZE) return;
      this.#freezes.push({
        timeMs,
        by: instruction?.member ?? "",
        case: order.case,
        reference: this.#reference(tagKey(order.tag)),
        account: order.account ?? "",
        isLifted: entry.kind === DOMESTIC.TAG_UNFREEZE,
      });
    }
    if (entry.kind === DOMESTIC.TAG_RELEASE) {
      const key = tagKey(entry.tag);
      const payees = this.#released.get(key) ?? new Map<string, bigint>();
      payees.set(entry.payee, (payees.get(entry.payee) ?? 0n) + entry.amount);
      this.#released.set(key, payees);
    }
    if (
      entry.kind === DOMESTIC.ATTEST &&
      order?.kind === ORDER.attest &&
      order.topic === "CUSTOMS"
    ) {
      this.#attested.add(order.subject);
      for (const claim of this.#claims) {
        if (claim.document === order.subject) claim.metMs ??= timeMs;
      }
    }
    if (entry.kind === DOMESTIC.HOLD) this.#holds.set(`${tagKey(entry.sid)} ${entry.leg}`, entry);
    if (entry.kind === DOMESTIC.POST) this.#import(`${tagKey(entry.sid)} ${entry.leg}`, timeMs);
  }

  result(): OversightRow {
    return {
      freezes: this.#freezes,
      concentration: Array.from(this.#released, ([key, payees]) => {
        const sum = [...payees.values()].reduce((total, amount) => total + amount, 0n);
        const [first] = [...payees].toSorted(([, a], [, b]) => (a < b ? 1 : -1));
        const [payee = "", amount = 0n] = first ?? [];
        const basisPoints = Number((10_000n * amount) / (sum || 1n));
        return { reference: this.#reference(key), payee, basisPoints };
      }),
      claims: this.#claims.map(({ tag, importer, amount, document, dueMs, metMs }) => ({
        reference: this.#reference(tag),
        importer,
        amount: `${amount}`,
        document,
        dueMs,
        state: metMs !== null ? "met" : this.#nowMs > dueMs ? "overdue" : "open",
      })),
    };
  }

  #import(key: string, timeMs: number): void {
    const held = this.#holds.get(key);
    const terms = held && decode(termsLayout, held.terms);
    if (held === undefined || held.tag === null || terms?.ok !== true) return;
    const facts = factsOf(terms.value.border);
    const document = facts.get("customs") ?? "";
    this.#claims.push({
      tag: tagKey(held.tag),
      importer: held.payer,
      amount: held.amount,
      document,
      dueMs: timeMs + CUSTOMS_DUE_MS,
      metMs: this.#attested.has(document) ? timeMs : null,
    });
  }

  #reference(key: TagKey): string {
    return this.#tags.get(key)?.definition.reference ?? key;
  }
}
