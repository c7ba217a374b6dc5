import { describe, expect, it } from "vitest";
import { ABORT, COMMIT, CORRIDOR } from "../../corridor/entries.ts";
import { encodeDecline, encodeGetTerms } from "../../corridor/messages.ts";
import { MAX_VIOLATIONS } from "../../corridor/limits.ts";
import { checkGenesis, quorumSize } from "../../node/genesis.ts";
import { ORDER } from "../../node/instruction.ts";
import type { Amount } from "../../node/money.ts";
import { toMs } from "../../node/time.ts";
import { Bench } from "./bench.ts";
import { DELTA_MS, SHAPES, TTL_MS } from "../../scenarios/explore/corridor.ts";
import {
  accountName,
  swapSubmission,
  agreeSwap,
  orderSubmission,
  ringLegs,
  type AgreedLeg,
} from "../../scenarios/explore/agreed-swaps.ts";
import {
  demandLiveness,
  flushSeat,
  heal,
  outcomeAt,
  passDelay,
  runFor,
  settle,
  sidKeys,
} from "../../scenarios/explore/drive.ts";
import type { World } from "../../scenarios/explore/world.ts";
import { foundedOf, testCorridor } from "./kit.ts";

/** A corridor in which bank 1 has just announced a swap, if its payers agreed. */
function begin(
  n: keyof typeof SHAPES,
  options: {
    readonly legs?: readonly AgreedLeg[];
    readonly absent?: readonly string[];
    readonly signed?: readonly number[];
  } = {},
): { readonly world: World; readonly sid: string } {
  const { legs = ringLegs([1, 2]), absent = [], signed } = options;
  const world = foundedOf(n);
  for (const seat of absent) world.do({ kind: "crash", seat, keep: 0 });
  // Member 3 gets an account with money at bank 1, for swaps with two legs there.
  const order = {
    kind: ORDER.transfer,
    payee: accountName(3),
    tag: null,
    line: null,
    purpose: null,
    facts: [],
  } as const;
  const payer = { bank: 1, member: 1, number: 2 };
  const paid = orderSubmission(world.corridor, payer, { ...order, amount: 100n as Amount });
  world.do({ kind: "submit", seat: "1", bytes: paid });
  settle(world);
  world.traffic.clear();
  const deal = agreeSwap(world.corridor, { number: 10, legs });
  world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal, signed) });
  flushSeat(world, "1");
  return { world, sid: sidKeys(world)[0] ?? "" };
}

/** After how many message delays each seat has decided, and how. */
function decidedAfter(world: World, sid: string, delays: number): Map<string, number> {
  const after = new Map<string, number>();
  for (let delay = 1; delay <= delays; delay++) {
    passDelay(world);
    for (const [id, seat] of world.seats) {
      const decided = (seat.machine?.state.decided.count ?? 0) > 0;
      if (decided && !after.has(id)) after.set(id, delay);
    }
  }
  expect(sid).not.toBe("");
  return after;
}

describe("3.2 quorums", () => {
  it.each([
    [2, 0, 0, 2],
    [3, 0, 1, 2],
    [4, 1, 0, 3],
    [5, 1, 0, 4],
    [5, 0, 2, 3],
    [6, 1, 1, 4],
    [7, 2, 0, 5],
  ])("n = %i, b = %i, c = %i: q = %i", (n, b, c, q) => {
    expect(quorumSize(n, b)).toBe(q);
    expect(q).toBeLessThanOrEqual(n - b - c);
    expect(2 * q - n, "Q1: two quorums share b + 1 banks").toBeGreaterThanOrEqual(b + 1);
  });

  it("a corridor that violates n ≥ 3b+2c+1 is refused, and so is any other quorum", () => {
    const { genesis, signatures } = testCorridor(SHAPES[6]);
    expect(checkGenesis(genesis.record, signatures.verifier).ok).toBe(true);
    const lies = [{ byzantine: 2 }, { crashed: 2 }, { quorum: 3 }, { quorum: 5 }];
    for (const lie of lies) {
      expect(checkGenesis({ ...genesis.record, ...lie }, signatures.verifier).ok).toBe(false);
    }
  });
});

