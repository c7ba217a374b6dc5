import { describe, expect, it } from "vitest";
import { utf8ToBytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import { ABORT, corridorEntryLayout, CORRIDOR } from "../../corridor/entries.ts";
import { encodeGet, encodePush } from "../../corridor/messages.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { encodePublicBlock, parsePublicBlock } from "../../node/ledger/block.ts";
import { flipBit } from "../bytes.ts";
import { Bench, say } from "./bench.ts";
import { DELTA_MS, SHAPES, TTL_MS } from "../../scenarios/explore/corridor.ts";
import { announcementOf, swapSubmission, ringLegs } from "../../scenarios/explore/agreed-swaps.ts";

const { lock, vote, refuse } = say;

/** Bank 4 of four: a witness of a swap between banks 1 and 2. */
const witness = (): Bench => new Bench(SHAPES[4], 4);
/** Bank 2 of four: it takes part in a swap that bank 1 announces. */
const participant = (): Bench => new Bench(SHAPES[4], 2);
const votes = (bench: Bench): number => bench.own(CORRIDOR.VOTE).length;

describe("3.4 the predicate P", () => {
  it("P(sid) holds at a bank when it has, for every leg, a LOCK(sid, leg) by the bank that owns that leg's ledger", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(3, lock(swap, 1));
    bench.tell(1, lock(swap, 1));
    bench.tell(2, lock(swap, 0));
    expect(votes(bench), "a LOCK of a leg on another bank's ledger does not count").toBe(0);
    bench.tell(2, lock(swap, 1));
    expect(votes(bench)).toBe(1);
  });

  it("for every leg: also of two legs on one ledger", () => {
    const bench = witness();
    const legs = [
      { bank: 1, payer: 1, payee: 2, amount: 5n },
      { bank: 2, payer: 2, payee: 1, amount: 5n },
      { bank: 2, payer: 3, payee: 4, amount: 1n },
    ];
    const swap = bench.swap(legs);
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    expect(votes(bench)).toBe(0);
    bench.tell(2, lock(swap, 2));
    expect(votes(bench)).toBe(1);
  });

  it("each such LOCK is in a block that (1) is canonical and well-formed", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    const { publicBytes, push } = bench.puppet(2).write(lock(swap, 1));
    const longer = Uint8Array.from([...publicBytes, 0xc0]);
    bench.send(2, encodePush(longer));
    expect(votes(bench)).toBe(0);
    bench.send(2, push);
    expect(votes(bench)).toBe(1);
  });

  it("an entry that is not canonical does not count, the others of its block do", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap, false);
    const bytes = encode(corridorEntryLayout, lock(swap, 0));
    // The leg 0 written in two bytes.
    const wasteful = Uint8Array.from([...bytes.slice(0, -1), 0xcc, 0x00]);
    bench.tell(2, lock(swap, 1));
    bench.tell(1, wasteful);
    expect(votes(bench)).toBe(0);
    bench.tell(1, wasteful, bytes);
    expect(votes(bench)).toBe(1);
  });

  it("and (2) has a valid signature of the author's key (B2)", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    const { block, push } = bench.puppet(2).write(lock(swap, 1));
    for (const bit of [0, 255, 511]) {
      const forged = {
        ...block,
        signature: flipBit(block.signature, bit) as typeof block.signature,
      };
      bench.send(2, encodePush(encodePublicBlock(forged)));
    }
    expect(votes(bench)).toBe(0);
    bench.send(2, push);
    expect(votes(bench)).toBe(1);
  });

  it("safety does not need that the author's ledger covers the LOCK: a LOCK without funds counts here", () => {
    const bench = witness();
    const swap = bench.swap(ringLegs([1, 2], 2n ** 62n));
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    expect(votes(bench)).toBe(1);
  });
});

describe("3.3 what counts", () => {
  it("the author's prefix, a gap before the block, or a fork does not matter", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    const puppet = bench.puppet(2);
    puppet.write();
    puppet.write();
    bench.push(puppet.write(lock(swap, 1)));
    expect(votes(bench)).toBe(1);
  });

  it("they count at most once per author", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1), vote(swap), vote(swap));
    bench.tell(2, vote(swap));
    const { decided } = bench.seat.machine?.state ?? {};
    expect(decided?.count, "bank 2 and this bank are two of the three that are needed").toBe(0);
    bench.tell(1, vote(swap));
    expect(decided?.count).toBe(1);
  });

  it("a block may contain a LOCK and a VOTE that relies on it, in this order", () => {
    const bench = participant();
    const swap = bench.swap();
    bench.announce(swap);
    bench.terms(1, swap);
    expect(bench.course).toBe("LOCK VOTE");
    expect(bench.refOf(CORRIDOR.LOCK).seq).toBe(bench.refOf(CORRIDOR.VOTE).seq);
  });

  it("availability: a bank that appends an entry holds, durably before it, every block it rests on", () => {
    const bench = witness();
    const swap = bench.swap();
    const first = bench.announce(swap);
    const second = bench.tell(2, lock(swap, 1));
    const { records } = parseLedgerFile(bench.seat.file);
    const last = records.findLastIndex((record) => record.kind === OWN_BLOCK);
    const copies = records.slice(0, last).flatMap((record) => {
      const block = parsePublicBlock(record.payload);
      return block.ok ? [hashKey(block.value.hash)] : [];
    });
    expect(copies).toEqual([first, second].map(({ block }) => hashKey(block.hash)));
  });

  it("and serves it on GET", () => {
    const bench = witness();
    const swap = bench.swap();
    const { block } = bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    bench.forgetMail();
    bench.send(3, encodeGet({ bank: 1, from: 1, to: 1, tip: null }));
    expect(bench.sent("push", 3).map((push) => hashKey(push.block.hash))).toEqual([
      hashKey(block.hash),
    ]);
  });
});

