import { describe, expect, it } from "vitest";
import { hashKey, ZERO_HASH } from "../../../crypto/hash.ts";
import { ABORT, COMMIT, CORRIDOR } from "../../../corridor/entries.ts";
import { abortInViewOne, openSlowPath, voidLeg } from "./slow-path.ts";
import { LYING_FOUR, Stage } from "./stage.ts";
import { writeBlock } from "../../../scenarios/explore/puppet.ts";

const FAULTS = { hasFaults: true };

describe("honest conduct", () => {
  it("on the fast path is let pass", () => {
    const stage = new Stage();
    const votes = stage.commit();
    stage.settle(1, votes);
    stage.settle(2, votes);
    stage.vote(4);
    expect(stage.found(true)).toEqual([]);
  });

  it("on the slow path is let pass", () => {
    const stage = new Stage(FAULTS);
    const confirms = abortInViewOne(stage);
    voidLeg(stage, 1, confirms, true);
    voidLeg(stage, 2, confirms, false);
    expect(stage.found(true)).toEqual([]);
  });
});

describe("P1 Atomicity", () => {
  it("is violated when one bank SETTLEs what another VOIDs", () => {
    const stage = new Stage();
    const votes = stage.commit();
    stage.settle(1, votes);
    voidLeg(stage, 2, votes, true);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P1 .*VOID, and bank 1 did the/));
  });
});

describe("P2 CertificateUniqueness", () => {
  it("is violated by certificates of both outcomes, whoever signed them", () => {
    const stage = new Stage(FAULTS);
    abortInViewOne(stage);
    for (const bank of [1, 2, 3]) stage.vote(bank);
    expect(stage.found()).toContainEqual(
      `P2 swap ${hashKey(stage.sid).slice(0, 16)} has certificates of both outcomes`,
    );
  });

  const rule = (name: string, play: (stage: Stage) => void, want: RegExp): void => {
    it(name, () => {
      const stage = new Stage(FAULTS);
      play(stage);
      expect(stage.found()).toContainEqual(expect.stringMatching(want));
    });
  };

  rule(
    "S1: a bank votes twice",
    (stage) => {
      stage.commit([1]);
      stage.vote(1);
    },
    /^P2 .*S1: a second VOTE/,
  );
  rule(
    "S1: a bank votes after STATUS",
    (stage) => {
      stage.commit([]);
      stage.status(3, 1);
      stage.vote(3);
    },
    /^P2 .*S1: VOTE after STATUS/,
  );
  rule(
    "a bank votes without P",
    (stage) => {
      stage.lock(1);
      stage.vote(3);
    },
    /^P2 .*VOTE without the LOCK/,
  );
  rule(
    "S2: a bank goes back to a lower view",
    (stage) => {
      stage.lock(1);
      stage.status(1, 2);
      stage.status(1, 1);
    },
    /^P2 .*S2: STATUS 1 in view 2/,
  );
  rule(
    "S2: a bank accepts in a view that it has left",
    (stage) => {
      stage.lock(1);
      stage.status(1, 2);
      stage.block(1, [{ kind: CORRIDOR.ACCEPT, sid: stage.sid, view: 1, decision: ABORT }]);
    },
    /^P2 .*S2: ACCEPT 1 in view 2/,
  );
  rule(
    "S3: a bank that voted leaves P out of its STATUS",
    (stage) => {
      stage.commit([3]);
      stage.status(3, 1);
    },
    /^P2 .*S3: STATUS without P after VOTE/,
  );
  rule(
    "S3: a bank leaves its lock out of its STATUS",
    (stage) => {
      abortInViewOne(stage);
      stage.status(3, 2);
    },
    /^P2 .*S3: STATUS reports lock none, not 1 2/,
  );
  rule(
    "S3: a bank reports a lock that nobody accepted",
    (stage) => {
      const [first] = stage.lock(1).refs;
      const accepts = first === undefined ? [] : [first];
      stage.status(3, 2, null, { view: 1, decision: COMMIT, accepts });
    },
    /^P2 .*S3: STATUS/,
  );
  rule(
    "S4: a bank accepts what no LEAD proposes",
    (stage) => {
      openSlowPath(stage);
      stage.block(3, [{ kind: CORRIDOR.ACCEPT, sid: stage.sid, view: 1, decision: COMMIT }]);
    },
    /^P2 .*S4: ACCEPT/,
  );
  rule(
    "S5: the leader proposes another value than the STATUSes give",
    (stage) => {
      const { statuses, leader } = openSlowPath(stage);
      const { sid } = stage;
      stage.block(leader, [{ kind: CORRIDOR.LEAD, sid, view: 1, decision: COMMIT, statuses }]);
    },
    /^P2 .*S5: LEAD/,
  );
  rule(
    "a bank that is not the leader leads",
    (stage) => {
      const { statuses, leader } = openSlowPath(stage);
      const { sid } = stage;
      const other = leader === 1 ? 2 : 1;
      stage.block(other, [{ kind: CORRIDOR.LEAD, sid, view: 1, decision: ABORT, statuses }]);
    },
    /^P2 .*LEAD by another bank/,
  );
  rule(
    "S6: a bank confirms twice in one view",
    (stage) => {
      abortInViewOne(stage);
      stage.block(3, [{ kind: CORRIDOR.CONFIRM, sid: stage.sid, view: 1, decision: ABORT }]);
    },
    /^P2 .*S6: a second CONFIRM/,
  );
  rule(
    "a bank confirms without a quorum of ACCEPTs",
    (stage) => {
      openSlowPath(stage);
      stage.block(3, [{ kind: CORRIDOR.CONFIRM, sid: stage.sid, view: 1, decision: ABORT }]);
    },
    /^P2 .*CONFIRM after 0 ACCEPTs/,
  );
});

