import { describe, expect, it } from "vitest";
import { hashKey } from "../../crypto/hash.ts";
import { guiltyOf } from "../../corridor/evidence.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type CorridorEntryOf,
  type EntryRef,
} from "../../corridor/entries.ts";
import { MAX_BRANCH_BLOCKS_PER_BANK, MAX_PLACES_PER_STEP } from "../../corridor/limits.ts";
import { encodeHeads, encodeTerms } from "../../corridor/messages.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openBank } from "../../corridor/replay.ts";
import { OWN_BLOCK, parseLedgerFile, type LedgerRecord } from "../../node/ledger/record.ts";
import { toMs } from "../../node/time.ts";
import { flipBit } from "../bytes.ts";
import { Bench, say } from "./bench.ts";
import { DELTA_MS, SHAPES, TTL_MS, configOf } from "../../scenarios/explore/corridor.ts";
import { announcementOf, agreeSwap, ringLegs } from "../../scenarios/explore/agreed-swaps.ts";
import { demandLiveness, heal, outcomeAt, settle } from "../../scenarios/explore/drive.ts";
import { Puppet, type WrittenBlock, writeBlock } from "../../scenarios/explore/puppet.ts";
import { type World } from "../../scenarios/explore/world.ts";
import { foundedOf } from "./kit.ts";

const { announce, lock, vote, refuse, status, lead, accept } = say;

/** Bank 4 of four (q = 3, b = 1): a witness of a swap between banks 1 and 2. */
const witness = (): Bench => new Bench(SHAPES[4], 4);

type Evidence = CorridorEntryOf<typeof CORRIDOR.EVIDENCE>;

const guilty = (bench: Bench, evidence: Evidence): number | undefined => {
  const { genesis, signatures } = bench.world.corridor;
  const keyOf = (bank: number) => genesis.banks.find((b) => b.number === bank)?.ledgerKey;
  return guiltyOf(evidence, { net: genesis.net, keyOf, verifier: signatures.verifier });
};

