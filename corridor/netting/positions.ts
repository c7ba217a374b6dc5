import type { MemberId } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";
import type { Trade } from "./trade.ts";

/** Minor units by member and currency, such as net positions; absent is zero. */
export class Positions {
  readonly #byMember = new Map<MemberId, Map<CurrencyCode, bigint>>();

  of(member: MemberId, currency: CurrencyCode): bigint {
    return this.#byMember.get(member)?.get(currency) ?? 0n;
  }

  add(member: MemberId, currency: CurrencyCode, amount: bigint): void {
    let own = this.#byMember.get(member);
    if (own === undefined) {
      own = new Map();
      this.#byMember.set(member, own);
    }
    own.set(currency, (own.get(currency) ?? 0n) + amount);
  }

  /** Adds what a trade gives to and takes from its two parties; `sign` -1 takes it back. */
  post({ legs: [a, b] }: Trade, sign: 1n | -1n = 1n): void {
    this.add(a.payer, a.currency, -sign * a.amount);
    this.add(b.payer, a.currency, sign * a.amount);
    this.add(b.payer, b.currency, -sign * b.amount);
    this.add(a.payer, b.currency, sign * b.amount);
  }

  copy(): Positions {
    const copy = new Positions();
    for (const { member, currency, amount } of this.entries()) copy.add(member, currency, amount);
    return copy;
  }

  /** What is not zero, in the order in which it was first touched. */
  *entries(): Iterable<Position> {
    for (const [member, own] of this.#byMember) {
      for (const [currency, amount] of own) {
        if (amount !== 0n) yield { member, currency, amount };
      }
    }
  }
}

export interface Position {
  readonly member: MemberId;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
}

/** N[m][c] = receipts - payments over all trades (protocols.md, 2.5); sums to zero in each currency. */
export function netPositions(trades: Iterable<Trade>): Positions {
  const net = new Positions();
  for (const trade of trades) net.post(trade);
  return net;
}
