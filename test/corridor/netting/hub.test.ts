import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  nettingEfficiency,
  NettingHub,
  type HubInput,
  type HubOrder,
} from "../../../corridor/netting/hub.ts";
import { netPositions, Positions } from "../../../corridor/netting/positions.ts";
import { settleSet } from "../../../corridor/netting/settle-set.ts";
import type { Trade } from "../../../corridor/netting/trade.ts";
import type { MemberId } from "../../../node/ids.ts";
import type { CurrencyCode } from "../../../node/money.ts";
import { holds } from "../../property.ts";

const member = (name: string): MemberId => name as MemberId;
const money = (code: string): CurrencyCode => code as CurrencyCode;
const MEMBERS = ["a", "b", "c", "d", "e"].map(member);
const CURRENCIES = ["KZT", "CNY", "THB"].map(money);

const tradeOf = (
  id: string,
  [a, sold, amount]: readonly [string, string, bigint],
  [b, bought, price]: readonly [string, string, bigint],
): Trade => ({
  id,
  legs: [
    { payer: member(a), currency: money(sold), amount },
    { payer: member(b), currency: money(bought), amount: price },
  ],
});

const sides = (trade: Trade): readonly HubInput[] =>
  trade.legs.map(({ payer }) => ({ kind: "submit", member: payer, trade }));

/** Feeds a hub; what it refuses ends the test. */
function fed(inputs: readonly HubInput[], hub = new NettingHub()): readonly HubOrder[] {
  return inputs.flatMap((input) => {
    const taken = hub.take(input);
    if (!taken.ok) throw new Error(taken.error.code);
    return taken.value;
  });
}

const ofKind = <K extends HubOrder["kind"]>(orders: readonly HubOrder[], kind: K) =>
  orders.filter((order): order is Extract<HubOrder, { kind: K }> => order.kind === kind);

const SOLD = tradeOf("t1", ["a", "KZT", 500n], ["b", "CNY", 7n]);

const trades = fc
  .array(
    fc.record({
      parties: fc.uniqueArray(fc.constantFrom(...MEMBERS), { minLength: 2, maxLength: 2 }),
      currencies: fc.uniqueArray(fc.constantFrom(...CURRENCIES), { minLength: 2, maxLength: 2 }),
      amounts: fc.tuple(fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 9n })),
    }),
    { maxLength: 14 },
  )
  .map((drawn) =>
    drawn.map(({ parties, currencies, amounts }, i): Trade => {
      const [payer, other] = parties as [MemberId, MemberId];
      const [sold, bought] = currencies as [CurrencyCode, CurrencyCode];
      return {
        id: `t${i}`,
        legs: [
          { payer, currency: sold, amount: amounts[0] },
          { payer: other, currency: bought, amount: amounts[1] },
        ],
      };
    }),
  );

