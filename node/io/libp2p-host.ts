import { setTimeout as pause } from "node:timers/promises";
import type { Connection, ConnectionGater, PeerId, Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import type { Registry } from "prom-client";
import type { Libp2p } from "libp2p";
import type { Host, HostOptions } from "./host.ts";
import { corridorLibp2pOptions } from "./libp2p-options.ts";
import { abortConnection, PeerLink } from "./peer-link.ts";
import type { LinkEvents, LinkFault } from "./peer-link.ts";
import { Redial } from "./redial.ts";
import { throttledLog } from "./throttled-log.ts";
import type { HostLog } from "./throttled-log.ts";
import { CORRIDOR_PROTOCOL, type WireOffence } from "./wire-guard.ts";

export type { Host, HostOptions } from "./host.ts";
export { peerIdOfPublicKey, transportPeerId } from "./transport-key.ts";

/** How long a bank that broke a rule of the link, or was dropped, stays refused. */
const COOL_DOWN_MS = 5_000;

/** The bank with the higher number lets the lower one dial first, so that dials rarely cross. */
const HEAD_START_MS = 100;

/** Deadlines of links are looked at this often. */
const TICK_MS = 500;

/** A connection that carries no link is closed after this time. */
const IDLE_CONNECTION_MS = 5_000;

/** What `stop` gives the peers to take what is queued, and then the library to close down. */
const FLUSH_ON_STOP_MS = 300;
const CLOSE_ON_STOP_MS = 600;

/**
 * A bank's place in the network: listens, and dials every peer whose address it knows until there
 * is a link. Rejects when it cannot listen.
 */
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
  /** The connection on which this bank opens a stream that the peer has not accepted yet. */
  opening: Connection | undefined;
  /** Whether the last that the owner heard was `onConnected`. */
  announced: boolean;
  /** On the clock of `performance`. */
  refusedUntil: number;
}