describe("3.5 the fast path", () => {
  it("on ANNOUNCE(s) first seen: start timer T0 = s.params.ttl", () => {
    const bench = witness();
    const swap = bench.swap(undefined, { ttlMs: 700 });
    bench.announce(swap);
    bench.wait(699);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("T0 = s.expiry − now, when that is sooner", () => {
    const bench = witness();
    const swap = bench.swap(undefined, { expiresInMs: 500 });
    bench.wait(100);
    bench.announce(swap);
    bench.wait(399);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("an announcement seen again does not start the timer again", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS - 1);
    bench.tell(1, say.announce(swap));
    bench.wait(1);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("ANNOUNCE is by the bank of leg 0; another's opens nothing", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.tell(3, say.announce(swap));
    bench.tell(2, say.announce(swap));
    bench.wait(10 * TTL_MS);
    expect(bench.course).toBe("");
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
  });

  it("an announcement of another corridor, epoch or arrangement, or of an unknown bank, opens nothing", () => {
    const bench = witness();
    const { deal } = bench.swap();
    const wrong = [
      { net: deal.commitment },
      { epoch: 1 },
      { legBanks: [1, 9] },
      { createdMs: deal.expiryMs },
    ].map((changes) => announcementOf(bench.world.corridor, deal, changes).bytes);
    // Text of as many letters, in the place of the arrangement's name.
    const other = announcementOf(bench.world.corridor, deal).bytes.slice();
    other.set(utf8ToBytes("netting-2"), Buffer.from(other).indexOf("certified"));
    wrong.push(other);
    for (const announcement of wrong) bench.tell(1, { kind: CORRIDOR.ANNOUNCE, announcement });
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
    const codes = bench.seat.reports.map((r) => (r.kind === "warning" ? r.code : r.kind));
    expect(codes.filter((code) => code === "announcement_invalid")).toHaveLength(wrong.length);
  });

  it("on local participant, TERMS(s) match the commitment, leg acceptable, funds available: append LOCK", () => {
    const bench = participant();
    const swap = bench.swap();
    bench.announce(swap);
    expect(bench.course, "no LOCK before the terms have come").toBe("");
    bench.terms(1, swap);
    expect(bench.own(CORRIDOR.LOCK)).toEqual([lock(swap, 1)]);
    expect(bench.seat.conduct.holds).toEqual(new Map([[`${swap.key} 1`, "placed"]]));
  });

  it("TERMS(s) match the commitment: other terms, and the same terms with another salt, are ignored", () => {
    const bench = participant();
    const swap = bench.swap();
    const other = bench.swap(ringLegs([1, 2], 1n), { number: 11 });
    bench.announce(swap);
    bench.terms(1, swap, other.deal);
    bench.terms(1, swap, { ...swap.deal, salt: other.deal.salt });
    expect(bench.course).toBe("");
    bench.terms(1, swap);
    expect(bench.own(CORRIDOR.LOCK)).toHaveLength(1);
  });

  it("a bank LOCKs a leg only with the signed instruction of its own member who pays it", () => {
    const bench = participant();
    const swap = bench.swap();
    const { deal } = swap;
    const [first, second] = deal.instructions as [never, (typeof deal.instructions)[number]];
    bench.announce(swap);
    bench.terms(1, swap, { ...deal, instructions: [first] });
    const forged = flipBit(second.signature, 7) as typeof second.signature;
    bench.terms(1, swap, { ...deal, instructions: [first, { ...second, signature: forged }] });
    expect(bench.course).toBe("");
    bench.world.do({ kind: "submit", seat: "2", bytes: swapSubmission(deal, [1]) });
    bench.wait(0);
    expect(bench.own(CORRIDOR.LOCK)).toHaveLength(1);
  });

  it("otherwise append REFUSE: the leg is not acceptable", () => {
    const bench = participant();
    const legs = [
      { bank: 1, payer: 1, payee: 2, amount: 5n },
      { bank: 2, payer: 2, payee: 3, amount: 1_001n },
    ];
    const swap = bench.swap(legs);
    bench.announce(swap);
    bench.terms(1, swap);
    expect(bench.own(CORRIDOR.REFUSE)).toEqual([refuse(swap)]);
    expect(bench.own(CORRIDOR.LOCK)).toEqual([]);
  });

  it("never both: after LOCK no REFUSE, after REFUSE no LOCK, whatever comes", () => {
    for (const amount of [10n, 1_001n]) {
      const bench = participant();
      const swap = bench.swap(ringLegs([1, 2], amount));
      bench.announce(swap);
      bench.terms(1, swap);
      const course = bench.course.split(" ")[0];
      bench.terms(1, swap);
      bench.tell(1, lock(swap, 0), refuse(swap), say.announce(swap));
      bench.world.do({ kind: "submit", seat: "2", bytes: swapSubmission(swap.deal) });
      bench.wait(10);
      const own = bench.signed.map(({ entry }) => entry.kind);
      expect(own.filter((kind) => kind === CORRIDOR.LOCK || kind === CORRIDOR.REFUSE)).toHaveLength(
        1,
      );
      expect(bench.course.split(" ")[0]).toBe(course);
    }
  });

  it("view == 0: no LOCK after the view was left", () => {
    const bench = participant();
    const swap = bench.swap();
    bench.announce(swap);
    bench.wait(TTL_MS);
    bench.terms(1, swap);
    expect(bench.course).toBe("STATUS(1)");
  });

  it("now < s.expiry: no LOCK and no VOTE from the expiry on (N6)", () => {
    const bench = participant();
    const swap = bench.swap(undefined, { expiresInMs: 300 });
    bench.wait(300);
    bench.announce(swap);
    bench.terms(1, swap);
    expect(bench.course).toBe("");
    const other = witness();
    const late = other.swap(undefined, { expiresInMs: 300 });
    other.wait(300);
    other.announce(late);
    other.tell(2, lock(late, 1));
    expect(other.course).toBe("");
  });

  it("not decided: no LOCK and no VOTE after the outcome is known", () => {
    const bench = participant();
    const swap = bench.swap();
    bench.announce(swap);
    for (const bank of [1, 3, 4]) bench.tell(bank, say.confirm(swap, 1, ABORT));
    bench.terms(1, swap);
    bench.tell(1, lock(swap, 0));
    expect(bench.course).toBe("VOID");
  });

  it("on P(sid), view == 0, not voted, now < s.expiry, not decided: append VOTE, once", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    bench.tell(2, lock(swap, 1));
    bench.announce(swap);
    expect(bench.course).toBe("VOTE");
  });

  it("on q VOTEs: decide COMMIT with cert = [0, refs]; a participant appends SETTLE for its legs, with cert", () => {
    const bench = participant();
    const swap = bench.swap();
    bench.announce(swap);
    bench.terms(1, swap);
    const { refs: third } = bench.tell(3, vote(swap));
    expect(bench.own(CORRIDOR.SETTLE), "two VOTEs of three").toEqual([]);
    const { refs: first } = bench.tell(1, vote(swap));
    const [settle] = bench.own(CORRIDOR.SETTLE);
    const refs = [bench.refOf(CORRIDOR.VOTE), ...third, ...first];
    expect(settle?.grounds).toEqual({ view: 0, decision: 1, refs });
    expect(bench.seat.conduct.holds).toEqual(new Map([[`${swap.key} 1`, "posted"]]));
  });

  it("a witness appends nothing when it decides, and every bank stops the timers of this swap", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1), vote(swap));
    bench.tell(1, vote(swap));
    bench.wait(20 * TTL_MS);
    expect(bench.course).toBe("VOTE");
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
  });

  it("on REFUSE by a participant of s while P is not known: enter(1)", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(3, refuse(swap));
    expect(bench.course, "bank 3 takes no part").toBe("");
    bench.tell(2, refuse(swap));
    expect(bench.course).toBe("STATUS(1)");
  });

  it("while P is not known: a REFUSE after P changes nothing", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    bench.tell(2, refuse(swap));
    expect(bench.course).toBe("VOTE");
  });

  it("a bank that learns of a swap only from another entry fetches the announcement by GET(sid)", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.tell(2, lock(swap, 1), vote(swap));
    expect(bench.sent("get-announcement")).toEqual([]);
    bench.wait(DELTA_MS);
    expect(bench.sent("get-announcement", 2)).toEqual([
      { kind: "get-announcement", sid: swap.sid },
    ]);
    // From any bank that knows it: the block that holds it is its proof.
    bench.push(bench.puppet(1).write(say.announce(swap), lock(swap, 0)), 2);
    expect(bench.course).toBe("VOTE");
  });

  it("and asks less and less often for one that never comes", () => {
    const bench = witness();
    bench.tell(3, vote(bench.swap()));
    bench.wait(3_600_000);
    expect(bench.sent("get-announcement", 3).length).toBeLessThan(80);
    expect(bench.sent("get-announcement", 3).length).toBeGreaterThan(50);
  });
});
