import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import type { ConnectionGater, MessageStream, Startable } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import type { Libp2pOptions } from "libp2p";
import { transportPrivateKey } from "./transport-key.ts";

/**
 * Inbound connections that may be on their way through the handshake. Strangers compete with banks
 * for these places, so there are some to spare; a silent stranger keeps one for `HANDSHAKE_MS`.
 */
const pendingConnections = (banks: number): number => 4 * banks + 16;

/** Two for each bank, while crossed dials are sorted out, and a few that are about to be closed. */
const openConnections = (banks: number): number => 2 * banks + 8;

/** What one host may open in a second: all banks of a corridor on one machine, four times over. */
const connectionsPerSecond = (banks: number): number => 4 * banks;

/** Time for a handshake, and for naming the protocol of a new stream. Loopback needs some 20 ms. */
const HANDSHAKE_MS = 2_000;

/** A connection carries one corridor stream and now and then a probe. */
const MAX_STREAMS = 16;
const MAX_CORRIDOR_STREAMS = 4;

/** What comes before the link reads: twice the window that the peer has at the start. */
const MAX_READ_BUFFER_BYTES = 524_288;

/** The link stops writing when told to, so this bound is only reached by a bug. */
const MAX_WRITE_BUFFER_BYTES = 1_048_576;

/** The kernel's queue of connections that are not accepted yet. */
const TCP_BACKLOG = 64;

/**
 * A peer that does not answer a probe in time is gone, though its end of the connection may never
 * have been closed (power, cable). Honest peers that are merely busy answer within the timeout.
 */
const PROBE_EVERY_MS = 10_000;
const PROBE_TIMEOUT_MS = 5_000;
const SLOWEST_PROBE_MS = 20_000;

/** Probes pass every ten seconds, so only a connection that nothing looks after is silent so long. */
const SOCKET_SILENCE_MS = 60_000;

export const CORRIDOR_STREAM_LIMITS = {
  maxInboundStreams: MAX_CORRIDOR_STREAMS,
  maxOutboundStreams: MAX_CORRIDOR_STREAMS,
  runOnLimitedConnection: false,
} as const;

export interface CorridorNetwork {
  readonly transportSeed: Uint8Array;
  /** The multiaddr to listen on. */
  readonly listen: string;
  /** Banks in the corridor, this one included. */
  readonly banks: number;
  readonly gater: ConnectionGater;
}

/** TCP, Noise and Yamux, and nothing that finds or tells peers: a corridor's list is complete. */
export function corridorLibp2pOptions(network: CorridorNetwork): Libp2pOptions {
  const { banks } = network;
  const socket = { noDelay: true, keepAlive: true };
  return {
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
    connectionEncrypters: [noise()],
    connectionProtector: () => ({ protect: (stream) => Promise.resolve(joinParts(stream)) }),
    streamMuxers: [
      yamux({
        // The probes below do its work, and end a connection that no longer answers.
        enableKeepAlive: false,
        maxInboundStreams: MAX_STREAMS,
        maxOutboundStreams: MAX_STREAMS,
        maxEarlyStreams: MAX_CORRIDOR_STREAMS,
        streamOptions: {
          maxReadBufferLength: MAX_READ_BUFFER_BYTES,
          maxWriteBufferLength: MAX_WRITE_BUFFER_BYTES,
        },
      }),
    ],
    connectionManager: {
      maxConnections: openConnections(banks),
      maxIncomingPendingConnections: pendingConnections(banks),
      inboundConnectionThreshold: connectionsPerSecond(banks),
      inboundUpgradeTimeout: HANDSHAKE_MS,
      inboundStreamProtocolNegotiationTimeout: HANDSHAKE_MS,
    },
    connectionMonitor: {
      pingInterval: PROBE_EVERY_MS,
      pingTimeout: { minTimeout: PROBE_TIMEOUT_MS, maxTimeout: SLOWEST_PROBE_MS },
    },
    connectionGater: network.gater,
    services: { lastUpdate: ({ addressManager }) => endWithoutLastUpdate(addressManager) },
  };
}

/**
 * The library plans an update of its addresses for one second after the listener has closed, which
 * would keep the process alive that long: cancel it.
 */
function endWithoutLastUpdate(addressManager: object): Startable {
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

/**
 * Noise hands each message down in parts, and every part would be a system call and a TCP segment
 * of its own. Joined they halve the cost of a small frame.
 */
function joinParts<T extends MessageStream>(stream: T): T {
  const send = stream.send.bind(stream);
  stream.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return stream;
}
