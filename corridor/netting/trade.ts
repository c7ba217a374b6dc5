import type { MemberId } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";

/** One side of a trade: `payer` owes `amount` minor units of `currency` to the other party. */
export interface TradeLeg {
  readonly payer: MemberId;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
}

/** Two members owe each other amounts of two currencies; each is the payee of the other's leg. */
export interface Trade {
  readonly id: string;
  readonly legs: readonly [TradeLeg, TradeLeg];
}

/** Why the hub does not take a trade. */
export type TradeRejection =
  | { readonly code: "trade_invalid"; readonly why: string }
  /** The other side stated other terms under the same id. */
  | { readonly code: "trade_mismatch" }
  | { readonly code: "exists" }
  | { readonly code: "too_late" }
  | { readonly code: "busy"; readonly limit: number };

/** Trades of one batch: what the hub keeps until its end. */
export const MAX_BATCH_TRADES = 200_000;

export const whyNoTrade = ({ legs: [a, b] }: Trade): string | undefined => {
  if (a.payer === b.payer) return "both legs have one payer";
  if (a.currency === b.currency) return "both legs have one currency";
  if (a.amount <= 0n || b.amount <= 0n) return "an amount that is not above zero";
  return undefined;
};

export const sameTerms = ({ legs: one }: Trade, { legs: other }: Trade): boolean =>
  one.every((leg, i) => {
    const { payer, currency, amount } = other[i === 0 ? 0 : 1];
    return leg.payer === payer && leg.currency === currency && leg.amount === amount;
  });
