import fs from "node:fs";
import { equalBytes, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import { decode, encode, tuple, uint, type LayoutValue } from "../../crypto/canonical-layout.ts";
import { ok, reject, unreachable, type Outcome } from "../../crypto/outcome.ts";
import { bankNumber } from "../ids.ts";
import { INPUT_NUMBER, type Effect, type Input } from "../machine.ts";
import { instant, type Instant } from "../time.ts";
import type { Journal } from "./journal-file.ts";

/*
 * A record of what one process of a bank was fed, from one start to its end, so that the machine can be
 * fed the same again and must write the same ledger. The file is append-only:
 *
 *   "daliz-inputs/1\n" 0x00, then items: length of the head (u8), head, payload.
 *
 * A head is the canonical bytes of [kind, now, value, bytes]: `now` in microseconds since the Unix epoch,
 * `bytes` the length of the payload that follows, both 0 where they mean nothing.
 *
 *   kind              value                      payload
 *   0 opened          1 when started --alone     the journal as it was read
 *   1 start
 *   2 connected       peer
 *   3 disconnected    peer
 *   4 frame           sender                     the message
 *   5 instruction                                the submission
 *   6 wake
 *   7 durable         size of what is durable
 *   8 idle
 *   9 ended in order
 *
 * The first item is `opened`. A process that was killed leaves no `ended`, and perhaps an item that is
 * cut short; what it wrote into its journal it had recorded before.
 */

export const RECORD_MAGIC = utf8ToBytes("daliz-inputs/1\n\0");

const KIND = { opened: 0, ...INPUT_NUMBER, ended: 9 } as const;

const headLayout = tuple({ kind: uint(9), now: uint(), value: uint(), bytes: uint() });
type Head = LayoutValue<typeof headLayout>;

/** What waits in memory before it is written. */
const BUFFER_BYTES = 65_536;

/** A reader takes the file in one piece; a bank that would exceed it stops. */
const MAX_RECORD_BYTES = 2 ** 31 - 1;

const NO_PAYLOAD = new Uint8Array(0);

export interface RecorderOptions {
  /** It must not be there yet. */
  readonly file: string;
  /** As it was read, before the first input. */
  readonly journal: Journal;
  /** Whether the bank may sign without asking its peers first. */
  readonly alone: boolean;
  readonly maxBytes?: number;
}

/**
 * Writes a record. Throws when the disk fails or the record is full, because a bank that cannot keep
 * its record must stop.
 */
export class InputRecorder {
  readonly #fd: number;
  readonly #maxBytes: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #size = 0;

  /** Makes the file and puts the journal into it. */
  constructor({ file, journal, alone, maxBytes = MAX_RECORD_BYTES }: RecorderOptions) {
    this.#maxBytes = maxBytes;
    this.#fd = fs.openSync(file, "wx", 0o600);
    this.#put(RECORD_MAGIC);
    this.#putHead({ kind: KIND.opened, now: 0, value: alone ? 1 : 0, bytes: journal.size });
    for (let at = 0; at < journal.size; at += BUFFER_BYTES) {
      this.#put(journal.read(at, Math.min(BUFFER_BYTES, journal.size - at)));
    }
    this.#flush();
  }

  /** The machine's step with every input recorded before its effects, if any, reach the journal. */
  recorded<Report>(
    step: (input: Input, now: Instant) => readonly Effect<Report>[],
  ): (input: Input, now: Instant) => readonly Effect<Report>[] {
    return (input, now) => {
      const { value, payload } = contentOf(input);
      this.#putHead({ kind: KIND[input.kind], now, value, bytes: payload.length });
      this.#put(payload);
      const effects = step(input, now);
      if (effects.some(({ kind }) => kind === "append")) this.#flush();
      return effects;
    };
  }

  /** The process ends in order. */
  end(): void {
    this.#putHead({ kind: KIND.ended, now: 0, value: 0, bytes: 0 });
    this.#flush();
    fs.closeSync(this.#fd);
  }

  #putHead(head: Head): void {
    const bytes = encode(headLayout, head);
    this.#put(Uint8Array.of(bytes.length));
    this.#put(bytes);
  }

  #put(bytes: Bytes): void {
    this.#size += bytes.length;
    if (this.#size > this.#maxBytes) {
      throw new RangeError(`record_full: a record has at most ${this.#maxBytes} bytes`);
    }
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) return this.#write(bytes);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #write(bytes: Bytes): void {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(this.#fd, bytes, at);
  }
}

