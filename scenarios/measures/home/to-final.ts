import { tagKey, type TagKey } from "../../../node/ids.ts";
import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import type { Tag } from "../../../node/tags/tag.ts";
import { distribution, type Distribution } from "../distribution.ts";
import type { LedgerItem } from "./ledger-items.ts";

/** R7: how long a tag's money took from the owner's payment into the chain to the final supplier. */
export interface ToFinalRow {
  readonly reference: string;
  readonly payments: number;
  /** Milliseconds. */
  readonly times: Distribution;
}

interface Paid {
  readonly timeMs: number;
  left: bigint;
}

/**
 * Within a line the units of a tag are interchangeable: what is released is matched with what was paid
 * in first. A release that was paid in at several times counts once, by the latest.
 */
export class ToFinal {
  readonly #tags: ReadonlyMap<TagKey, Tag>;
  readonly #paidIn = new Map<string, Paid[]>();
  readonly #times = new Map<TagKey, number[]>();

  constructor(tags: ReadonlyMap<TagKey, Tag>) {
    this.#tags = tags;
  }

  take({ entry, timeMs }: LedgerItem): void {
    if (entry.kind !== DOMESTIC.XFER && entry.kind !== DOMESTIC.TAG_RELEASE) {
      if (entry.kind !== DOMESTIC.VAT_XFER) return;
    }
    if (entry.tag === null || entry.line === null) return;
    const key = tagKey(entry.tag);
    const tag = this.#tags.get(key);
    if (tag === undefined) return;
    const line = `${key} ${entry.line}`;
    if ((tag.definition.fundOwner as string) === entry.payer) {
      const queue = this.#paidIn.get(line) ?? [];
      queue.push({ timeMs, left: entry.amount });
      this.#paidIn.set(line, queue);
    }
    if (tag.payees.get(entry.payee)?.final !== true) return;
    const since = this.#match(line, entry.amount);
    if (since === undefined) return;
    const times = this.#times.get(key) ?? [];
    times.push(timeMs - since);
    this.#times.set(key, times);
  }

  result(): readonly ToFinalRow[] {
    return Array.from(this.#times, ([key, times]) => {
      const { reference = "" } = this.#tags.get(key)?.definition ?? {};
      return { reference, payments: times.length, times: distribution(times) as Distribution };
    });
  }

  #match(line: string, amount: bigint): number | undefined {
    const queue = this.#paidIn.get(line) ?? [];
    let left = amount;
    let since: number | undefined;
    for (let first = queue[0]; first !== undefined && left > 0n; first = queue[0]) {
      const part = first.left < left ? first.left : left;
      first.left -= part;
      left -= part;
      since = first.timeMs;
      if (first.left === 0n) queue.shift();
    }
    return since;
  }
}
