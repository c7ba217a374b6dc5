import type { Connection, Stream } from "@libp2p/interface";
import { encodeFrame, FrameParser } from "../frame.ts";
import type { FrameRejection } from "../frame.ts";

/**
 * What may wait for one peer, in bytes: some thirty of the largest blocks. A peer that is further
 * behind is given up and catches up by anti-entropy when it is back.
 */
export const MAX_QUEUED_BYTES = 8 * 1_048_576;

/**
 * The most bytes that go out in one write. With the 12-byte Yamux header they just fill one Noise
 * message (65,535 bytes less the 16-byte tag), so that a write is one encryption.
 */
const MAX_BATCH_BYTES = 65_535 - 16 - 12;

/** The peer is told to send on whenever this much has come: a quarter of the Yamux window. */
const CREDIT_BYTES = 65_536;

/** A frame that has begun is whole within this time, or the peer is given up. */
const FRAME_TIMEOUT_MS = 3_000;

/** A peer that takes no bytes for this long, while some wait for it, is given up. */
const DRAIN_TIMEOUT_MS = 10_000;

/** The first frame on a link, from the bank that was dialled: "I keep this link." */
const ACCEPTANCE = Uint8Array.of(1);

export type LinkFault =
  | FrameRejection
  | { readonly code: "frame_timeout"; readonly bytes: number }
  | { readonly code: "peer_slow"; readonly queued: number }
  | { readonly code: "accept_invalid" };

export interface LinkEvents {
  /** The peer has accepted a link that this bank opened: frames can be sent and will come. */
  readonly onAccepted: (link: PeerLink) => void;
  readonly onFrame: (body: Uint8Array) => void;
  /** The peer broke a rule; the owner must close the link. Never called from within `send`. */
  readonly onFault: (link: PeerLink, fault: LinkFault) => void;
  /** The stream has ended. Not called after `close`. */
  readonly onLost: (link: PeerLink) => void;
}

export interface LinkInit {
  /** An open stream, its protocol agreed. */
  readonly stream: Stream;
  readonly connection: Connection;
  /** Whether this bank dialled and opened the stream. */
  readonly outbound: boolean;
  readonly events: LinkEvents;
}

/**
 * One stream to one peer, as frames in both directions. The bank that was dialled accepts with the
 * first frame; until then the other has nothing to rely on, because a connection may still be
 * refused after its dial has succeeded. Frames sent in one turn of the event loop leave together.
 */
export class PeerLink {
  readonly connection: Connection;
  readonly outbound: boolean;
  /** On the clock of `performance`, like all times here. */
  readonly openedAt = performance.now();
  readonly #stream: Stream;
  readonly #events: LinkEvents;
  readonly #parser = new FrameParser();
  readonly #credit: (bytes: number) => void;
  #state: "asking" | "up" | "closed";
  /** Encoded frames; of the first, `#headBytesSent` bytes have gone. */
  #queue: Uint8Array[] = [];
  #headBytesSent = 0;
  #queuedBytes = 0;
  #flushPlanned = false;
  /** Bytes queued since the link began, those of them that had left at the last look, and since when. */
  #queuedEver = 0;
  #takenEver = 0;
  #takenSince = this.openedAt;
  #unfinishedSince: number | undefined;

