import { describe, expect, it } from "vitest";
import { hashKey } from "../../crypto/hash.ts";
import { leaderOf, valueOf, viewTimeout } from "../../corridor/certified/slow-path.ts";
import { newSwap, type SeenStatus } from "../../corridor/swap/swap.ts";
import { newBankMachine } from "../../corridor/bank-state.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type CorridorEntry,
  type Decision,
  type EntryRef,
  type LockReport,
} from "../../corridor/entries.ts";
import { MAX_VIEW } from "../../corridor/limits.ts";
import { bytesNamed } from "../bytes.ts";
import { Bench, say, type PlayedSwap } from "./bench.ts";
import { leaderByFormula } from "../../scenarios/checkers/justification.ts";
import { configOf, DELTA_MS, SHAPES, TTL_MS } from "../../scenarios/explore/corridor.ts";
import { testCorridor } from "./kit.ts";

const { lock, vote, refuse, status, lead, accept, confirm } = say;

/** Bank 4 of four (q = 3, b = 1): a witness of a swap between banks 1 and 2. */
const witness = (): Bench => new Bench(SHAPES[4], 4);

/** The swap is announced; bank 2 REFUSEs; this bank is in view 1. */
function inViewOne(bench: Bench, leader: number): PlayedSwap {
  const swap = bench.swapLedBy(leader);
  bench.announce(swap);
  bench.tell(2, refuse(swap));
  expect(bench.course).toBe("STATUS(1)");
  return swap;
}

/** STATUS(view) of these banks, without P and lock. */
const statusesOf = (
  bench: Bench,
  swap: PlayedSwap,
  view: number,
  banks: readonly number[],
): EntryRef[] => banks.map((bank) => bench.tell(bank, status(swap, view)).refs[0] as EntryRef);

const acceptsOf = (
  bench: Bench,
  swap: PlayedSwap,
  view: number,
  decision: Decision,
  banks: readonly number[] = [1, 2, 3],
): EntryRef[] =>
  banks.map((bank) => bench.tell(bank, accept(swap, view, decision)).refs[0] as EntryRef);

