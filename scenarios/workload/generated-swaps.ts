import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import {
  convertCeil,
  convertFloor,
  renderAmount,
  type Amount,
  type Rate,
} from "../../node/money.ts";
import { crossRate, USD, type DayRates } from "../rates.ts";
import type {
  CurrencyPair,
  GeneratedSwaps,
  GeneratedWorkload,
  Scenario,
  ScenarioBank,
  ScenarioMember,
} from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Funds, Refusal } from "./funds.ts";
import type { PlannedLeg, PlannedSwap } from "./plan.ts";
import { drawTickets } from "./tickets.ts";

/** What is sold for what, at which exact rates in minor units. */
interface Route {
  readonly sold: ScenarioBank;
  readonly bought: ScenarioBank;
  readonly toBought: Rate;
  readonly fromCents: Rate;
  readonly toCents: Rate;
}

/** A swap without its members: both amounts, and what the sold one is worth in US cents. */
interface Deal {
  readonly route: Route;
  readonly sell: Amount;
  readonly buy: Amount;
  readonly cents: Amount;
}

interface Traders {
  readonly seller: ScenarioMember;
  readonly buyer: ScenarioMember;
}

/** Plans the swaps, in order of time, and takes what they need from the funds. */
export function generateSwaps(
  scenario: Scenario,
  { workload, swaps }: { readonly workload: GeneratedWorkload; readonly swaps: GeneratedSwaps },
  funds: Funds,
  prng: Prng,
): Outcome<readonly PlannedSwap[], Refusal> {
  const routes = drawRoutes(swaps, scenario.rates, prng.fork("pairs"));
  if (!routes.ok) return routes;
  const tickets = drawTickets(swaps.totalUsd, swaps.count, prng.fork("tickets"));
  const deals = sizeDeals(routes.value, tickets);
  if (!deals.ok) return deals;
  const traders = assignTraders(scenario, deals.value, funds, prng.fork("members"));
  if (!traders.ok) return traders;

  const times = prng.fork("times");
  const initiated = deals.value.map(() => times.int(0, workload.durationMs - 1));
  initiated.sort((a, b) => a - b);
  const screening = prng.fork("screening");
  const planned = deals.value.map(({ route, sell, buy }, i): PlannedSwap => {
    const { seller, buyer } = traders.value[i] as Traders;
    return {
      id: `swap-${i + 1}`,
      initiatedMs: initiated[i] as number,
      screeningMs: screening.int(...workload.screeningMs),
      pair: `${route.sold.currency.code}/${route.bought.currency.code}`,
      legs: [
        legAt(route.sold, { payer: seller, payee: buyer, amount: sell }),
        legAt(route.bought, { payer: buyer, payee: seller, amount: buy }),
      ],
      tag: null,
    };
  });
  return ok(planned);
}

interface Payment {
  readonly payer: ScenarioMember;
  readonly payee: ScenarioMember;
  readonly amount: Amount;
}

