import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import type {
  MessageStream,
  PeerId,
  SecuredConnection,
  StreamMessageEvent,
} from "@libp2p/interface";
import type { Libp2pOptions } from "libp2p";
import { readU32 } from "../../crypto/bytes.ts";

/** One stream of this protocol, opened by the bank that dialled, carries all frames of a pair. */
export const CORRIDOR_PROTOCOL = "/daliz/corridor/1";

/** A stream of the bank that dialled; more would only be opened to do harm. */
const MAX_STREAMS_PER_CONNECTION = 1;

/** The window of a stream, and so the largest message that an honest peer can send on it. */
const WINDOW_BYTES = 262_144;

/** What comes on a stream before its link reads: twice the window. */
const MAX_READ_BUFFER_BYTES = 2 * WINDOW_BYTES;

/** A link stops writing when told to, so this bound is only reached by a bug. */
const MAX_WRITE_BUFFER_BYTES = 1_048_576;

/**
 * A peer that does not answer a probe in time is gone, though its end of the connection may never
 * have been closed (power, cable, a process that hangs). A peer that is merely busy answers.
 */
const PROBE_EVERY_MS = 10_000;
const PROBE_TIMEOUT_MS = 5_000;

/** The Yamux header: version, type, flags (2), stream (4), length (4). */
const YAMUX_HEADER_BYTES = 12;
const YAMUX_DATA = 0;

/** What only a peer that means harm, or other software, does to a connection; it has ended. */
export type WireOffence =
  | { readonly code: "stream_limit"; readonly limit: number }
  | { readonly code: "frame_too_large"; readonly length: number; readonly limit: number }
  | { readonly code: "protocol_unknown" };

export interface GuardEvents {
  readonly onOffence: (peer: PeerId, offence: WireOffence) => void;
}

/**
 * Noise and Yamux, with what they and multistream-select leave open closed: the library reads a
 * length without bound and answers any number of proposals without a pause, so that 512 KiB of 0xff
 * from a stranger would stop this process for seconds; and Yamux collects a message of up to 4 GiB.
 */
export function guardedWire(
  events: GuardEvents,
): Pick<Libp2pOptions, "connectionProtector" | "connectionEncrypters" | "streamMuxers"> {
  const owners = new WeakMap<MessageStream, PeerId>();
  /** Insists on agreeing on the muxer within the handshake, which every bank's software does. */
  const settled = (secured: SecuredConnection): SecuredConnection => {
    if (secured.streamMuxer === undefined) throw new Error("no muxer in the handshake");
    owners.set(secured.connection, secured.remotePeer);
    waitQuietly(secured.connection);
    return secured;
  };
  return {
    connectionProtector: () => ({
      protect: (connection) => {
        const strange = (): void => connection.abort(new Error("not a libp2p peer"));
        expectOpening(connection, "/noise", strange);
        return Promise.resolve(joinParts(connection));
      },
    }),
    connectionEncrypters: [
      (components) => {
        const inner = noise()(components);
        return {
          protocol: inner.protocol,
          secureInbound: async (...args) => settled(await inner.secureInbound(...args)),
          secureOutbound: async (...args) => settled(await inner.secureOutbound(...args)),
        };
      },
    ],
    streamMuxers: [
      () => {
        const inner = yamux(YAMUX_OPTIONS)();
        return {
          protocol: inner.protocol,
          createStreamMuxer: (connection) => {
            const onOffence = (offence: WireOffence): void => {
              connection.abort(new Error(offence.code));
              const peer = owners.get(connection);
              if (peer !== undefined) events.onOffence(peer, offence);
            };
            limitMessages(connection, onOffence);
            const muxer = inner.createStreamMuxer(connection);
            guardStreams(muxer, connection, onOffence);
            probe(muxer, connection);
            return muxer;
          },
        };
      },
    ],
  };
}

const YAMUX_OPTIONS = {
  // `probe` does its work, and ends a connection that no longer answers.
  enableKeepAlive: false,
  maxInboundStreams: MAX_STREAMS_PER_CONNECTION + 1,
  maxOutboundStreams: MAX_STREAMS_PER_CONNECTION + 1,
  maxEarlyStreams: MAX_STREAMS_PER_CONNECTION + 1,
  streamOptions: {
    initialStreamWindowSize: WINDOW_BYTES,
    maxStreamWindowSize: WINDOW_BYTES,
    maxReadBufferLength: MAX_READ_BUFFER_BYTES,
    maxWriteBufferLength: MAX_WRITE_BUFFER_BYTES,
  },
};

type Muxer = ReturnType<ReturnType<ReturnType<typeof yamux>>["createStreamMuxer"]>;

