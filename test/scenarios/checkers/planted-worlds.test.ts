import { describe, expect, it } from "vitest";
import { encodePush } from "../../../corridor/messages.ts";
import { auditRun } from "../../../corridor/audit/audit.ts";
import type { BankConfig } from "../../../corridor/bank-state.ts";
import { encodePublicBlock } from "../../../node/ledger/block.ts";
import type { Amount } from "../../../node/money.ts";
import { after, durationMs } from "../../../node/time.ts";
import { determinism } from "../../../scenarios/checkers/properties/determinism.ts";
import { PropertySuite } from "../../../scenarios/checkers/suite.ts";
import { conditionsOf } from "../../../scenarios/checkers/run-conditions.ts";
import { Prng } from "../../../scenarios/sim/prng.ts";
import type { Seat } from "../../../scenarios/sim/seat.ts";
import {
  BYZANTINE_BEHAVIOURS,
  type ByzantineBehaviour,
  type Fault,
} from "../../../scenarios/scenario.ts";
import { Stage } from "./stage.ts";
import { failed, play, setUp, type Played } from "./played.ts";

const SMALL = { sets: ["workload.swaps.count=6"] };

const smallRun = (): Played => play("bilateral", SMALL);

/** The violations of one property after the end. */
function found({ suite }: Pick<Played, "suite">, property: string): readonly string[] {
  suite.end();
  return suite.violations.filter((v) => v.property === property).map(({ detail }) => detail);
}

/** The same world, judged by checkers of their own whose banks' signatures are checked in another way. */
function judgedBy({ scenario, run }: Played, verifier: BankConfig["verifier"]): PropertySuite {
  const { genesis } = run.corridor;
  const prng = Prng.fromSeed(5);
  const suite = new PropertySuite({ genesis, verifier, conditions: conditionsOf(scenario), prng });
  suite.begin(run.world);
  return suite;
}

const FORGIVING = { verify: () => ({ valid: true, slow: false }) };

const swapConfig = (seat: Seat, changes: Partial<BankConfig>): void => {
  (seat as { config: BankConfig }).config = { ...seat.config, ...changes };
};

describe("a run without anything wrong", () => {
  it("violates nothing", () => {
    expect(failed(smallRun())).toEqual([]);
  });
});

describe("P5 Conservation", () => {
  it("is violated by books in which money appears", () => {
    const played = smallRun();
    const books = played.run.world.seat("kz").machine?.state.books;
    const [balance] = books?.balances.values() ?? [];
    if (balance === undefined) throw new Error("no balance");
    balance.posted = (balance.posted + 1n) as Amount;
    expect(found(played, "P5")).toEqual([
      expect.stringMatching(/^Conservation/),
      expect.stringMatching(/its books say/),
    ]);
  });
});

describe("P6 NoDoubleSpend", () => {
  it("is violated by a bank that holds two branches of a log, and has no EVIDENCE", () => {
    const played = smallRun();
    const state = played.run.world.seat("kz").machine?.state;
    const log = state?.logs.get(2);
    if (log === undefined) throw new Error("no log");
    const other = { hash: new Uint8Array(32).fill(1) as never, prev: log.hashes as never };
    const signed = log.recent.get(1);
    log.branches.push({ seq: 1, block: { ...other, stored: undefined }, signed });
    expect(found(played, "P6")).toEqual(["it holds two branches of bank 2, without EVIDENCE"]);
  });
});

describe("P8 LockLiveness", () => {
  it("is violated by a bank taking part that never closes", () => {
    const played = setUp("bilateral", SMALL);
    const { world } = played.run;
    // From its first LOCK on, what a bank is told of the other's votes is lost.
    const { fabric } = world;
    const send = fabric.send.bind(fabric);
    fabric.send = (from, to, bytes, laterUs) => {
      const hasHolds = (to.machine?.state.books.holds.size ?? 0) > 0;
      if (!hasHolds) send(from, to, bytes, laterUs);
    };
    while (!played.run.advance(1_000));
    expect(found(played, "P8")).toContainEqual(
      expect.stringMatching(/holds are open, the first of swap/),
    );
    expect(played.suite.verdicts().find(({ name }) => name === "P8")?.verdict).toBe("violated");
  });
});

describe("P9 Unforgeability", () => {
  it("is violated when signatures are not checked", () => {
    const played = smallRun();
    expect(found({ suite: judgedBy(played, FORGIVING) }, "P9")).toContainEqual(
      "a forged block passes as genuine",
    );
  });

  it("is violated by a bank that takes forged blocks in", () => {
    const played = smallRun();
    for (const seat of played.run.world.seats) swapConfig(seat, { verifier: FORGIVING });
    expect(found(played, "P9")).toContainEqual("its state depends on a forged block");
  });
});

describe("P10 NonRepudiation", () => {
  it("is violated by a journal that has changed under the bank", () => {
    const played = smallRun();
    const { disk } = played.run.world.seat("kz");
    for (let at = 20; at < disk.durable; at += 50) disk.rot(at, 3);
    expect(found(played, "P10")).not.toEqual([]);
  });
});