describe("3.5 views", () => {
  it("enter(v): append STATUS(v, P if known, myLock): nothing known", () => {
    const bench = witness();
    inViewOne(bench, 1);
    expect(bench.own(CORRIDOR.STATUS)).toMatchObject([{ view: 1, locks: null, lock: null }]);
  });

  it("P MUST be present if voted", () => {
    const bench = witness();
    const swap = bench.swap();
    const first = bench.announce(swap).refs[1];
    const second = bench.tell(2, lock(swap, 1)).refs[0];
    bench.wait(TTL_MS);
    expect(bench.course).toBe("VOTE STATUS(1)");
    expect(bench.own(CORRIDOR.STATUS)).toMatchObject([{ locks: [first, second], lock: null }]);
  });

  it("P if known: also when it became known after the fast path was left", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS);
    bench.tell(2, lock(swap, 1));
    bench.wait(6 * DELTA_MS);
    expect(bench.own(CORRIDOR.STATUS).map(({ locks }) => locks?.length)).toEqual([undefined, 2]);
    expect(bench.own(CORRIDOR.VOTE), "S1: in view 0 only").toEqual([]);
  });

  it("start timer τ_v = τ_1 · 2^(v−1), τ_1 = 6·Δ̂; on timer τ_v, not decided: enter(v+1)", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS + 6 * DELTA_MS * (2 ** 5 - 1));
    const at = bench.signed.filter(({ entry }) => entry.kind === CORRIDOR.STATUS);
    const waits = at.slice(1).map(({ timeMs }, i) => (timeMs - (at[i]?.timeMs ?? 0)) / DELTA_MS);
    expect(waits).toEqual([6, 12, 24, 48, 96]);
    expect(bench.course).toBe("STATUS(1) STATUS(2) STATUS(3) STATUS(4) STATUS(5) STATUS(6)");
  });

  it("views end at MAX_VIEW, months away", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(1, status(swap, MAX_VIEW));
    bench.tell(2, status(swap, MAX_VIEW));
    bench.wait(1);
    expect(bench.course).toBe(`STATUS(${MAX_VIEW})`);
    const { machine } = bench.seat;
    expect(machine && viewTimeout(machine, MAX_VIEW)).toBeGreaterThan(28 * 86_400_000);
    bench.sleep(2 * 6 * DELTA_MS * 2 ** (MAX_VIEW - 1));
    expect(bench.course).toBe(`STATUS(${MAX_VIEW})`);
  });

  it.each([
    { shape: SHAPES[4], views: [[1, 5]], enters: 0 },
    {
      shape: SHAPES[4],
      views: [
        [1, 5],
        [2, 3],
      ],
      enters: 3,
    },
    {
      shape: SHAPES[4],
      views: [
        [1, 5],
        [1, 7],
      ],
      enters: 0,
    },
    {
      shape: SHAPES[4],
      views: [
        [1, 5],
        [2, 3],
        [3, 4],
      ],
      enters: 4,
    },
    {
      shape: SHAPES[7],
      views: [
        [1, 9],
        [2, 7],
      ],
      enters: 0,
    },
    {
      shape: SHAPES[7],
      views: [
        [1, 9],
        [2, 7],
        [3, 2],
      ],
      enters: 2,
    },
    {
      shape: SHAPES[7],
      views: [
        [1, 9],
        [2, 7],
        [3, 2],
        [5, 8],
      ],
      enters: 7,
    },
    { shape: SHAPES[3], views: [[1, 6]], enters: 6 },
  ])(
    "on STATUS of views > view from b+1 distinct banks: enter(v'), the (b+1)-th highest ($views in a corridor of $shape.n)",
    ({ shape, views, enters }) => {
      const bench = new Bench(shape, shape.n === 3 ? 3 : 4);
      const swap = bench.swap();
      bench.announce(swap);
      for (const [bank, view] of views) bench.tell(bank as number, status(swap, view as number));
      const entered = bench.own(CORRIDOR.STATUS).map(({ view }) => view);
      expect(entered.at(-1) ?? 0).toBe(enters);
    },
  );

  it("STATUSes of the own view or lower do not count for joining", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(1, status(swap, 3));
    bench.tell(2, status(swap, 3));
    bench.tell(1, status(swap, 2));
    bench.tell(2, status(swap, 3));
    bench.tell(3, status(swap, 9));
    expect(bench.course).toBe("STATUS(3)");
  });

  it("leader(sid, v) = (first 8 bytes of sid + v) mod n", () => {
    for (const shape of Object.values(SHAPES)) {
      const corridor = testCorridor(shape);
      const machine = newBankMachine(configOf(corridor, 1));
      for (let i = 0; i < 20; i++) {
        const sid = bytesNamed(`swap ${i}`);
        if (i === 0) sid.fill(0xff, 0, 8);
        const swap = newSwap(sid, hashKey(sid));
        for (const view of [1, 2, 3, MAX_VIEW]) {
          expect(leaderOf(machine, swap, view)).toBe(leaderByFormula(sid, view, corridor.genesis));
        }
      }
    }
    const corridor = testCorridor(SHAPES[7]);
    const swap = newSwap(bytesNamed("x"), "");
    swap.sid.set([0, 0, 0, 0, 0, 0, 0, 20]);
    expect(
      leaderOf(newBankMachine(configOf(corridor, 1)), swap, 3),
      "23 mod 7, counted from bank 1",
    ).toBe(3);
  });
});