describe("3.8 forked logs (B1, R2)", () => {
  it.each(["the first", "the second"])(
    "a LOCK on either branch is a valid LOCK for P: it stands on %s branch that was seen",
    (branch) => {
      const bench = witness();
      const swap = bench.swap();
      bench.announce(swap);
      const other = bench.puppet(2).forkAfter(0);
      const blocks = [bench.puppet(2).write(lock(swap, 1)), other.write()];
      if (branch === "the second") blocks.reverse();
      for (const block of blocks) bench.push(block, 2);
      bench.wait(TTL_MS);
      const [report] = bench.own(CORRIDOR.STATUS);
      expect(report?.locks?.[1]).toEqual(
        blocks.flatMap(({ refs }) => refs).find(({ bank }) => bank === 2),
      );
    },
  );

  it("a correct witness that sees a second branch appends EVIDENCE, once, that names only the guilty", () => {
    const bench = witness();
    const [one, two, three] = [0, 1, 2].map(() => bench.puppet(2).forkAfter(0));
    bench.push(one?.write(refuse(bench.swap())) as WrittenBlock, 3);
    bench.push(two?.write() as WrittenBlock, 3);
    bench.push(three?.write(vote(bench.swap())) as WrittenBlock, 1);
    const evidence = bench.own(CORRIDOR.EVIDENCE);
    expect(evidence).toHaveLength(1);
    expect(evidence.map((proof) => guilty(bench, proof))).toEqual([2]);
    expect(bench.seat.machine?.state.convicted).toEqual(new Set([2]));
  });

  it("it does so also when another bank's EVIDENCE came first", () => {
    const bench = witness();
    const [one, two] = [
      bench.puppet(2).forkAfter(0).write(),
      bench.puppet(2).write(refuse(bench.swap())),
    ];
    bench.tell(3, evidenceOf(one, two));
    expect(bench.own(CORRIDOR.EVIDENCE)).toEqual([]);
    bench.push(one, 1);
    bench.push(two, 1);
    bench.push(two, 3);
    expect(bench.own(CORRIDOR.EVIDENCE).map((proof) => guilty(bench, proof))).toEqual([2]);
  });

  it("and when it crashed between the fork and its EVIDENCE, as soon as it is back", () => {
    const bench = witness();
    bench.push(bench.puppet(2).forkAfter(0).write(refuse(bench.swap())));
    bench.push(bench.puppet(2).forkAfter(0).write());
    const { file } = bench.seat;
    const ownBlocks = parseLedgerFile(file).records.filter(({ kind }) => kind === OWN_BLOCK);
    const last = ownBlocks.at(-1) as LedgerRecord;
    // The journal as it is when both branches are in it and the block with the EVIDENCE is not.
    const { records } = parseLedgerFile(file.slice(0, last.offset));
    const opened = openBank(configOf(bench.world.corridor, 4), records);
    if (!opened.ok) throw new Error(opened.error.why);
    stepBank(opened.value, { kind: "start" }, bench.world.now);
    const due = opened.value.state.pending.flatMap(({ corridor }) => corridor);
    expect(due.map((proof) => guilty(bench, proof as Evidence))).toEqual([2]);
  });

  it("and withholds its view-0 VOTE for swaps that rely on that branch", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.push(bench.puppet(2).forkAfter(0).write());
    bench.tell(2, lock(swap, 1));
    expect(bench.course).toBe("EVIDENCE");
    bench.wait(TTL_MS);
    expect(bench.course).toBe("EVIDENCE STATUS(1)");
  });

  it("this slows them; in the slow path it accepts the branch", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    const first = bench.announce(swap).refs[1] as EntryRef;
    bench.push(bench.puppet(2).forkAfter(0).write());
    const second = bench.tell(2, lock(swap, 1)).refs[0] as EntryRef;
    bench.wait(TTL_MS);
    const reports = [1, 3].map(
      (bank) => bench.tell(bank, status(swap, 1, { locks: [first, second] })).refs[0] as EntryRef,
    );
    bench.tell(1, lead(swap, 1, COMMIT, [bench.refOf(CORRIDOR.STATUS), ...reports]));
    expect(bench.course).toBe("EVIDENCE STATUS(1) ACCEPT(1 COMMIT)");
  });

  it("swaps without that bank go on as before", () => {
    const bench = new Bench(SHAPES[7], 4);
    bench.push(bench.puppet(3).forkAfter(0).write(refuse(bench.swap())));
    bench.push(bench.puppet(3).forkAfter(0).write());
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    expect(bench.course).toBe("EVIDENCE VOTE");
  });

  it("another bank's EVIDENCE convicts the guilty, not its author", () => {
    const bench = witness();
    const proof = evidenceOf(
      bench.puppet(2).forkAfter(0).write(),
      bench.puppet(2).write(refuse(bench.swap())),
    );
    bench.tell(3, proof);
    expect(bench.seat.machine?.state.convicted).toEqual(new Set([2]));
    const swap = bench.swap();
    bench.announce(swap);
    bench.push(bench.puppet(2).write(lock(swap, 1)), 1);
    expect(bench.own(CORRIDOR.VOTE)).toEqual([]);
  });

  it("what proves nothing convicts nobody: one header twice, two heights, a signature of another bank (B14)", () => {
    const bench = witness();
    const first = bench.puppet(2).forkAfter(0).write();
    const second = bench.puppet(2).write(refuse(bench.swap()));
    const third = bench.puppet(2).write();
    const stranger = bench.puppet(3).write();
    const proof = evidenceOf(first, second);
    const lies: Evidence[] = [
      evidenceOf(first, first),
      evidenceOf(second, third),
      evidenceOf(first, stranger),
      { ...proof, signatureB: stranger.block.signature },
      { ...proof, signatureA: flipBit(proof.signatureA, 3) as typeof proof.signatureA },
      { ...proof, headerB: Uint8Array.of(1, 2, 3) },
    ];
    for (const lie of lies) {
      expect(guilty(bench, lie)).toBeUndefined();
      bench.push(writeBlock(bench.world.corridor, place(bench, 1), [lie]));
    }
    expect(bench.seat.machine?.state.convicted).toEqual(new Set());
    expect(guilty(bench, proof)).toBe(2);
  });

  it.each([
    ["two blocks of one height, one after the other", ["1", "1'"]],
    ["the second beyond a gap", ["2", "2'"]],
    ["a block that follows another than the one held, then its rival", ["1", "2'", "2"]],
    ["a block beyond the gap that turns out to be of another branch", ["2'", "1", "2"]],
    ["the other way round", ["2", "1'", "2'"]],
    ["a whole branch after the other", ["1", "2", "3", "3'", "2'", "1'"]],
  ] as const)("two conflicting signed blocks at hand are EVIDENCE: %s", (_name, order) => {
    const bench = witness();
    const [plain, primed] = [bench.puppet(2).forkAfter(0), bench.puppet(2).forkAfter(0)];
    const blocks = new Map<string, WrittenBlock>();
    for (const seq of [1, 2, 3]) {
      blocks.set(`${seq}`, plain.write());
      blocks.set(`${seq}'`, primed.write(refuse(bench.swap())));
    }
    for (const name of order) bench.push(blocks.get(name) as WrittenBlock, 3);
    expect(bench.own(CORRIDOR.EVIDENCE).map((proof) => guilty(bench, proof))).toEqual([2]);
  });

  it("a block that only fails to follow: the one it follows is asked for, and is the rival", () => {
    const bench = witness();
    const [plain, primed] = [bench.puppet(2).forkAfter(0), bench.puppet(2).forkAfter(0)];
    const rival = primed.write(refuse(bench.swap()));
    bench.push(plain.write(), 3);
    bench.push(primed.write(), 3);
    expect(bench.own(CORRIDOR.EVIDENCE)).toEqual([]);
    const asked = { bank: 2, from: 1, to: 1, tip: rival.block.hash };
    expect(bench.sent("get", 3)).toMatchObject([asked]);
    bench.push(rival, 3);
    expect(bench.own(CORRIDOR.EVIDENCE).map((proof) => guilty(bench, proof))).toEqual([2]);
  });

  it("the rest of a forked log is not fetched because a peer has more of it", () => {
    const bench = witness();
    bench.push(bench.puppet(2).forkAfter(0).write(refuse(bench.swap())));
    bench.push(bench.puppet(2).write());
    const { block } = bench.puppet(2).write();
    bench.forgetMail();
    bench.send(3, encodeHeads({ heads: [{ bank: 2, seq: 2, hash: block.hash }], yours: null }));
    bench.push(bench.puppet(2).write(), 3);
    expect(bench.sent("get")).toEqual([]);
  });

  it("the conviction outlives a restart", () => {
    const bench = witness();
    bench.push(bench.puppet(2).forkAfter(0).write(refuse(bench.swap())));
    bench.push(bench.puppet(2).forkAfter(0).write());
    bench.crash();
    bench.restart();
    expect(bench.seat.machine?.state.convicted).toEqual(new Set([2]));
    bench.push(bench.puppet(2).forkAfter(0).write(vote(bench.swap())));
    expect(bench.own(CORRIDOR.EVIDENCE)).toHaveLength(1);
  });

  it("bound what one peer can make a bank store; fetch further branches when a referenced entry needs them", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    const first = bench.announce(swap).refs[1] as EntryRef;
    for (let i = 0; i < MAX_BRANCH_BLOCKS_PER_BANK + 20; i++) {
      bench.push(
        bench
          .puppet(2)
          .forkAfter(0)
          .write(status(swap, i % 20), status(swap, Math.floor(i / 20))),
      );
    }
    const log = bench.seat.machine?.state.logs.get(2);
    expect(log?.branches).toHaveLength(MAX_BRANCH_BLOCKS_PER_BANK);
    const needed = bench.puppet(2).forkAfter(0).write(lock(swap, 1));
    bench.push(needed);
    expect(log?.branches).toHaveLength(MAX_BRANCH_BLOCKS_PER_BANK);
    bench.wait(TTL_MS);
    const locks = [first, needed.refs[0] as EntryRef];
    const reports = [1, 3].map((bank) => bench.tell(bank, status(swap, 1, { locks })).refs[0]);
    bench.tell(
      1,
      lead(swap, 1, COMMIT, [bench.refOf(CORRIDOR.STATUS), ...(reports as EntryRef[])]),
    );
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    expect(bench.sent("get", 1).at(-1)).toMatchObject({ bank: 2, tip: needed.block.hash });
    bench.push(needed, 1);
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 1, decision: COMMIT }]);
  });

  it("a LOCK far beyond the gap is taken too when a referenced entry needs it", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    const first = bench.announce(swap).refs[1] as EntryRef;
    const far = new Puppet(
      bench.world.corridor,
      2,
      Array.from({ length: 5_000 }, () => first.blockHash),
    );
    const needed = far.write(lock(swap, 1));
    bench.push(needed);
    expect(bench.own(CORRIDOR.VOTE)).toEqual([]);
    bench.wait(TTL_MS);
    const locks = [first, needed.refs[0] as EntryRef];
    const reports = [1, 3].map((bank) => bench.tell(bank, status(swap, 1, { locks })).refs[0]);
    bench.tell(
      1,
      lead(swap, 1, COMMIT, [bench.refOf(CORRIDOR.STATUS), ...(reports as EntryRef[])]),
    );
    bench.push(needed, 1);
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 1, decision: COMMIT }]);
  });

  it("a LOCK that came when too many others had come still verifies a P that refers to it", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    const first = bench.announce(swap).refs[1] as EntryRef;
    const written = Array.from({ length: MAX_PLACES_PER_STEP + 10 }, () =>
      bench.tell(2, lock(swap, 1)),
    );
    bench.wait(TTL_MS);
    const pushed = written[3] as WrittenBlock;
    const locks = [first, pushed.refs[0] as EntryRef];
    const reports = [1, 3].map((bank) => bench.tell(bank, status(swap, 1, { locks })).refs[0]);
    bench.tell(
      1,
      lead(swap, 1, COMMIT, [bench.refOf(CORRIDOR.STATUS), ...(reports as EntryRef[])]),
    );
    bench.push(pushed, 1);
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 1, decision: COMMIT }]);
  });

  it("ACCEPTs on either branch verify a lock", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    bench.announce(swap);
    bench.tell(2, refuse(swap));
    // Bank 3 shows its ACCEPT on one branch to bank 1 and on another one here.
    const there = bench
      .puppet(3)
      .forkAfter(0)
      .write(vote(swap), accept(swap, 1, ABORT));
    bench.tell(3, accept(swap, 1, ABORT));
    const accepts = [1, 2].map(
      (bank) => bench.tell(bank, accept(swap, 1, ABORT)).refs[0] as EntryRef,
    );
    accepts.push(there.refs[1] as EntryRef);
    bench.wait(6 * DELTA_MS);
    const report = { view: 1, decision: ABORT, accepts } as const;
    const refs = [1, 3].map(
      (bank) => bench.tell(bank, status(swap, 2, { lock: bank === 1 ? report : null })).refs[0],
    );
    bench.tell(2, lead(swap, 2, ABORT, [bench.refOf(CORRIDOR.STATUS), ...(refs as EntryRef[])]));
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    bench.push(there, 2);
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 2, decision: ABORT }]);
  });

  it("two STATUSes of one bank and view: the one that the LEAD names is what counts", () => {
    const bench = witness();
    const swap = bench.swapLedBy(1);
    bench.announce(swap);
    bench.tell(2, refuse(swap));
    const puppet = bench.puppet(3);
    const shown = puppet.write(status(swap, 1));
    for (let i = 0; i < 9; i++) bench.tell(3, status(swap, 1));
    const refs = [1, 2].map((bank) => bench.tell(bank, status(swap, 1)).refs[0] as EntryRef);
    bench.tell(1, lead(swap, 1, ABORT, [...refs, shown.refs[0] as EntryRef]));
    expect(bench.own(CORRIDOR.ACCEPT)).toEqual([]);
    bench.push(shown, 1);
    expect(bench.own(CORRIDOR.ACCEPT)).toMatchObject([{ view: 1, decision: ABORT }]);
  });

  it("a leader rests its LEAD on banks that did not fork: they are a quorum", () => {
    const bench = witness();
    const swap = bench.swapLedBy(4);
    bench.announce(swap);
    bench.tell(2, refuse(swap));
    bench.push(bench.puppet(3).forkAfter(0).write());
    bench.tell(3, status(swap, 1));
    bench.tell(1, status(swap, 1));
    expect(bench.own(CORRIDOR.LEAD)).toEqual([]);
    bench.tell(2, status(swap, 1));
    const [led] = bench.own(CORRIDOR.LEAD);
    expect(led?.statuses.map(({ bank }) => bank).toSorted()).toEqual([1, 2, 4]);
  });

  it("a certificate with a VOTE on a second branch is served with that branch", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1), vote(swap));
    bench.tell(3);
    const voted = bench.puppet(3).forkAfter(0).write(vote(swap));
    bench.push(voted);
    expect(bench.seat.machine?.state.decided.count).toBe(1);
    bench.forgetMail();
    bench.tell(1, status(swap, 1));
    const pushed = bench.sent("push", 1).map(({ block }) => hashKey(block.hash));
    expect(pushed).toContain(hashKey(voted.block.hash));
  });
});

