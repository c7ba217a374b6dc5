import type { Bytes } from "../../crypto/bytes.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { CORRIDOR } from "../../corridor/entries.ts";
import { parseMessage } from "../../corridor/messages.ts";
import type { Block } from "../../node/ledger/block.ts";

/** Everything that can happen next; a search, a test or its generator picks one. */
export type Move =
  | { readonly kind: "deliver" | "lose" | "repeat"; readonly queue: string; readonly index: number }
  | { readonly kind: "durable" | "idle" | "wake" | "restart"; readonly seat: string }
  /** The clock of this bank alone runs on to its next timer, which fires. */
  | { readonly kind: "run-on"; readonly seat: string }
  /** `keep` bytes of what was appended survive although nobody was told. */
  | { readonly kind: "crash"; readonly seat: string; readonly keep: number }
  | { readonly kind: "link" | "unlink"; readonly a: string; readonly b: string }
  | { readonly kind: "submit"; readonly seat: string; readonly bytes: Bytes }
  /** A message of a bank that has no seat. */
  | {
      readonly kind: "inject";
      readonly from: number;
      readonly to: string;
      readonly bytes: Bytes;
    };

const KIND_NAMES = new Map(Object.entries(CORRIDOR).map(([name, kind]) => [kind as number, name]));

/** A message in one line, for the log of a failing run. */
export function describe(bytes: Bytes): string {
  const parsed = parseMessage(bytes);
  if (!parsed.ok) return parsed.error.code;
  const { value: message } = parsed;
  if (message.kind === "heads") {
    return `HEADS ${message.heads.map((head) => `${head.bank}/${head.seq}`).join(" ")}`;
  }
  if (message.kind === "get") {
    return `GET ${message.bank}/${message.from} to ${message.to}`;
  }
  if (message.kind !== "push") return message.kind.toUpperCase().replaceAll("-", " ");
  return `PUSH ${describeBlock(message.block)}`;
}

export function describeBlock(block: Block): string {
  const { bank, seq } = block.header;
  const entries = block.corridor.map((bytes) => KIND_NAMES.get(bytes[1] ?? 0) ?? "?");
  return `${bank}/${seq} [${entries.join(" ")}]`;
}

/** A move in one line; `bytes` is the message it is about. */
export function describeMove(move: Move, bytes: Bytes | undefined): string {
  switch (move.kind) {
    case "deliver":
    case "lose":
    case "repeat":
      return `${move.kind} ${move.queue} #${move.index} ${bytes === undefined ? "" : describe(bytes)}`;
    case "crash":
      return `crash ${move.seat}, ${move.keep} bytes of what is not durable survive`;
    case "link":
    case "unlink":
      return `${move.kind} ${move.a} ${move.b}`;
    case "submit":
      return `submit to ${move.seat}`;
    case "inject":
      return `inject ${move.from}>${move.to} ${describe(move.bytes)}`;
    case "durable":
    case "idle":
    case "wake":
    case "run-on":
    case "restart":
      return `${move.kind} ${move.seat}`;
    default:
      return unreachable(move);
  }
}