describe("3.5 the leader", () => {
  it("on q verified STATUS(v): append LEAD(v, x, refs), once per view; not with q − 1", () => {
    const bench = witness();
    const swap = inViewOne(bench, 4);
    const [first] = statusesOf(bench, swap, 1, [1]);
    expect(bench.own(CORRIDOR.LEAD)).toEqual([]);
    const [second] = statusesOf(bench, swap, 1, [2]);
    const statuses = [bench.refOf(CORRIDOR.STATUS), first, second];
    expect(bench.own(CORRIDOR.LEAD)).toMatchObject([{ view: 1, decision: ABORT, statuses }]);
    statusesOf(bench, swap, 1, [3]);
    expect(bench.own(CORRIDOR.LEAD)).toHaveLength(1);
  });

  it("only the leader of the view leads", () => {
    const bench = witness();
    const swap = inViewOne(bench, 3);
    statusesOf(bench, swap, 1, [1, 2, 3]);
    expect(bench.own(CORRIDOR.LEAD)).toEqual([]);
  });

  it("in view v: STATUSes of another view are not counted", () => {
    const bench = witness();
    const swap = inViewOne(bench, 4);
    statusesOf(bench, swap, 2, [1]);
    statusesOf(bench, swap, 1, [2]);
    expect(bench.own(CORRIDOR.LEAD)).toEqual([]);
  });

  it("x = COMMIT, if no lock is reported and any of the q STATUSes has a verified P", () => {
    const bench = witness();
    const swap = bench.swapLedBy(4);
    const first = bench.announce(swap, true).refs[1] as EntryRef;
    bench.wait(TTL_MS);
    const second = bench.tell(2, lock(swap, 1), status(swap, 1)).refs[0] as EntryRef;
    bench.tell(1, status(swap, 1, { locks: [first, second] }));
    expect(bench.own(CORRIDOR.LEAD)).toMatchObject([{ decision: COMMIT }]);
  });

  it("else ABORT: P that this bank knows but no STATUS reports does not count", () => {
    const bench = witness();
    const swap = bench.swapLedBy(4);
    bench.announce(swap);
    bench.wait(TTL_MS);
    bench.tell(2, lock(swap, 1), status(swap, 1));
    statusesOf(bench, swap, 1, [1]);
    expect(bench.own(CORRIDOR.LEAD)).toMatchObject([{ decision: ABORT }]);
  });

  it.each(["a VOTE", "another leg", "another swap", "a block never seen", "too few"] as const)(
    "a STATUS that fails is not counted: its P refers to %s",
    (lie) => {
      const bench = witness();
      const swap = bench.swapLedBy(4);
      const other = bench.swap(undefined, { number: 900 });
      const first = bench.announce(swap).refs[1] as EntryRef;
      bench.announce(other);
      const { refs } = bench.tell(2, vote(swap), lock(other, 1), lock(swap, 1));
      const [voteRef, otherRef, lockRef] = refs as [EntryRef, EntryRef, EntryRef];
      bench.wait(TTL_MS);
      const unseen = { ...lockRef, blockHash: bytesNamed("never seen") };
      const lies: Record<typeof lie, EntryRef[]> = {
        "a VOTE": [first, voteRef],
        "another leg": [lockRef, first],
        "another swap": [first, otherRef],
        "a block never seen": [first, unseen],
        "too few": [first],
      };
      bench.tell(1, status(swap, 1, { locks: lies[lie] }));
      statusesOf(bench, swap, 1, [2]);
      expect(bench.own(CORRIDOR.LEAD)).toEqual([]);
      statusesOf(bench, swap, 1, [3]);
      expect(bench.own(CORRIDOR.LEAD)).toHaveLength(1);
    },
  );

  it.each([
    "view' = v",
    "view' > v",
    "q − 1 banks",
    "one bank twice",
    "ACCEPTs of another value",
  ] as const)("a STATUS that fails is not counted: its lock has %s", (lie) => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    bench.announce(swap);
    bench.tell(2, refuse(swap));
    const accepts = acceptsOf(bench, swap, 1, COMMIT) as [EntryRef, EntryRef, EntryRef];
    const others = acceptsOf(bench, swap, 2, COMMIT);
    bench.wait(6 * DELTA_MS);
    const leader = bench.leader(swap, 2);
    const twice = bench.tell(3, accept(swap, 1, COMMIT)).refs[0] as EntryRef;
    const lies: Record<typeof lie, LockReport> = {
      "view' = v": { view: 2, decision: COMMIT, accepts: others },
      "view' > v": { view: 3, decision: COMMIT, accepts: others },
      "q − 1 banks": { view: 1, decision: COMMIT, accepts: accepts.slice(1) },
      "one bank twice": { view: 1, decision: COMMIT, accepts: [accepts[0], accepts[2], twice] },
      "ACCEPTs of another value": { view: 1, decision: ABORT, accepts },
    };
    const lying = bench.tell(1, status(swap, 2, { lock: lies[lie] })).refs[0] as EntryRef;
    const [two, three] = statusesOf(bench, swap, 2, [2, 3]) as [EntryRef, EntryRef];
    const before = bench.own(CORRIDOR.ACCEPT).length;
    bench.tell(leader, lead(swap, 2, COMMIT, [lying, two, three]));
    bench.tell(leader, lead(swap, 2, ABORT, [lying, two, three]));
    expect(bench.own(CORRIDOR.ACCEPT)).toHaveLength(before);
  });
});

