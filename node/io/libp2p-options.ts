import type { ConnectionGater, Startable } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import type { Libp2pOptions } from "libp2p";
import { transportPrivateKey } from "./transport-key.ts";
import { guardedWire, type GuardEvents } from "./wire-guard.ts";

/**
 * Inbound connections that may be on their way through the handshake. Strangers compete with banks
 * for these places, so there are some to spare; a silent stranger keeps one for `HANDSHAKE_MS`.
 */
const pendingConnections = (banks: number): number => 4 * banks + 16;

/** Two for each bank, while crossed dials are sorted out, and a few that are about to be closed. */
const openConnections = (banks: number): number => 2 * banks + 8;

/** What one host may open in a second: all banks of a corridor on one machine, four times over. */
const connectionsPerSecond = (banks: number): number => 4 * banks;

/** Time for a handshake, and for agreeing on the protocol of a stream. Loopback needs some 20 ms. */
const HANDSHAKE_MS = 2_000;

/** The kernel's queue of connections that are not accepted yet. */
const TCP_BACKLOG = 64;

/** Probes pass every ten seconds, so only a connection that nothing looks after is silent so long. */
const SOCKET_SILENCE_MS = 60_000;

export interface CorridorNetwork extends GuardEvents {
  readonly transportSeed: Uint8Array;
  /** The multiaddr to listen on. */
  readonly listen: string;
  /** Banks in the corridor, this one included. */
  readonly banks: number;
  readonly gater: ConnectionGater;
  readonly metrics?: Libp2pOptions["metrics"];
}

/** TCP, Noise and Yamux, and nothing that finds or tells peers: a corridor's list is complete. */
export function corridorLibp2pOptions(network: CorridorNetwork): Libp2pOptions {
  const { banks } = network;
  const socket = { noDelay: true, keepAlive: true };
  return {
    ...guardedWire(network),
    start: false,
    privateKey: transportPrivateKey(network.transportSeed),
    addresses: { listen: [network.listen] },
    transports: [
      tcp({
        backlog: TCP_BACKLOG,
        maxConnections: pendingConnections(banks) + openConnections(banks),
        inboundSocketInactivityTimeout: SOCKET_SILENCE_MS,
        outboundSocketInactivityTimeout: SOCKET_SILENCE_MS,
        dialOpts: socket,
        listenOpts: socket,
      }),
    ],
    connectionManager: {
      maxConnections: openConnections(banks),
      maxIncomingPendingConnections: pendingConnections(banks),
      inboundConnectionThreshold: connectionsPerSecond(banks),
      inboundUpgradeTimeout: HANDSHAKE_MS,
      inboundStreamProtocolNegotiationTimeout: HANDSHAKE_MS,
    },
    connectionMonitor: { enabled: false },
    connectionGater: network.gater,
    ...(network.metrics === undefined ? {} : { metrics: network.metrics }),
    services: { lastUpdate: ({ addressManager }) => withoutLastUpdate(addressManager) },
  };
}

/**
 * The library plans an update of its addresses for one second after the listener has closed, which
 * would keep the process alive that long: cancel it.
 */
function withoutLastUpdate(addressManager: object): Startable {
  return {
    start: () => undefined,
    stop: () => undefined,
    afterStop: () => {
      const { _updatePeerStoreAddresses: update } = addressManager as {
        readonly _updatePeerStoreAddresses?: { readonly stop?: () => void };
      };
      update?.stop?.();
    },
  };
}