describe("netting (protocols.md, 2.5)", () => {
  it("a trade is matched once both sides have stated the same terms", () => {
    const hub = new NettingHub();
    const [first, second] = sides(SOLD) as [HubInput, HubInput];
    expect(hub.take(first)).toEqual({ ok: true, value: [] });
    expect(hub.take(first)).toEqual({ ok: false, error: { code: "exists" } });
    const other = tradeOf("t1", ["a", "KZT", 501n], ["b", "CNY", 7n]);
    expect(hub.take(sides(other)[1] as HubInput)).toEqual({
      ok: false,
      error: { code: "trade_mismatch" },
    });
    expect(hub.take(second)).toEqual({ ok: true, value: [{ kind: "matched", trade: SOLD }] });
    expect(hub.take(second)).toEqual({ ok: false, error: { code: "exists" } });
  });

  it.each([
    ["one payer", tradeOf("t", ["a", "KZT", 1n], ["a", "CNY", 1n])],
    ["one currency", tradeOf("t", ["a", "KZT", 1n], ["b", "KZT", 1n])],
    ["nothing to pay", tradeOf("t", ["a", "KZT", 0n], ["b", "CNY", 1n])],
    ["less than nothing", tradeOf("t", ["a", "KZT", 1n], ["b", "CNY", -1n])],
  ])("a trade with %s is refused", (_, trade) => {
    const taken = new NettingHub().take(sides(trade)[0] as HubInput);
    expect(taken).toMatchObject({ ok: false, error: { code: "trade_invalid" } });
    const stranger: HubInput = { kind: "submit", member: member("z"), trade: SOLD };
    expect(new NettingHub().take(stranger)).toMatchObject({ error: { code: "trade_invalid" } });
  });

  it("after the cut-off no trade is taken, and each net payer is called for its net amount", () => {
    const back = tradeOf("t2", ["b", "KZT", 200n], ["a", "CNY", 3n]);
    const hub = new NettingHub();
    const orders = fed([...sides(SOLD), ...sides(back), { kind: "cut-off" }], hub);
    expect(ofKind(orders, "schedule").map(({ position }) => position)).toEqual([
      { member: "a", currency: "KZT", amount: 300n },
      { member: "b", currency: "CNY", amount: 4n },
    ]);
    expect(hub.take(sides(SOLD)[0] as HubInput)).toMatchObject({ error: { code: "too_late" } });
  });

  it("trades that net to nothing settle without money", () => {
    const back = tradeOf("t2", ["b", "KZT", 500n], ["a", "CNY", 7n]);
    const orders = fed([...sides(SOLD), ...sides(back), { kind: "cut-off" }]);
    expect(orders.map(({ kind }) => kind)).toEqual(["matched", "matched", "settled", "settled"]);
  });

  it("settles when both have paid in, and pays each what it bought", () => {
    const pay = (whose: string, code: string, amount: bigint): HubInput => ({
      kind: "pay-in",
      position: { member: member(whose), currency: money(code), amount },
    });
    const hub = new NettingHub();
    fed([...sides(SOLD), { kind: "cut-off" }], hub);
    expect(fed([pay("a", "KZT", 500n)], hub)).toEqual([]);
    expect(fed([pay("b", "CNY", 7n)], hub)).toEqual([
      { kind: "settled", trade: SOLD },
      { kind: "pay-out", position: { member: "a", currency: "CNY", amount: 7n } },
      { kind: "pay-out", position: { member: "b", currency: "KZT", amount: 500n } },
    ]);
  });

  it("what one member does not pay in is returned to the others, with the trade (R9)", () => {
    const hub = new NettingHub();
    fed([...sides(SOLD), { kind: "cut-off" }], hub);
    const paid = { member: member("a"), currency: money("KZT"), amount: 500n };
    expect(fed([{ kind: "pay-in", position: paid }, { kind: "end" }], hub)).toEqual([
      { kind: "returned", trade: SOLD },
      { kind: "pay-out", position: paid },
    ]);
    const late = { member: member("b"), currency: money("CNY"), amount: 7n };
    expect(fed([{ kind: "pay-in", position: late }], hub)).toEqual([
      { kind: "pay-out", position: late },
    ]);
  });

  it("net positions sum to zero in every currency, so that every bank can check them (R9)", () => {
    holds(
      fc.property(trades, (all) => {
        const sums = new Map<string, bigint>();
        for (const { currency, amount } of netPositions(all).entries()) {
          sums.set(currency, (sums.get(currency) ?? 0n) + amount);
        }
        for (const sum of sums.values()) expect(sum).toBe(0n);
      }),
      300,
    );
  });

  it("whoever pays in, nobody loses principal and nothing is made (Conservation)", () => {
    const chosen = fc.infiniteStream(fc.boolean());
    holds(
      fc.property(trades, chosen, (all, pays) => {
        const hub = new NettingHub();
        const opening = fed([...all.flatMap(sides), { kind: "cut-off" }], hub);
        const payIns = ofKind(opening, "schedule")
          .map(({ position }) => position)
          .filter(() => pays.next().value);
        const inputs = payIns.map((position): HubInput => ({ kind: "pay-in", position }));
        const orders = [...opening, ...fed([...inputs, { kind: "end" }], hub)];
        const settled = ofKind(orders, "settled").map(({ trade }) => trade);
        const expected = netPositions(settled);
        for (const { member: whose, currency, amount } of payIns) {
          expected.add(whose, currency, amount);
        }
        for (const { position } of ofKind(orders, "pay-out")) {
          expect(position.amount).toBeGreaterThan(0n);
          expected.add(position.member, position.currency, -position.amount);
        }
        // What a member paid in and what its settled trades brought it is what it was paid out.
        expect([...expected.entries()]).toEqual([]);
        const ended = [...settled, ...ofKind(orders, "returned").map(({ trade }) => trade)];
        expect(ended.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
      }),
      500,
    );
  });

  it("when all have paid in, in whichever order, every trade settles", () => {
    holds(
      fc.property(trades, fc.array(fc.nat(), { minLength: 15, maxLength: 15 }), (all, order) => {
        const hub = new NettingHub();
        const opening = fed([...all.flatMap(sides), { kind: "cut-off" }], hub);
        const payIns = ofKind(opening, "schedule")
          .map(({ position }, i) => ({ position, at: order[i] ?? 0 }))
          .sort((a, b) => a.at - b.at);
        const inputs = payIns.map(({ position }): HubInput => ({ kind: "pay-in", position }));
        const orders = [...opening, ...fed([...inputs, { kind: "end" }], hub)];
        expect(ofKind(orders, "returned")).toEqual([]);
        expect(ofKind(orders, "settled")).toHaveLength(all.length);
        expect([...hub.balances.entries()]).toEqual([]);
      }),
      300,
    );
  });

  it("a set that settles leaves nobody short, and is the whole queue when that fits", () => {
    const funds = fc.array(fc.bigInt({ min: 0n, max: 12n }), { minLength: 15, maxLength: 15 });
    holds(
      fc.property(trades, funds, (queue, amounts) => {
        const balances = new Positions();
        MEMBERS.forEach((whose, i) =>
          CURRENCIES.forEach((code, j) => balances.add(whose, code, amounts[i * 3 + j] ?? 0n)),
        );
        const set = settleSet(balances, queue);
        const isShort = (all: readonly Trade[]): boolean => {
          const result = balances.copy();
          for (const trade of all) result.post(trade);
          return [...result.entries()].some(({ amount }) => amount < 0n);
        };
        expect(isShort(set)).toBe(false);
        if (!isShort(queue)) expect(set).toEqual(queue);
      }),
      500,
    );
  });

  it("a hub that takes its journal again gives the same orders", () => {
    holds(
      fc.property(trades, (all) => {
        const inputs: HubInput[] = [...all.flatMap(sides), { kind: "cut-off" }];
        const schedule = ofKind(fed(inputs), "schedule");
        inputs.push(...schedule.map(({ position }): HubInput => ({ kind: "pay-in", position })));
        inputs.push({ kind: "end" });
        expect(fed(inputs)).toEqual(fed(inputs));
      }),
      100,
    );
  });

  it("saves nearly everything among many members, and nothing between two that trade one way (Q4)", () => {
    const crowd = Array.from({ length: 2_000 }, (_, i): Trade => {
      const [from, to] = [i % 40, (i * 17 + 5) % 40];
      const sold = CURRENCIES[i % 3] ?? money("KZT");
      const bought = CURRENCIES[(i + 1) % 3] ?? money("CNY");
      return tradeOf(
        `t${i}`,
        [`m${from}`, sold, 100n],
        [`m${to === from ? (to + 1) % 40 : to}`, bought, 100n],
      );
    });
    const { saved, gross } = nettingEfficiency(crowd, money("KZT"));
    expect(Number(saved) / Number(gross)).toBeGreaterThan(0.85);
    const oneWay = Array.from({ length: 50 }, (_, i) =>
      tradeOf(`t${i}`, ["a", "KZT", 100n], ["b", "CNY", 2n]),
    );
    expect(nettingEfficiency(oneWay, money("KZT"))).toEqual({ saved: 0n, gross: 5_000n });
  });
});