function evidenceOf(a: WrittenBlock, b: WrittenBlock): Evidence {
  return {
    kind: CORRIDOR.EVIDENCE,
    headerA: a.block.headerBytes,
    signatureA: a.block.signature,
    headerB: b.block.headerBytes,
    signatureB: b.block.signature,
  };
}

/** A place for one more block of a played bank that is never linked to the others. */
function place(bench: Bench, bank: number) {
  const puppet = bench.puppet(bank);
  const { block } = puppet.write();
  return { bank, seq: puppet.seq + 1, prev: block.hash };
}

type Shown = "A" | "B" | "AB" | "BA";
const WAYS: readonly Shown[] = ["A", "B", "AB", "BA"];

describe("3.8 a forked LOCK shown to two halves (B1, R2)", () => {
  it.each([2, 3])(
    "k = %i, with each order of discovery: every correct participant ends with an outcome",
    (k) => {
      const outcomes = new Map<string, number>();
      for (const two of WAYS) {
        for (const three of WAYS) {
          for (const four of WAYS) {
            const world = shownToHalves(k, [two, three, four]);
            demandLiveness(world, toMs(world.now));
            const [sid = ""] = world.chronicle.swaps.keys();
            const ends = ["2", "3"].slice(0, k - 1).map((seat) => outcomeAt(world, seat, sid));
            expect(new Set(ends).size).toBe(1);
            expect(ends).not.toContain("");
            const end = ends[0] ?? "";
            outcomes.set(end, (outcomes.get(end) ?? 0) + 1);
          }
        }
      }
      expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(64);
      // Everybody locked, so a quorum that hears of it in time commits; nobody is left in between.
      expect(outcomes.get(`${COMMIT}`)).toBeGreaterThan(0);
    },
  );
});