describe("3.5 ACCEPT and CONFIRM", () => {
  const statusesSeen = (bench: Bench, swap: PlayedSwap): EntryRef[] =>
    statusesOf(bench, swap, 1, [1, 2, 3]);

  it("on LEAD(v, x) of leader(sid, v), v == view, and the rule recomputed from refs gives x: append ACCEPT(v, x)", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    bench.tell(1, lead(swap, 1, ABORT, statusesSeen(bench, swap)));
    expect(bench.course).toBe("STATUS(1) ACCEPT(1 ABORT)");
  });

  it.each([
    ["another bank than the leader", 2],
    ["another value than the STATUSes give (S4)", 1],
    ["q − 1 STATUSes", 1],
    ["one bank's STATUS twice", 1],
    ["a STATUS of another view", 1],
    ["an entry that is no STATUS", 1],
  ] as const)("no ACCEPT for a LEAD that rests on %s", (lie, author) => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    const refs = statusesSeen(bench, swap) as [EntryRef, EntryRef, EntryRef];
    const early = bench.tell(3, status(swap, 2)).refs[0] as EntryRef;
    const again = bench.tell(3, status(swap, 1)).refs[0] as EntryRef;
    const noStatus = bench.tell(3, vote(swap)).refs[0] as EntryRef;
    const lies: Record<typeof lie, CorridorEntry> = {
      "another bank than the leader": lead(swap, 1, ABORT, refs),
      "another value than the STATUSes give (S4)": lead(swap, 1, COMMIT, refs),
      "q − 1 STATUSes": lead(swap, 1, ABORT, refs.slice(1)),
      "one bank's STATUS twice": lead(swap, 1, ABORT, [refs[0], refs[2], again]),
      "a STATUS of another view": lead(swap, 1, ABORT, [refs[0], refs[1], early]),
      "an entry that is no STATUS": lead(swap, 1, ABORT, [refs[0], refs[1], noStatus]),
    };
    bench.tell(author, lies[lie]);
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    bench.tell(1, lead(swap, 1, ABORT, refs));
    expect(bench.own(CORRIDOR.ACCEPT), "the honest LEAD afterwards").toHaveLength(1);
  });

  it("LEADs of others than the leader crowd nothing out", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    const refs = statusesSeen(bench, swap);
    for (let i = 0; i < 200; i++) bench.tell(2, lead(swap, 1 + (i % MAX_VIEW), COMMIT, refs));
    bench.tell(1, lead(swap, 1, ABORT, refs));
    expect(bench.own(CORRIDOR.ACCEPT)).toHaveLength(1);
  });

  it("a LEAD whose STATUS was not seen: the block is asked for, and then the LEAD is accepted", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    const [one, two] = statusesOf(bench, swap, 1, [1, 2]) as [EntryRef, EntryRef];
    const hidden = bench.puppet(3).write(status(swap, 1));
    const [three] = hidden.refs as [EntryRef];
    bench.tell(1, lead(swap, 1, ABORT, [one, two, three]));
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    expect(bench.sent("get", 1)).toMatchObject([{ bank: 3, from: 1, to: 1, tip: three.blockHash }]);
    bench.push(hidden, 1);
    expect(bench.own(CORRIDOR.ACCEPT)).toHaveLength(1);
  });

  it("what a STATUS rests on is asked of the leader, who has verified it", () => {
    const bench = witness();
    const swap = bench.swapLedBy(3);
    const first = bench.announce(swap).refs[1] as EntryRef;
    bench.wait(TTL_MS);
    // Bank 2 shows its LOCK to the leader alone.
    const hidden = bench.puppet(2).write(lock(swap, 1));
    const locks = [first, hidden.refs[0] as EntryRef];
    const [one] = statusesOf(bench, swap, 1, [1]) as [EntryRef];
    const two = bench.tell(2, status(swap, 1, { locks })).refs[0] as EntryRef;
    const [three] = statusesOf(bench, swap, 1, [3]) as [EntryRef];
    bench.tell(3, lead(swap, 1, COMMIT, [one, two, three]));
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    expect(bench.sent("get", 3)).toMatchObject([{ bank: 2, from: 1, to: 1 }]);
    bench.push(hidden, 3);
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 1, decision: COMMIT }]);
  });

  it("on q ACCEPT(v, x), v == view: myLock = (v, x, refs); append CONFIRM(v, x)", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    const accepts = acceptsOf(bench, swap, 1, ABORT, [1, 2]);
    expect(bench.course).toBe("STATUS(1)");
    accepts.push(...acceptsOf(bench, swap, 1, ABORT, [3]));
    expect(bench.course).toBe("STATUS(1) CONFIRM(1 ABORT)");
    bench.wait(6 * DELTA_MS);
    const [, second] = bench.own(CORRIDOR.STATUS);
    expect(second).toMatchObject({ view: 2, lock: { view: 1, decision: ABORT, accepts } });
  });

  it("q ACCEPTs of one value: two for COMMIT and one for ABORT are no quorum", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    acceptsOf(bench, swap, 1, COMMIT, [1, 2]);
    acceptsOf(bench, swap, 1, ABORT, [3]);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("on q CONFIRM(v, x) (any view): decide x with cert = [v, x, refs]", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap();
    bench.announce(swap);
    const refs = [1, 3, 4].map((bank) => bench.tell(bank, confirm(swap, 3, ABORT)).refs[0]);
    expect(bench.own(CORRIDOR.VOID)).toMatchObject([
      { leg: 1, grounds: { view: 3, decision: ABORT, refs } },
    ]);
  });

  it("q CONFIRMs of one view and value: views are not added up", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(1, confirm(swap, 1, ABORT));
    bench.tell(3, confirm(swap, 1, ABORT));
    bench.tell(4, confirm(swap, 2, ABORT));
    bench.tell(4, confirm(swap, 1, COMMIT));
    expect(bench.own(CORRIDOR.VOID)).toEqual([]);
  });

  it("deciding is learning: allowed in any view, also after the bank has moved on", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap();
    bench.announce(swap);
    bench.terms(1, swap);
    bench.wait(TTL_MS + 20 * DELTA_MS);
    bench.tell(1, vote(swap));
    bench.tell(3, vote(swap));
    expect(bench.course).toBe("LOCK VOTE STATUS(1) STATUS(2) STATUS(3) SETTLE");
  });

  it("entries for higher views are kept and evaluated when that view is entered", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    expect(bench.leader(swap, 2)).toBe(2);
    const [one] = statusesOf(bench, swap, 2, [1]) as [EntryRef];
    const second = bench.puppet(2).write(status(swap, 2));
    const third = bench.puppet(3).write(status(swap, 2));
    acceptsOf(bench, swap, 2, ABORT, [1, 3]);
    bench.tell(2, lead(swap, 2, ABORT, [one, ...second.refs, ...third.refs]));
    expect(bench.course).toBe("STATUS(1)");
    bench.push(third);
    expect(bench.course).toBe("STATUS(1) STATUS(2)");
    bench.push(second);
    expect(bench.course).toBe("STATUS(1) STATUS(2) ACCEPT(2 ABORT) CONFIRM(2 ABORT)");
  });
});

