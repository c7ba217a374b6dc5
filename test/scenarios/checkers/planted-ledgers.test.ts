import { describe, expect, it } from "vitest";
import { hashKey } from "../../../crypto/hash.ts";
import { CORRIDOR } from "../../../corridor/entries.ts";
import { DOMESTIC } from "../../../node/ledger/domestic-entries.ts";
import { fromMs, instant } from "../../../node/time.ts";
import type { Amount } from "../../../node/money.ts";
import { voidLeg } from "./slow-path.ts";
import { hold, LYING_FOUR, SALT, Stage } from "./stage.ts";
import { EPOCH_START_MS } from "../../../scenarios/explore/corridor.ts";
import { accountName } from "../../../scenarios/explore/agreed-swaps.ts";

const FAULTS = { hasFaults: true };

describe("P4 AbortNonTriviality", () => {
  it("is violated by a swap that is voided though all had LOCKed it", () => {
    const stage = new Stage();
    const votes = stage.commit();
    voidLeg(stage, 1, votes, true);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P4 .*is voided/));
  });

  it("is violated by a swap that takes longer than three delays and eps", () => {
    const settleAfter = (us: number): readonly string[] => {
      const stage = new Stage({ greatestDelayUs: 100, handlingUs: () => 10 });
      const votes = stage.commit();
      stage.world.now = instant(stage.world.now + us);
      stage.settle(1, votes);
      stage.settle(2, votes);
      return stage.found(true);
    };
    expect(settleAfter(340)).toEqual([]);
    expect(settleAfter(341)).toContainEqual(
      expect.stringMatching(/^P4 .*341 us; the bound is 340/),
    );
  });

  it("says nothing of a run with faults", () => {
    expect(new Stage(FAULTS).verdict("P4")).toMatchObject({
      verdict: "not applicable",
      detail: "there were faults",
    });
  });
});

describe("P5 Conservation", () => {
  it("is violated by money that is not there", () => {
    const stage = new Stage();
    const out = {
      kind: DOMESTIC.REDEEM,
      account: accountName(1),
      amount: 1n as Amount,
      instruction: { body: Uint8Array.of(1), signature: new Uint8Array(64) as never },
      timeMs: EPOCH_START_MS,
      salt: SALT,
    } as const;
    stage.block(1, [], [out]);
    expect(stage.found()).toContainEqual("P5 block 1: m1 is below zero");
  });

  it("is violated by a hold of more than there is", () => {
    const stage = new Stage();
    stage.block(1, [{ kind: CORRIDOR.LOCK, sid: stage.sid, leg: 0 }], [hold(stage.sid, 0)]);
    expect(stage.found()).toContainEqual("P5 block 1: m1 is below zero");
  });
});

describe("P6 NoDoubleSpend (B7, B8)", () => {
  it("is violated by a hold that is placed twice", () => {
    const stage = new Stage();
    stage.lock(1);
    stage.block(1, [{ kind: CORRIDOR.LOCK, sid: stage.sid, leg: 0 }], [hold(stage.sid, 0)]);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P6 .*is placed again/));
  });

  it("is violated by a hold that is closed twice", () => {
    const stage = new Stage();
    const votes = stage.commit();
    stage.settle(1, votes);
    stage.settle(1, votes);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P6 .*not there to close/));
  });

  it("is violated by a LOCK without its hold, and by a hold without its LOCK", () => {
    const stage = new Stage();
    stage.block(1, [stage.announceEntry(), { kind: CORRIDOR.LOCK, sid: stage.sid, leg: 0 }]);
    stage.block(2, [], [stage.issue(2, 10n), hold(stage.sid, 1)]);
    expect(stage.found()).toEqual([
      expect.stringMatching(/^P6 .*LOCK .* without its domestic half/),
      "P6 block 1: a hold without its LOCK, SETTLE or VOID",
    ]);
  });

  it("is violated by EVIDENCE against an honest bank, or that proves nothing", () => {
    const accuse = (stage: Stage): readonly string[] => {
      const a = stage.block(4, []).block;
      const b = stage.block(4, [{ kind: CORRIDOR.REFUSE, sid: stage.sid }], [], {
        seq: 1,
        prev: a.header.prev,
      }).block;
      const headers = { headerA: a.headerBytes, headerB: b.headerBytes };
      const signatures = { signatureA: a.signature, signatureB: b.signature };
      stage.block(1, [{ kind: CORRIDOR.EVIDENCE, ...headers, ...signatures }]);
      const twice = { ...headers, headerB: a.headerBytes, ...signatures };
      stage.block(2, [{ kind: CORRIDOR.EVIDENCE, ...twice }]);
      return stage.found().filter((line) => line.startsWith("P6"));
    };
    const nothing = "P6 block 1: EVIDENCE that proves nothing";
    expect(accuse(new Stage())).toEqual(["P6 block 1 accuses honest bank 4", nothing]);
    expect(accuse(new Stage({ hasFaults: true, budget: LYING_FOUR }))).toEqual([nothing]);
  });
});

