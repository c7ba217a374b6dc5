import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import type { Connection, MessageStream, PeerId, Stream } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import type { Libp2p, Libp2pOptions } from "libp2p";
import { abortConnection, PeerLink } from "./peer-link.ts";
import type { LinkEvents, LinkFault } from "./peer-link.ts";
import { Redial } from "./redial.ts";
import { transportPrivateKey } from "./transport-key.ts";

export { peerIdOfPublicKey, transportPeerId } from "./transport-key.ts";

/** One stream of this protocol, opened by the bank that dialled, carries all frames of a pair. */
export const CORRIDOR_PROTOCOL = "/daliz/corridor/1";

/** How long a peer that was dropped for what it did stays refused. */
export const COOL_DOWN_MS = 5_000;

/** The bank with the higher number lets the lower one dial first, so that dials rarely cross. */
const HEAD_START_MS = 100;

/** Deadlines of links are looked at this often. */
const TICK_MS = 500;

/** A connection without the corridor's stream is closed after this time. */
const IDLE_CONNECTION_MS = 5_000;

/** What recurs with every attempt of a peer or a stranger is logged once in this time. */
const LOG_PAUSE_MS = 60_000;

/** What `stop` gives the peers to take the last bytes, and the library to close down. */
const FLUSH_ON_STOP_MS = 250;
const CLOSE_ON_STOP_MS = 600;

export interface HostOptions {
  /** This bank's number. */
  readonly self: number;
  /** 32-byte Ed25519 seed of the transport key; never the ledger key. */
  readonly transportSeed: Uint8Array;
  /** Multiaddr to listen on, such as `/ip4/127.0.0.1/tcp/0`. */
  readonly listen: string;
  /** The other banks, from the genesis; nobody else is admitted. `address` is a hint. */
  readonly peers: readonly {
    readonly bank: number;
    readonly peerId: string;
    readonly address?: string;
  }[];
  /** A frame's body from the bank whose transport key is proven; the body is not used again. */
  readonly onFrame: (from: number, body: Uint8Array) => void;
  /** Frames can be sent to `peer` and will come from it. */
  readonly onConnected: (peer: number) => void;
  /** The link is gone, and with it perhaps some of the last frames in either direction. */
  readonly onDisconnected: (peer: number) => void;
  readonly onLog: (entry: HostLogEntry) => void;
}

export interface HostLogEntry {
  readonly code: string;
  readonly [detail: string]: unknown;
}

export interface Host {
  /** Where this bank listens, with the real port. */
  readonly addresses: readonly string[];
  /**
   * Queues one frame; the body must not change afterwards. False if there is no link, or it was
   * given up as too slow: the caller repairs by anti-entropy. True promises no delivery.
   */
  send(to: number, body: Uint8Array): boolean;
  /** Where a moved or restarted bank is now: it is dialled there at once unless it is linked. */
  setAddress(peer: number, address: string): void;
  /** Ends the link to a bank that misbehaves and refuses it for `COOL_DOWN_MS`. */
  drop(peer: number, reason: string): void;
  /** Closes everything within about a second; no callback is called any more. */
  stop(): Promise<void>;
}

/** Listens and dials until stopped. Rejects when `listen` cannot be listened on. */
export async function createHost(options: HostOptions): Promise<Host> {
  const host = new CorridorHost(options);
  await host.start();
  return host;
}

interface Peer {
  readonly bank: number;
  readonly peerId: string;
  readonly redial: Redial;
  /** The one link in use. */
  link: PeerLink | undefined;
  /** The link that this bank has opened and the peer has not answered yet. */
  asked: PeerLink | undefined;
  /** On the clock of `performance`. */
  refusedUntil: number;
}