class CorridorHost implements Host {
  addresses: readonly string[] = [];
  readonly #options: HostOptions;
  readonly #peers = new Map<number, Peer>();
  readonly #peersById = new Map<string, Peer>();
  readonly #log: HostLog;
  #node: Libp2p | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #lastTick = 0;
  #stopped: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#log = throttledLog((entry) => {
      if (this.#stopped === undefined) options.onLog(entry);
    });
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
      onFailed: (address, why) => this.#log({ code: "dial_failed", peer: bank, address, why }),
    });
    const peer: Peer = {
      bank,
      peerId,
      redial,
      link: undefined,
      opening: undefined,
      announced: false,
      refusedUntil: 0,
    };
    return peer;
  }

  async start(): Promise<void> {
    const { metrics: registry } = this.#options;
    const metrics = registry === undefined ? {} : { metrics: await libraryMetrics(registry) };
    const node = await createLibp2p(
      corridorLibp2pOptions({
        transportSeed: this.#options.transportSeed,
        listen: this.#options.listen,
        banks: this.#peers.size + 1,
        gater: this.#gater(),
        ...metrics,
        onOffence: (id, offence) => this.#onOffence(id, offence),
      }),
    );
    this.#node = node;
    await node.handle(
      CORRIDOR_PROTOCOL,
      // The library swallows what a handler throws; out here a bug surfaces.
      (stream, connection) => queueMicrotask(() => this.#onStream(stream, connection)),
    );
    await node.start();
    this.addresses = node.getMultiaddrs().map((address) => withoutPeerId(address.toString()));
    this.#lastTick = performance.now();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    for (const { bank, address } of this.#options.peers) {
      if (address !== undefined) this.setAddress(bank, address);
    }
  }

  /** Only banks of the list, and not those that are being refused. */
  #gater(): ConnectionGater {
    const refuses = (id: PeerId): boolean => this.#refuses(this.#peersById.get(id.toString()));
    return {
      denyDialPeer: refuses,
      denyOutboundEncryptedConnection: refuses,
      denyInboundEncryptedConnection: (id) => {
        const peer = id.toString();
        if (!this.#peersById.has(peer)) this.#log({ code: "peer_unknown", peer });
        return refuses(id);
      },
      filterMultiaddrForPeer: () => false,
    };
  }

  send(to: number, body: Uint8Array): boolean {
    return this.#peers.get(to)?.link?.send(body) ?? false;
  }

  setAddress(bank: number, address: string): void {
    if (this.#stopped === undefined) this.#peers.get(bank)?.redial.setAddress(address);
  }

  drop(bank: number, reason: string): void {
    const peer = this.#peers.get(bank);
    if (peer === undefined || this.#stopped !== undefined) return;
    this.#refuse(peer);
    queueMicrotask(() => this.#log({ code: "peer_dropped", peer: bank, reason }));
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#ticker);
    const links = [...this.#peers.values()].flatMap(({ link }) => link ?? []);
    for (const { redial } of this.#peers.values()) redial.stop();
    const signal = AbortSignal.timeout(FLUSH_ON_STOP_MS);
    for (const link of links) link.flush();
    while (links.some((link) => link.queuedBytes > 0) && !signal.aborted) await pause(5);
    const node = this.#node;
    if (node === undefined) return;
    await Promise.allSettled(
      node.getConnections().map((connection) => connection.close({ signal })),
    );
    for (const connection of node.getConnections()) abortConnection(connection, "stopping");
    await Promise.race([node.stop(), pause(CLOSE_ON_STOP_MS, undefined, { ref: false })]);
  }

  /** One attempt to get a link by dialling. */
  async #dial(peer: Peer, address: string, signal: AbortSignal): Promise<void> {
    const node = this.#node as Libp2p;
    const target = multiaddr(`${withoutPeerId(address)}/p2p/${peer.peerId}`);
    const connection = await node.dial(target, { signal, force: true });
    try {
      signal.throwIfAborted();
      peer.opening = connection;
      signal.addEventListener("abort", () => {
        if (peer.opening === connection) abortConnection(connection, "called off");
      });
      const stream = await connection.newStream(CORRIDOR_PROTOCOL, { signal });
      if (stream.status !== "open") throw new Error("the peer has closed the stream");
      await this.#acceptance(peer, stream, connection);
    } catch (error) {
      if (peer.opening === connection) peer.opening = undefined;
      if (!holds(peer, connection)) abortConnection(connection, "no link");
      throw error;
    }
  }

  /** Makes a link of a stream that this bank has opened, and waits until the peer accepts it. */
  #acceptance(peer: Peer, stream: Stream, connection: Connection): Promise<void> {
    return new Promise((accepted, failed) => {
      const events: LinkEvents = {
        ...this.#linkEvents(peer),
        onAccepted: (link) => {
          this.#take(peer, link);
          accepted();
        },
        onLost: (link) => {
          this.#lose(peer, link);
          failed(new Error("the peer has ended the link"));
        },
      };
      // From here on the link looks after itself.
      void new PeerLink({ stream, connection, outbound: true, events });
    });
  }

  /** A peer has dialled and opened its stream. */
  #onStream(stream: Stream, connection: Connection): void {
    const peer = this.#peersById.get(connection.remotePeer.toString());
    if (peer === undefined || this.#refuses(peer)) return abortConnection(connection, "refused");
    if (stream.status !== "open") return abortConnection(connection, "no stream");
    // Of streams that cross the lower bank's stands, and both banks see that alike. Where the lower
    // bank has a link that the peer has lost, the probes find out; the peer dials again.
    const dialledHere = peer.opening !== undefined || peer.link?.outbound === true;
    if (dialledHere && this.#options.self < peer.bank) {
      return abortConnection(connection, "crossed");
    }
    const events = this.#linkEvents(peer);
    this.#take(peer, new PeerLink({ stream, connection, outbound: false, events }));
  }

  #linkEvents(peer: Peer): LinkEvents {
    return {
      onAccepted: (link) => this.#take(peer, link),
      onFrame: (body) => {
        if (this.#stopped === undefined) this.#options.onFrame(peer.bank, body);
      },
      onFault: (link, fault) => this.#onFault(peer, link, fault),
      onLost: (link) => this.#lose(peer, link),
    };
  }

  /** `link` is the peer's one link from now on; what there was before gives way. */
  #take(peer: Peer, link: PeerLink): void {
    const { opening, link: former } = peer;
    peer.link = link;
    peer.opening = undefined;
    if (opening !== undefined && opening !== link.connection) abortConnection(opening, "crossed");
    former?.close("replaced");
    peer.redial.linkUp();
    if (peer.announced) this.#options.onDisconnected(peer.bank);
    peer.announced = true;
    this.#options.onConnected(peer.bank);
  }

  #lose(peer: Peer, link: PeerLink): void {
    link.close("lost");
    if (peer.link !== link) return;
    peer.link = undefined;
    peer.redial.linkDown(performance.now() - link.openedAt);
    queueMicrotask(() => {
      if (peer.link !== undefined || !peer.announced || this.#stopped !== undefined) return;
      peer.announced = false;
      this.#options.onDisconnected(peer.bank);
    });
  }

  #onFault(peer: Peer, link: PeerLink, fault: LinkFault): void {
    this.#log({ ...fault, peer: peer.bank });
    switch (fault.code) {
      case "frame_timeout":
      case "peer_slow":
        return this.#lose(peer, link);
      case "frame_too_large":
      case "frame_invalid":
      case "accept_invalid":
        return this.#refuse(peer);
    }
  }

  #onOffence(id: PeerId, offence: WireOffence): void {
    const peer = this.#peersById.get(id.toString());
    if (peer === undefined) return;
    this.#log({ ...offence, peer: peer.bank });
    this.#refuse(peer);
  }

  /** Ends what links there are and takes none for a while. */
  #refuse(peer: Peer): void {
    peer.refusedUntil = performance.now() + COOL_DOWN_MS;
    if (peer.link !== undefined) this.#lose(peer, peer.link);
    peer.redial.hold(COOL_DOWN_MS);
  }

  #refuses(peer: Peer | undefined): boolean {
    if (peer === undefined || this.#stopped !== undefined) return true;
    return performance.now() < peer.refusedUntil;
  }

  #tick(): void {
    const now = performance.now();
    // What came in while this process stood still is unread: time that the peers cannot help.
    const late = Math.max(0, now - this.#lastTick - TICK_MS);
    this.#lastTick = now;
    for (const peer of this.#peers.values()) {
      const fault = peer.link?.overdue(now, late);
      if (peer.link !== undefined && fault !== undefined) this.#onFault(peer, peer.link, fault);
    }
    for (const connection of this.#node?.getConnections() ?? []) {
      const peer = this.#peersById.get(connection.remotePeer.toString());
      if (peer !== undefined && holds(peer, connection)) continue;
      const ageMs = Date.now() - connection.timeline.open;
      if (ageMs > IDLE_CONNECTION_MS) abortConnection(connection, "no link");
    }
  }
}

function holds(peer: Peer, connection: Connection): boolean {
  return peer.opening === connection || peer.link?.connection === connection;
}

function withoutPeerId(address: string): string {
  return address.replace(/\/p2p\/[^/]*$/, "");
}

/** The library that connects libp2p with Prometheus is loaded by banks that serve metrics only. */
async function libraryMetrics(registry: Registry) {
  const { prometheusMetrics } = await import("@libp2p/prometheus-metrics");
  return prometheusMetrics({
    registry,
    collectDefaultMetrics: false,
    preserveExistingMetrics: true,
  });
}
