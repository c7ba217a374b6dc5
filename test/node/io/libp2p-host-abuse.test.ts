import { randomBytes } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Stream } from "@libp2p/interface";
import { describe, expect, it, onTestFinished } from "vitest";
import { encodeFrame, MAX_FRAME_BYTES } from "../../../node/frame.ts";
import { CORRIDOR_PROTOCOL } from "../../../node/io/wire-guard.ts";
import { MAX_QUEUED_BYTES } from "../../../node/io/peer-link.ts";
import {
  dial,
  exchange,
  openStream,
  portOf,
  seedOf,
  startBank,
  startRawPeer,
  startRelay,
  until,
  type AtEnd,
  type TestBank,
} from "./network.ts";

const HOSTILE = 3;

/** A length whose end never comes. The library alone would spend many seconds on it. */
const ENDLESS_LENGTH = Buffer.alloc(524_288, 0xff);

/** More CPU than the whole test takes, much less than what an attack costs that succeeds. */
const CHEAP_MS = 1_500;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Bank 1 with an honest bank 2 linked to it, and bank 3's key in hostile hands. */
async function startScene(atEnd: AtEnd) {
  const victim = await startBank(atEnd, {
    number: 1,
    peers: { 2: undefined, [HOSTILE]: undefined },
  });
  const honest = await startBank(atEnd, { number: 2, peers: { 1: victim.address } });
  const raw = await startRawPeer(atEnd, seedOf(HOSTILE));
  await until(() => victim.linked(2) && honest.linked(1));
  return { victim, honest, raw };
}

/** Opens a stream as the hostile bank and waits until the victim has it as its link. */
async function hostileLink(scene: Awaited<ReturnType<typeof startScene>>): Promise<Stream> {
  const stream = await openStream(scene.raw, scene.victim);
  await until(() => scene.victim.linked(HOSTILE));
  return stream;
}

const closed = (stream: Stream): Promise<void> =>
  stream.status === "open"
    ? new Promise((done) => stream.addEventListener("close", () => done(), { once: true }))
    : Promise.resolve();

