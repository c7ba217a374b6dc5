import { describe, expect, it } from "vitest";
import { hashKey } from "../../crypto/hash.ts";
import { ABORT, COMMIT, CORRIDOR, type EntryRef } from "../../corridor/entries.ts";
import {
  HEADS_EVERY_MS,
  MAX_BLOCKS_BEYOND_GAP,
  MAX_BLOCKS_PER_GET,
  MAX_STUB_ENTRIES_PER_BANK,
} from "../../corridor/limits.ts";
import { encodeGet, encodeGetTerms, encodeHeads } from "../../corridor/messages.ts";
import { fromMs, toMs } from "../../node/time.ts";
import { flipBit } from "../bytes.ts";
import { Bench, say, type PlayedSwap } from "./bench.ts";
import { DELTA_MS, range, SHAPES, TTL_MS } from "../../scenarios/explore/corridor.ts";
import {
  swapSubmission,
  enrolment,
  agreeSwap,
  ringLegs,
} from "../../scenarios/explore/agreed-swaps.ts";
import { demandLiveness, heal, outcomeAt, settle, sidKeys } from "../../scenarios/explore/drive.ts";
import { isUp } from "../../scenarios/explore/seat.ts";
import { Puppet, writeBlock } from "../../scenarios/explore/puppet.ts";
import { World } from "../../scenarios/explore/world.ts";
import { foundedOf, testCorridor } from "./kit.ts";

const { announce, lock, vote, refuse, status, lead, accept, confirm } = say;
const witness = (): Bench => new Bench(SHAPES[4], 4);

/** Plays the same course to the end and, if told, crashes the bank after each step of it. */
function course(restart: boolean): string {
  const bench = witness();
  const swap = bench.swapLedBy(4);
  const steps: (() => void)[] = [];
  const refs: EntryRef[] = [];
  const play = (step: () => void): void => {
    steps.push(step);
    step();
    if (!restart) return;
    bench.crash();
    bench.restart();
  };
  play(() => bench.announce(swap));
  play(() => bench.tell(2, lock(swap, 1)));
  play(() => bench.wait(TTL_MS));
  play(() => bench.tell(1, status(swap, 1)));
  play(() => bench.tell(2, status(swap, 1)));
  play(() => bench.tell(1, accept(swap, 1, COMMIT)));
  play(() => bench.tell(2, accept(swap, 1, COMMIT)));
  play(() => bench.wait(6 * DELTA_MS));
  refs.push(...[1, 2].map((bank) => bench.tell(bank, status(swap, 2)).refs[0] as EntryRef));
  play(() => bench.tell(1, lead(swap, 2, COMMIT, [...refs, bench.refOf(CORRIDOR.STATUS)])));
  play(() => bench.tell(1, accept(swap, 2, COMMIT)));
  play(() => bench.tell(3, accept(swap, 2, COMMIT)));
  return bench.course;
}

