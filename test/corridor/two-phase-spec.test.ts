import { describe, expect, it } from "vitest";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  type CorridorEntry,
  type Decision,
} from "../../corridor/entries.ts";
import { checkSwapProof, encodeSwapProof } from "../../corridor/proof.ts";
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
import { Bench, say, type PlayedSwap } from "./bench.ts";
import { arrangedCorridor, auditOf } from "./kit.ts";

// Sentences of protocols.md 2.2. Banks 1 and 2 swap, bank 1 initiates.
const PREPARE_MS = 1_000;
const EXPIRES_MS = 60_000;
const underHub = (hub: number | null) =>
  ({ arrangement: "two-phase", hub, prepareMs: PREPARE_MS }) as const;

const prepare = ({ sid }: PlayedSwap): CorridorEntry => ({ kind: CORRIDOR.PREPARE, sid });
const inquire = ({ sid }: PlayedSwap): CorridorEntry => ({ kind: CORRIDOR.INQUIRE, sid });
const decide = ({ sid }: PlayedSwap, decision: Decision): CorridorEntry => ({
  kind: CORRIDOR.DECIDE,
  sid,
  decision,
});
const { lock, refuse } = say;

/** Bank 3 is the hub, and takes no part. */
function hub(): { readonly bench: Bench; readonly swap: PlayedSwap } {
  const bench = new Bench(SHAPES[3], 3, underHub(3));
  return { bench, swap: bench.swap() };
}

/** Bank 2 has the announcement and the terms; bank 3 is the hub. */
function participant(): { readonly bench: Bench; readonly swap: PlayedSwap } {
  const bench = new Bench(SHAPES[3], 2, underHub(3));
  const swap = bench.swap();
  bench.announce(swap);
  bench.terms(1, swap);
  return { bench, swap };
}

function prepared(): { readonly bench: Bench; readonly swap: PlayedSwap } {
  const { bench, swap } = participant();
  bench.tell(3, prepare(swap));
  return { bench, swap };
}

const decisionOf = (bench: Bench): readonly Decision[] =>
  bench.own(CORRIDOR.DECIDE).map(({ decision }) => decision);

describe("2.2 the hub", () => {
  it("2: enters PREPARING and sends PREPARE once the initiator has recorded LOCK, which counts as its yes", () => {
    const { bench, swap } = hub();
    bench.announce(swap, false);
    expect(bench.course).toBe("");
    bench.tell(1, lock(swap, 0));
    expect(bench.course).toBe("PREPARE");
  });

  it("4: all yes: records COMMITTED and sends DECIDE(commit)", () => {
    const { bench, swap } = hub();
    bench.announce(swap);
    bench.tell(1, lock(swap, 1));
    expect(decisionOf(bench), "a LOCK of another bank's leg is no vote").toEqual([]);
    bench.tell(2, lock(swap, 1));
    expect(bench.course).toBe("PREPARE DECIDE");
    expect(decisionOf(bench)).toEqual([COMMIT]);
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
  });

  it("4: any no: records ABORTED and sends DECIDE(abort)", () => {
    const { bench, swap } = hub();
    bench.announce(swap);
    bench.tell(2, refuse(swap));
    expect(decisionOf(bench)).toEqual([ABORT]);
  });

  it("4: or timeout: in PREPARING past t_prep it decides ABORT, not before, and a late yes changes nothing", () => {
    const { bench, swap } = hub();
    bench.announce(swap);
    bench.wait(PREPARE_MS - 1);
    expect(bench.course).toBe("PREPARE");
    bench.wait(1);
    expect(decisionOf(bench)).toEqual([ABORT]);
    bench.tell(2, lock(swap, 1));
    expect(decisionOf(bench)).toEqual([ABORT]);
  });

  it("a REFUSE by a bank that takes no part is no vote", () => {
    const bench = new Bench(SHAPES[4], 3, underHub(3));
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(4, refuse(swap));
    expect(bench.course).toBe("PREPARE");
  });

  it("recovery: otherwise it decides ABORT (presumed abort), though every vote may be yes", () => {
    const { bench, swap } = hub();
    bench.announce(swap);
    expect(bench.course).toBe("PREPARE");
    bench.crash();
    bench.restart();
    bench.tell(2, lock(swap, 1));
    expect(decisionOf(bench)).toEqual([ABORT]);
  });

  it("recovery: with a decision logged it decides nothing new, and shows the decision to who asks", () => {
    const { bench, swap } = hub();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    bench.crash();
    bench.restart();
    expect(decisionOf(bench)).toEqual([COMMIT]);
    bench.forgetMail();
    bench.tell(2, inquire(swap));
    const shown = bench.sent("push", 2).flatMap(({ entries }) => entries);
    expect(shown).toContainEqual(decide(swap, COMMIT));
  });

  it("recovery: a hub without a record answers INQUIRE with ABORT, once the swap has expired", () => {
    const { bench, swap } = hub();
    bench.tell(1, inquire(swap));
    bench.wait(EXPIRES_MS + 1);
    bench.announce(swap);
    expect(bench.course).toBe("DECIDE");
    expect(decisionOf(bench)).toEqual([ABORT]);
  });

  it("D[hub: decision] < DECIDE: a decision that the disk does not have was never sent", () => {
    const { bench, swap } = hub();
    bench.announce(swap);
    const { world } = bench;
    bench.forgetMail();
    world.inject(2, "3", bench.puppet(2).write(lock(swap, 1)).push);
    world.do({ kind: "idle", seat: "3" });
    bench.crash(0);
    expect(bench.sent("push")).toEqual([]);
    bench.restart();
    expect(decisionOf(bench), "so it may decide otherwise").toEqual([ABORT]);
  });
});

