import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { renderAmount, type Amount } from "../../node/money.ts";
import type { Scenario, ScenarioBank, ScenarioMember } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Deal } from "./deals.ts";
import type { Funds, Refusal } from "./funds.ts";

/** Who sells and who buys: commercial banks at home where they pay, non-resident where they are paid. */
export interface Traders {
  readonly seller: ScenarioMember;
  readonly buyer: ScenarioMember;
}

/**
 * Finds the traders of each deal, the largest first: those that have not traded yet if there are any,
 * else by chance, in proportion to what they have left. When money is so scarce that this fails, those
 * with the most left. Takes what they pay from the funds.
 */
export function assignTraders(
  { members }: Pick<Scenario, "members">,
  deals: readonly Deal[],
  funds: Funds,
  prng: Prng,
): Outcome<readonly Traders[], Refusal> {
  const byChance: Choose = (able, left) => prng.pickWeighted(able, left);
  const byWealth: Choose = (able, left) =>
    able.reduce((most, member) => (left(member) > left(most) ? member : most));
  let assigned = tryTraders(members, deals, funds, byChance);
  if (!assigned.ok) assigned = tryTraders(members, deals, funds, byWealth);
  if (!assigned.ok) return reject(explain(assigned.error, { deals, members }, funds));
  for (const [i, { sell, buy }] of deals.entries()) {
    const { seller, buyer } = assigned.value[i] as Traders;
    funds.take(seller, sell);
    funds.take(buyer, buy);
  }
  return assigned;
}

type LeftOf = (member: ScenarioMember) => bigint;

/** One of the members that are able to pay, of which there is at least one. */
type Choose = (able: readonly ScenarioMember[], left: LeftOf) => ScenarioMember;

/** The side of a deal for which nobody has enough. */
interface Unable {
  readonly bank: ScenarioBank;
  readonly amount: Amount;
}

function tryTraders(
  members: readonly ScenarioMember[],
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
  isTrader(member, home) && member.nonResidentAt.includes(abroad.id);

const isTrader = ({ memberClass, bank }: ScenarioMember, home: ScenarioBank): boolean =>
  memberClass === "commercial-bank" && bank === home.id;

function explain(
  { bank, amount }: Unable,
  {
    deals,
    members,
  }: { readonly deals: readonly Deal[]; readonly members: readonly ScenarioMember[] },
  funds: Funds,
): Refusal {
  const { code, decimals } = bank.currency;
  const money = (minor: bigint): string => `${renderAmount(minor, decimals)} ${code}`;
  let needed = 0n;
  for (const { route, sell, buy } of deals) {
    if (route.sold === bank) needed += sell;
    if (route.bought === bank) needed += buy;
  }
  const traders = members.filter((member) => isTrader(member, bank));
  const held = traders.reduce((sum, member) => sum + funds.leftOf(member), 0n);
  const sums = `the swaps need ${money(needed)} and its commercial banks have ${money(held)}`;
  return {
    path: "workload.swaps.totalUsd",
    found: `a swap of ${money(amount)} that no commercial bank of ${bank.id} can still pay`,
    allowed: `a smaller total, or a larger issue: ${sums}`,
  };
}