describe("3.9 latency", () => {
  it.each([3, 4, 6, 7] as const)(
    "n = %i, sequential initiation: COMMIT is decided everywhere after 3 message delays",
    (n) => {
      const { world, sid } = begin(n);
      const after = decidedAfter(world, sid, 5);
      // With q = 2 the VOTE that comes with the last LOCK and the own one are enough.
      const early = n === 3 ? 2 : 3;
      const expected = [...world.seats.keys()].map((id) => [id, id === "2" ? 3 : early] as const);
      expect(after).toEqual(new Map(expected));
      expect([outcomeAt(world, "1", sid), outcomeAt(world, "2", sid)]).toEqual(["1", "1"]);
    },
  );

  it.each([
    [3, ["3"]],
    [4, ["3"]],
    [6, ["4", "6"]],
    [7, ["3", "7"]],
  ] as const)(
    "up to n−q crashed non-participants do not change the fast path (n = %i)",
    (n, absent) => {
      const { world, sid } = begin(n, { absent });
      const after = decidedAfter(world, sid, 5);
      expect(after.size).toBe(n - absent.length);
      expect(Math.max(...after.values())).toBe(3);
    },
  );

  it("messages: at most (n+1)(n−1) block pushes per swap when alone, until it is decided", () => {
    for (const n of [2, 3, 4, 6, 7] as const) {
      const { world, sid } = begin(n);
      passDelay(world);
      passDelay(world);
      const pushes = [...world.traffic].filter(([name]) => name.endsWith(" PUSH"));
      const sum = pushes.reduce((total, [, count]) => total + count, 0);
      const settles = [...world.seats.values()].filter(
        ({ id }) => outcomeAt(world, id, sid) !== "",
      );
      expect(sum - settles.length * (n - 1)).toBeLessThanOrEqual((n + 1) * (n - 1));
    }
  });

  it("abort: T0 + 4Δ, the last bank's T0", () => {
    const { world, sid } = begin(4, { signed: [0] });
    const delays = decidedAfter(world, sid, TTL_MS / DELTA_MS + 8);
    expect(Math.max(...delays.values())).toBeLessThanOrEqual(TTL_MS / DELTA_MS + 1 + 4);
    expect([outcomeAt(world, "1", sid), outcomeAt(world, "2", sid)]).toEqual(["2", "2"]);
  });

  it("after a REFUSE: 1Δ + 4Δ", () => {
    const legs = [
      { bank: 1, payer: 1, payee: 2, amount: 10n },
      { bank: 2, payer: 2, payee: 1, amount: 5_000n },
    ];
    const { world, sid } = begin(4, { legs });
    const delays = decidedAfter(world, sid, 12);
    // Bank 2 refuses when it has heard of the swap, after the first delay.
    expect(Math.max(...delays.values())).toBeLessThanOrEqual(1 + 1 + 4);
    expect([outcomeAt(world, "1", sid), outcomeAt(world, "2", sid)]).toEqual(["2", "2"]);
    expect(world.seat("1").machine?.state.books.holds.size).toBe(0);
  });

  it("a swap in a ring of three banks, and one with two legs on one ledger, settle likewise", () => {
    const twoOnOne = [
      { bank: 1, payer: 1, payee: 2, amount: 7n },
      { bank: 2, payer: 2, payee: 1, amount: 5n },
      { bank: 1, payer: 3, payee: 4, amount: 1n },
    ];
    for (const [legs, ends, closed] of [
      [ringLegs([1, 2, 3]), ["1", "1", "1", ""], [0b001, 0b010, 0b100, 0]],
      [twoOnOne, ["1", "1", "", ""], [0b101, 0b010, 0, 0]],
    ] as const) {
      const { world, sid } = begin(4, { legs });
      settle(world);
      const banks = ["1", "2", "3", "4"];
      expect(banks.map((bank) => outcomeAt(world, bank, sid))).toEqual(ends);
      const swaps = banks.map((bank) => world.seat(bank).conduct.swaps.get(sid));
      expect(swaps.map((swap) => swap?.closed)).toEqual(closed);
    }
  });
});

describe("3.11 the bilateral degenerate case: n = 2, q = 2", () => {
  it("A decides at 2Δ, B at 3Δ", () => {
    const { world, sid } = begin(2);
    expect(decidedAfter(world, sid, 4)).toEqual(
      new Map([
        ["1", 2],
        ["2", 3],
      ]),
    );
    expect([outcomeAt(world, "1", sid), outcomeAt(world, "2", sid)]).toEqual(["1", "1"]);
  });

  it.each(["1", "2"])(
    "it blocks while bank %s is down; there is no unilateral abort after LOCK",
    (down) => {
      const { world, sid } = begin(2);
      passDelay(world);
      world.do({ kind: "crash", seat: down, keep: 0 });
      const other = down === "1" ? "2" : "1";
      runFor(world, 600_000);
      expect(outcomeAt(world, other, sid)).toBe("");
      expect(world.seat(other).conduct.holds.get(`${sid} ${Number(other) - 1}`)).toBe("placed");
      const healedMs = toMs(world.now);
      heal(world);
      demandLiveness(world, healedMs);
      expect(outcomeAt(world, "1", sid)).toBe(outcomeAt(world, "2", sid));
    },
  );
});

