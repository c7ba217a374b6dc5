import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { fileURLToPath } from "node:url";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { describe, expect, it, onTestFinished } from "vitest";
import { MAX_FRAME_BYTES } from "../../../node/frame.ts";
import { peerIdOfPublicKey, transportPeerId } from "../../../node/io/libp2p-host.ts";
import { transportPublicKey } from "../../../node/io/transport-key.ts";
import { hex } from "../../bytes.ts";
import {
  exchange,
  LOOPBACK,
  openStream,
  portOf,
  seedOf,
  startBank,
  startRawPeer,
  startRelay,
  until,
} from "./network.ts";

/** RFC 8032, section 7.1, test 1. */
const SEED = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const PUBLIC_KEY = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

/** Some 300 kB in 300 bodies of very different length, among them the largest; each starts with its number. */
const MIXED_BODIES = Array.from({ length: 300 }, (_, i) => {
  const length = i % 100 === 50 ? MAX_FRAME_BYTES : 4 + ((i * 7919) % 1500);
  const body = new Uint8Array(length).fill(i % 256);
  new DataView(body.buffer).setUint32(0, i);
  return body;
});

describe("transport key", () => {
  it("is the Ed25519 key of RFC 8032, and its peer id is libp2p's", async () => {
    expect(transportPublicKey(SEED)).toEqual(PUBLIC_KEY);
    const libp2ps = peerIdFromPrivateKey(await generateKeyPairFromSeed("Ed25519", SEED));
    expect(transportPeerId(SEED)).toBe(libp2ps.toString());
    expect(peerIdOfPublicKey(PUBLIC_KEY)).toBe(transportPeerId(SEED));
  });

  it("a seed or key of another length is a bug", () => {
    for (const length of [0, 31, 33]) {
      expect(() => transportPeerId(new Uint8Array(length))).toThrow("KeyLength");
      expect(() => peerIdOfPublicKey(new Uint8Array(length))).toThrow("KeyLength");
    }
  });
});

describe("frames", () => {
  it("arrive whole and in order, the largest too, in both directions at once", async () => {
    const two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined } });
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: two.address } });
    await until(() => one.linked(2) && two.linked(1));
    for (const body of MIXED_BODIES) {
      expect(one.host.send(2, body) && two.host.send(1, body)).toBe(true);
    }
    for (const bank of [one, two]) {
      await until(() => bank.frames.length === MIXED_BODIES.length, "all frames");
      const differing = MIXED_BODIES.filter(
        (body, i) => Buffer.compare(body, bank.frames[i]?.body ?? new Uint8Array()) !== 0,
      );
      expect(differing).toEqual([]);
    }
    expect([one.history, two.history]).toEqual([["+2"], ["+1"]]);
  });

  it("carry the number of the bank whose transport key is proven (B15)", async () => {
    const one = await startBank(onTestFinished, {
      number: 1,
      peers: { 2: undefined, 3: undefined },
    });
    const peers = { 1: one.address };
    for (const number of [2, 3]) {
      const bank = await startBank(onTestFinished, { number, peers });
      await until(() => bank.linked(1));
      bank.host.send(1, Uint8Array.of(number));
    }
    await until(() => one.frames.length === 2);
    for (const { from, body } of one.frames) expect(body).toEqual(Uint8Array.of(from));
  });

  it("of one turn of the event loop leave in one write", async () => {
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: undefined } });
    const raw = await startRawPeer(onTestFinished, seedOf(2));
    const stream = await openStream(raw, one);
    const messages: number[] = [];
    stream.addEventListener("message", (event) => void messages.push(event.data.byteLength));
    await until(() => one.linked(2) && messages.length === 1);
    for (let i = 0; i < 50; i += 1) {
      one.host.send(2, new Uint8Array(100));
      await Promise.resolve();
    }
    await until(() => messages.length > 1);
    expect(messages).toEqual([5, 50 * 104]);
  });

  it("are refused without a link, and to a bank that is not on the list", async () => {
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: undefined } });
    expect(one.host.send(2, Uint8Array.of(1))).toBe(false);
    expect(one.host.send(77, Uint8Array.of(1))).toBe(false);
  });

  it("may be changed by the sender once they are queued", async () => {
    const two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined } });
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: two.address } });
    await until(() => one.linked(2));
    const body = Uint8Array.of(1, 2, 3);
    one.host.send(2, body);
    body.fill(0);
    await until(() => two.frames.length === 1);
    expect(two.frames[0]?.body).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe("links", () => {
  it("come about whoever of the two knows an address", async () => {
    for (const [dialler, listener] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const b = await startBank(onTestFinished, {
        number: listener,
        peers: { [dialler]: undefined },
      });
      const a = await startBank(onTestFinished, {
        number: dialler,
        peers: { [listener]: b.address },
      });
      await until(() => a.linked(listener) && b.linked(dialler));
      await exchange(a, b);
    }
  });

  it("are one per pair: of two dials that cross, the lower bank's stands (N7)", async () => {
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: undefined } });
    const two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined } });
    // So slow that each has opened its stream long before it can know of the other's.
    const toTwo = await startRelay(onTestFinished, portOf(two.address), 120);
    const toOne = await startRelay(onTestFinished, portOf(one.address), 120);
    one.host.setAddress(2, toTwo.address);
    two.host.setAddress(1, toOne.address);
    await until(() => toOne.open() === 1 && toTwo.open() === 1, "both dial");
    await until(() => one.linked(2) && two.linked(1));
    await until(() => toOne.open() === 0, "the higher bank's dial ends");
    await exchange(one, two);
    expect(toTwo.open()).toBe(1);
    expect([one.history, two.history]).toEqual([["+2"], ["+1"]]);
  });

  it("come back when the peer returns, on its old port or a new one (N7)", async () => {
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: undefined } });
    let two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined } });
    one.host.setAddress(2, two.address);
    await until(() => one.linked(2));
    for (const listen of [two.address, LOOPBACK, LOOPBACK]) {
      await two.host.stop();
      await until(() => !one.linked(2));
      two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined }, listen });
      if (listen !== two.address) one.host.setAddress(2, two.address);
      await until(() => one.linked(2) && two.linked(1));
      await exchange(one, two);
    }
    expect(one.history).toEqual(["+2", "-2", "+2", "-2", "+2", "-2", "+2"]);
  });

  it("survive a hundred restarts of a bank that only knows where the other is (N7)", async () => {
    // A long list of banks allows many connections in a second.
    const others = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i + 3, undefined]));
    const two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined, ...others } });
    for (let round = 1; round <= 100; round += 1) {
      const one = await startBank(onTestFinished, { number: 1, peers: { 2: two.address } });
      await until(() => one.linked(2) && two.linked(1));
      await exchange(one, two);
      await one.host.stop();
      await until(() => !two.linked(1));
    }
    const pairs = Array.from({ length: 100 }, () => ["+1", "-1"]).flat();
    expect(two.history).toEqual(pairs);
  });

  it("are not made with another bank that answers at the address", async () => {
    const three = await startBank(onTestFinished, { number: 3, peers: { 1: undefined } });
    const one = await startBank(onTestFinished, {
      number: 1,
      peers: { 2: three.address, 3: undefined },
    });
    await until(() => one.logged("dial_failed").length > 0);
    expect(one.logs[0]).toMatchObject({ code: "dial_failed", peer: 2, address: three.address });
    expect([one.history, three.history]).toEqual([[], []]);
  });

  it("an address that is none is reported, once, and another one may follow", async () => {
    const one = await startBank(onTestFinished, { number: 1, peers: { 2: "not an address" } });
    await until(() => one.logged("dial_failed").length > 0);
    const two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined } });
    one.host.setAddress(2, two.address);
    await until(() => one.linked(2));
    expect(one.logs).toHaveLength(1);
  });
});