/** Bank 1 lies: two blocks of one height, each with its LOCK, shown to banks 2, 3 and 4 as told. */
function shownToHalves(k: number, shown: readonly Shown[]): World {
  const world = foundedOf(4);
  const { corridor } = world;
  const liar = world.seat("1");
  world.seats.set("1", { ...liar, honest: false });
  world.do({ kind: "crash", seat: "1", keep: 0 });
  world.seats.delete("1");
  const deal = agreeSwap(corridor, { number: 10, legs: ringLegs([1, 2, 3].slice(0, k)) });
  const { bytes, sid } = announcementOf(corridor, deal);
  const swap = { sid, key: hashKey(sid), deal, announcement: bytes };
  const hashes = [...liar.conduct.hashes].map((hash) => Uint8Array.from(Buffer.from(hash, "hex")));
  const trunk = new Puppet(corridor, 1, [new Uint8Array(32), ...hashes] as never[]);
  const branches = {
    A: trunk.forkAfter(trunk.seq).write(announce(swap), lock(swap, 0)),
    B: trunk.forkAfter(trunk.seq).write(announce(swap), lock(swap, 0), vote(swap)),
  };
  const terms = encodeTerms({
    sid,
    terms: deal.terms,
    salt: deal.salt,
    instructions: deal.instructions,
  });
  const tell = (bank: string, branch: string): void => {
    world.inject(1, bank, branches[branch as "A" | "B"].push);
    world.inject(1, bank, terms);
  };
  for (const seat of world.seats.values()) {
    world.greet(seat.id, 1);
    world.inject(1, seat.id, encodeHeads({ heads: [], yours: null }));
  }
  for (const [i, way] of shown.entries()) tell(`${i + 2}`, way[0] as string);
  settle(world);
  for (const [i, way] of shown.entries()) if (way.length > 1) tell(`${i + 2}`, way[1] as string);
  settle(world);
  heal(world);
  return world;
}