  constructor({ stream, connection, outbound, events }: LinkInit) {
    this.connection = connection;
    this.outbound = outbound;
    this.#stream = stream;
    this.#events = events;
    this.#state = outbound ? "asking" : "up";
    this.#credit = creditOf(stream);
    stream.addEventListener("drain", () => this.#planFlush());
    stream.addEventListener("close", () => this.#onEnd());
    stream.addEventListener("remoteCloseWrite", () => this.#onEnd());
    stream.addEventListener("message", (event) => this.#onData(event.data));
    if (!outbound) this.#write(encodeFrame(ACCEPTANCE));
  }

  /** What waits here for the peer. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Queues one frame. False when the link is not up or the peer is given up as too slow. */
  send(body: Uint8Array): boolean {
    const frame = encodeFrame(body);
    if (this.#state !== "up") return false;
    const queued = this.#queuedBytes + frame.length;
    if (queued > MAX_QUEUED_BYTES) {
      this.close("too slow");
      queueMicrotask(() => this.#events.onFault(this, { code: "peer_slow", queued }));
      return false;
    }
    this.#queue.push(frame);
    this.#queuedEver += frame.length;
    this.#queuedBytes = queued;
    this.#planFlush();
    return true;
  }

  /** Writes what is queued as far as the stream takes it. */
  flush(): void {
    while (this.#queuedBytes > 0 && this.#state === "up" && !this.#stream.writableNeedsDrain) {
      this.#write(this.#nextBatch());
    }
  }

  /**
   * The deadline that the peer has missed, if any. `late` is time, in milliseconds, in which this
   * process did not run since the last call: all deadlines move by it.
   */
  overdue(now: number, late: number): LinkFault | undefined {
    if (this.#unfinishedSince !== undefined) {
      this.#unfinishedSince += late;
      if (now - this.#unfinishedSince > FRAME_TIMEOUT_MS) {
        return { code: "frame_timeout", bytes: this.#parser.unfinishedBytes };
      }
    }
    this.#takenSince += late;
    const waiting = this.#queuedBytes + this.#stream.writeBufferLength;
    if (waiting === 0 || this.#queuedEver - waiting > this.#takenEver) {
      this.#takenEver = this.#queuedEver - waiting;
      this.#takenSince = now;
    }
    return now - this.#takenSince > DRAIN_TIMEOUT_MS
      ? { code: "peer_slow", queued: waiting }
      : undefined;
  }

  /** Ends the link and its connection at once; what is queued is lost. No event follows. */
  close(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#queue = [];
    this.#queuedBytes = 0;
    abortConnection(this.connection, reason);
  }

  /** At the end of the event loop's turn, when all inputs of the turn have been answered. */
  #planFlush(): void {
    if (this.#flushPlanned || this.#queuedBytes === 0) return;
    this.#flushPlanned = true;
    setImmediate(() => {
      this.#flushPlanned = false;
      this.flush();
    });
  }

  /** Takes the next bytes off the queue: many small frames, or a part of a large one. */
  #nextBatch(): Uint8Array {
    const batch = Buffer.allocUnsafe(Math.min(this.#queuedBytes, MAX_BATCH_BYTES));
    let at = 0;
    let done = 0;
    while (at < batch.length) {
      const frame = this.#queue[done] as Uint8Array;
      const part = frame.subarray(this.#headBytesSent, this.#headBytesSent + batch.length - at);
      batch.set(part, at);
      at += part.length;
      this.#headBytesSent += part.length;
      if (this.#headBytesSent === frame.length) {
        this.#headBytesSent = 0;
        done += 1;
      }
    }
    this.#queue.splice(0, done);
    this.#queuedBytes -= batch.length;
    return batch;
  }

  #write(bytes: Uint8Array): void {
    try {
      this.#stream.send(bytes);
    } catch {
      // The stream has closed and its event is on the way.
    }
  }

  #onData(data: Uint8Array | Iterable<Uint8Array>): void {
    if (data instanceof Uint8Array) return this.#read(data);
    for (const chunk of data) this.#read(chunk);
  }

  #read(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#credit(chunk.length);
    // A plain view: `slice` of Node's buffers, which libp2p passes on, would not copy.
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const parsed = this.#parser.push(bytes);
    if (!parsed.ok) return this.#events.onFault(this, parsed.error);
    for (const body of parsed.value) this.#take(body);
    if (this.#parser.unfinishedBytes === 0) {
      this.#unfinishedSince = undefined;
    } else if (parsed.value.length > 0 || this.#unfinishedSince === undefined) {
      this.#unfinishedSince = performance.now();
    }
  }

  #take(body: Uint8Array): void {
    if (this.#state === "up") return this.#events.onFrame(body);
    if (this.#state === "closed") return;
    if (body.length !== ACCEPTANCE.length || body[0] !== ACCEPTANCE[0]) {
      return this.#events.onFault(this, { code: "accept_invalid" });
    }
    this.#state = "up";
    this.#events.onAccepted(this);
  }

  #onEnd(): void {
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
    // Aborting says goodbye to the peer, which throws when the connection has closed already.
  }
}

/**
 * Yamux answers every message with a window update of its own, which doubles the packets of small
 * frames. Holding the updates back until `CREDIT_BYTES` have come costs nothing: the peer may have
 * four times as much under way. Without the two methods, which the interface of a stream does not
 * promise, the link works too.
 */
function creditOf(stream: Stream): (bytes: number) => void {
  const { sendPause, sendResume } = stream as Partial<Record<"sendPause" | "sendResume", unknown>>;
  if (typeof sendPause !== "function" || typeof sendResume !== "function") return () => undefined;
  let owed = 0;
  sendPause.call(stream);
  return (bytes) => {
    owed += bytes;
    if (owed < CREDIT_BYTES) return;
    owed = 0;
    sendResume.call(stream);
    sendPause.call(stream);
  };
}