describe("stop", () => {
  it("ends links and listening, after what was sent, and calls nothing any more", async () => {
    const two = await startBank(onTestFinished, { number: 2, peers: { 1: undefined } });
    const one = await startBank(onTestFinished, {
      number: 1,
      peers: { 2: two.address },
      onFrame: (from, body, bank) => void bank.host.send(from, body),
    });
    await until(() => one.linked(2) && two.linked(1));
    const last = new Uint8Array(100_000).fill(7);
    for (let i = 0; i < 4; i += 1) one.host.send(2, last);
    const stopping = one.host.stop();
    for (let i = 0; i < 10; i += 1) two.host.send(1, Uint8Array.of(i));
    await stopping;
    await until(() => !two.linked(1));
    expect(two.frames.length).toBeGreaterThan(0);
    expect(two.frames.every(({ body }) => body.length === last.length)).toBe(true);
    expect([one.history, one.frames]).toEqual([["+2"], []]);
    expect(one.host.send(2, last)).toBe(false);
    const [error] = (await once(createConnection(portOf(one.address), "127.0.0.1"), "error")) as [
      NodeJS.ErrnoException,
    ];
    expect(error.code).toBe("ECONNREFUSED");
  });

  it("leaves nothing that would keep the process alive", async () => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", fileURLToPath(new URL("host-child.ts", import.meta.url))],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect({ code, signal, output }).toEqual({
      code: 0,
      signal: null,
      output: "stopped, left: []\n",
    });
  });
});

describe("listening", () => {
  it("tells the real port, and fails when the port is taken", async () => {
    const one = await startBank(onTestFinished, { number: 1, peers: {} });
    expect(one.host.addresses).toEqual([`/ip4/127.0.0.1/tcp/${portOf(one.address)}`]);
    expect(portOf(one.address)).toBeGreaterThan(0);
    const again = startBank(onTestFinished, { number: 2, peers: {}, listen: one.address });
    await expect(again).rejects.toThrow();
  });
});