describe("P7 Finality", () => {
  it("is violated by what follows a SETTLE", () => {
    const stage = new Stage();
    const votes = stage.commit([2, 3, 4]);
    stage.settle(1, votes);
    stage.vote(1);
    stage.settle(1, votes);
    expect(stage.found().filter((line) => line.startsWith("P7"))).toEqual([
      expect.stringMatching(/VOTE after the end/),
      expect.stringMatching(/SETTLE of leg 0 once more/),
    ]);
  });

  it("is violated by a bank that reports another outcome than was certified", () => {
    const stage = new Stage();
    stage.commit();
    const report = { kind: "swap", sid: hashKey(stage.sid), outcome: "voided" } as never;
    stage.suite.watcher.onReport?.(stage.seat(1), report);
    expect(stage.found()).toEqual([expect.stringMatching(/^P7 it reports swap .* as voided/)]);
  });

  it("is violated by a SETTLE of a swap that was closed long ago and dropped", () => {
    const stage = new Stage();
    const votes = stage.commit();
    stage.settle(1, votes);
    stage.settle(2, votes);
    for (let number = 2; number < 1_100; number++) closeAnother(stage, number);
    expect(stage.found()).toEqual([]);
    stage.vote(4);
    expect(stage.found()).toEqual([]);
    stage.settle(1, votes);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P7 .*SETTLE of leg 0 once more/));
  });
});

/** One more swap of banks 1 and 2, from its announcement to its end. */
function closeAnother(stage: Stage, number: number): void {
  const { sid, bytes } = stage.announce(number);
  stage.block(1, [stage.announceEntry(bytes)]);
  stage.lock(1, sid);
  stage.lock(2, sid);
  const votes = [1, 2, 3].flatMap((bank) => stage.vote(bank, sid));
  stage.settle(1, votes, sid);
  stage.settle(2, votes, sid);
}

describe("P8 LockLiveness", () => {
  it("is violated by a hold that is closed after its bound", () => {
    const closedAfter = (ms: number): readonly string[] => {
      const stage = new Stage({ ttlMs: 2_000 });
      const votes = stage.commit();
      stage.world.now = fromMs(EPOCH_START_MS + ms);
      stage.settle(1, votes);
      return stage.found().filter((line) => line.startsWith("P8"));
    };
    // HEADS after 2 s and one delay, T0, the timeouts of views 1 and 2, and four delays.
    const bound = 2_050 + 2_000 + 6 * 50 * 3 + 4 * 50;
    expect(closedAfter(bound)).toEqual([]);
    expect(closedAfter(bound + 1)).toEqual([expect.stringMatching(/^P8 .*closed after its bound/)]);
  });

  it("says nothing as long as the network has not healed, or when too few banks are up", () => {
    expect(new Stage(FAULTS).verdict("P8")).toMatchObject({
      verdict: "not applicable",
      detail: "the run ended before its network had healed",
    });
    const gone = { lying: [], gone: ["bank-3", "bank-4"], byzantine: 1, crashed: 0 };
    const stage = new Stage({ hasFaults: true, budget: gone });
    stage.suite.healed();
    expect(stage.verdict("P8")).toMatchObject({
      verdict: "not applicable",
      detail: "too few banks are up: 0 lying (b = 1), 2 gone (c = 0)",
    });
  });
});

describe("P11 HashChain", () => {
  it.each([
    ["a height is left out", { seq: 3 }, "P11 block 3: it comes after block 1"],
    ["a height is used twice", { seq: 1 }, "P11 block 1: it comes after block 1"],
    [
      "the block before is another one",
      { prev: new Uint8Array(32).fill(7) as never },
      "P11 block 2: it names another block before it",
    ],
  ])("is violated when %s", (_, place, want) => {
    const stage = new Stage();
    stage.block(3, []);
    stage.block(3, [], [], place);
    expect(stage.found()).toEqual([want]);
  });

  it("is violated by bytes that are no entry", () => {
    const stage = new Stage();
    stage.block(3, [Uint8Array.of(0x93, 7, 7, 7)]);
    expect(stage.found()).toContainEqual("P11 block 1: a corridor entry that does not decode");
  });
});
