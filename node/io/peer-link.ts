import type { Connection, Stream } from "@libp2p/interface";
import {
  assertFrameBody,
  encodeFrame,
  FRAME_HEADER_BYTES,
  FrameParser,
  writeFrame,
} from "../frame.ts";
import type { FrameRejection } from "../frame.ts";

/**
 * What may wait for one peer, in bytes. It holds some thirty of the largest blocks; a peer that is
 * further behind is dropped and catches up by anti-entropy when it is back.
 */
export const MAX_QUEUED_BYTES = 8 * 1_048_576;

/**
 * The bytes of frames that go out in one write. With the 12-byte yamux header they just fill one
 * Noise message (65,535 bytes less the 16-byte tag), so that a write is one encryption.
 */
export const MAX_BATCH_BYTES = 65_535 - 16 - 12;

/** A frame that has begun is whole within this time, or the peer is dropped. */
export const FRAME_TIMEOUT_MS = 3_000;

/** A peer that takes no bytes for this long, while some wait for it, is dropped. */
export const DRAIN_TIMEOUT_MS = 10_000;

/** The side that took a link in answers it within this time. */
export const ACCEPT_TIMEOUT_MS = 3_000;

/** The first frame on a link, from the side that was dialled: "I keep this link." */
const ACCEPT = Uint8Array.of(1);

export type LinkFault =
  | FrameRejection
  | { readonly code: "frame_timeout"; readonly bytes: number }
  | { readonly code: "peer_slow"; readonly queued: number }
  | { readonly code: "accept_timeout" }
  | { readonly code: "accept_invalid" };

export interface LinkEvents {
  /** Frames can be sent and will come. Not called for a link that this side took in. */
  readonly onAccepted: (link: PeerLink) => void;
  readonly onFrame: (body: Uint8Array) => void;
  /** The peer broke a rule; the owner must close the link. */
  readonly onFault: (link: PeerLink, fault: LinkFault) => void;
  /** The stream is gone. Not called after `close`. */
  readonly onLost: (link: PeerLink) => void;
}

/**
 * One libp2p stream to one peer, as frames in both directions. Frames sent in one turn of the event
 * loop leave in one write.
 */
export class PeerLink {
  readonly connection: Connection;
  /** Whether this bank dialled. */
  readonly outbound: boolean;
  readonly openedAt = performance.now();
  readonly #stream: Stream;
  readonly #events: LinkEvents;
  readonly #parser = new FrameParser();
  #state: "asking" | "up" | "closed";
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #flushPlanned = false;
  #blockedSince: number | undefined;
  #unfinishedSince: number | undefined;