describe("3.10 recovery", () => {
  it("rebuild the state of each swap, including voted, view, accepted, confirmed and myLock (S1 to S6)", () => {
    const whole =
      "VOTE STATUS(1) LEAD(1 COMMIT) ACCEPT(1 COMMIT) CONFIRM(1 COMMIT) STATUS(2) ACCEPT(2 COMMIT) CONFIRM(2 COMMIT)";
    expect(course(false)).toBe(whole);
    expect(course(true)).toBe(whole);
  });

  it("in-flight swaps continue in the same view, with a fresh timer", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS + 6 * DELTA_MS);
    expect(bench.course).toBe("STATUS(1) STATUS(2)");
    bench.wait(12 * DELTA_MS - 1);
    bench.crash();
    bench.restart();
    bench.wait(12 * DELTA_MS - 1);
    expect(bench.course).toBe("STATUS(1) STATUS(2)");
    bench.wait(1);
    expect(bench.course).toBe("STATUS(1) STATUS(2) STATUS(3)");
  });

  it("a swap still in view 0 gets a fresh T0", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS - 1);
    bench.crash();
    bench.restart();
    bench.wait(TTL_MS - 1);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("truncate a torn last block; by the durable rule it was never sent", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.forgetMail();
    bench.world.inject(2, "4", bench.puppet(2).write(lock(swap, 1)).push);
    bench.world.do({ kind: "idle", seat: "4" });
    const { length } = bench.seat.tail;
    for (let keep = 0; keep <= length; keep++) {
      const { world } = bench;
      const copy = world.clone();
      copy.do({ kind: "crash", seat: "4", keep });
      copy.do({ kind: "restart", seat: "4" });
      expect(bench.sent("push")).toEqual([]);
      // The first record of the tail is bank 2's block, the last is the own one with the VOTE.
      const voted = copy.seat("4").conduct.swaps.get(swap.key)?.voted === true;
      expect(voted).toBe(keep === length);
    }
  });

  it("a block that became durable just before the crash counts, although nobody was told", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.world.inject(2, "4", bench.puppet(2).write(lock(swap, 1)).push);
    bench.world.do({ kind: "idle", seat: "4" });
    bench.crash(bench.seat.tail.length);
    bench.restart();
    bench.push(bench.puppet(2).forkAfter(0).write(lock(swap, 1)));
    expect(bench.course).toBe("VOTE");
  });

  it("exchange HEADS, GET the gaps, in batches", () => {
    const bench = witness();
    const blocks = range(MAX_BLOCKS_PER_GET + 5).map(() => bench.puppet(2).write());
    const seq = blocks.length;
    const heads = [{ bank: 2, seq, hash: (blocks.at(-1) as (typeof blocks)[number]).block.hash }];
    bench.send(3, encodeHeads({ heads, yours: null }));
    expect(bench.sent("get", 3)).toMatchObject([{ bank: 2, from: 1, to: MAX_BLOCKS_PER_GET }]);
    for (const block of blocks.slice(0, MAX_BLOCKS_PER_GET)) bench.push(block, 3);
    expect(bench.sent("get", 3)[1]).toMatchObject({ from: MAX_BLOCKS_PER_GET + 1, to: seq });
    for (const block of blocks.slice(MAX_BLOCKS_PER_GET)) bench.push(block, 3);
    expect(bench.sent("get")).toHaveLength(2);
    expect(bench.seat.machine?.state.logs.get(2)?.linked).toBe(seq);
  });

  it("a peer that promises blocks and sends none does not keep others out", () => {
    const bench = witness();
    const block = bench.puppet(2).write();
    const promise = encodeHeads({
      heads: [{ bank: 2, seq: 1_000_000, hash: block.block.hash }],
      yours: null,
    });
    const honest = encodeHeads({
      heads: [{ bank: 2, seq: 1, hash: block.block.hash }],
      yours: null,
    });
    for (let i = 0; i < 6; i++) {
      bench.send(1, promise);
      bench.send(3, honest);
      bench.wait(2 * DELTA_MS);
    }
    expect(bench.sent("get", 3)).toMatchObject([{ bank: 2, from: 1 }]);
  });

  it("accept at most W blocks beyond a gap per peer (A7)", () => {
    const bench = witness();
    const puppet = bench.puppet(2);
    const blocks = range(MAX_BLOCKS_BEYOND_GAP + 1).map(() => puppet.write());
    for (const block of blocks.slice(1)) bench.world.inject(2, "4", block.push);
    const log = bench.seat.machine?.state.logs.get(2);
    expect(log?.beyond.size).toBe(MAX_BLOCKS_BEYOND_GAP - 1);
    const codes = bench.seat.reports.map((r) => (r.kind === "warning" ? r.code : ""));
    expect(codes.filter((code) => code === "window_exceeded")).toHaveLength(1);
    bench.push(blocks[0] as (typeof blocks)[number]);
    expect(log?.linked).toBe(MAX_BLOCKS_BEYOND_GAP);
    expect(log?.beyond.size).toBe(0);
  });

  it("the announcement that was fetched is as durable as what rests on it", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    // Bank 1's announcement reaches this bank through bank 3 only, after the banks have gone on.
    const hidden = bench.puppet(1).write(announce(swap), lock(swap, 0));
    const refs = [1, 2, 3].map((bank) => bench.tell(bank, status(swap, 1)).refs[0] as EntryRef);
    bench.tell(1, lead(swap, 1, ABORT, refs));
    for (const bank of [1, 2, 3]) bench.tell(bank, accept(swap, 1, ABORT));
    bench.wait(DELTA_MS);
    expect(bench.sent("get-announcement", 3)).toHaveLength(1);
    bench.push(hidden, 3);
    expect(bench.course).toBe("STATUS(1) ACCEPT(1 ABORT) CONFIRM(1 ABORT)");
    bench.crash();
    bench.restart();
    bench.wait(6 * DELTA_MS);
    const [, second] = bench.own(CORRIDOR.STATUS);
    expect(second).toMatchObject({ view: 2, lock: { view: 1, decision: ABORT } });
    expect(second?.lock?.accepts).toHaveLength(3);
  });

  it("serves an announcement by the block that holds it, to who asks with GET(sid)", () => {
    const bench = witness();
    const swap = bench.swap();
    const { block } = bench.announce(swap);
    bench.wait(2_000);
    bench.forgetMail();
    bench.send(3, encodeGetAnnouncementOf(swap));
    expect(bench.sent("push", 3).map((push) => hashKey(push.block.hash))).toEqual([
      hashKey(block.hash),
    ]);
  });

  it("what one bank says of a swap before its announcement does not crowd out what others say", () => {
    const bench = witness();
    const swap = bench.swap();
    for (let i = 0; i < 3 * MAX_STUB_ENTRIES_PER_BANK; i++) bench.tell(3, status(swap, i % 25));
    bench.tell(2, lock(swap, 1), vote(swap));
    const stub = bench.seat.machine?.state.swaps.get(swap.key);
    expect(stub?.early).toHaveLength(MAX_STUB_ENTRIES_PER_BANK + 2);
    bench.announce(swap);
    expect(bench.own(CORRIDOR.STATUS)).toEqual([]);
    expect(bench.course).toBe("VOTE");
  });

  it("a bank taking part that restarts still has the terms, for others that ask", () => {
    const bench = new Bench(SHAPES[4], 1);
    const swap = bench.swap();
    const { deal } = swap;
    bench.world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
    settle(bench.world);
    const [announced] = bench.own(CORRIDOR.ANNOUNCE);
    expect(announced?.announcement).toEqual(swap.announcement);
    bench.crash();
    bench.restart();
    bench.forgetMail();
    bench.send(2, encodeGetTerms({ sid: swap.sid }));
    expect(bench.sent("terms", 2)).toMatchObject([{ terms: deal.terms, salt: deal.salt }]);
    bench.send(3, encodeGetTerms({ sid: swap.sid }));
    expect(bench.sent("terms", 3)).toEqual([]);
  });

  it("forgetting: an announcement replayed after its expiry never opens a second instance (B6)", () => {
    for (const restarted of [false, true]) {
      const bench = witness();
      const swap = bench.swap(undefined, { expiresInMs: 1_000 });
      bench.announce(swap);
      bench.tell(2, lock(swap, 1), vote(swap));
      bench.tell(1, vote(swap));
      expect(bench.course).toBe("VOTE");
      bench.wait(120_000);
      if (restarted) {
        bench.crash();
        bench.restart();
      }
      bench.announce(swap);
      bench.tell(3, status(swap, 1), refuse(swap), lock(swap, 0), confirm(swap, 1, ABORT));
      bench.wait(120_000);
      expect(bench.course).toBe("VOTE");
      expect(bench.seat.machine?.state.swaps.size).toBe(0);
    }
  });

  it("an expired announcement first seen gets no LOCK and no VOTE; a view's time later the slow path answers it", () => {
    const bench = new Bench(SHAPES[4], 2);
    const swap = bench.swap(undefined, { expiresInMs: 1_000 });
    bench.wait(2_000);
    bench.announce(swap);
    bench.terms(1, swap);
    bench.wait(6 * DELTA_MS - 1);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("a clock that was set back does not turn the machine's time back (N5)", () => {
    const bench = witness();
    const swap = bench.swap(undefined, { expiresInMs: 1_000 });
    bench.wait(2_000);
    bench.tell(3);
    bench.world.now = fromMs(toMs(bench.world.now) - 1_900);
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    expect(bench.own(CORRIDOR.VOTE), "it has expired once, so it has expired").toEqual([]);
  });
});