function contentOf(input: Input): { readonly value: number; readonly payload: Bytes } {
  switch (input.kind) {
    case "start":
    case "wake":
    case "idle":
      return { value: 0, payload: NO_PAYLOAD };
    case "connected":
    case "disconnected":
      return { value: input.peer, payload: NO_PAYLOAD };
    case "durable":
      return { value: input.size, payload: NO_PAYLOAD };
    case "frame":
      return { value: input.from, payload: input.bytes };
    case "instruction":
      return { value: 0, payload: input.bytes };
    default:
      return unreachable(input);
  }
}

/** One process of a bank, from start to end. */
export interface RecordedProcess {
  readonly alone: boolean;
  readonly journal: Bytes;
  readonly inputs: readonly { readonly input: Input; readonly now: Instant }[];
  /** False when the process was killed. */
  readonly ended: boolean;
}

export interface RecordDamage {
  readonly code: "record_invalid";
  readonly offset: number;
  readonly why: string;
}

/** Reads a record. An item that is cut short at the end of the file never had an effect and is left out. */
export function parseRecord(file: Bytes): Outcome<RecordedProcess, RecordDamage> {
  // A plain view: `slice` of Node's buffers, which a machine must not meet, would not copy.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const invalid = (offset: number, why: string) =>
    reject({ code: "record_invalid", offset, why } as const);
  if (!equalBytes(bytes.subarray(0, RECORD_MAGIC.length), RECORD_MAGIC)) {
    return invalid(0, "not a record of inputs of version 1");
  }
  let opened: { readonly alone: boolean; readonly journal: Bytes } | undefined;
  const inputs: { input: Input; now: Instant }[] = [];
  for (let at = RECORD_MAGIC.length; at < bytes.length;) {
    const headEnd = at + 1 + (bytes[at] as number);
    if (headEnd > bytes.length) break;
    const head = decode(headLayout, bytes.subarray(at + 1, headEnd));
    if (!head.ok) return invalid(at, head.error.code);
    const { kind, now, value } = head.value;
    const end = headEnd + head.value.bytes;
    if (end > bytes.length) break;
    const payload = bytes.subarray(headEnd, end);
    if ((kind === KIND.opened) !== (opened === undefined)) {
      return invalid(at, "the first item, and no other, is the journal as it was read");
    }
    if (kind === KIND.ended) {
      if (end < bytes.length) return invalid(end, "something follows the end");
      return opened ? ok({ ...opened, inputs, ended: true }) : invalid(at, "no journal");
    }
    if (kind === KIND.opened) opened = { alone: value === 1, journal: payload };
    else inputs.push({ input: inputOf(kind, value, payload), now: instant(now) });
    at = end;
  }
  if (opened === undefined) return invalid(RECORD_MAGIC.length, "the journal is cut short");
  return ok({ ...opened, inputs, ended: false });
}

function inputOf(kind: number, value: number, bytes: Bytes): Input {
  switch (kind) {
    case KIND.start:
      return { kind: "start" };
    case KIND.connected:
      return { kind: "connected", peer: bankNumber(value) };
    case KIND.disconnected:
      return { kind: "disconnected", peer: bankNumber(value) };
    case KIND.frame:
      return { kind: "frame", from: bankNumber(value), bytes };
    case KIND.instruction:
      return { kind: "instruction", bytes };
    case KIND.wake:
      return { kind: "wake" };
    case KIND.durable:
      return { kind: "durable", size: value };
    default:
      return { kind: "idle" };
  }
}