describe("a listed bank that breaks the rules of the link", () => {
  const offences = {
    "a length beyond the limit": {
      bytes: Uint8Array.of(0, 4, 0x10, 1, 9, 9, 9),
      log: { code: "frame_too_large", length: MAX_FRAME_BYTES + 1, limit: MAX_FRAME_BYTES },
    },
    "512 KiB of 0xff": {
      bytes: new Uint8Array(524_288).fill(0xff),
      log: { code: "frame_too_large", length: 0xff_ff_ff_ff, limit: MAX_FRAME_BYTES },
    },
    "a frame of no bytes": {
      bytes: Uint8Array.of(0, 0, 0, 0),
      log: { code: "frame_invalid", why: "zero_length" },
    },
  };

  for (const [what, { bytes, log }] of Object.entries(offences)) {
    it(`${what} is logged, ends the link and does not touch the others`, async () => {
      const scene = await startScene(onTestFinished);
      const { victim, honest } = scene;
      const stream = await hostileLink(scene);
      stream.send(encodeFrame(Uint8Array.of(1)));
      stream.send(bytes);
      await closed(stream);
      await until(() => !victim.linked(HOSTILE));
      expect(victim.logs).toEqual([{ ...log, peer: HOSTILE }]);
      await exchange(victim, honest);
      expect(victim.history).toEqual(["+2", `+${HOSTILE}`, `-${HOSTILE}`]);
    });
  }

  it("is not taken back before the cool-down is over, and then it is", async () => {
    const scene = await startScene(onTestFinished);
    const { victim, raw } = scene;
    await hostileLink(scene);
    victim.host.drop(HOSTILE, "because");
    expect(victim.logs).toEqual([]);
    await until(() => !victim.linked(HOSTILE));
    expect(victim.logs).toEqual([{ code: "peer_dropped", peer: HOSTILE, reason: "because" }]);
    const attempt = openStream(raw, victim).then(closed);
    await Promise.allSettled([attempt]);
    expect(victim.linked(HOSTILE)).toBe(false);
    for (let tries = 0; !victim.linked(HOSTILE) && tries < 100; tries += 1) {
      await Promise.allSettled([openStream(raw, victim)]);
      await pause(250);
    }
    expect(victim.linked(HOSTILE)).toBe(true);
  });

  it("may use one stream: a second one on the connection ends it (A5)", async () => {
    const scene = await startScene(onTestFinished);
    const { victim, honest, raw } = scene;
    const stream = await hostileLink(scene);
    const open = async (): Promise<unknown> => raw.wires.at(-1)?.muxer.createStream();
    await Promise.allSettled([closed(stream), ...Array.from({ length: 1000 }, open)]);
    await until(() => !victim.linked(HOSTILE));
    expect(victim.logs).toEqual([{ code: "stream_limit", peer: HOSTILE, limit: 1 }]);
    await exchange(victim, honest);
  });

  const openings = {
    "another protocol": Buffer.from("\x13/multistream/1.0.0\n\x03ls\n"),
    "a length without end": ENDLESS_LENGTH.subarray(0, 200_000),
  };

  for (const [what, opening] of Object.entries(openings)) {
    it(`a stream that begins with ${what} ends the connection unanswered`, async () => {
      const { victim, honest, raw } = await startScene(onTestFinished);
      await dial(raw, victim);
      const stream = await raw.wires.at(-1)?.muxer.createStream();
      if (stream === undefined) throw new Error("no connection");
      let answers = 0;
      stream.addEventListener("message", () => (answers += 1));
      const before = cpuMs();
      stream.send(opening);
      await closed(stream);
      expect(cpuMs() - before).toBeLessThan(CHEAP_MS);
      expect(victim.logs).toEqual([{ code: "protocol_unknown", peer: HOSTILE }]);
      expect(answers).toBe(0);
      await exchange(victim, honest);
    });
  }

  it("that announces a Yamux message larger than the window is cut off (A4)", async () => {
    const scene = await startScene(onTestFinished);
    const { victim, honest, raw } = scene;
    const stream = await hostileLink(scene);
    raw.wires.at(-1)?.encrypted.send(Buffer.from("000000000000000100040001", "hex"));
    await closed(stream);
    await until(() => !victim.linked(HOSTILE));
    const log = { code: "frame_too_large", length: 262_145, limit: 262_144, peer: HOSTILE };
    expect(victim.logs).toEqual([log]);
    await exchange(victim, honest);
  });

  it("may dial again when it has lost its link: the new one replaces the old", async () => {
    const scene = await startScene(onTestFinished);
    const old = await hostileLink(scene);
    const young = await openStream(scene.raw, scene.victim);
    await closed(old);
    young.send(encodeFrame(Uint8Array.of(8)));
    await until(() => scene.victim.frames.length === 1);
    expect(scene.victim.history).toEqual(["+2", "+3", "-3", "+3"]);
  });

  it("that accepts a link with anything but the acceptance gets none", async () => {
    const victim = await startBank(onTestFinished, { number: 1, peers: { [HOSTILE]: undefined } });
    const raw = await startRawPeer(onTestFinished, seedOf(HOSTILE));
    await raw.node.handle(CORRIDOR_PROTOCOL, (stream) => {
      stream.send(encodeFrame(Uint8Array.of(2)));
    });
    victim.host.setAddress(HOSTILE, String(raw.node.getMultiaddrs()[0]));
    await until(() => victim.logs.length > 0);
    expect(victim.logs).toEqual([{ code: "accept_invalid", peer: HOSTILE }]);
    expect(victim.history).toEqual([]);
  });

  it("that takes the stream and says nothing gets no link and is dialled again", async () => {
    const victim = await startBank(onTestFinished, { number: 1, peers: { [HOSTILE]: undefined } });
    const raw = await startRawPeer(onTestFinished, seedOf(HOSTILE));
    let streams = 0;
    await raw.node.handle(CORRIDOR_PROTOCOL, (stream) => {
      streams += 1;
      if (streams === 2) stream.send(encodeFrame(Uint8Array.of(1)));
    });
    victim.host.setAddress(HOSTILE, String(raw.node.getMultiaddrs()[0]));
    await until(() => victim.linked(HOSTILE));
    expect(streams).toBe(2);
    expect(victim.logs).toMatchObject([{ code: "dial_failed", peer: HOSTILE }]);
  });

  it("that takes nothing is given up at the limit of the queue (A3)", async () => {
    const scene = await startScene(onTestFinished);
    const { victim, honest } = scene;
    const stream = await hostileLink(scene);
    stream.pause();
    const body = new Uint8Array(65_536 - 4);
    let sent = 0;
    while (victim.host.send(HOSTILE, body)) {
      sent += 1;
      await pause(0);
      if (sent * 65_536 > 4 * MAX_QUEUED_BYTES) throw new Error("the queue has no limit");
    }
    // What yamux and the two kernels hold comes on top of the queue.
    expect(sent * 65_536).toBeGreaterThanOrEqual(MAX_QUEUED_BYTES);
    await until(() => !victim.linked(HOSTILE));
    expect(victim.logs).toMatchObject([{ code: "peer_slow", peer: HOSTILE }]);
    await exchange(victim, honest);
  });
});

