import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import {
  convertCeil,
  convertFloor,
  renderAmount,
  type Amount,
  type Rate,
} from "../../node/money.ts";
import { crossRate, USD, type DayRates } from "../rates.ts";
import type { CurrencyPair, GeneratedSwaps, ScenarioBank } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Refusal } from "./funds.ts";
import { drawTickets } from "./tickets.ts";

/** A swap without its members: both amounts, and what the sold one is worth in US cents. */
export interface DrawnSwap {
  readonly route: Route;
  readonly sell: Amount;
  readonly buy: Amount;
  readonly cents: Amount;
}

/** What is sold for what, at which exact rates in minor units. */
interface Route {
  readonly sold: ScenarioBank;
  readonly bought: ScenarioBank;
  readonly toBought: Rate;
  readonly fromCents: Rate;
  readonly toCents: Rate;
}

/** Draws what is swapped: as many swaps, worth exactly as much, as the scenario says. */
export function drawSwaps(
  swaps: GeneratedSwaps,
  rates: DayRates | null,
  prng: Prng,
): Outcome<readonly DrawnSwap[], Refusal> {
  const routes = drawRoutes(swaps, rates, prng.fork("pairs"));
  if (!routes.ok) return routes;
  const tickets = drawTickets(swaps.totalUsd, swaps.count, prng.fork("tickets"));
  return sizeSwaps(routes.value, tickets, swaps.totalUsd);
}

/** The routes in a drawn order: each pair as often as its share says, in both directions by turns. */
function drawRoutes(
  { count, pairs }: GeneratedSwaps,
  rates: DayRates | null,
  prng: Prng,
): Outcome<readonly Route[], Refusal> {
  const routes: Route[] = [];
  const counts = apportion(count, pairs);
  for (const [i, { first, second }] of pairs.entries()) {
    const there = rates && routeOf(first, second, rates);
    const back = rates && routeOf(second, first, rates);
    if (!there || !back) {
      const codes = `${first.currency.code} and ${second.currency.code}`;
      return reject({ path: "rates", found: "no rate", allowed: `rates of ${codes} on the day` });
    }
    const begin = prng.int(0, 1);
    for (let n = 0; n < (counts[i] ?? 0); n++) routes.push((n + begin) % 2 === 0 ? there : back);
  }
  return ok(prng.shuffle(routes));
}

function routeOf(sold: ScenarioBank, bought: ScenarioBank, rates: DayRates): Route | undefined {
  const toBought = crossRate(rates, sold.currency, bought.currency);
  const fromCents = crossRate(rates, USD, sold.currency);
  const toCents = crossRate(rates, sold.currency, USD);
  if (toBought === undefined || fromCents === undefined || toCents === undefined) return undefined;
  return { sold, bought, toBought, fromCents, toCents };
}

/** How often each pair occurs: its share of the count, by the largest remainder. */
function apportion(count: number, pairs: readonly CurrencyPair[]): readonly number[] {
  const whole = pairs.reduce((sum, { share }) => sum + share, 0);
  const counts = pairs.map(({ share }) => Math.floor((count * share) / whole));
  const remainder = (i: number): number => (count * (pairs[i]?.share ?? 0)) % whole;
  const byRemainder = [...pairs.keys()].sort((a, b) => remainder(b) - remainder(a) || a - b);
  const left = count - counts.reduce((sum, n) => sum + n, 0);
  for (const i of byRemainder.slice(0, left)) counts[i] = (counts[i] ?? 0) + 1;
  return counts;
}

/**
 * Amounts at the exact rates, together worth exactly the total. Where a minor unit of the sold
 * currency is worth more than a cent, not every value can be had: what one swap is worth above its
 * ticket is taken off the next one, and in the end off any that can give it.
 */
function sizeSwaps(
  routes: readonly Route[],
  tickets: readonly Amount[],
  total: Amount,
): Outcome<readonly DrawnSwap[], Refusal> {
  const swaps: DrawnSwap[] = [];
  let excess = 0n;
  for (const [i, route] of routes.entries()) {
    const wanted = (tickets[i] as Amount) - excess;
    const swap = swapOf(route, wanted > 0n ? wanted : 1n);
    excess = swap.cents - wanted;
    swaps.push(swap);
  }
  for (const [i, { route, cents }] of swaps.entries()) {
    if (excess === 0n) break;
    const wanted = cents - excess;
    const swap = wanted > 0n ? swapOf(route, wanted) : undefined;
    if (swap?.cents !== wanted) continue;
    swaps[i] = swap;
    excess = 0n;
  }
  const path = "workload.swaps.totalUsd";
  if (excess !== 0n) {
    const found = `"${renderAmount(total, USD.decimals)}", which whole minor units do not make up`;
    return reject({ path, found, allowed: "a total that amounts of the sold currencies make up" });
  }
  if (swaps.some(({ sell, buy }) => sell === 0n || buy === 0n)) {
    const found = "a swap worth less than one minor unit of a currency";
    return reject({ path, found, allowed: "a larger total, or fewer swaps" });
  }
  return ok(swaps);
}

/** The seller gives at least the wanted value; the buyer pays no more than the rate gives. */
function swapOf(route: Route, wantedCents: bigint): DrawnSwap {
  const sell = convertCeil(wantedCents as Amount, route.fromCents);
  const buy = convertFloor(sell, route.toBought);
  return { route, sell, buy, cents: convertFloor(sell, route.toCents) };
}
