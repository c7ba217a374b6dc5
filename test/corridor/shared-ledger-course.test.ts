import { describe, expect, it } from "vitest";
import { usualParameters, type ChainRule } from "../../corridor/shared-ledger/state.ts";
import { booksOf } from "../../corridor/shared-ledger/ledger.ts";
import { ORDER } from "../../node/instruction.ts";
import type { Amount } from "../../node/money.ts";
import { DELTA_MS } from "../../scenarios/explore/corridor.ts";
import { orderSubmission } from "../../scenarios/explore/agreed-swaps.ts";
import { equivocatingLeader } from "../../scenarios/sim/lies/chain-lies.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { DELAY_US, SharedWorld } from "./shared-kit.ts";

const FOUR = { n: 4, b: 1, c: 0 };
const TAU_MS = 6 * DELTA_MS;

/** A whole term of another leader's views has passed: bank 1 to 4 leads next, all of whose views are left. */
const nextLeader = (shared: SharedWorld): number => {
  const { view } = shared.seat(1).validator?.state.safety ?? { view: 0 };
  const { term } = shared.seat(1).validator?.config ?? { term: 1 };
  const { banks } = shared.corridor.genesis;
  return banks[Math.floor(view / term) % banks.length]?.number ?? 0;
};

const delaysUntilFinal = (shared: SharedWorld, chain: ChainRule): readonly number[] => {
  // The bank of the second leg endorses last, and sends the transaction to all.
  const leader = nextLeader(shared);
  const other = leader === 1 ? 2 : 1;
  const submitted = shared.world.now;
  const commitment = shared.swap(other, leader);
  shared.runFor(5_000);
  const known = submitted + DELAY_US;
  return [other, leader].map((bank) => {
    const outcome = shared.outcome(bank, commitment);
    expect(outcome?.outcome, `chain ${chain}`).toBe("settled");
    return ((outcome?.at ?? 0) - known) / DELAY_US;
  });
};

describe("the latency of protocols.md 2.3, with work that takes no time", () => {
  it("is 5 delays with chain = 2, from the leader's having the transaction until all know", () => {
    const shared = new SharedWorld(FOUR, { parameters: usualParameters(2) }).found();
    expect(Math.max(...delaysUntilFinal(shared, 2))).toBe(5);
  });

  it("is 7 delays with chain = 3", () => {
    const shared = new SharedWorld(FOUR, { parameters: usualParameters(3) }).found();
    expect(Math.max(...delaysUntilFinal(shared, 3))).toBe(7);
  });

  it("a crashed leader adds its view timer", () => {
    const shared = new SharedWorld(FOUR, { parameters: usualParameters(3) }).found();
    const leader = nextLeader(shared);
    const [a = 1, b = 2] = [1, 2, 3, 4].filter((bank) => bank !== leader);
    shared.world.crash(shared.seat(leader));
    const submitted = shared.world.now;
    const commitment = shared.swap(a, b);
    shared.runFor(20_000);
    const at = shared.outcome(a, commitment)?.at ?? 0;
    const tookMs = (at - submitted) / 1000;
    expect(shared.outcome(a, commitment)?.outcome).toBe("settled");
    expect(tookMs).toBeGreaterThanOrEqual(TAU_MS);
    expect(tookMs).toBeLessThanOrEqual(TAU_MS + (12 * DELAY_US) / 1000);
  });

  it("a leader of one view only never finishes while one of four banks is down, hence its term", () => {
    const shared = new SharedWorld(FOUR, { parameters: { chain: 3, term: 1 } }).found();
    shared.world.crash(shared.seat(4));
    const commitment = shared.swap(1, 2, 10n, 20_000);
    shared.runFor(60_000);
    expect(shared.outcome(1, commitment)).toBeUndefined();
    shared.start(shared.seat(4));
    shared.runFor(600_000);
    expect(shared.outcome(1, commitment)).toBeDefined();
  });
});

describe("the quorum table of mbridge.md 1.2 (Q8)", () => {
  const SHAPES = {
    4: { n: 4, b: 1, c: 0 },
    5: { n: 5, b: 1, c: 0 },
    6: { n: 6, b: 1, c: 1 },
    7: { n: 7, b: 2, c: 0 },
  } as const;

  it.each([
    [4, 3],
    [5, 4],
    [6, 4],
    [7, 5],
  ] as const)("%i banks have a quorum of %i", (n, q) => {
    expect(new SharedWorld(SHAPES[n]).corridor.genesis.quorum).toBe(q);
  });

  it.each([
    [4, [4], true],
    [5, [5], true],
    [6, [6], true],
    [4, [3, 4], false],
    [5, [3, 5], false],
    [6, [3, 6], true],
    [6, [5, 6], true],
    [7, [4, 7], true],
    [7, [3, 5, 7], false],
  ] as const)("%i banks with %j down: live is %s", (n, down, isLive) => {
    for (const chain of [2, 3] as const) {
      const shared = new SharedWorld(SHAPES[n], { parameters: usualParameters(chain) }).found();
      for (const bank of down) shared.world.crash(shared.seat(bank));
      const commitment = shared.swap(1, 2);
      shared.runFor(40_000);
      expect(shared.outcome(1, commitment)?.outcome, `chain ${chain}`).toBe(
        isLive ? "settled" : undefined,
      );
      shared.demandSafe();
    }
  });
});