describe("3.6 safety rules", () => {
  it("S1: at most one VOTE per swap, and only in view 0", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS);
    bench.tell(2, lock(swap, 1));
    bench.wait(100 * DELTA_MS);
    expect(bench.own(CORRIDOR.VOTE)).toEqual([]);
  });

  it("S2: after STATUS(v) a bank never acts in a view < v", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    const refs = statusesOf(bench, swap, 1, [1, 2, 3]);
    bench.tell(1, status(swap, 2));
    bench.tell(3, status(swap, 2));
    expect(bench.course).toBe("STATUS(1) STATUS(2)");
    bench.tell(1, lead(swap, 1, ABORT, refs));
    acceptsOf(bench, swap, 1, ABORT);
    expect(bench.course).toBe("STATUS(1) STATUS(2)");
  });

  it("S3: STATUS reports P if the bank has voted, and reports its highest lock", () => {
    const bench = witness();
    const swap = bench.swap();
    const first = bench.announce(swap).refs[1] as EntryRef;
    const second = bench.tell(2, lock(swap, 1)).refs[0] as EntryRef;
    bench.wait(TTL_MS);
    const low = acceptsOf(bench, swap, 1, COMMIT);
    bench.wait(6 * DELTA_MS);
    const high = acceptsOf(bench, swap, 2, COMMIT);
    bench.wait(12 * DELTA_MS);
    const reports = bench.own(CORRIDOR.STATUS);
    expect(reports.map(({ locks }) => locks)).toEqual([1, 2, 3].map(() => [first, second]));
    expect(reports.map((report) => report.lock)).toEqual([
      null,
      { view: 1, decision: COMMIT, accepts: low },
      { view: 2, decision: COMMIT, accepts: high },
    ]);
  });

  it("S5: if any lock is reported, the value of the highest one is taken; locks dominate P", () => {
    const seen = (locks: boolean, report: readonly [view: number, Decision] | null): SeenStatus => {
      const ref = { bank: 1, seq: 1, index: 0, blockHash: bytesNamed("a block") };
      const held = report && { view: report[0], decision: report[1], accepts: [ref] };
      const entry = status({ sid: bytesNamed("a swap") } as PlayedSwap, 9, {
        locks: locks ? [ref] : null,
        lock: held,
      });
      return { author: 1, ref, entry } as SeenStatus;
    };
    const none = seen(false, null);
    const p = seen(true, null);
    const table: readonly (readonly [SeenStatus[], Decision])[] = [
      [[none, none, none], ABORT],
      [[none, p, none], COMMIT],
      [[p, p, seen(false, [1, ABORT])], ABORT],
      [[seen(true, [1, ABORT]), none, none], ABORT],
      [[none, seen(false, [1, COMMIT]), none], COMMIT],
      [[seen(false, [1, ABORT]), seen(false, [2, COMMIT]), none], COMMIT],
      [[seen(false, [3, ABORT]), seen(true, [2, COMMIT]), p], ABORT],
    ];
    for (const [statuses, value] of table) {
      expect(valueOf(statuses)).toBe(value);
      expect(valueOf(statuses.toReversed())).toBe(value);
    }
  });

  it("S5 at an acceptor: LEAD(2, COMMIT) is refused when a STATUS reports a lock on ABORT, P or not", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    const first = bench.announce(swap).refs[1] as EntryRef;
    bench.wait(TTL_MS);
    const second = bench.tell(2, lock(swap, 1)).refs[0] as EntryRef;
    const accepts = acceptsOf(bench, swap, 1, ABORT);
    bench.wait(6 * DELTA_MS);
    const locks = [first, second];
    const held = { view: 1, decision: ABORT, accepts } as const;
    const one = bench.tell(1, status(swap, 2, { locks })).refs[0] as EntryRef;
    const two = bench.tell(2, status(swap, 2, { locks, lock: held })).refs[0] as EntryRef;
    const three = bench.tell(3, status(swap, 2, { locks })).refs[0] as EntryRef;
    expect(bench.leader(swap, 2)).toBe(2);
    bench.tell(2, lead(swap, 2, COMMIT, [one, two, three]));
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    bench.tell(2, lead(swap, 2, ABORT, [one, two, three]));
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 2, decision: ABORT }]);
  });

  it("S6: at most one ACCEPT and one CONFIRM per bank and view", () => {
    const bench = witness();
    const swap = inViewOne(bench, 1);
    const refs = statusesOf(bench, swap, 1, [1, 2, 3]);
    bench.tell(1, lead(swap, 1, ABORT, refs));
    bench.tell(1, lead(swap, 1, ABORT, refs.toReversed()));
    acceptsOf(bench, swap, 1, ABORT);
    acceptsOf(bench, swap, 1, ABORT);
    // A second quorum in one view would take a dishonest majority; even then nothing more is signed.
    acceptsOf(bench, swap, 1, COMMIT);
    expect(bench.course).toBe("STATUS(1) ACCEPT(1 ABORT) CONFIRM(1 ABORT)");
  });
});

