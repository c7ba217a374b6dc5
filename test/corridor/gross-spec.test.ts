import { describe, expect, it } from "vitest";
import { CORRIDOR, type CorridorEntry } from "../../corridor/entries.ts";
import { encodeGetTerms } from "../../corridor/messages.ts";
import { proveSwap } from "../../corridor/prove.ts";
import { agreeSwap, ringLegs, swapSubmission } from "../../scenarios/explore/agreed-swaps.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import {
  flushSeat,
  foundedWorld,
  heal,
  passDelay,
  runFor,
  sidKeys,
} from "../../scenarios/explore/drive.ts";
import type { World } from "../../scenarios/explore/world.ts";
import { Bench, type PlayedSwap } from "./bench.ts";
import { arrangedCorridor, auditOf } from "./kit.ts";

// Sentences of protocols.md 2.4.
const LAG_MS = 500;
const EXPIRES_MS = 60_000;
const GROSS = { arrangement: "gross", lagMs: LAG_MS } as const;

const pay = ({ sid }: PlayedSwap, leg: number): CorridorEntry => ({
  kind: CORRIDOR.PAY,
  sid,
  leg,
});

/** Bank 2 is advised that bank 1 has paid leg 1. */
function advised(amount = 10n): { readonly bench: Bench; readonly swap: PlayedSwap } {
  const bench = new Bench(SHAPES[3], 2, GROSS);
  const swap = bench.swap(ringLegs([1, 2], amount));
  bench.tell(1, { kind: CORRIDOR.ANNOUNCE, announcement: swap.announcement }, pay(swap, 0));
  bench.terms(1, swap);
  return { bench, swap };
}

function begin(banks: readonly number[], amount = 10n): World {
  const world = foundedWorld(arrangedCorridor(SHAPES[4], GROSS));
  const deal = agreeSwap(world.corridor, { number: 10, legs: ringLegs(banks, amount) });
  world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
  flushSeat(world, "1");
  return world;
}

const holdsOf = (world: World, seat: string): readonly string[] => [
  ...world.seat(seat).conduct.holds.values(),
];

const postedAt = (world: World, seat: string, account: string): bigint | undefined =>
  [...(world.seat(seat).machine?.state.books.balances.values() ?? [])].find(
    (balance) => (balance.account as string) === account,
  )?.posted;

describe("2.4 sequential gross legs", () => {
  it("1: bank 1 pays leg 1, finally, in the block that announces the swap", () => {
    const world = begin([1, 2]);
    expect(holdsOf(world, "1"), "nothing is held for a moment longer").toEqual(["posted"]);
    expect(postedAt(world, "1", "m1")).toBe(990n);
    expect(postedAt(world, "1", "m2")).toBe(10n);
    const ended = world.seat("1").reports.filter(({ kind }) => kind === "swap");
    expect(ended, "and tells its member so at once").toMatchObject([{ outcome: "settled" }]);
  });

  it("2: bank 2 pays leg 2 after the advice, in its own time, and not before", () => {
    const { bench } = advised();
    bench.wait(LAG_MS - 1);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("PAY");
    expect([...bench.seat.conduct.holds.values()]).toEqual(["posted"]);
  });

  it("2: without the advice bank 2 never pays, and lets the swap go when it expires", () => {
    const bench = new Bench(SHAPES[3], 2, GROSS);
    const swap = bench.swap();
    bench.tell(1, { kind: CORRIDOR.ANNOUNCE, announcement: swap.announcement });
    bench.tell(3, pay(swap, 0));
    bench.terms(1, swap);
    bench.wait(EXPIRES_MS - 1);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("REFUSE VOID");
  });

  it("PAY is idempotent: advice that comes again pays nothing again, also after a restart", () => {
    const { bench, swap } = advised();
    bench.wait(LAG_MS);
    bench.tell(1, pay(swap, 0));
    bench.crash();
    bench.restart();
    bench.wait(EXPIRES_MS);
    expect(bench.course).toBe("PAY");
  });

  it("recovery: a bank that was advised before it crashed pays when it is back", () => {
    const { bench, swap } = advised();
    bench.crash();
    bench.restart();
    expect(bench.sent("get-terms", 1), "it asks again for what it had not written").toEqual([]);
    bench.wait(LAG_MS);
    expect(bench.sent("get-terms", 1).length).toBeGreaterThan(0);
    bench.terms(1, swap);
    expect(bench.course).toBe("PAY");
  });

  it("bank 1 keeps the terms for bank 2 until leg 2 is confirmed, or the swap has expired", () => {
    for (const isConfirmed of [true, false]) {
      const bench = new Bench(SHAPES[3], 1, GROSS);
      const swap = bench.swap();
      bench.world.do({ kind: "submit", seat: "1", bytes: swapSubmission(swap.deal) });
      bench.wait(0);
      const [paid] = bench.own(CORRIDOR.PAY);
      if (paid === undefined) throw new TypeError("no PAY");
      bench.forgetMail();
      bench.send(2, encodeGetTerms({ sid: paid.sid }));
      expect(bench.sent("terms", 2)).toHaveLength(1);
      if (isConfirmed) bench.tell(2, pay({ ...swap, sid: paid.sid }, 1));
      else bench.wait(EXPIRES_MS);
      expect(bench.seat.machine?.state.swaps.size).toBe(0);
    }
  });

  it("latency: one delay, and the second bank's own time", () => {
    const world = begin([1, 2]);
    passDelay(world);
    expect(holdsOf(world, "2")).toEqual([]);
    runFor(world, LAG_MS);
    expect(holdsOf(world, "2")).toEqual(["posted"]);
    expect(auditOf(world)).toMatchObject({ findings: [], splits: [] });
  });

  it("three legs are paid one after the other", () => {
    const world = begin([1, 2, 3]);
    for (const seat of ["2", "3"]) {
      expect(holdsOf(world, seat)).toEqual([]);
      passDelay(world);
      runFor(world, LAG_MS);
      expect(holdsOf(world, seat)).toEqual(["posted"]);
    }
    expect(auditOf(world)).toMatchObject({ findings: [], splits: [] });
  });

  it("failure: the second leg is refused, and the principal of the first is lost: a result, nobody's fault", () => {
    const { bench } = advised(5_000n);
    bench.wait(LAG_MS);
    expect(bench.course).toBe("REFUSE VOID");
    expect(bench.sent("decline")[0]?.code).toBe("FUNDS_INSUFFICIENT");
  });

  it("failure: payer 2 defaults in the window: principal loss, which the audit reports without blame (R8)", () => {
    const world = begin([1, 2]);
    world.do({ kind: "crash", seat: "2", keep: 0 });
    runFor(world, EXPIRES_MS);
    const [sid = ""] = sidKeys(world);
    const { findings, splits, ledgers } = auditOf(world);
    expect(findings).toEqual([]);
    expect(splits).toEqual([{ sid, arrangement: "gross", paid: [0], unpaid: [1] }]);
    const proof = proveSwap(ledgers, sid);
    expect(!proof.ok && proof.error.code).toBe("no_certificate");
    heal(world);
    runFor(world, EXPIRES_MS);
    expect(auditOf(world).splits, "back after the expiry, it pays no more").toEqual(splits);
  });
});