const encodeGetAnnouncementOf = (swap: PlayedSwap) =>
  Uint8Array.from([4, 0x91, 0xc4, 32, ...swap.sid]);

describe("DESIGN 4: before a started bank signs anything", () => {
  const fresh = (n: 2 | 4 | 7): World => {
    const world = new World(testCorridor(SHAPES[n]), [{ id: "1", bank: 1 }]);
    world.do({ kind: "restart", seat: "1" });
    world.do({ kind: "submit", seat: "1", bytes: enrolment(world.corridor, 1, 1) });
    for (const { number } of world.corridor.genesis.banks)
      if (number !== 1) world.greet("1", number);
    return world;
  };
  const answer = (world: World, bank: number): void => {
    world.inject(bank, "1", encodeHeads({ heads: [], yours: null }));
    settle(world);
  };

  it.each([
    [2, 1],
    [4, 2],
    [7, 4],
  ] as const)("n = %i: it goes on when q−1 = %i peers have answered", (n, needed) => {
    const world = fresh(n);
    for (let i = 1; i < needed; i++) answer(world, i + 1);
    answer(world, 2);
    expect(world.seat("1").conduct.seq, "a peer that answers twice is one peer").toBe(
      needed === 1 ? 1 : 0,
    );
    answer(world, needed + 1);
    expect(world.seat("1").conduct.seq, "what was submitted meanwhile is carried out").toBe(1);
  });

  it("it signs nothing before, whatever reaches it: not even EVIDENCE", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.crash();
    const { seq } = bench.seat.conduct;
    bench.world.do({ kind: "restart", seat: "4" });
    bench.world.greet("4", 1);
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    bench.push(bench.puppet(2).forkAfter(0).write());
    bench.world.do({ kind: "submit", seat: "4", bytes: enrolment(bench.world.corridor, 4, 9) });
    bench.wait(10 * TTL_MS);
    expect(bench.seat.conduct.seq).toBe(seq);
    bench.meet(1);
    bench.meet(2);
    expect(bench.seat.conduct.seq).toBeGreaterThan(seq);
  });

  it("answering this question signs nothing: it answers before it has passed its own check", () => {
    const bench = witness();
    bench.tell(2);
    bench.wait(HEADS_EVERY_MS);
    bench.crash();
    bench.world.do({ kind: "restart", seat: "4" });
    bench.forgetMail();
    bench.world.greet("4", 2);
    const [heads] = bench.sent("heads", 2);
    expect(heads?.yours).not.toBeNull();
    expect(bench.seat.machine?.state.phase).toBe("checking");
  });

  it("banks that restart together never wait for each other", () => {
    const world = foundedOf(4);
    for (const seat of world.seats.keys()) world.do({ kind: "crash", seat, keep: 0 });
    heal(world);
    settle(world);
    const phases = [...world.seats.values()].map((seat) => seat.machine?.state.phase);
    expect(phases).toEqual(["running", "running", "running", "running"]);
  });

  it.each(["newer", "in conflict"] as const)(
    "a peer shows an own block that is %s: it refuses to sign and says so (stale_state)",
    (difference) => {
      const world = foundedOf(4);
      const old = world.seat("4").file;
      const conflicting = difference === "in conflict";
      const deal = agreeSwap(world.corridor, { number: 10, legs: ringLegs([4, 1]) });
      world.do({ kind: "submit", seat: "4", bytes: swapSubmission(deal) });
      settle(world);
      world.do({ kind: "crash", seat: "4", keep: 0 });
      const seat = world.seat("4");
      seat.file = old;
      if (conflicting) {
        // The old copy goes on differently: as many blocks, but not the same.
        seat.conduct = structuredClone(foundedOf(4).seat("4").conduct);
        const other = new World(world.corridor, [{ id: "4", bank: 4 }]);
        other.seats.set("4", seat);
        other.do({ kind: "restart", seat: "4" });
        for (const bank of [1, 2, 3]) {
          other.greet("4", bank);
          other.inject(bank, "4", encodeHeads({ heads: [], yours: null }));
        }
        for (let i = 0; i < 9; i++) {
          other.do({ kind: "submit", seat: "4", bytes: enrolment(other.corridor, 4, 20 + i) });
          settle(other);
        }
        other.do({ kind: "crash", seat: "4", keep: 0 });
      }
      heal(world);
      settle(world);
      expect(world.seat("4").stopped).toBe("stale_state");
      expect(isUp(world.seat("1"))).toBe(true);
    },
  );

  it("a validly signed own block that its disk does not have stops a bank at any time", () => {
    const bench = witness();
    const { conduct } = bench.seat;
    const { push } = writeBlock(
      bench.world.corridor,
      { bank: 4, seq: conduct.seq + 1, prev: conduct.head },
      [],
    );
    bench.send(3, push);
    expect(bench.seat.stopped).toBe("stale_state");
  });

  it("shown, not claimed: a header that it never signed, or of another bank, is the peer's violation (B13)", () => {
    const bench = witness();
    const { conduct } = bench.seat;
    const next = { bank: 4, seq: conduct.seq + 1, prev: conduct.head };
    const { headerBytes: header, signature } = writeBlock(bench.world.corridor, next, []).block;
    const other = new Puppet(bench.world.corridor, 3).write().block;
    const shown = [
      { header, signature: flipBit(signature, 100) as typeof signature },
      { header: other.headerBytes, signature: other.signature },
    ];
    for (const yours of shown) bench.send(2, encodeHeads({ heads: [], yours }));
    expect(bench.seat.stopped).toBeUndefined();
    const codes = bench.seat.reports.map((r) => (r.kind === "warning" ? r.code : ""));
    expect(codes.filter((code) => code === "heads_invalid")).toHaveLength(2);
  });

  it("such a peer has not answered", () => {
    const world = fresh(2);
    const other = new Puppet(world.corridor, 2).write().block;
    const yours = { header: other.headerBytes, signature: other.signature };
    world.inject(2, "1", encodeHeads({ heads: [], yours }));
    expect(world.seat("1").machine?.state.phase).toBe("checking");
  });

  it("a block that is not durable is neither pushed, nor named in HEADS, nor served", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.world.inject(2, "4", bench.puppet(2).write(lock(swap, 1)).push);
    bench.world.do({ kind: "idle", seat: "4" });
    expect(bench.seat.tail.length).toBeGreaterThan(0);
    bench.forgetMail();
    const { seq } = bench.seat.conduct;
    bench.world.greet("4", 3);
    bench.world.inject(3, "4", encodeGet({ bank: 4, from: seq + 1, to: seq + 1, tip: null }));
    expect(bench.sent("heads", 3)[0]?.heads.find(({ bank }) => bank === 4)?.seq).toBe(seq);
    expect(bench.sent("push")).toEqual([]);
    settle(bench.world);
    expect(bench.sent("push", 3)).toHaveLength(1);
  });
});

describe("3.7 E after a crash at any point", () => {
  it("a bank that lost its links for the whole of a swap learns the outcome and closes its leg", () => {
    const world = foundedOf(4);
    const deal = agreeSwap(world.corridor, { number: 10, legs: ringLegs([1, 2]) });
    world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
    world.do({ kind: "idle", seat: "1" });
    world.do({ kind: "durable", seat: "1" });
    for (const other of ["2", "3", "4"]) {
      while ((world.queues.get(`1>${other}`)?.length ?? 0) > 0) {
        world.do({ kind: "deliver", queue: `1>${other}`, index: 0 });
      }
      world.do({ kind: "unlink", a: "1", b: other });
    }
    settle(world);
    const [sid = ""] = sidKeys(world);
    expect([outcomeAt(world, "1", sid), outcomeAt(world, "2", sid)]).toEqual(["", `${COMMIT}`]);
    const healedMs = toMs(world.now);
    heal(world);
    demandLiveness(world, healedMs);
    expect(outcomeAt(world, "1", sid)).toBe(`${COMMIT}`);
  });
});