class CorridorHost implements Host {
  addresses: readonly string[] = [];
  readonly #options: HostOptions;
  readonly #peers = new Map<number, Peer>();
  readonly #peersById = new Map<string, Peer>();
  readonly #log: ThrottledLog;
  #node: Libp2p | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #lastTick = performance.now();
  #stopped: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#log = throttledLog(options.onLog);
    for (const { bank, peerId } of options.peers) {
      if (bank === options.self) continue;
      const peer = this.#newPeer(bank, peerId);
      this.#peers.set(bank, peer);
      this.#peersById.set(peerId, peer);
    }
  }

  #newPeer(bank: number, peerId: string): Peer {
    const redial = new Redial({
      headStartMs: this.#options.self < bank ? 0 : HEAD_START_MS,
      dial: (address, signal) => this.#dial(peer, address, signal),
      onFailed: (address, error) =>
        this.#log({ code: "dial_failed", peer: bank, address, why: messageOf(error) }),
    });
    const peer: Peer = {
      bank,
      peerId,
      redial,
      link: undefined,
      asked: undefined,
      refusedUntil: 0,
    };
    return peer;
  }

  async start(): Promise<void> {
    const node = await createLibp2p(this.#libp2pOptions());
    this.#node = node;
    await node.handle(
      CORRIDOR_PROTOCOL,
      (stream, connection) => this.#onStream(stream, connection),
      {
        maxInboundStreams: 4,
        maxOutboundStreams: 4,
        runOnLimitedConnection: false,
      },
    );
    await node.start();
    this.addresses = node.getMultiaddrs().map((address) => withoutPeerId(address.toString()));
    this.#lastTick = performance.now();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    for (const { bank, address } of this.#options.peers) {
      if (address !== undefined) this.setAddress(bank, address);
    }
  }

  send(to: number, body: Uint8Array): boolean {
    return this.#peers.get(to)?.link?.send(body) ?? false;
  }

  setAddress(bank: number, address: string): void {
    if (this.#stopped !== undefined) return;
    this.#peers.get(bank)?.redial.setAddress(address);
  }

  drop(bank: number, reason: string): void {
    const peer = this.#peers.get(bank);
    if (peer === undefined || this.#stopped !== undefined) return;
    this.#options.onLog({ code: "peer_dropped", peer: bank, reason, forMs: COOL_DOWN_MS });
    this.#refuse(peer);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#ticker);
    const node = this.#node;
    const closing = [];
    for (const { redial, link, asked } of this.#peers.values()) {
      redial.stop();
      link?.flush();
      asked?.close("stopping");
    }
    if (node === undefined) return;
    for (const connection of node.getConnections()) {
      closing.push(closeConnection(connection, FLUSH_ON_STOP_MS));
    }
    await Promise.all(closing);
    await Promise.race([node.stop(), pause(CLOSE_ON_STOP_MS)]).catch(() => undefined);
    for (const connection of node.getConnections()) abortConnection(connection, "stopping");
  }

  /** One attempt to get a link by dialling. */
  async #dial(peer: Peer, address: string, signal: AbortSignal): Promise<void> {
    const node = this.#node as Libp2p;
    const target = multiaddr(`${withoutPeerId(address)}/p2p/${peer.peerId}`);
    const connection = await node.dial(target, { signal, force: true });
    if (signal.aborted || peer.link !== undefined) return abortConnection(connection, "not needed");
    try {
      const stream = await connection.newStream(CORRIDOR_PROTOCOL, { signal });
      signal.throwIfAborted();
      await new Promise<void>((accepted, failed) => {
        const link = new PeerLink(stream, connection, true, {
          ...this.#linkEvents(peer),
          onAccepted: (itself) => {
            this.#take(peer, itself);
            accepted();
          },
          onLost: (itself) => {
            this.#lose(peer, itself);
            failed(new Error("the peer ended the link"));
          },
        });
        signal.addEventListener("abort", () => {
          if (peer.asked === link) this.#lose(peer, link);
        });
        peer.asked = link;
      });
    } catch (error) {
      if (!holds(peer, connection)) abortConnection(connection, "dial failed");
      throw error;
    }
  }

  /** The peer has dialled and opened its stream. */
  #onStream(stream: Stream, connection: Connection): void {
    const peer = this.#peersById.get(connection.remotePeer.toString());
    if (peer === undefined || this.#refuses(peer)) return abortConnection(connection, "refused");
    const mine = [peer.asked, peer.link].find((link) => link?.outbound === true);
    if (connection.direction === "outbound" || holds(peer, connection)) {
      this.#log({ code: "stream_limit", peer: peer.bank, limit: 1 });
      return this.#refuse(peer);
    }
    // When dials cross, the one of the lower bank stands. Both sides decide alike.
    if (mine !== undefined && this.#options.self < peer.bank) {
      return abortConnection(connection, "crossed");
    }
    this.#take(peer, new PeerLink(stream, connection, false, this.#linkEvents(peer)));
  }

  #linkEvents(peer: Peer): LinkEvents {
    return {
      onAccepted: (link) => this.#take(peer, link),
      onFrame: (body) => this.#options.onFrame(peer.bank, body),
      onFault: (link, fault) => this.#onFault(peer, link, fault),
      onLost: (link) => this.#lose(peer, link),
    };
  }

  /** `link` is the peer's one link from now on; what there was before gives way. */
  #take(peer: Peer, link: PeerLink): void {
    const { asked, link: former } = peer;
    peer.link = link;
    peer.asked = undefined;
    if (asked !== link) asked?.close("crossed");
    peer.redial.linkUp();
    if (former !== undefined) {
      former.close("replaced");
      this.#options.onDisconnected(peer.bank);
    }
    this.#options.onConnected(peer.bank);
  }

  #lose(peer: Peer, link: PeerLink): void {
    link.close("lost");
    if (peer.asked === link) peer.asked = undefined;
    if (peer.link !== link) return;
    peer.link = undefined;
    if (this.#stopped !== undefined) return;
    peer.redial.linkDown(performance.now() - link.openedAt);
    this.#options.onDisconnected(peer.bank);
  }

  #onFault(peer: Peer, link: PeerLink, fault: LinkFault): void {
    this.#options.onLog({ ...fault, peer: peer.bank });
    switch (fault.code) {
      case "frame_timeout":
      case "peer_slow":
      case "accept_timeout":
        return this.#lose(peer, link);
      case "frame_too_large":
      case "frame_invalid":
      case "accept_invalid":
        return this.#refuse(peer);
    }
  }

  /** Ends what links there are and takes none for a while. */
  #refuse(peer: Peer): void {
    peer.refusedUntil = performance.now() + COOL_DOWN_MS;
    if (peer.asked !== undefined) this.#lose(peer, peer.asked);
    if (peer.link !== undefined) this.#lose(peer, peer.link);
    peer.redial.hold(COOL_DOWN_MS);
  }

  #refuses(peer: Peer | undefined): boolean {
    return (
      peer === undefined || this.#stopped !== undefined || performance.now() < peer.refusedUntil
    );
  }

  #tick(): void {
    const now = performance.now();
    // Whatever the peers sent while this process did not run is still waiting to be read.
    const late = now - this.#lastTick - TICK_MS;
    this.#lastTick = now;
    const inUse = new Set<Connection>();
    for (const peer of this.#peers.values()) {
      for (const link of [peer.asked, peer.link]) {
        if (link === undefined) continue;
        inUse.add(link.connection);
        if (late > TICK_MS) link.forgive(late);
        const fault = link.overdue(now);
        if (fault !== undefined) this.#onFault(peer, link, fault);
      }
    }
    for (const connection of this.#node?.getConnections() ?? []) {
      if (inUse.has(connection)) continue;
      if (Date.now() - connection.timeline.open > IDLE_CONNECTION_MS) {
        abortConnection(connection, "no corridor stream");
      }
    }
  }

  #libp2pOptions(): Libp2pOptions {
    const banks = this.#peers.size + 1;
    const refuses = (id: PeerId): boolean => this.#refuses(this.#peersById.get(id.toString()));
    return {
      start: false,
      privateKey: transportPrivateKey(this.#options.transportSeed),
      addresses: { listen: [this.#options.listen] },
      transports: [
        tcp({
          backlog: 64,
          maxConnections: 2 * banks + 32,
          inboundSocketInactivityTimeout: 60_000,
          outboundSocketInactivityTimeout: 60_000,
          dialOpts: { noDelay: true, keepAlive: true },
          listenOpts: { noDelay: true, keepAlive: true },
        }),
      ],
      connectionEncrypters: [noise()],
      connectionProtector: () => ({ protect: (stream) => Promise.resolve(joinParts(stream)) }),
      streamMuxers: [
        yamux({
          enableKeepAlive: false,
          maxInboundStreams: 16,
          maxOutboundStreams: 16,
          maxEarlyStreams: 4,
          streamOptions: { maxReadBufferLength: 524_288, maxWriteBufferLength: 1_048_576 },
        }),
      ],
      connectionManager: {
        maxConnections: 2 * banks + 8,
        maxIncomingPendingConnections: 4 * banks + 16,
        inboundConnectionThreshold: 4 * banks,
        inboundUpgradeTimeout: 2_000,
        inboundStreamProtocolNegotiationTimeout: 2_000,
      },
      connectionMonitor: {
        pingInterval: 10_000,
        pingTimeout: { minTimeout: 5_000, maxTimeout: 5_000 },
      },
      connectionGater: {
        denyDialPeer: refuses,
        denyOutboundEncryptedConnection: refuses,
        denyInboundEncryptedConnection: (id) => {
          if (!this.#peersById.has(id.toString())) {
            this.#log({ code: "peer_unknown", peer: id.toString() });
          }
          return refuses(id);
        },
        filterMultiaddrForPeer: () => false,
      },
    };
  }
}

/**
 * Noise hands each message down in parts, and every part would be a system call and a TCP segment
 * of its own: join them.
 */
function joinParts<T extends MessageStream>(stream: T): T {
  const send = stream.send.bind(stream);
  stream.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return stream;
}

function holds(peer: Peer, connection: Connection): boolean {
  return peer.asked?.connection === connection || peer.link?.connection === connection;
}

type ThrottledLog = (entry: HostLogEntry) => void;

/** Logs the first of a kind, then one in `LOG_PAUSE_MS`, with the number left out. */
function throttledLog(onLog: (entry: HostLogEntry) => void): ThrottledLog {
  const seen = new Map<string, { at: number; suppressed: number }>();
  return (entry) => {
    const { code, peer } = entry;
    const kind = `${code} ${typeof peer === "number" ? peer : ""}`;
    const last = seen.get(kind);
    const now = performance.now();
    if (last !== undefined && now - last.at < LOG_PAUSE_MS) {
      last.suppressed += 1;
      return;
    }
    seen.set(kind, { at: now, suppressed: 0 });
    onLog(last === undefined ? entry : { ...entry, suppressed: last.suppressed });
  };
}

async function closeConnection(connection: Connection, withinMs: number): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(withinMs) });
  } catch {
    abortConnection(connection, "stopping");
  }
}

function withoutPeerId(address: string): string {
  return address.replace(/\/p2p\/[^/]*$/, "");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, ms).unref();
  });
}
