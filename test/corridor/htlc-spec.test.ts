import { describe, expect, it } from "vitest";
import type { Bytes } from "../../crypto/bytes.ts";
import { digest } from "../../crypto/hash.ts";
import { parseAnnouncement, type AnnouncementOf } from "../../corridor/announcement.ts";
import { CORRIDOR, type CorridorEntry, type CorridorEntryOf } from "../../corridor/entries.ts";
import { hashOfSecret, secretOf } from "../../corridor/htlc/secret.ts";
import { isInOrder, lockByMs, untilMs } from "../../corridor/htlc/timelocks.ts";
import { toMs } from "../../node/time.ts";
import { agreeSwap, ringLegs, swapSubmission } from "../../scenarios/explore/agreed-swaps.ts";
import { configOf, SHAPES } from "../../scenarios/explore/corridor.ts";
import {
  flushSeat,
  foundedWorld,
  heal,
  passDelay,
  runFor,
  settle,
  sidKeys,
} from "../../scenarios/explore/drive.ts";
import type { World } from "../../scenarios/explore/world.ts";
import { Bench, type PlayedSwap } from "./bench.ts";
import { arrangedCorridor, auditOf } from "./kit.ts";

// Sentences of protocols.md 2.1; D is the worst-case delay, e the bound on clock skew.
const D = 100;
const E = 10;
const HTLC = { arrangement: "htlc", deltaMaxMs: D, epsilonMs: E } as const;
const T_B = 3 * D + 2 * E;
const T_A = T_B + D + 2 * E;

const SECRET = new Uint8Array(32).fill(7);
const HASH = hashOfSecret(SECRET);

const hlock = (swap: PlayedSwap, leg: number, untilMs: number, hash = HASH): CorridorEntry => ({
  kind: CORRIDOR.HLOCK,
  sid: swap.sid,
  leg,
  hash,
  untilMs,
});
const claim = (swap: PlayedSwap, leg: number, secret: Bytes = SECRET): CorridorEntry => ({
  kind: CORRIDOR.CLAIM,
  sid: swap.sid,
  leg,
  secret,
});

const announced = (swap: PlayedSwap): AnnouncementOf<"htlc"> => {
  const parsed = parseAnnouncement(swap.announcement);
  if (!parsed.ok || parsed.value.arrangement !== "htlc") throw new TypeError("no htlc");
  return parsed.value;
};

/** Bank 2, B, has seen A's HLOCK and the terms; it has answered as it must. */
function responder(
  lateMs = 0,
  beforeMs = T_A,
): { readonly bench: Bench; readonly swap: PlayedSwap } {
  const bench = new Bench(SHAPES[3], 2, HTLC);
  const swap = bench.swap();
  const t0 = toMs(bench.world.now);
  bench.wait(lateMs);
  bench.tell(
    1,
    { kind: CORRIDOR.ANNOUNCE, announcement: swap.announcement },
    hlock(swap, 0, t0 + beforeMs),
  );
  bench.terms(1, swap);
  return { bench, swap };
}

/** Bank 1, A, has announced and locked; it leads. */
function leader(): {
  readonly bench: Bench;
  readonly swap: PlayedSwap;
  readonly lock: CorridorEntryOf<typeof CORRIDOR.HLOCK>;
  readonly secret: Bytes;
} {
  const bench = new Bench(SHAPES[3], 1, HTLC);
  const swap = bench.swap();
  bench.world.do({ kind: "submit", seat: "1", bytes: swapSubmission(swap.deal) });
  settle(bench.world);
  const [lock] = bench.own(CORRIDOR.HLOCK);
  if (lock === undefined) throw new TypeError("no HLOCK");
  const secret = secretOf(configOf(bench.world.corridor, 1).saltSecret, lock.sid);
  return { bench, swap: { ...swap, sid: lock.sid }, lock, secret };
}