describe("2.2 a participant", () => {
  it("3: records LOCK, which is VOTE(yes), when the hub sends PREPARE", () => {
    const { bench, swap } = participant();
    expect(bench.course).toBe("");
    bench.tell(1, prepare(swap));
    expect(bench.course, "PREPARE by another bank than the hub").toBe("");
    bench.tell(3, prepare(swap));
    expect(bench.course).toBe("LOCK");
    expect([...bench.seat.conduct.holds.values()]).toEqual(["placed"]);
  });

  it("3: otherwise records ABORTED and sends VOTE(no)", () => {
    const bench = new Bench(SHAPES[3], 2, underHub(3));
    const swap = bench.swap(ringLegs([1, 2], 5_000n));
    bench.announce(swap);
    bench.terms(1, swap);
    bench.tell(3, prepare(swap));
    expect(bench.course).toBe("REFUSE VOID");
    expect(bench.sent("decline")[0]?.code).toBe("FUNDS_INSUFFICIENT");
  });

  it.each([
    [COMMIT, "SETTLE", "posted"],
    [ABORT, "VOID", "voided"],
  ] as const)(
    "5: records SETTLE or VOID by the hub's DECIDE: %i, %s",
    (decision, closing, hold) => {
      const { bench, swap } = prepared();
      const { refs } = bench.tell(3, decide(swap, decision));
      expect(bench.course).toBe(`LOCK ${closing}`);
      const [entry] = bench.signed.slice(-1);
      expect(entry?.entry).toMatchObject({ grounds: refs[0] });
      expect([...bench.seat.conduct.holds.values()]).toEqual([hold]);
    },
  );

  it("a DECIDE counts by the hub alone, and a COMMIT with the LOCKs of all legs", () => {
    const { bench, swap } = participant();
    bench.tell(1, decide(swap, ABORT));
    bench.tell(3, decide(swap, COMMIT));
    expect(bench.course, "this bank has not voted").toBe("");
    bench.tell(3, prepare(swap));
    expect(bench.course).toBe("LOCK SETTLE");
  });

  it("in PREPARED never decides alone: past its timeout it only asks, and its money stays held", () => {
    const { bench, swap } = prepared();
    bench.wait(PREPARE_MS - 1);
    expect(bench.course).toBe("LOCK");
    bench.wait(1);
    expect(bench.course).toBe("LOCK INQUIRE");
    bench.wait(100 * EXPIRES_MS);
    bench.crash();
    bench.restart();
    bench.wait(EXPIRES_MS);
    expect(bench.course).toBe("LOCK INQUIRE");
    expect([...bench.seat.conduct.holds.values()]).toEqual(["placed"]);
    bench.tell(3, decide(swap, COMMIT));
    expect(bench.course).toBe("LOCK INQUIRE SETTLE");
  });

  it("recovery: in PREPARED it sends INQUIRE", () => {
    const { bench } = prepared();
    bench.crash();
    bench.restart();
    bench.wait(0);
    expect(bench.course).toBe("LOCK INQUIRE");
  });

  it("in WORKING past its timeout aborts locally", () => {
    const { bench } = participant();
    bench.wait(PREPARE_MS - 1);
    expect(bench.course).toBe("");
    bench.wait(1);
    expect(bench.course).toBe("REFUSE VOID");
  });

  it("a peer that is still WORKING aborts first, then answers ABORTED", () => {
    const { bench, swap } = participant();
    bench.tell(1, inquire(swap));
    expect(bench.course).toBe("REFUSE VOID");
    bench.tell(3, prepare(swap));
    expect(bench.course, "and never votes yes any more").toBe("REFUSE VOID");
  });

  it("a peer that is ABORTED answers with that: a REFUSE frees whoever is prepared, without the hub", () => {
    const { bench, swap } = prepared();
    bench.tell(3, refuse(swap));
    expect(bench.course, "by a bank that takes no part").toBe("LOCK");
    bench.tell(1, refuse(swap));
    expect(bench.course).toBe("LOCK VOID");
  });

  it("a witness that is not the hub keeps nothing", () => {
    const bench = new Bench(SHAPES[4], 4, underHub(3));
    bench.announce(bench.swap());
    expect(bench.seat.machine?.state.swaps.size).toBe(0);
  });
});

