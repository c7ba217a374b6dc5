import {
  createConnection,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import type { Connection, MessageStream, Stream, StreamMuxer } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { createHost, type Host } from "../../../node/io/libp2p-host.ts";
import type { HostLogEntry } from "../../../node/io/throttled-log.ts";
import { transportPeerId, transportPrivateKey } from "../../../node/io/transport-key.ts";
import { CORRIDOR_PROTOCOL } from "../../../node/io/wire-guard.ts";
import { bytesNamed } from "../../bytes.ts";

/** Registers what has to happen at the end of a test. */
export type AtEnd = (cleanUp: () => Promise<void> | void) => void;

export const LOOPBACK = "/ip4/127.0.0.1/tcp/0";

export const seedOf = (bank: number): Uint8Array => bytesNamed(`transport seed of bank ${bank}`);

/** Waits for `condition`, as long as a busy machine may need, and then says what is missing. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await pause(5);
  }
}
const PATIENCE_MS = 30_000;

/** A host that writes down all that it is told. */
export interface TestBank {
  readonly number: number;
  readonly host: Host;
  readonly address: string;
  /** `+2` for connected to bank 2, `-2` for disconnected. */
  readonly history: readonly string[];
  readonly frames: readonly { readonly from: number; readonly body: Uint8Array }[];
  readonly logs: readonly HostLogEntry[];
  linked(peer: number): boolean;
  logged(code: string): readonly HostLogEntry[];
}

export interface TestBankInit {
  readonly number: number;
  /** The banks on its list, with addresses where it knows them. */
  readonly peers: Readonly<Record<number, string | undefined>>;
  readonly listen?: string;
  /** Called after the frame is written down. */
  readonly onFrame?: (from: number, body: Uint8Array, bank: TestBank) => void;
}

export async function startBank(atEnd: AtEnd, init: TestBankInit): Promise<TestBank> {
  const { number, peers, listen = LOOPBACK, onFrame } = init;
  const history: string[] = [];
  const frames: { from: number; body: Uint8Array }[] = [];
  const logs: HostLogEntry[] = [];
  const host = await createHost({
    self: number,
    transportSeed: seedOf(number),
    listen,
    peers: Object.entries(peers).map(([bank, address]) => ({
      bank: Number(bank),
      peerId: transportPeerId(seedOf(Number(bank))),
      ...(address === undefined ? {} : { address }),
    })),
    onFrame: (from, body) => {
      frames.push({ from, body });
      onFrame?.(from, body, bank);
    },
    onConnected: (peer) => void history.push(`+${peer}`),
    onDisconnected: (peer) => void history.push(`-${peer}`),
    onLog: (entry) => void logs.push(entry),
  });
  const bank: TestBank = {
    number,
    host,
    address: host.addresses[0] ?? "",
    history,
    frames,
    logs,
    linked: (peer) => history.findLast((event) => event.slice(1) === `${peer}`) === `+${peer}`,
    logged: (code) => logs.filter((entry) => entry.code === code),
  };
  atEnd(() => host.stop());
  return bank;
}

/** Sends a fresh body from `a` to `b` and back: both directions of the link work. */
export async function exchange(a: TestBank, b: TestBank): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const body = bytesNamed(`exchange ${exchanges++}`);
    if (!from.host.send(to.number, body)) throw new Error(`no link ${from.number}-${to.number}`);
    const arrived = (): boolean =>
      to.frames.some(
        (frame) => frame.from === from.number && Buffer.compare(frame.body, body) === 0,
      );
    await until(arrived, `a frame from ${from.number} to ${to.number}`);
  }
}
let exchanges = 0;

/** A bank's transport key in hands that follow no rule. */
export interface RawPeer {
  readonly node: Libp2p;
  /** Below the muxer and above it, of each connection. */
  readonly wires: readonly { readonly encrypted: MessageStream; readonly muxer: StreamMuxer }[];
}

export async function startRawPeer(atEnd: AtEnd, seed: Uint8Array): Promise<RawPeer> {
  const wires: { encrypted: MessageStream; muxer: StreamMuxer }[] = [];
  const inner = yamux()();
  const node = await createLibp2p({
    privateKey: transportPrivateKey(seed),
    addresses: { listen: [LOOPBACK] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [
      () => ({
        protocol: inner.protocol,
        createStreamMuxer: (encrypted) => {
          const muxer = inner.createStreamMuxer(encrypted);
          wires.push({ encrypted, muxer });
          return muxer;
        },
      }),
    ],
    connectionMonitor: { enabled: false },
  });
  atEnd(() => node.stop());
  return { node, wires };
}

/** A new connection to `bank`, without a stream. */
export function dial(raw: RawPeer, bank: TestBank): Promise<Connection> {
  const target = multiaddr(`${bank.address}/p2p/${transportPeerId(seedOf(bank.number))}`);
  return raw.node.dial(target, { force: true });
}

/** Opens the corridor's stream to `bank` on a new connection. */
export async function openStream(raw: RawPeer, bank: TestBank): Promise<Stream> {
  return (await dial(raw, bank)).newStream(CORRIDOR_PROTOCOL);
}

export const portOf = (address: string): number => Number(/\/tcp\/(\d+)/.exec(address)?.[1]);

/** A TCP relay to `port` that can delay, count and cut what passes. */
export interface Relay {
  readonly address: string;
  readonly open: () => number;
  /** How many bytes go towards `port` before a connection is cut. */
  cutAfter: number;
  /** Nothing passes any more, and no end says so. */
  frozen: boolean;
}

export async function startRelay(atEnd: AtEnd, port: number, delayMs = 0): Promise<Relay> {
  const sockets = new Set<Socket>();
  const later = (action: () => void): void => void setTimeout(action, delayMs);
  const server: Server = createServer((near) => {
    const far = createConnection(port, "127.0.0.1");
    let left = relay.cutAfter;
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => from.destroy());
      from.on("close", () => {
        sockets.delete(from);
        later(() => to.destroy());
      });
      from.on("data", (chunk: Buffer) => {
        if (relay.frozen) return;
        const part = from === near ? chunk.subarray(0, left) : chunk;
        if (from === near) left -= part.length;
        later(() => to.write(part));
        if (left === 0) later(() => near.destroy());
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const relay: Relay = {
    address: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`,
    open: () => sockets.size / 2,
    cutAfter: Number.POSITIVE_INFINITY,
    frozen: false,
  };
  return relay;
}
