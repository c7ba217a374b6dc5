import { writeU32 } from "../crypto/bytes.ts";
import { invariant, ok, reject, type Outcome } from "../crypto/outcome.ts";

/**
 * The largest body of one frame, in bytes: the largest block (256 KiB) and 4 KiB for the envelope
 * around it. A longer frame is refused at its header, before any of it is stored.
 */
export const MAX_FRAME_BYTES = 262_144 + 4_096;

/** A frame starts with the length of its body as an unsigned 32-bit big-endian number. */
const FRAME_HEADER_BYTES = 4;

export type FrameRejection =
  | { readonly code: "frame_too_large"; readonly length: number; readonly limit: number }
  | { readonly code: "frame_invalid"; readonly why: "zero_length" };

/** One frame: the header, then `body` (1 to `MAX_FRAME_BYTES` bytes; another length is a bug). */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const length = body.length;
  invariant(
    length >= 1 && length <= MAX_FRAME_BYTES,
    "FrameLength",
    `a frame's body has 1 to ${MAX_FRAME_BYTES} bytes, not ${length}`,
  );
  const frame = new Uint8Array(FRAME_HEADER_BYTES + length);
  writeU32(frame, 0, length);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * Cuts a stream of bytes into frames. It stores at most one unfinished frame and copies each byte
 * at most once.
 */
export class FrameParser {
  #header = 0;
  #headerBytes = 0;
  #body: Uint8Array | undefined;
  #bodyBytes = 0;
  #rejection: FrameRejection | undefined;

  /** How many bytes of an unfinished frame, header included, have come so far. */
  get unfinishedBytes(): number {
    return this.#headerBytes + this.#bodyBytes;
  }

  /**
   * The bodies that `chunk` completes, in order. A body that lies wholly in `chunk` is a view on
   * it, so the caller must not write to the chunk again. After a rejection the stream cannot be
   * understood any more: every later push returns the same rejection.
   */
  push(chunk: Uint8Array): Outcome<readonly Uint8Array[], FrameRejection> {
    if (this.#rejection !== undefined) return reject(this.#rejection);
    const bodies: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        at = this.#takeHeader(chunk, at);
        if (this.#headerBytes < FRAME_HEADER_BYTES) break;
        this.#rejection = checkLength(this.#header);
        if (this.#rejection !== undefined) return reject(this.#rejection);
      }
      at = this.#takeBody(chunk, at, bodies);
    }
    return ok(bodies);
  }

  #takeHeader(chunk: Uint8Array, from: number): number {
    let at = from;
    while (this.#headerBytes < FRAME_HEADER_BYTES && at < chunk.length) {
      this.#header = this.#header * 256 + (chunk[at] ?? 0);
      this.#headerBytes += 1;
      at += 1;
    }
    return at;
  }

  #takeBody(chunk: Uint8Array, at: number, bodies: Uint8Array[]): number {
    const missing = this.#header - this.#bodyBytes;
    const end = Math.min(at + missing, chunk.length);
    const part = chunk.subarray(at, end);
    if (this.#body === undefined && part.length === missing) {
      this.#finish(part, bodies);
      return end;
    }
    this.#body ??= new Uint8Array(this.#header);
    this.#body.set(part, this.#bodyBytes);
    this.#bodyBytes += part.length;
    if (this.#bodyBytes === this.#header) this.#finish(this.#body, bodies);
    return end;
  }

  #finish(body: Uint8Array, bodies: Uint8Array[]): void {
    bodies.push(body);
    this.#header = 0;
    this.#headerBytes = 0;
    this.#body = undefined;
    this.#bodyBytes = 0;
  }
}

function checkLength(length: number): FrameRejection | undefined {
  if (length > MAX_FRAME_BYTES) {
    return { code: "frame_too_large", length, limit: MAX_FRAME_BYTES };
  }
  return length === 0 ? { code: "frame_invalid", why: "zero_length" } : undefined;
}