describe("2.1 timelocks", () => {
  it("T_B ≥ t0+3Δ+ε and T_A ≥ T_B+Δ+2ε, so T_A ≥ t0+4Δ+3ε; in a ring T_{k−1} ≥ t0+(k+1)Δ+ε and T_i ≥ T_{i+1}+Δ+2ε", () => {
    for (const k of [2, 3, 5, 8]) {
      const ring = {
        legBanks: Array.from({ length: k }, (_, i) => i + 1),
        createdMs: 1000,
        params: HTLC,
      };
      expect(untilMs(ring, k - 1)).toBeGreaterThanOrEqual(1000 + (k + 1) * D + E);
      for (let leg = 0; leg < k - 1; leg++) {
        expect(isInOrder(HTLC, untilMs(ring, leg), untilMs(ring, leg + 1))).toBe(true);
        expect(isInOrder(HTLC, untilMs(ring, leg) - 1, untilMs(ring, leg + 1))).toBe(false);
      }
      // A bank that hears of the leg before after as many delays as there are legs before it is in time.
      for (let leg = 1; leg < k; leg++) expect(lockByMs(ring, leg)).toBe(1000 + leg * D + E);
    }
  });
});

describe("2.1 HTLC, step by step", () => {
  it("1: A records the HLOCK of leg A with h, T_A beside the announcement; x is 32 bytes and h = SHA-256(x)", () => {
    const { lock, secret, bench } = leader();
    expect(bench.course).toBe("ANNOUNCE HLOCK");
    expect(secret).toHaveLength(32);
    expect(lock.hash).toEqual(digest(secret));
    expect(lock.untilMs).toBe(toMs(bench.world.now) + T_A);
    expect([...bench.seat.conduct.holds.values()]).toEqual(["placed"]);
  });

  it("2: B verifies and records the HLOCK of leg B with the same h, T_B", () => {
    const { bench, swap } = responder();
    const [lock] = bench.own(CORRIDOR.HLOCK);
    expect(lock?.hash).toEqual(HASH);
    expect(lock?.untilMs).toBe(untilMs(announced(swap), 1));
    expect(bench.own(CORRIDOR.CLAIM)).toEqual([]);
  });

  it.each([
    ["T_B ≥ now+2Δ+ε, at the bound", D + E, T_A, "HLOCK"],
    ["T_B < now+2Δ+ε, one millisecond later", D + E + 1, T_A, "REFUSE VOID"],
    ["T_A < T_B+Δ+2ε", 0, T_A - 1, "REFUSE VOID"],
  ])(
    "2: B locks only if there is time for all that follows: %s",
    (_name, lateMs, beforeMs, course) => {
      expect(responder(lateMs, beforeMs).bench.course).toBe(course);
    },
  );

  it("2: B waits for the leg before, and for its member's consent, and gives up when it is too late", () => {
    const bench = new Bench(SHAPES[3], 2, HTLC);
    const swap = bench.swap();
    bench.tell(1, { kind: CORRIDOR.ANNOUNCE, announcement: swap.announcement });
    bench.terms(1, swap);
    bench.tell(3, hlock(swap, 0, toMs(bench.world.now) + T_A));
    expect(bench.course, "an HLOCK by a bank that does not own the leg's ledger").toBe("");
    bench.wait(D + E);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("REFUSE VOID");
    expect(bench.sent("decline")[0]?.code).toBe("PVP_EXPIRED");
  });

  it.each([
    [D + E + 1, 1],
    [D + E, 0],
  ])(
    "3: A shows x only if now+Δ+ε < T_B; %i ms before T_B it sends %i CLAIMs",
    (leftMs, claims) => {
      const { bench, swap, lock, secret } = leader();
      bench.tell(2, hlock(swap, 1, toMs(bench.world.now) + leftMs, lock.hash));
      const shown = bench.own(CORRIDOR.CLAIM).map(({ leg, secret: x }) => [leg, x]);
      expect(shown).toEqual(claims === 0 ? [] : [[1, secret]]);
    },
  );

  it("3: A never shows x for a lock with another hash (R4)", () => {
    const { bench, swap } = leader();
    bench.tell(2, hlock(swap, 1, toMs(bench.world.now) + T_B, digest(SECRET.slice(1))));
    expect(bench.own(CORRIDOR.CLAIM)).toEqual([]);
  });

  it("4, 5: B settles leg B for x and claims leg A in the same block", () => {
    const { bench, swap } = responder();
    bench.tell(1, claim(swap, 1));
    expect(bench.course).toBe("HLOCK CLAIM SETTLE");
    const [{ ref: claimed }, { ref: settled }] = bench.signed.slice(-2) as [
      (typeof bench.signed)[number],
      (typeof bench.signed)[number],
    ];
    expect(claimed.seq).toBe(settled.seq);
    expect(bench.own(CORRIDOR.CLAIM)[0]).toMatchObject({ leg: 0, secret: SECRET });
    expect([...bench.seat.conduct.holds.values()]).toEqual(["posted"]);
  });

  it("4: nobody but the payee's bank may claim, and only with what opens the lock", () => {
    const { bench, swap } = responder();
    bench.tell(3, claim(swap, 1));
    bench.tell(1, claim(swap, 1, SECRET.toReversed().fill(9)));
    bench.tell(1, claim(swap, 0));
    expect(bench.course).toBe("HLOCK");
    bench.tell(1, claim(swap, 1));
    expect(bench.course, "a wrong secret before does not matter").toBe("HLOCK CLAIM SETTLE");
  });

  it.each([
    [T_B - 1, "HLOCK CLAIM SETTLE"],
    [T_B, "HLOCK VOID"],
  ])(
    "4: a claim counts while the local clock < T_B: %i ms after the start, %s",
    (afterMs, course) => {
      const { bench, swap } = responder();
      // The bank is not woken meanwhile: only its own clock tells it.
      bench.world.now = (Number(bench.world.now) + afterMs * 1000) as typeof bench.world.now;
      bench.tell(1, claim(swap, 1));
      bench.wait(0);
      expect(bench.course).toBe(course);
    },
  );

  it.each([
    [T_A - 1, "settled"],
    [T_A, "voided"],
  ])(
    "6: A settles leg A while its local clock < T_A: %i ms after the start it is %s",
    (afterMs, how) => {
      const { bench, swap, lock, secret } = leader();
      const t0 = toMs(bench.world.now);
      bench.tell(2, hlock(swap, 1, t0 + T_B, lock.hash));
      expect(bench.course).toBe("ANNOUNCE HLOCK CLAIM");
      bench.world.now = (Number(bench.world.now) + afterMs * 1000) as typeof bench.world.now;
      bench.tell(2, claim(swap, 0, secret));
      bench.wait(0);
      const [hold] = bench.seat.conduct.holds.values();
      expect(hold).toBe(how === "settled" ? "posted" : "voided");
    },
  );

  it("T: leg i unclaimed and own clock ≥ T_i: VOID, not a moment before (R4)", () => {
    const { bench } = responder();
    bench.wait(T_B - 1);
    expect(bench.course).toBe("HLOCK");
    bench.wait(1);
    expect(bench.course).toBe("HLOCK VOID");
    expect(bench.own(CORRIDOR.VOID)[0]?.grounds).toEqual({ timeMs: toMs(bench.world.now) });
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
  });

  it("recovery: a locked leg whose expiry has passed with no claim is voided", () => {
    const { bench } = responder();
    bench.crash();
    bench.world.now = (Number(bench.world.now) + 2 * T_A * 1000) as typeof bench.world.now;
    bench.restart();
    expect(bench.course).toBe("HLOCK VOID");
  });

  it("recovery: A's secret survives a crash, and it is shown at once if it still may be", () => {
    const { bench, swap, lock, secret } = leader();
    bench.crash();
    bench.restart();
    bench.tell(2, hlock(swap, 1, toMs(bench.world.now) + T_B, lock.hash));
    expect(bench.own(CORRIDOR.CLAIM)[0]?.secret).toEqual(secret);
  });

  it("a witness keeps nothing of a swap that it takes no part in", () => {
    const bench = new Bench(SHAPES[3], 3, HTLC);
    const swap = bench.swap();
    bench.tell(2, claim(swap, 0));
    bench.tell(1, { kind: CORRIDOR.ANNOUNCE, announcement: swap.announcement }, hlock(swap, 0, 1));
    bench.tell(2, hlock(swap, 1, 1));
    expect(bench.course).toBe("");
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
  });
});

