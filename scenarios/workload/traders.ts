import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { renderAmount, type Amount } from "../../node/money.ts";
import type { Scenario, ScenarioBank, ScenarioMember } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { DrawnSwap } from "./drawn-swaps.ts";
import type { Funds, Refusal } from "./funds.ts";

/** Who sells and who buys: commercial banks at home where they pay, non-resident where they are paid. */
export interface Traders {
  readonly seller: ScenarioMember;
  readonly buyer: ScenarioMember;
}

/**
 * Finds the traders of each swap, the largest swap first: those that have not traded yet if there are
 * any, else by chance, in proportion to what they have left. Takes what they pay from the funds.
 */
export function assignTraders(
  { members }: Pick<Scenario, "members">,
  swaps: readonly DrawnSwap[],
  funds: Funds,
  prng: Prng,
): Outcome<readonly Traders[], Refusal> {
  const needed = new Map<ScenarioBank, bigint>();
  for (const { route, sell, buy } of swaps) {
    needed.set(route.sold, (needed.get(route.sold) ?? 0n) + sell);
    needed.set(route.bought, (needed.get(route.bought) ?? 0n) + buy);
  }
  const held = heldAt([...needed.keys()], members, funds);
  const refuse = (bank: ScenarioBank, amount: Amount) =>
    reject(explain({ bank, amount, needed: needed.get(bank) ?? 0n, held: held.get(bank) ?? 0n }));

  const hasTraded = new Set<ScenarioMember>();
  const tradersOf = new Map<string, readonly ScenarioMember[]>();
  const find = (home: ScenarioBank, abroad: ScenarioBank, amount: Amount) => {
    const key = `${home.id} ${abroad.id}`;
    const traders = tradersOf.get(key) ?? members.filter((member) => trades(member, home, abroad));
    tradersOf.set(key, traders);
    const able = traders.filter((member) => funds.leftOf(member) >= amount);
    if (able.length === 0) return undefined;
    const fresh = able.filter((member) => !hasTraded.has(member));
    const found = prng.pickWeighted(fresh.length > 0 ? fresh : able, (member) =>
      funds.leftOf(member),
    );
    hasTraded.add(found);
    funds.take(found, amount);
    return found;
  };
  const assigned: Traders[] = [];
  const largestFirst = [...swaps.entries()].sort(([i, a], [j, b]) =>
    a.cents === b.cents ? i - j : a.cents > b.cents ? -1 : 1,
  );
  for (const [i, { route, sell, buy }] of largestFirst) {
    const { sold, bought } = route;
    const seller = find(sold, bought, sell);
    if (seller === undefined) return refuse(sold, sell);
    const buyer = find(bought, sold, buy);
    if (buyer === undefined) return refuse(bought, buy);
    assigned[i] = { seller, buyer };
  }
  return ok(assigned);
}

const trades = (member: ScenarioMember, home: ScenarioBank, abroad: ScenarioBank): boolean =>
  isTrader(member, home) && member.nonResidentAt.includes(abroad.id);

const isTrader = ({ memberClass, bank }: ScenarioMember, home: ScenarioBank): boolean =>
  memberClass === "commercial-bank" && bank === home.id;

/** What the commercial banks at home at each of the banks have. */
function heldAt(
  banks: readonly ScenarioBank[],
  members: readonly ScenarioMember[],
  funds: Funds,
): ReadonlyMap<ScenarioBank, bigint> {
  const sumAt = (bank: ScenarioBank): bigint =>
    members
      .filter((member) => isTrader(member, bank))
      .reduce((sum, member) => sum + funds.leftOf(member), 0n);
  return new Map(banks.map((bank) => [bank, sumAt(bank)]));
}

interface Shortage {
  readonly bank: ScenarioBank;
  /** What nobody can still pay. */
  readonly amount: Amount;
  /** What all swaps need of the currency, and what its commercial banks had. */
  readonly needed: bigint;
  readonly held: bigint;
}

function explain({ bank, amount, needed, held }: Shortage): Refusal {
  const { code, decimals } = bank.currency;
  const money = (minor: bigint): string => `${renderAmount(minor, decimals)} ${code}`;
  const sums = `the swaps need ${money(needed)} and its commercial banks have ${money(held)}`;
  return {
    path: "workload.swaps.totalUsd",
    found: `a swap of ${money(amount)} that no commercial bank of ${bank.id} can still pay`,
    allowed: `a smaller total, or a larger issue: ${sums}`,
  };
}