describe("one ledger of all currencies", () => {
  const transfer = (shared: SharedWorld, bank: number, number: number) =>
    orderSubmission(
      shared.corridor,
      { bank, member: bank, number },
      {
        kind: ORDER.redeem,
        amount: 10n as Amount,
      },
    );
  const answers = (shared: SharedWorld, bank: number, number: number) =>
    shared.reports.filter(
      ({ bank: by, report }) =>
        by === bank && report.kind === "instruction" && report.number === number,
    );

  it("without a quorum every currency stops, domestic orders too, and goes on when it is back", () => {
    const shared = new SharedWorld(FOUR).found();
    shared.world.crash(shared.seat(3));
    shared.world.crash(shared.seat(4));
    shared.world.submit(shared.seat(1), transfer(shared, 1, 2));
    shared.runFor(60_000);
    expect(answers(shared, 1, 2)).toEqual([]);
    shared.start(shared.seat(4));
    shared.runFor(120_000);
    expect(answers(shared, 1, 2)).toMatchObject([{ report: { status: "executed" } }]);
  });

  it("a swap executes wholly or not at all: funds that went meanwhile void it", () => {
    const shared = new SharedWorld(FOUR).found();
    const first = shared.swap(1, 2, 60_000n);
    const second = shared.swap(1, 2, 60_000n);
    shared.runFor(10_000);
    const settled = [first, second].filter(
      (commitment) => shared.outcome(2, commitment)?.outcome === "settled",
    );
    expect(settled).toHaveLength(1);
    const rejected = shared.reports.filter(
      ({ report }) => report.kind === "instruction" && report.code === "FUNDS_INSUFFICIENT",
    );
    expect(rejected.map(({ bank }) => bank)).toEqual([1]);
    for (const seat of shared.world.seats) {
      const ledger = seat.validator?.state.ledger;
      if (ledger === undefined) continue;
      for (const { number } of shared.corridor.genesis.banks) {
        expect(booksOf(ledger, number).holds.size).toBe(0);
      }
    }
    shared.demandSafe();
  });

  it("a swap whose counterparty's bank is away expires, and is voided on the ledger", () => {
    const shared = new SharedWorld(FOUR).found();
    shared.world.crash(shared.seat(2));
    const commitment = shared.swap(1, 2, 10n, 1_000);
    shared.runFor(30_000);
    expect(shared.outcome(1, commitment)).toMatchObject({ outcome: "voided", refusal: null });
    shared.start(shared.seat(2));
    shared.runFor(10_000);
    expect(shared.seat(2).validator?.state.ledger.closed.has(commitment)).toBe(true);
    shared.demandSafe();
  });

  it("a bank's refusal voids the swap with its code", () => {
    const shared = new SharedWorld(FOUR).found();
    const commitment = shared.swap(1, 2, 100_000n);
    shared.runFor(5_000);
    const again = shared.swap(3, 2, 100_000n);
    shared.runFor(5_000);
    expect(shared.outcome(2, commitment)?.outcome).toBe("settled");
    expect(shared.outcome(3, again)).toMatchObject({
      outcome: "voided",
      refusal: "FUNDS_INSUFFICIENT",
    });
  });
});

describe("a leader that signs two blocks in one view", () => {
  it("gets a certificate for at most one of them", () => {
    const shown = [1, 2, 3].map(mostVersionsShown);
    // In some run both of them were shown, or the lie would be none.
    expect(Math.max(...shown)).toBe(2);
  });
});

function mostVersionsShown(seed: number): number {
  const shared = new SharedWorld(FOUR, { seed, parameters: usualParameters(3) }).found();
  const liar = shared.seat(2);
  const { genesis, signer } = liar.config;
  const prng = Prng.fromSeed(seed).fork("lie");
  liar.lie = equivocatingLeader({ genesis, self: 2, signer, term: 4 }, prng);
  const commitments = [1, 2, 3, 4, 5, 6].map(() => {
    const commitment = shared.swap(1, 3);
    shared.runFor(700);
    return commitment;
  });
  shared.runFor(60_000);
  const certified = new Map<number, Set<string>>();
  const proposed = new Map<number, Set<string>>();
  for (const { message } of shared.sent) {
    if (message.kind !== "propose") continue;
    const { view, justify } = message.block.header;
    proposed.set(view, (proposed.get(view) ?? new Set()).add(message.block.key));
    certified.set(
      justify.view,
      (certified.get(justify.view) ?? new Set()).add(justify.block.join()),
    );
  }
  for (const [view, blocks] of certified) expect(blocks.size, `view ${view}`).toBe(1);
  for (const commitment of commitments) {
    expect(shared.outcome(1, commitment)?.outcome).toBe("settled");
  }
  shared.demandSafe();
  return Math.max(...[...proposed.values()].map((keys) => keys.size));
}