describe("P3 CommitValidity", () => {
  it("is violated by a COMMIT certificate without an honest bank's LOCK", () => {
    const stage = new Stage();
    stage.lock(1);
    for (const bank of [1, 2, 3]) stage.vote(bank);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P3 .*without the LOCK of leg 1/));
  });

  it("is violated by a SETTLE without a certificate", () => {
    const stage = new Stage();
    stage.settle(1, stage.commit([1, 2]));
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P3 .*without a certificate/));
  });

  it("is violated by a SETTLE of what the bank never LOCKed", () => {
    const stage = new Stage();
    const other = stage.announce(2);
    stage.block(1, [stage.announceEntry(other.bytes)]);
    stage.settle(1, stage.commit(), other.sid);
    expect(stage.found()).toContainEqual(expect.stringMatching(/^P3 .*that it never LOCKed/));
  });
});

describe("the fault budget", () => {
  it("makes a violation beyond it a result, and one within it a failure", () => {
    const play = (lying: readonly string[]) => {
      const budget = { lying, gone: [], byzantine: 1, crashed: 0 };
      const stage = new Stage({ hasFaults: true, budget });
      stage.commit([1]);
      stage.vote(1);
      return stage.verdict("P2");
    };
    expect(play(["bank-4"])).toMatchObject({ verdict: "violated" });
    const beyond = play(["bank-3", "bank-4"]);
    expect(beyond?.verdict).toBe("beyond budget");
    expect(beyond?.detail).toMatch(/^2 lying \(b = 1\), 0 gone \(c = 0\): bank-1: .*S1/);
  });

  it("counts what liars sign as evidence only: their own conduct is not judged", () => {
    const stage = new Stage({ hasFaults: true, budget: LYING_FOUR });
    stage.commit([4]);
    stage.vote(4);
    stage.status(4, 1);
    stage.block(4, [], [], { seq: 9 });
    expect(stage.found()).toEqual([]);
  });

  it("knows what a liar signs without telling its own machine", () => {
    const stage = new Stage({ hasFaults: true, budget: LYING_FOUR });
    const votes = stage.commit([1, 2]);
    const entries = [{ kind: CORRIDOR.VOTE, sid: stage.sid }] as const;
    const place = { bank: 4, seq: 1, prev: ZERO_HASH };
    const { push, refs } = writeBlock(stage.corridor, place, entries);
    stage.suite.watcher.onSend?.(stage.seat(4), 1, push);
    stage.suite.watcher.onSend?.(stage.seat(4), 2, push);
    stage.settle(1, [...votes, ...refs]);
    expect(stage.found()).toEqual([]);
  });
});
