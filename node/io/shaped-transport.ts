import type { Bytes } from "../../crypto/bytes.ts";
import type { Transport } from "./driver.ts";
import { MAX_QUEUED_BYTES } from "./peer-link.ts";

/** How the link to one peer is made slower than it is. */
export interface LinkShape {
  /** Draws the one-way delay of the next message, in microseconds from 0. */
  readonly delayUs: () => number;
  /** What the link carries, in 10^6 bits a second; `null` for no bound. */
  readonly bandwidthMbps: number | null;
}

export interface ShapedTransport extends Transport {
  /** The link to a peer is gone, with everything that was on its way. */
  forget(peer: number): void;
  /** Everything on its way is lost, as when the process ends. */
  stop(): void;
}

/** The clock of `performance` and a timer, so that a test can turn them. */
export interface Pace {
  now(): number;
  /** Calls back after about this many milliseconds, at least one; returns how to call it off. */
  wake(afterMs: number, callback: () => void): () => void;
}

const REAL_PACE: Pace = {
  now: () => performance.now(),
  wake: (afterMs, callback) => {
    const timer = setTimeout(callback, afterMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Timers tick in milliseconds and come late when the process is busy. So a message leaves up to this
 * much before its time when others lately left after theirs: the mean error stays at zero, and
 * nothing spins. A delay below a millisecond is right in the mean alone.
 */
const MAX_LEAD_MS = 5;

/** How much of one message's error corrects the lead: the mean is taken over some fifty messages. */
const LEAD_GAIN = 0.02;

const BITS_PER_MS_AND_MBPS = 1_000;

interface Lane {
  readonly peer: number;
  readonly shape: LinkShape;
  /** In order of sending, which is the order of leaving: a link is a TCP connection. */
  queue: { readonly due: number; readonly body: Bytes }[];
  bytes: number;
  /** When the last message has been put on the wire, and when it arrives. */
  wireFreeAt: number;
  lastDue: number;
}

/**
 * Holds every message back by the delay of its link before it goes to the real transport, in order. A
 * peer without a shape is reached at once. A link on which more is under way than may wait for a peer
 * is dropped, and the banks repair by anti-entropy.
 */
export function shapeTransport(
  inner: Transport,
  shapes: ReadonlyMap<number, LinkShape>,
  pace: Pace = REAL_PACE,
): ShapedTransport {
  const lanes = new Map<number, Lane>();
  for (const [peer, shape] of shapes) {
    lanes.set(peer, { peer, shape, queue: [], bytes: 0, wireFreeAt: 0, lastDue: 0 });
  }
  let lead = 0;
  let armedFor = Number.POSITIVE_INFINITY;
  let callOff = (): void => undefined;

  const release = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    const now = pace.now();
    for (const lane of lanes.values()) {
      let count = 0;
      for (const { due, body } of lane.queue) {
        if (due > now + lead) break;
        count += 1;
        lane.bytes -= body.length;
        const error = Math.min(now - due, MAX_LEAD_MS);
        lead = Math.min(Math.max(0, lead + LEAD_GAIN * error), MAX_LEAD_MS);
        inner.send(lane.peer, body);
      }
      if (count > 0) lane.queue.splice(0, count);
    }
    arm();
  };

  const arm = (): void => {
    let next = Number.POSITIVE_INFINITY;
    for (const { queue } of lanes.values()) next = Math.min(next, queue[0]?.due ?? next);
    if (next >= armedFor) return;
    callOff();
    const wait = next - lead - pace.now();
    if (wait <= 0) return release();
    armedFor = next;
    callOff = pace.wake(Math.max(1, Math.floor(wait)), release);
  };

  const forget = (peer: number): void => {
    const lane = lanes.get(peer);
    if (lane === undefined) return;
    lane.queue = [];
    lane.bytes = 0;
    lane.wireFreeAt = 0;
    lane.lastDue = 0;
  };

  return {
    send: (to, body) => {
      const lane = lanes.get(to);
      if (lane === undefined) return inner.send(to, body);
      if (lane.bytes + body.length > MAX_QUEUED_BYTES) {
        forget(to);
        inner.drop(to, "too much is on its way");
        return false;
      }
      const { delayUs, bandwidthMbps } = lane.shape;
      const wireMs =
        bandwidthMbps === null ? 0 : (8 * body.length) / (BITS_PER_MS_AND_MBPS * bandwidthMbps);
      lane.wireFreeAt = Math.max(pace.now(), lane.wireFreeAt) + wireMs;
      lane.lastDue = Math.max(lane.lastDue, lane.wireFreeAt + delayUs() / 1000);
      lane.queue.push({ due: lane.lastDue, body: body.slice() });
      lane.bytes += body.length;
      arm();
      return true;
    },
    drop: (peer, reason) => {
      forget(peer);
      inner.drop(peer, reason);
    },
    forget,
    stop: () => {
      callOff();
      lanes.clear();
    },
  };
}