describe("3.5 on decide", () => {
  const decided = (bench: Bench, swap: PlayedSwap): EntryRef[] =>
    [1, 2].map((bank) => bench.tell(bank, vote(swap)).refs[0] as EntryRef);

  it("any STATUS for this swap is answered by pushing the certificate's blocks", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    const blocks = decided(bench, swap).map((ref) => hashKey(ref.blockHash));
    blocks.push(hashKey(bench.refOf(CORRIDOR.VOTE).blockHash));
    bench.forgetMail();
    bench.tell(3, status(swap, 1));
    const pushed = bench.sent("push", 3).map(({ block }) => hashKey(block.hash));
    expect(pushed.toSorted()).toEqual(blocks.toSorted());
    expect(bench.sent("push", 1)).toEqual([]);
  });

  it("any STATUS, also one seen earlier", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    bench.tell(3, status(swap, 1));
    bench.forgetMail();
    const blocks = decided(bench, swap).map((ref) => hashKey(ref.blockHash));
    const pushed = bench.sent("push", 3).map(({ block }) => hashKey(block.hash));
    expect(pushed).toEqual(expect.arrayContaining(blocks));
  });

  it("it is answered once: a repeat of its block is no new question", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    decided(bench, swap);
    const asked = bench.tell(3, status(swap, 1));
    bench.forgetMail();
    bench.push(asked);
    expect(bench.sent("push")).toEqual([]);
    bench.tell(3, status(swap, 2));
    expect(bench.sent("push", 3)).toHaveLength(3);
  });

  it("a STATUS that another bank passes on is not answered: its author hears it from us when it asks", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    decided(bench, swap);
    bench.forgetMail();
    bench.push(bench.puppet(3).write(status(swap, 1)), 1);
    expect(bench.sent("push")).toEqual([]);
  });
});