describe("P12 WriteAhead", () => {
  it("is violated by a block that leaves before it is durable, or with other bytes", () => {
    const stage = new Stage();
    const { block } = stage.block(3, []);
    const push = encodePush(encodePublicBlock(block));
    stage.suite.watcher.onSend?.(stage.seat(3), 1, push);
    expect(stage.found()).toEqual(["P12 block 1 leaves before it is durable"]);
  });

  it("is violated by a world in which a bank sends what it has just appended", () => {
    const played = setUp("bilateral", SMALL);
    const { watcher } = played.suite;
    for (const seat of played.run.world.seats) {
      const append = seat.disk.append.bind(seat.disk);
      seat.disk.append = (bytes) => {
        append(bytes);
        const own = seat.machine?.state.flight?.own;
        if (own !== undefined) watcher.onSend?.(seat, 1, encodePush(own.publicBytes));
      };
    }
    while (!played.run.advance(1_000));
    expect(found(played, "P12")).toContainEqual("block 1 leaves before it is durable");
  });
});

describe("P13 ProofSoundness", () => {
  const audited = ({ scenario, run }: Played) =>
    auditRun(
      scenario.banks.map(({ id, number }) => ({
        bank: number,
        bytes: run.ledgers().get(id) ?? new Uint8Array(0),
        head: undefined,
      })),
      run.corridor.genesis,
      run.verifier,
    );

  it("holds for what a run proves", () => {
    const played = smallRun();
    played.suite.audited(audited(played));
    expect(played.suite.verdicts().find(({ name }) => name === "P13")?.verdict).toBe("holds");
  });

  it("is violated when changed proofs check", () => {
    const played = smallRun();
    const suite = judgedBy(played, FORGIVING);
    suite.audited(audited(played));
    const details = suite.violations.map(({ detail }) => detail);
    expect(details).toContainEqual(expect.stringMatching(/another signature in a ballot/));
  });

  it("is violated by an auditor that blames an honest bank", () => {
    const played = smallRun();
    const finding = { code: "conduct", bank: "kz", where: "block 1", detail: "invented" } as const;
    played.suite.audited({ ...audited(played), findings: [finding] });
    expect(played.suite.violations.map(({ detail }) => detail)).toEqual([
      "the auditor blames honest bank kz: conduct: invented",
    ]);
  });
});

describe("P14 Idempotence", () => {
  it("is violated by a bank whose state depends on how often it is shown a block", () => {
    const played = smallRun();
    for (const seat of played.run.world.seats) {
      let left = 60;
      const { verifier: inner } = seat.config;
      const verifier: BankConfig["verifier"] = {
        verify: (key, message, signature) =>
          left-- > 0 ? inner.verify(key, message, signature) : { valid: false, slow: false },
      };
      swapConfig(seat, { verifier });
    }
    expect(found(played, "P14")).not.toEqual([]);
  });
});

describe("P15 Determinism", () => {
  it("holds for a scenario that is run twice, and is violated by histories that differ", () => {
    expect(determinism(() => smallRun().run.world.traceHash())).toBeUndefined();
    let seed = 1;
    const drifting = (): string =>
      play("bilateral", { sets: [...SMALL.sets, `seed=${seed++}`] }).run.world.traceHash();
    expect(determinism(drifting)).toMatchObject({ property: "P15" });
  });
});

describe("a bank that lies within the budget", () => {
  const playLiar = (behaviour: ByzantineBehaviour, atMs: number): Played =>
    play("participant-crash", {
      sets: ["workload.swaps.count=10"],
      faults: [{ kind: "byzantine", bank: "cn", behaviour, atMs: durationMs(atMs) }],
    });

  it.each(Object.keys(BYZANTINE_BEHAVIOURS) as ByzantineBehaviour[])(
    "leaves every property standing: %s",
    (behaviour) => {
      for (const atMs of [0, 1_500]) {
        expect(failed(playLiar(behaviour, atMs))).toEqual(["P4 not applicable: there were faults"]);
      }
    },
  );

  it("is convicted by all others when it equivocates (B1)", () => {
    const { world } = playLiar("equivocating", 0).run;
    const convicted = world.seats.filter((seat) => seat.machine?.state.convicted.has(2) === true);
    expect(convicted.map((seat) => seat.id)).toEqual(["kz", "hk", "th", "ae", "sa"]);
  });
});

describe("healing", () => {
  const cut = (bank: string, forMs: number): Fault => ({
    kind: "partition",
    from: [bank],
    to: ["kz", "cn", "hk", "th", "ae", "sa"].filter((other) => other !== bank),
    atMs: durationMs(500),
    forMs: durationMs(forMs),
    bothWays: true,
  });
  const sets = ["workload.swaps.count=10"];
  const onlyP4 = ["P4 not applicable: there were faults"];

  it("finds every hold closed in time after a bank taking part was cut off (N1)", () => {
    const played = play("participant-crash", { sets, faults: [cut("cn", 20_000)] });
    expect(failed(played)).toEqual(onlyP4);
    const open = played.run.world.seats.map((seat) => seat.machine?.state.books.holds.size);
    expect(open).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("ends a partition that would outlast the run, once and for all", () => {
    const played = play("participant-crash", { sets, faults: [cut("sa", 60_000)] });
    const { world, durationMs: endedMs } = played.run;
    expect(endedMs).toBeLessThan(60_000);
    const [kz, sa] = [world.seat("kz"), world.seat("sa")];
    world.run(after(world.now, durationMs(1_000)));
    expect(world.fabric.isOpen(kz, sa)).toBe(true);
    world.run(after(world.now, durationMs(60_000)));
    expect(world.fabric.isOpen(kz, sa)).toBe(true);
    expect(failed(played)).toEqual(onlyP4);
  });

  it("ends the loss of messages", () => {
    const lossy = { sets: [...SMALL.sets, "network.lossPercent=30"] };
    expect(failed(play("bilateral", lossy))).toEqual([
      "P4 not applicable: the network loses messages",
    ]);
  });
});