const legAt = ({ id, currency }: ScenarioBank, { payer, payee, amount }: Payment): PlannedLeg => ({
  bank: id,
  currency: currency.code,
  payer: payer.id,
  payee: payee.id,
  amount,
});

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
    if (there == null || back == null) {
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
 * Amounts at the exact rates, worth exactly what the tickets are worth together. Where a minor unit
 * of the sold currency is worth more than a cent, not every value can be had: what one swap is worth
 * above its ticket is taken off another.
 */
function sizeDeals(
  routes: readonly Route[],
  tickets: readonly Amount[],
): Outcome<readonly Deal[], Refusal> {
  const deals: Deal[] = [];
  let excess = 0n;
  for (const [i, route] of routes.entries()) {
    const wanted = (tickets[i] as Amount) - excess;
    const deal = dealOf(route, wanted > 0n ? wanted : 1n);
    excess = deal.cents - wanted;
    deals.push(deal);
  }
  for (const [i, { route, cents }] of deals.entries()) {
    if (excess === 0n) break;
    const wanted = cents - excess;
    const deal = wanted > 0n ? dealOf(route, wanted) : undefined;
    if (deal?.cents !== wanted) continue;
    deals[i] = deal;
    excess = 0n;
  }
  const total = tickets.reduce((sum, ticket) => sum + ticket, 0n);
  const path = "workload.swaps.totalUsd";
  if (excess !== 0n) {
    const found = `"${renderAmount(total, USD.decimals)}", not reached exactly in minor units`;
    return reject({ path, found, allowed: "a total that the sold currencies can make up" });
  }
  if (deals.some(({ sell, buy }) => sell === 0n || buy === 0n)) {
    const found = "a swap worth less than one minor unit of a currency";
    return reject({ path, found, allowed: "a larger total, or fewer swaps" });
  }
  return ok(deals);
}

/** The seller gives at least the wanted value; the buyer pays no more than the rate gives. */
function dealOf(route: Route, wantedCents: bigint): Deal {
  const sell = convertCeil(wantedCents as Amount, route.fromCents);
  const buy = convertFloor(sell, route.toBought);
  return { route, sell, buy, cents: convertFloor(sell, route.toCents) };
}

/**
 * Finds a commercial bank for each side of each deal, the largest first: one that has not traded yet
 * if there is any, else by chance, in proportion to what it has left. When money is so scarce that
 * this fails, the one with the most left.
 */
function assignTraders(
  scenario: Scenario,
  deals: readonly Deal[],
  funds: Funds,
  prng: Prng,
): Outcome<readonly Traders[], Refusal> {
  const byChance = (able: readonly ScenarioMember[], left: LeftOf): ScenarioMember =>
    prng.pickWeighted(able, left);
  const byWealth = (able: readonly ScenarioMember[], left: LeftOf): ScenarioMember =>
    able.reduce((most, member) => (left(member) > left(most) ? member : most));
  let unable: Unable | undefined;
  for (const choose of [byChance, byWealth]) {
    const assigned = tryTraders(scenario, deals, funds, choose);
    if (assigned.ok) {
      for (const [i, { sell, buy }] of deals.entries()) {
        const { seller, buyer } = assigned.value[i] as Traders;
        funds.take(seller, sell);
        funds.take(buyer, buy);
      }
      return assigned;
    }
    unable = assigned.error;
  }
  return reject(explain(unable as Unable, deals, scenario.members, funds));
}

type LeftOf = (member: ScenarioMember) => bigint;

type Choose = (able: readonly ScenarioMember[], left: LeftOf) => ScenarioMember;

/** The side of a deal for which nobody has enough. */
interface Unable {
  readonly bank: ScenarioBank;
  readonly amount: Amount;
}

function tryTraders(
  { members }: Scenario,
  deals: readonly Deal[],
  funds: Funds,
  choose: Choose,
): Outcome<readonly Traders[], Unable> {
  const spent = new Map<ScenarioMember, bigint>();
  const left: LeftOf = (member) => funds.leftOf(member) - (spent.get(member) ?? 0n);
  const tradersOf = new Map<string, readonly ScenarioMember[]>();
  const find = (home: ScenarioBank, abroad: ScenarioBank, amount: Amount) => {
    const key = `${home.id} ${abroad.id}`;
    const traders = tradersOf.get(key) ?? members.filter((member) => trades(member, home, abroad));
    tradersOf.set(key, traders);
    const able = traders.filter((member) => left(member) >= amount);
    if (able.length === 0) return undefined;
    const fresh = able.filter((member) => !spent.has(member));
    const found = choose(fresh.length > 0 ? fresh : able, left);
    spent.set(found, (spent.get(found) ?? 0n) + amount);
    return found;
  };
  const assigned: Traders[] = [];
  const largestFirst = [...deals.entries()].sort(([i, a], [j, b]) =>
    a.cents === b.cents ? i - j : a.cents > b.cents ? -1 : 1,
  );
  for (const [i, { route, sell, buy }] of largestFirst) {
    const { sold, bought } = route;
    const seller = find(sold, bought, sell);
    if (seller === undefined) return reject({ bank: sold, amount: sell });
    const buyer = find(bought, sold, buy);
    if (buyer === undefined) return reject({ bank: bought, amount: buy });
    assigned[i] = { seller, buyer };
  }
  return ok(assigned);
}

const trades = (member: ScenarioMember, home: ScenarioBank, abroad: ScenarioBank): boolean =>
  member.memberClass === "commercial-bank" &&
  member.bank === home.id &&
  member.nonResidentAt.includes(abroad.id);

function explain(
  { bank, amount }: Unable,
  deals: readonly Deal[],
  members: readonly ScenarioMember[],
  funds: Funds,
): Refusal {
  const { code, decimals } = bank.currency;
  const money = (minor: bigint): string => `${renderAmount(minor, decimals)} ${code}`;
  let needed = 0n;
  for (const { route, sell, buy } of deals) {
    if (route.sold === bank) needed += sell;
    if (route.bought === bank) needed += buy;
  }
  const banks = members.filter(
    (member) => member.memberClass === "commercial-bank" && member.bank === bank.id,
  );
  const issued = banks.reduce((sum, member) => sum + funds.leftOf(member), 0n);
  return {
    path: "workload.swaps.totalUsd",
    found: `a swap of ${money(amount)} that no commercial bank of ${bank.id} can pay`,
    allowed: `a smaller total, or a larger issue: together they pay ${money(needed)} and have ${money(issued)}`,
  };
}