function begin(hubBank: number | null, banks: readonly number[] = [1, 2]): World {
  const world = foundedWorld(arrangedCorridor(SHAPES[4], underHub(hubBank)));
  const deal = agreeSwap(world.corridor, { number: 10, legs: ringLegs(banks) });
  world.do({ kind: "submit", seat: "1", bytes: swapSubmission(deal) });
  flushSeat(world, "1");
  return world;
}

const holdsOf = (world: World, seat: string): readonly string[] => [
  ...world.seat(seat).conduct.holds.values(),
];

/** Entries of the protocol, each counted once for every bank that it is meant for: what 2PC sends as messages. */
function messagesOf(world: World, hubBank: number, banks: readonly number[]): number {
  let messages = 0;
  for (const { bank, own } of auditOf(world).ledgers) {
    for (const entry of own.flatMap(({ entries }) => entries)) {
      const isHub = (bank.number as number) === hubBank;
      const others = banks.filter((other) => other !== (bank.number as number)).length;
      // PREPARE goes to all but the initiator, whose BEGIN is its vote; BEGIN is the first LOCK.
      if (entry?.kind === CORRIDOR.PREPARE) messages += others - (banks.includes(hubBank) ? 0 : 1);
      if (entry?.kind === CORRIDOR.LOCK && !isHub) messages += 1;
      if (entry?.kind === CORRIDOR.DECIDE) messages += others;
    }
  }
  return messages;
}

describe("2.2 cost and failures", () => {
  it.each([
    ["another bank", 4, [1, 2], 4, (n: number) => 3 * n - 1],
    ["another bank", 4, [1, 2, 3], 4, (n: number) => 3 * n - 1],
    ["the initiator", 1, [1, 2], 3, (n: number) => 3 * n - 3],
    ["the initiator", 1, [1, 2, 3], 3, (n: number) => 3 * n - 3],
  ])(
    "with %s as hub (%i), banks %j: %i delays, and 3N−1 or 3N−3 messages",
    (_who, hubBank, banks, delays, count) => {
      const world = begin(hubBank, banks);
      const isSettled = (): boolean =>
        banks.every((bank) => holdsOf(world, `${bank}`).includes("posted"));
      for (let delay = 1; delay < delays; delay++) {
        passDelay(world);
        expect(isSettled(), `after ${delay} delays`).toBe(false);
      }
      passDelay(world);
      expect(isSettled()).toBe(true);
      expect(messagesOf(world, hubBank, banks)).toBe(count(banks.length));
      expect(auditOf(world).findings).toEqual([]);
    },
  );

  it("the hub may be the one that announces, whoever that is", () => {
    const world = begin(null);
    for (let delay = 0; delay < 3; delay++) passDelay(world);
    expect(holdsOf(world, "2")).toEqual(["posted"]);
  });

  it("(a) the hub dies after the votes: funds stay locked until it returns, then all are released (R5)", () => {
    const world = begin(4);
    passDelay(world);
    passDelay(world);
    world.do({ kind: "crash", seat: "4", keep: 0 });
    runFor(world, 10 * EXPIRES_MS);
    for (const seat of ["1", "2"]) expect(holdsOf(world, seat)).toEqual(["placed"]);
    heal(world);
    runFor(world, 10_000);
    for (const seat of ["1", "2"]) expect(holdsOf(world, seat)).toEqual(["voided"]);
    expect(auditOf(world).findings).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])(
    "crashes after %i delays, of whomever: all end alike, and every hold is released",
    (delays) => {
      for (const victim of ["1", "2", "4"]) {
        const world = begin(4);
        for (let delay = 0; delay < delays; delay++) passDelay(world);
        world.do({ kind: "crash", seat: victim, keep: 0 });
        runFor(world, 3_000);
        heal(world);
        runFor(world, 10_000);
        const ends = ["1", "2"].flatMap((seat) => holdsOf(world, seat));
        expect(ends).not.toContain("placed");
        expect(new Set(ends).size, `${victim} after ${delays}: ${ends.join()}`).toBeLessThan(2);
        expect(auditOf(world).findings).toEqual([]);
      }
    },
  );

  it("proof for outsiders: the signed hub decision, and nothing else", () => {
    const world = begin(4);
    for (let delay = 0; delay < 5; delay++) passDelay(world);
    const { genesis, signatures } = world.corridor;
    const made = proveSwap(auditOf(world).ledgers, sidKeys(world)[0] ?? "");
    if (!made.ok) throw new TypeError(made.error.code);
    const checked = checkSwapProof(encodeSwapProof(made.value), genesis, signatures.verifier);
    expect(checked.ok && checked.value).toMatchObject({ decision: COMMIT, signers: [4] });
    const [closing] = made.value.closings;
    if (closing === undefined) throw new TypeError("no closing");
    const forged = encodeSwapProof({ ...made.value, certificate: [closing] });
    expect(checkSwapProof(forged, genesis, signatures.verifier).ok).toBe(false);
  });
});