  constructor(stream: Stream, connection: Connection, outbound: boolean, events: LinkEvents) {
    this.#stream = stream;
    this.connection = connection;
    this.outbound = outbound;
    this.#events = events;
    this.#state = outbound ? "asking" : "up";
    stream.addEventListener("drain", () => this.#onDrain());
    stream.addEventListener("close", () => this.#onLost());
    stream.addEventListener("remoteCloseWrite", () => this.#onLost());
    stream.addEventListener("message", (event) => this.#onData(event.data));
    if (!outbound) this.#write(encodeFrame(ACCEPT));
  }

  get up(): boolean {
    return this.#state === "up";
  }

  /** Queues one frame. False when the link is not up or has just been given up as too slow. */
  send(body: Uint8Array): boolean {
    assertFrameBody(body);
    if (this.#state !== "up") return false;
    const queued = this.#queuedBytes + FRAME_HEADER_BYTES + body.length;
    if (queued > MAX_QUEUED_BYTES) {
      this.#events.onFault(this, { code: "peer_slow", queued });
      return false;
    }
    this.#queue.push(body);
    this.#queuedBytes = queued;
    this.#planFlush();
    return true;
  }

  /** Writes what is queued as far as the stream takes it. */
  flush(): void {
    let next = 0;
    while (next < this.#queue.length && this.#state === "up" && !this.#stream.writableNeedsDrain) {
      const end = batchEnd(this.#queue, next);
      this.#write(this.#batch(next, end));
      next = end;
    }
    if (next > 0) this.#queue = next === this.#queue.length ? [] : this.#queue.slice(next);
  }

  /** The deadline that the peer has missed, if any; `now` is on the clock of `performance`. */
  overdue(now: number): LinkFault | undefined {
    if (this.#state === "asking" && now - this.openedAt > ACCEPT_TIMEOUT_MS) {
      return { code: "accept_timeout" };
    }
    if (this.#unfinishedSince !== undefined && now - this.#unfinishedSince > FRAME_TIMEOUT_MS) {
      return { code: "frame_timeout", bytes: this.#parser.unfinishedBytes };
    }
    if (this.#blockedSince !== undefined && now - this.#blockedSince > DRAIN_TIMEOUT_MS) {
      return { code: "peer_slow", queued: this.#queuedBytes };
    }
    return undefined;
  }

  /** Moves all deadlines by `ms`, for time in which this process itself did not run. */
  forgive(ms: number): void {
    if (this.#unfinishedSince !== undefined) this.#unfinishedSince += ms;
    if (this.#blockedSince !== undefined) this.#blockedSince += ms;
  }

  /** Ends the link and its connection at once; what is queued is lost. No event follows. */
  close(reason: string): void {
    this.#state = "closed";
    this.#queue = [];
    abortConnection(this.connection, reason);
  }

  #planFlush(): void {
    if (this.#flushPlanned || this.#blockedSince !== undefined) return;
    this.#flushPlanned = true;
    setImmediate(() => {
      this.#flushPlanned = false;
      this.flush();
    });
  }

  #batch(from: number, end: number): Uint8Array {
    let bytes = 0;
    for (let i = from; i < end; i += 1) {
      bytes += FRAME_HEADER_BYTES + (this.#queue[i] as Uint8Array).length;
    }
    const batch = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (let i = from; i < end; i += 1) at = writeFrame(batch, at, this.#queue[i] as Uint8Array);
    this.#queuedBytes -= bytes;
    return batch;
  }

  #write(bytes: Uint8Array): void {
    try {
      if (!this.#stream.send(bytes)) this.#blockedSince ??= performance.now();
    } catch {
      // The stream closed before its `close` event came; that event follows.
    }
  }

  #onDrain(): void {
    this.#blockedSince = undefined;
    if (this.#queue.length > 0) this.#planFlush();
  }

  #onData(data: Uint8Array | Iterable<Uint8Array>): void {
    if (data instanceof Uint8Array) return this.#read(data);
    for (const chunk of data) this.#read(chunk);
  }

  #read(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    const parsed = this.#parser.push(chunk);
    if (!parsed.ok) return this.#events.onFault(this, parsed.error);
    for (const body of parsed.value) this.#take(body);
    if (this.#parser.unfinishedBytes === 0) this.#unfinishedSince = undefined;
    else if (parsed.value.length > 0 || this.#unfinishedSince === undefined) {
      this.#unfinishedSince = performance.now();
    }
  }

  #take(body: Uint8Array): void {
    if (this.#state === "up") return this.#events.onFrame(body);
    if (this.#state === "closed") return;
    if (body.length !== ACCEPT.length || body[0] !== ACCEPT[0]) {
      return this.#events.onFault(this, { code: "accept_invalid" });
    }
    this.#state = "up";
    this.#events.onAccepted(this);
  }

  #onLost(): void {
    if (this.#state === "closed") return;
    this.close("the stream has ended");
    this.#events.onLost(this);
  }
}

/** Ends a connection at once, whatever state it is in. */
export function abortConnection(connection: Connection, reason: string): void {
  try {
    connection.abort(new Error(reason));
  } catch {
    // Aborting sends a last message, which throws when the connection is half closed.
  }
}

/** Where the batch of frames that starts at `from` ends: at least one frame. */
function batchEnd(queue: readonly Uint8Array[], from: number): number {
  let bytes = 0;
  let end = from;
  for (; end < queue.length; end += 1) {
    bytes += FRAME_HEADER_BYTES + (queue[end] as Uint8Array).length;
    if (bytes > MAX_BATCH_BYTES && end > from) break;
  }
  return end;
}