describe("3.3 what goes only between the banks taking part", () => {
  const PRIVATE = / (TERMS|GET_TERMS|DECLINE)$/;
  const privately = (world: World): readonly string[] =>
    [...world.traffic.keys()].filter((name) => PRIVATE.test(name)).toSorted();

  it("TERMS, sent with the block that announces; DECLINE with a REFUSE; never relayed", () => {
    for (const amount of [10n, 2_000n]) {
      const legs = [
        { bank: 1, payer: 1, payee: 2, amount: 10n },
        { bank: 2, payer: 2, payee: 1, amount },
      ];
      const { world } = begin(4, { legs });
      runFor(world, 10_000);
      const declined = amount > 1_000n ? ["2>1 DECLINE"] : [];
      expect(privately(world)).toEqual(["1>2 TERMS", ...declined]);
    }
  });

  it("and again on GET_TERMS(sid), when they were lost", () => {
    const { world, sid } = begin(4);
    const queue = world.queues.get("1>2") ?? [];
    world.do({ kind: "lose", queue: "1>2", index: queue.length - 1 });
    settle(world);
    expect(world.seat("2").conduct.swaps.get(sid)?.locked ?? 0).toBe(0);
    runFor(world, 2 * DELTA_MS);
    expect(privately(world)).toEqual(["1>2 TERMS", "2>1 GET_TERMS"]);
    expect(outcomeAt(world, "2", sid)).toBe(`${COMMIT}`);
  });

  it("a bank that takes no part asks in vain, and its TERMS and DECLINE are not taken (B15)", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap();
    bench.announce(swap);
    bench.terms(3, swap);
    expect(bench.course).toBe("");
    bench.terms(1, swap);
    expect(bench.course).toBe("LOCK VOTE");
    bench.forgetMail();
    bench.send(3, encodeGetTerms({ sid: swap.sid }));
    expect(bench.sent("terms")).toEqual([]);
    bench.send(3, encodeDecline({ sid: swap.sid, code: "FUNDS_INSUFFICIENT", rules: [] }));
    expect(bench.seat.machine?.state.swaps.get(swap.key)?.refusal).toBeNull();
    bench.send(1, encodeDecline({ sid: swap.sid, code: "FUNDS_INSUFFICIENT", rules: [] }));
    expect(bench.seat.machine?.state.swaps.get(swap.key)?.refusal).toBe("FUNDS_INSUFFICIENT");
  });

  it("a peer that goes on sending what the commitment does not bind is disconnected", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap();
    const other = bench.swap(undefined, { number: 77 });
    bench.announce(swap);
    for (let i = 0; i < MAX_VIOLATIONS; i++) bench.terms(1, swap, other.deal);
    const codes = bench.seat.reports.map((r) => (r.kind === "warning" ? r.code : ""));
    expect(codes.filter((code) => code === "terms_mismatch")).toHaveLength(MAX_VIOLATIONS);
    expect(bench.dropped).toEqual([1]);
  });

  it("instructions of a deal that come twice, or with others, leave room for the own member's", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap();
    const [first] = swap.deal.instructions;
    bench.announce(swap);
    const without = { ...swap.deal, instructions: [first, first, first, first] as never };
    for (let i = 0; i < 10; i++) bench.terms(1, swap, without);
    bench.world.do({ kind: "submit", seat: "2", bytes: swapSubmission(swap.deal, [1]) });
    settle(bench.world);
    expect(bench.own(CORRIDOR.LOCK)).toHaveLength(1);
  });

  it("both sides submit on their own, in either order: the swap settles once", () => {
    for (const order of [
      ["1", "2"],
      ["2", "1"],
    ] as const) {
      const world = foundedOf(4);
      const deal = agreeSwap(world.corridor, { number: 10, legs: ringLegs([1, 2]) });
      for (const seat of order) {
        world.do({ kind: "submit", seat, bytes: swapSubmission(deal, [Number(seat) - 1]) });
        settle(world);
      }
      expect(sidKeys(world)).toHaveLength(1);
      expect([...world.outcomes.values()]).toEqual([COMMIT]);
      world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
      settle(world);
      expect(sidKeys(world), "the payer's number was used").toHaveLength(1);
    }
  });

  it("no member's money is held for long by a counterparty that stays silent (B11)", () => {
    const { world, sid } = begin(4, { signed: [0] });
    runFor(world, TTL_MS + 10 * DELTA_MS);
    expect(outcomeAt(world, "1", sid)).toBe(`${ABORT}`);
    expect(world.seat("1").machine?.state.books.holds.size).toBe(0);
  });
});