/** Bank 1 has just announced; disks and processors take no time, each `passDelay` is one delay. */
function begin(banks: readonly number[]): World {
  const world = foundedWorld(arrangedCorridor(SHAPES[4], HTLC));
  const deal = agreeSwap(world.corridor, { number: 10, legs: ringLegs(banks) });
  world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
  flushSeat(world, "1");
  return world;
}

const holdsOf = (world: World, seat: string): readonly string[] => [
  ...world.seat(seat).conduct.holds.values(),
];

describe("2.1 cost and failures", () => {
  it.each([
    [2, 4],
    [3, 6],
    [4, 8],
  ])("a ring of %i banks takes 2k = %i one-way delays, and 2k messages", (k, delays) => {
    const banks = [1, 2, 3, 4].slice(0, k);
    const world = begin(banks);
    const isSettled = (): boolean =>
      banks.every((bank) => holdsOf(world, `${bank}`).includes("posted"));
    for (let delay = 1; delay < delays; delay++) {
      passDelay(world);
      expect(isSettled(), `after ${delay} delays`).toBe(false);
    }
    passDelay(world);
    expect(isSettled()).toBe(true);
    const entries = auditOf(world).ledgers.flatMap(({ own }) => own.flatMap((b) => b.entries));
    const messages = entries.filter(
      (entry) => entry?.kind === CORRIDOR.HLOCK || entry?.kind === CORRIDOR.CLAIM,
    );
    expect(messages).toHaveLength(2 * k);
    expect(auditOf(world)).toMatchObject({ findings: [], splits: [] });
  });

  it("F1: the redeemer crashes after x is public, until past T_A: it loses its leg, and the audit says so without blame (R3)", () => {
    const world = begin([1, 2]);
    for (let delay = 0; delay < 3; delay++) passDelay(world);
    expect(holdsOf(world, "2"), "leg B is paid, its CLAIM of leg A is under way").toEqual([
      "posted",
    ]);
    world.do({ kind: "crash", seat: "2", keep: 0 });
    runFor(world, 2 * T_A);
    expect(holdsOf(world, "1")).toEqual(["voided"]);
    heal(world);
    runFor(world, 2 * T_A);
    const { findings, splits } = auditOf(world);
    expect(findings).toEqual([]);
    expect(splits).toEqual([
      { sid: sidKeys(world)[0], arrangement: "htlc", paid: [1], unpaid: [0] },
    ]);
  });

  it("every leg ends by T_A, whoever is away", () => {
    for (const away of ["1", "2"]) {
      for (let after = 0; after < 4; after++) {
        const world = begin([1, 2]);
        for (let delay = 0; delay < after; delay++) passDelay(world);
        world.do({ kind: "crash", seat: away, keep: 0 });
        runFor(world, T_A + D);
        const other = away === "1" ? "2" : "1";
        expect(holdsOf(world, other)).not.toContain("placed");
        heal(world);
        runFor(world, T_A);
        for (const seat of ["1", "2"]) expect(holdsOf(world, seat)).not.toContain("placed");
        expect(auditOf(world).findings).toEqual([]);
      }
    }
  });
});