type OnOffence = (offence: WireOffence) => void;

/**
 * Calls `onOther` unless the first that comes on `stream` is the agreement on `protocol`, and keeps
 * what comes from the library. Both sides of multistream-select send the same bytes, since each
 * knows what it wants. To be called where the library's own listener follows at once.
 */
function expectOpening(stream: MessageStream, protocol: string, onOther: () => void): void {
  const lines = ["/multistream/1.0.0\n", `${protocol}\n`];
  const opening = Buffer.from(lines.map((s) => String.fromCharCode(s.length) + s).join(""));
  let seen = 0;
  const check = (event: StreamMessageEvent): void => {
    const bytes = event.data.subarray(0, Math.min(opening.length - seen, event.data.byteLength));
    if (opening.compare(bytes, 0, bytes.length, seen, seen + bytes.length) !== 0) {
      event.stopImmediatePropagation();
      return onOther();
    }
    seen += bytes.length;
    if (seen === opening.length) stream.removeEventListener("message", check);
  };
  stream.addEventListener("message", check);
}

/** Finds a Yamux message larger than the window by its header, before the library collects it. */
function limitMessages(connection: MessageStream, onOffence: OnOffence): void {
  const header = new Uint8Array(YAMUX_HEADER_BYTES);
  let headerBytes = 0;
  let bodyBytes = 0;
  connection.addEventListener("message", (event) => {
    const bytes = event.data.subarray();
    for (let at = 0; at < bytes.length;) {
      const skipped = Math.min(bodyBytes, bytes.length - at);
      bodyBytes -= skipped;
      at += skipped;
      const part = bytes.subarray(at, at + YAMUX_HEADER_BYTES - headerBytes);
      header.set(part, headerBytes);
      headerBytes += part.length;
      at += part.length;
      if (headerBytes < YAMUX_HEADER_BYTES) return;
      headerBytes = 0;
      if (header[1] !== YAMUX_DATA) continue;
      bodyBytes = readU32(header, 8);
      if (bodyBytes <= WINDOW_BYTES) continue;
      event.stopImmediatePropagation();
      return onOffence({ code: "frame_too_large", length: bodyBytes, limit: WINDOW_BYTES });
    }
  });
}

/** Lets the dialler open its stream and nobody another; each begins with the corridor's protocol. */
function guardStreams(muxer: Muxer, connection: MessageStream, onOffence: OnOffence): void {
  const limit = connection.direction === "inbound" ? MAX_STREAMS_PER_CONNECTION : 0;
  const onOther = (): void => onOffence({ code: "protocol_unknown" });
  const listen = muxer.addEventListener.bind(muxer);
  const create = muxer.createStream.bind(muxer);
  let opened = 0;
  // Around the library's own listener, so that nothing comes between a check and what it guards.
  muxer.addEventListener = (
    type: string,
    listener: Parameters<typeof listen>[1],
    options?: Parameters<typeof listen>[2],
  ) => {
    if (type !== "stream" || typeof listener !== "function") return listen(type, listener, options);
    listen("stream", (event) => {
      opened += 1;
      if (opened > limit) return onOffence({ code: "stream_limit", limit });
      expectOpening(event.detail, CORRIDOR_PROTOCOL, onOther);
      listener(event);
    });
  };
  muxer.createStream = async (options) => {
    const stream = await create(options);
    expectOpening(stream, CORRIDOR_PROTOCOL, onOther);
    return stream;
  };
}

/** Asks the peer now and then for a sign of life, and ends the connection when none comes. */
function probe(muxer: Muxer, connection: MessageStream): void {
  const timer = setInterval(() => {
    muxer.ping({ signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch(() => {
      connection.abort(new Error("no answer to a probe"));
    });
  }, PROBE_EVERY_MS);
  connection.addEventListener("close", () => clearInterval(timer));
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

/**
 * Noise finds by an exception that it has to wait for more, which happens after every read. Making
 * a new exception costs as much as decrypting; one and the same does as well.
 */
function waitQuietly(connection: MessageStream): void {
  type LengthDecoder = (data: { readonly length: number }) => number;
  const { decoder } = connection as { readonly decoder?: { lengthDecoder?: LengthDecoder } };
  const decode = decoder?.lengthDecoder;
  if (decoder === undefined || decode === undefined) return;
  decoder.lengthDecoder = (data) => {
    if (data.length < NOISE_LENGTH_BYTES) throw INCOMPLETE;
    return decode(data);
  };
}

const NOISE_LENGTH_BYTES = 2;
const INCOMPLETE = new RangeError("the length has not come yet");
