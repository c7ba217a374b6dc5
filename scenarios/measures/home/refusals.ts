import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import { decode } from "../../../crypto/canonical-layout.ts";
import { termsLayout } from "../../../node/terms.ts";
import type { LedgerItem } from "./ledger-items.ts";

/** R3: what a bank's rules did not let happen, and what they noted; amounts in minor units. */
export interface RefusalsRow {
  readonly refused: readonly {
    readonly code: string;
    readonly rule: string;
    readonly count: number;
    readonly amount: string;
  }[];
  readonly noted: readonly { readonly rule: string; readonly count: number }[];
}

export class Refusals {
  readonly #refused = new Map<
    string,
    { readonly code: string; readonly rule: string; count: number; sum: bigint }
  >();
  readonly #noted = new Map<string, number>();

  take({ entry, instruction }: LedgerItem): void {
    if ("flags" in entry) {
      for (const rule of entry.flags) this.#noted.set(rule, (this.#noted.get(rule) ?? 0) + 1);
    }
    if (entry.kind !== DOMESTIC.REJECTED) return;
    const { code, rule, terms } = entry;
    const order = instruction?.order;
    const agreed = terms === null ? undefined : decode(termsLayout, terms.terms);
    const leg = agreed?.ok === true ? agreed.value.legs[terms?.leg ?? 0] : undefined;
    const amount = order !== undefined && "amount" in order ? order.amount : (leg?.amount ?? 0n);
    const key = `${code} ${rule}`;
    const known = this.#refused.get(key) ?? { code, rule, count: 0, sum: 0n };
    known.count += 1;
    known.sum += amount;
    this.#refused.set(key, known);
  }

  result(): RefusalsRow {
    return {
      refused: Array.from(this.#refused.values(), ({ code, rule, count, sum }) => {
        return { code, rule, count, amount: `${sum}` };
      }),
      noted: Array.from(this.#noted, ([rule, count]) => ({ rule, count })),
    };
  }
}