describe.concurrent("deadlines", () => {
  it("a frame that trickles ends the link, but no cool-down follows (A3)", async (test) => {
    const scene = await startScene(test.onTestFinished);
    const { victim, honest } = scene;
    const stream = await hostileLink(scene);
    // Frames that are whole, one after another, reset the deadline; the last one never ends.
    for (let i = 0; i < 10; i += 1) {
      stream.send(encodeFrame(new Uint8Array(3)));
      stream.send(Uint8Array.of(0, 0));
      await pause(400);
      stream.send(Uint8Array.of(0, 1, 7));
    }
    expect(victim.logs).toEqual([]);
    stream.send(Uint8Array.of(0, 0, 1, 0));
    while (stream.status === "open") {
      stream.send(Uint8Array.of(0));
      await pause(200);
    }
    await until(() => !victim.linked(HOSTILE));
    expect(victim.logs).toMatchObject([{ code: "frame_timeout", peer: HOSTILE }]);
    expect(victim.frames).toHaveLength(20);
    await hostileLink(scene);
    await exchange(victim, honest);
  });

  it("a peer that takes nothing is given up even when little waits for it (A3, N4)", async (test) => {
    const scene = await startScene(test.onTestFinished);
    const { victim, honest } = scene;
    const stream = await hostileLink(scene);
    stream.pause();
    const body = new Uint8Array(200_000);
    expect(victim.host.send(HOSTILE, body) && victim.host.send(HOSTILE, body)).toBe(true);
    await until(() => !victim.linked(HOSTILE));
    expect(victim.logs).toMatchObject([{ code: "peer_slow", peer: HOSTILE }]);
    // The honest link was idle all the time.
    expect(victim.linked(2)).toBe(true);
    await exchange(victim, honest);
  });

  it("a connection without the corridor's stream is closed", async (test) => {
    const { victim, honest, raw } = await startScene(test.onTestFinished);
    const connection = await dial(raw, victim);
    await until(() => connection.status !== "open", "the connection is closed");
    expect(victim.linked(HOSTILE)).toBe(false);
    await exchange(victim, honest);
  });

  it("a peer that falls silent without an end is given up", async (test) => {
    const atEnd: AtEnd = test.onTestFinished;
    const two = await startBank(atEnd, { number: 2, peers: { 1: undefined } });
    const relay = await startRelay(atEnd, portOf(two.address));
    const one = await startBank(atEnd, { number: 1, peers: { 2: relay.address } });
    await until(() => one.linked(2) && two.linked(1));
    relay.frozen = true;
    await until(() => !one.linked(2) && !two.linked(1));
    relay.frozen = false;
    await until(() => one.linked(2) && two.linked(1));
    await exchange(one, two);
  });
});

describe("strangers", () => {
  it("with another key get no link, and are logged once however often they come (A1)", async () => {
    const { victim, honest } = await startScene(onTestFinished);
    for (let i = 0; i < 3; i += 1) {
      const raw = await startRawPeer(onTestFinished, seedOf(100 + i));
      for (let tries = 0; tries < 2; tries += 1) {
        await Promise.allSettled([openStream(raw, victim).then(closed)]);
      }
    }
    expect(victim.logs).toMatchObject([{ code: "peer_unknown" }]);
    expect(victim.history).toEqual(["+2"]);
    await exchange(victim, honest);
  });

  it("with other protocols, or none, do no harm (A8)", async () => {
    const { victim, honest } = await startScene(onTestFinished);
    const greetings = [
      Buffer.from("GET / HTTP/1.1\r\nHost: bank\r\n\r\n"),
      Buffer.from("16030100f1010000ed0303", "hex"),
      ENDLESS_LENGTH,
      Buffer.from("\x13/multistream/1.0.0\n\x07/noise\n\xff\xff"),
      randomBytes(5000),
    ];
    const before = cpuMs();
    for (const greeting of greetings) {
      const socket = knock(victim);
      socket.write(greeting);
      await until(() => socket.closed, "the bank hangs up");
    }
    expect(cpuMs() - before).toBeLessThan(CHEAP_MS);
    expect(victim.logs).toEqual([]);
    await exchange(victim, honest);
  });

  it("that open hundreds of silent sockets do not keep a bank out for long (A2)", async () => {
    const victim = await startBank(onTestFinished, { number: 1, peers: { 2: undefined } });
    const sockets = Array.from({ length: 300 }, () => knock(victim));
    const honest = await startBank(onTestFinished, { number: 2, peers: { 1: victim.address } });
    await until(() => victim.linked(2) && honest.linked(1));
    await exchange(victim, honest);
    // The kernel may have refused some without a word: sending a byte makes it say so.
    for (const socket of sockets) socket.write("x");
    await until(() => sockets.every((socket) => socket.destroyed), "all silent sockets closed");
  });

  it("that cut the handshake at any point do no harm (A8)", async () => {
    // A long list of banks allows many connections in a second.
    const others = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i + 2, undefined]));
    const victim = await startBank(onTestFinished, { number: 1, peers: others });
    const relay = await startRelay(onTestFinished, portOf(victim.address));
    const through: TestBank = { ...victim, address: relay.address };
    const raw = await startRawPeer(onTestFinished, seedOf(HOSTILE));
    for (let bytes = 1; !victim.linked(HOSTILE); bytes += 7) {
      relay.cutAfter = bytes;
      await Promise.allSettled([openStream(raw, through)]);
      await until(() => relay.open() === 0 || victim.linked(HOSTILE));
      expect(bytes).toBeLessThan(2000);
    }
    expect(relay.cutAfter).toBeGreaterThan(300);
    expect(victim.logs).toEqual([]);
  });
});

/** A bare connection to the bank's port. */
function knock(bank: TestBank): Socket {
  const socket = createConnection(portOf(bank.address), "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}
