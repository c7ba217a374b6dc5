import { describe, expect, it } from "vitest";
import type { Transport } from "../../../node/io/driver.ts";
import { MAX_QUEUED_BYTES } from "../../../node/io/peer-link.ts";
import { shapeTransport, type LinkShape, type Pace } from "../../../node/io/shaped-transport.ts";
import { Prng } from "../../../scenarios/sim/prng.ts";

/** A clock that the test turns; its timers tick in milliseconds and come late, as those of Node.js do. */
class TurnedPace implements Pace {
  #now = 1_000;
  #timers: { at: number; callback: () => void }[] = [];
  readonly #lateMs: () => number;

  constructor(lateMs: () => number = () => 0) {
    this.#lateMs = lateMs;
  }

  now(): number {
    return this.#now;
  }

  wake(afterMs: number, callback: () => void): () => void {
    const timer = { at: Math.ceil(this.#now + afterMs) + this.#lateMs(), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  turnTo(until: number): void {
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > until) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = Math.max(this.#now, until);
  }
}

interface Sent {
  readonly to: number;
  readonly mark: number;
  readonly at: number;
}

function shaped(shapes: ReadonlyMap<number, LinkShape>, pace = new TurnedPace()) {
  const sent: Sent[] = [];
  const dropped: string[] = [];
  const inner: Transport = {
    send: (to, body) => {
      sent.push({ to, mark: body[0] ?? 0, at: pace.now() });
      return true;
    },
    drop: (peer, reason) => void dropped.push(`${peer}: ${reason}`),
  };
  return { transport: shapeTransport(inner, shapes, pace), sent, dropped, pace };
}

const always = (delayMs: number, bandwidthMbps: number | null = null): LinkShape => ({
  delayUs: () => delayMs * 1000,
  bandwidthMbps,
});
const message = (mark: number, bytes = 1): Uint8Array => new Uint8Array(bytes).fill(mark);

describe("a shaped link", () => {
  it("holds a message back by its delay; a peer without a shape is reached at once", () => {
    const { transport, sent, pace } = shaped(new Map([[2, always(30)]]));
    transport.send(2, message(1));
    transport.send(3, message(2));
    expect(sent).toEqual([{ to: 3, mark: 2, at: 1_000 }]);
    pace.turnTo(1_029);
    expect(sent).toHaveLength(1);
    pace.turnTo(1_030);
    expect(sent[1]).toEqual({ to: 2, mark: 1, at: 1_030 });
  });

  it("keeps the order of sending, whatever the single delays are", () => {
    const delays = [50_000, 10_000, 20_000, 0];
    const shape = { delayUs: () => delays.shift() ?? 0, bandwidthMbps: null };
    const { transport, sent, pace } = shaped(new Map([[2, shape]]));
    for (const mark of [1, 2, 3, 4]) transport.send(2, message(mark));
    pace.turnTo(1_040);
    expect(sent).toEqual([]);
    pace.turnTo(1_100);
    expect(sent.map(({ mark }) => mark)).toEqual([1, 2, 3, 4]);
  });

  it("lets a later message to a nearer peer overtake", () => {
    const { transport, sent, pace } = shaped(
      new Map([
        [2, always(90)],
        [3, always(10)],
      ]),
    );
    transport.send(2, message(1));
    transport.send(3, message(2));
    pace.turnTo(2_000);
    expect(sent.map(({ to, at }) => [to, at])).toEqual([
      [3, 1_010],
      [2, 1_090],
    ]);
  });

  it("puts one message after the other on the wire", () => {
    // 125,000 bytes at 10 Mbit/s take 100 ms.
    const { transport, sent, pace } = shaped(new Map([[2, always(20, 10)]]));
    for (const mark of [1, 2]) transport.send(2, message(mark, 125_000));
    pace.turnTo(2_000);
    expect(sent.map(({ at }) => at)).toEqual([1_120, 1_220]);
  });

  it("sends what it was given, even when the caller changes its bytes afterwards", () => {
    const { transport, sent, pace } = shaped(new Map([[2, always(5)]]));
    const body = message(7);
    transport.send(2, body);
    body[0] = 8;
    pace.turnTo(2_000);
    expect(sent.map(({ mark }) => mark)).toEqual([7]);
  });

  it("loses what is on its way when the link is gone, is dropped, or the process stops", () => {
    const { transport, sent, dropped, pace } = shaped(
      new Map([2, 3, 4].map((peer) => [peer, always(30)])),
    );
    for (const peer of [2, 3, 4]) transport.send(peer, message(peer));
    transport.forget(2);
    transport.drop(3, "it lies");
    expect(dropped).toEqual(["3: it lies"]);
    transport.send(2, message(9));
    pace.turnTo(1_020);
    transport.stop();
    pace.turnTo(2_000);
    expect(sent).toEqual([]);
  });

  it("serves a link that came back as a new one", () => {
    const { transport, sent, pace } = shaped(new Map([[2, always(30)]]));
    transport.send(2, message(1));
    transport.forget(2);
    transport.send(2, message(2));
    pace.turnTo(2_000);
    expect(sent).toEqual([{ to: 2, mark: 2, at: 1_030 }]);
  });

  it("is dropped when more is on its way than may wait for a peer", () => {
    const { transport, sent, dropped, pace } = shaped(new Map([[2, always(30)]]));
    expect(transport.send(2, message(1, MAX_QUEUED_BYTES))).toBe(true);
    expect(transport.send(2, message(2, 1))).toBe(false);
    expect(dropped).toEqual(["2: too much is on its way"]);
    pace.turnTo(2_000);
    expect(sent).toEqual([]);
  });

  it.each([0.25, 3, 34])(
    "of %s ms is as long in the mean, though timers are coarse and late",
    (delayMs) => {
      const prng = Prng.fromSeed(1);
      const late = (): number => prng.int(0, 900) / 1_000;
      const { transport, sent, pace } = shaped(
        new Map([[2, always(delayMs)]]),
        new TurnedPace(late),
      );
      const givenAt: number[] = [];
      for (let i = 0; i < 5_000; i++) {
        pace.turnTo(pace.now() + prng.int(1, 4_000) / 1_000);
        givenAt.push(pace.now());
        transport.send(2, message(1));
      }
      pace.turnTo(pace.now() + 1_000);
      const errors = sent.map(({ at }, i) => at - (givenAt[i] ?? 0) - delayMs).slice(200);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      expect(Math.abs(mean)).toBeLessThan(0.03);
      expect(sent).toHaveLength(5_000);
    },
  );
});
