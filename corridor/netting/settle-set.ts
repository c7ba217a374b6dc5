import type { MemberId } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { Positions } from "./positions.ts";
import type { Trade } from "./trade.ts";

/**
 * The trades that can settle together on these balances: all of them, less the last of those in which a
 * member pays a currency that it would end below zero in, until nobody would. Both legs of a trade stay
 * or go together, and no balance is ever negative. Each trade is dropped once at most.
 */
export function settleSet(balances: Positions, queue: readonly Trade[]): readonly Trade[] {
  const result = balances.copy();
  const payments = new Map<string, number[]>();
  for (const [at, trade] of queue.entries()) {
    result.post(trade);
    for (const { payer, currency } of trade.legs) {
      const key = keyOf(payer, currency);
      const paid = payments.get(key);
      if (paid === undefined) payments.set(key, [at]);
      else paid.push(at);
    }
  }
  const dropped = new Set<number>();
  const short = [...result.entries()].filter(({ amount }) => amount < 0n);
  for (let next = short.pop(); next !== undefined; next = short.pop()) {
    const { member, currency } = next;
    const paid = payments.get(keyOf(member, currency)) ?? [];
    while (result.of(member, currency) < 0n) {
      const at = paid.pop();
      // Without payments of its own a member's balance only grows.
      if (at === undefined) break;
      if (dropped.has(at)) continue;
      dropped.add(at);
      const trade = queue[at] as Trade;
      result.post(trade, -1n);
      // Each party lost what the other leg would have brought it.
      for (const leg of trade.legs) {
        for (const party of trade.legs) {
          const amount = result.of(party.payer, leg.currency);
          if (amount < 0n) short.push({ member: party.payer, currency: leg.currency, amount });
        }
      }
    }
  }
  return queue.filter((_, at) => !dropped.has(at));
}

const keyOf = (member: MemberId, currency: CurrencyCode): string => `${currency} ${member}`;
