import { invariant, ok, reject, unreachable, type Outcome } from "../../crypto/outcome.ts";
import type { MemberId } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { netPositions, Positions, type Position } from "./positions.ts";
import { settleSet } from "./settle-set.ts";
import {
  MAX_BATCH_TRADES,
  sameTerms,
  whyNoTrade,
  type Trade,
  type TradeRejection,
} from "./trade.ts";

/**
 * What the hub is told. Its state is what these inputs make of it: a hub that made each durable before it
 * acted on it goes on after a crash by taking them again, and repeats its orders, which are idempotent by
 * batch, member and currency.
 */
export type HubInput =
  /** One side of a trade; it is matched once the other side has stated the same. */
  | { readonly kind: "submit"; readonly member: MemberId; readonly trade: Trade }
  /** No trade is taken any more; net positions are final and pay-ins are called for. */
  | { readonly kind: "cut-off" }
  /** Money of a member arrived, finally, on the hub's account at the bank of the currency. */
  | { readonly kind: "pay-in"; readonly position: Position }
  /** Whatever has not settled is returned, and every balance is paid out. */
  | { readonly kind: "end" };

/** What the hub says and orders, in this order. */
export type HubOrder =
  | { readonly kind: "matched"; readonly trade: Trade }
  /** `position.amount` is what the member has to pay in. */
  | { readonly kind: "schedule"; readonly position: Position }
  /** Both legs are settled on the hub's books, finally. */
  | { readonly kind: "settled"; readonly trade: Trade }
  | { readonly kind: "returned"; readonly trade: Trade }
  /** `position.amount` is what the hub pays to the member. */
  | { readonly kind: "pay-out"; readonly position: Position };

/**
 * The hub of one batch of multilateral netting (protocols.md, 2.5; after CLS): settlement is gross on the
 * hub's books, funding is net. Where CLS settles trade by trade and lets a member's position be short
 * within limits, this hub settles sets of trades after which nobody is short: it needs no liquidity
 * provider, and a member that does not pay in cannot cost anybody principal.
 */
export class NettingHub {
  #phase: "open" | "funding" | "ended" = "open";
  readonly #halves = new Map<string, { readonly member: MemberId; readonly trade: Trade }>();
  readonly #matched = new Map<string, Trade>();
  #queue: readonly Trade[] = [];
  /** NettedFunds: never negative, and per currency their sum is what was paid in less what was paid out. */
  readonly #balances = new Positions();

  take(input: HubInput): Outcome<readonly HubOrder[], TradeRejection> {
    switch (input.kind) {
      case "submit":
        return this.#submit(input.member, input.trade);
      case "cut-off":
        return ok(this.#cutOff());
      case "pay-in":
        return ok(this.#payIn(input.position));
      case "end":
        return ok(this.#end());
      default:
        return unreachable(input);
    }
  }

  /** Whether trades wait for pay-ins, or for their batch to end. */
  get hasOpenTrades(): boolean {
    return this.#phase === "open" || this.#queue.length > 0;
  }

  get balances(): Positions {
    return this.#balances.copy();
  }

  #submit(member: MemberId, trade: Trade): Outcome<readonly HubOrder[], TradeRejection> {
    if (this.#phase !== "open") return reject({ code: "too_late" });
    const why = whyNoTrade(trade);
    if (why !== undefined) return reject({ code: "trade_invalid", why });
    if (trade.legs.every(({ payer }) => payer !== member)) {
      return reject({ code: "trade_invalid", why: "submitted by neither party" });
    }
    const half = this.#halves.get(trade.id);
    const known = this.#matched.get(trade.id) ?? half?.trade;
    if (known !== undefined && !sameTerms(known, trade)) return reject({ code: "trade_mismatch" });
    if (this.#matched.has(trade.id) || half?.member === member) return reject({ code: "exists" });
    if (half === undefined) {
      if (this.#halves.size + this.#matched.size >= MAX_BATCH_TRADES) {
        return reject({ code: "busy", limit: MAX_BATCH_TRADES });
      }
      this.#halves.set(trade.id, { member, trade });
      return ok([]);
    }
    this.#halves.delete(trade.id);
    this.#matched.set(trade.id, trade);
    return ok([{ kind: "matched", trade }]);
  }

  #cutOff(): readonly HubOrder[] {
    if (this.#phase !== "open") return [];
    this.#phase = "funding";
    this.#queue = [...this.#matched.values()];
    const schedule = [...netPositions(this.#queue).entries()].flatMap((position): HubOrder[] => {
      const { amount, ...whose } = position;
      return amount < 0n ? [{ kind: "schedule", position: { ...whose, amount: -amount } }] : [];
    });
    // What nets to nothing needs no money.
    return [...schedule, ...this.#settle()];
  }

  #payIn({ member, currency, amount }: Position): readonly HubOrder[] {
    invariant(amount > 0n, "NonNegative", `a pay-in of ${amount}`);
    // Money that comes too late goes back.
    if (this.#phase === "ended")
      return [{ kind: "pay-out", position: { member, currency, amount } }];
    this.#balances.add(member, currency, amount);
    return this.#phase === "funding" ? this.#settle() : [];
  }

  #settle(): readonly HubOrder[] {
    const settled = settleSet(this.#balances, this.#queue);
    if (settled.length === 0) return [];
    const done = new Set(settled);
    this.#queue = this.#queue.filter((trade) => !done.has(trade));
    for (const trade of settled) this.#balances.post(trade);
    for (const { member, currency, amount } of this.#balances.entries()) {
      invariant(amount > 0n, "NettedFunds", `${member} has ${amount} ${currency}`);
    }
    const orders: HubOrder[] = settled.map((trade) => ({ kind: "settled", trade }));
    if (this.#queue.length === 0) orders.push(...this.#payOut());
    return orders;
  }

  #end(): readonly HubOrder[] {
    if (this.#phase === "ended") return [];
    this.#phase = "ended";
    const unmatched = [...this.#halves.values()].map(({ trade }) => trade);
    const returned = [...this.#queue, ...unmatched];
    this.#queue = [];
    return [...returned.map((trade): HubOrder => ({ kind: "returned", trade })), ...this.#payOut()];
  }

  #payOut(): readonly HubOrder[] {
    const positions = [...this.#balances.entries()];
    for (const { member, currency, amount } of positions) {
      this.#balances.add(member, currency, -amount);
    }
    return positions.map((position): HubOrder => ({ kind: "pay-out", position }));
  }
}

/** Netting efficiency in one currency: 1 - funding / gross (protocols.md, 2.5), as an exact ratio. */
export function nettingEfficiency(
  trades: readonly Trade[],
  currency: CurrencyCode,
): { readonly saved: bigint; readonly gross: bigint } {
  let [gross, funding] = [0n, 0n];
  for (const { legs } of trades) {
    for (const leg of legs) if (leg.currency === currency) gross += leg.amount;
  }
  for (const position of netPositions(trades).entries()) {
    if (position.currency === currency && position.amount < 0n) funding -= position.amount;
  }
  return { saved: gross - funding, gross };
}
