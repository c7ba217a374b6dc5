import { hashKey } from "../../crypto/hash.ts";
import { swapIdOf } from "../../corridor/announcement.ts";
import { CORRIDOR, entryName, type CorridorEntry } from "../../corridor/entries.ts";
import {
  parseMessage,
  readEntries,
  type Message,
  type ReadEntry,
} from "../../corridor/messages.ts";
import type { Report } from "../../corridor/report.ts";
import { describeChainFrame } from "./chain-trace.ts";
import type { Instant } from "../../node/time.ts";
import type { Seat } from "../sim/seat.ts";
import type { Watcher, World } from "../sim/world.ts";

/** One thing that happened, as a person reads it. */
export interface TraceLine {
  readonly at: Instant;
  /** Where it happened. */
  readonly bank: string;
  /** Who sent what arrived there; empty for what a bank did by itself. */
  readonly from: string;
  readonly text: string;
  /** The swaps it is about, by the first digits of their ids. */
  readonly swaps: readonly string[];
}

/** Lines that one trace keeps; a longer history is told from its beginning. */
export const MAX_TRACE_LINES = 200_000;

/** Writes a history down: blocks, what arrives, outcomes, crashes and stops. */
export class Trace {
  readonly lines: TraceLine[] = [];
  #world: World | undefined;

  /** The world is made after its watchers. */
  watch(world: World): void {
    this.#world = world;
  }

  readonly watcher: Watcher = {
    onStart: (seat) => this.#add(seat, "", "starts from its ledger", []),
    onCrash: (seat) => this.#add(seat, "", "crashes", []),
    onStop: (seat, code, message) => this.#add(seat, "", `stops: ${code}: ${message}`, []),
    onOwnBlock: (seat, block) => {
      const entries = readEntries(block);
      if (entries.length === 0 && block.domestic.length === 0) return;
      const home = block.domestic.length === 0 ? "" : `, ${block.domestic.length} domestic`;
      const text = `signs block ${block.header.seq}: ${describeEntries(entries)}${home}`;
      this.#add(seat, "", text, swapsOf(entries));
    },
    onStep: (seat, input) => {
      if (input.kind !== "frame") return;
      const from = this.#nameOf(input.from);
      if (seat.validator !== undefined) {
        const told = describeChainFrame(input.bytes, seat.config.genesis);
        return this.#add(seat, from, told.text, told.sids.map(short));
      }
      const parsed = parseMessage(input.bytes);
      if (!parsed.ok) return this.#add(seat, from, `refused: ${parsed.error.code}`, []);
      const swaps =
        parsed.value.kind === "push" ? swapsOf(parsed.value.entries) : sidOf(parsed.value);
      this.#add(
        seat,
        from,
        describeMessage(parsed.value, (bank) => this.#nameOf(bank)),
        swaps,
      );
    },
    onReport: (seat, report) => {
      const text = describeReport(report);
      if (text !== undefined) this.#add(seat, "", text, "sid" in report ? [short(report.sid)] : []);
    },
  };

  #add(seat: Seat, from: string, text: string, swaps: readonly string[]): void {
    if (this.#world === undefined || this.lines.length >= MAX_TRACE_LINES) return;
    this.lines.push({ at: this.#world.now, bank: seat.id, from, text, swaps });
  }

  #nameOf(bank: number): string {
    return this.#world?.seats.find((seat) => seat.config.self === bank)?.id ?? String(bank);
  }
}

/** As text, one line each: time since the start, who, what. */
export function renderTrace(lines: readonly TraceLine[], since: Instant): string {
  const width = Math.max(0, ...lines.map(({ bank }) => bank.length));
  return lines
    .map(({ at, bank, from, text }) => {
      const ms = ((at - since) / 1000).toFixed(3).padStart(12);
      const what = from === "" ? text : `receives from ${from}: ${text}`;
      return `${ms} ms  ${bank.padEnd(width)}  ${what}`;
    })
    .join("\n");
}

/** As a Mermaid sequence diagram: an arrow for what arrived, a note for what a bank did. */
export function renderMermaid(lines: readonly TraceLine[], banks: readonly string[]): string {
  const body = lines.map(({ bank, from, text }) => {
    const safe = text.replaceAll(/[;#<>]/g, " ");
    return from === ""
      ? `  Note over ${idOf(bank)}: ${safe}`
      : `  ${idOf(from)}->>${idOf(bank)}: ${safe}`;
  });
  const participants = banks.map((bank) => `  participant ${idOf(bank)} as ${bank}`);
  return ["sequenceDiagram", ...participants, ...body].join("\n");
}

/** Mermaid takes no dash in a name. */
const idOf = (bank: string): string => bank.replaceAll("-", "_");

function describeMessage(message: Message, nameOf: (bank: number) => string): string {
  switch (message.kind) {
    case "push": {
      const { bank, seq } = message.block.header;
      return `block ${seq} of ${nameOf(bank)}: ${describeEntries(message.entries)}`;
    }
    case "heads":
      return `HEADS ${message.heads.map(({ bank, seq }) => `${nameOf(bank)}/${seq}`).join(" ")}`;
    case "get":
      return `GET blocks ${message.from} to ${message.to} of ${nameOf(message.bank)}`;
    case "terms":
      return `TERMS of ${short(hashKey(message.sid))}`;
    case "decline":
      return `DECLINE ${short(hashKey(message.sid))}: ${message.code}`;
    case "get-announcement":
    case "get-terms":
      return `${message.kind.toUpperCase()} ${short(hashKey(message.sid))}`;
    default:
      return message satisfies never;
  }
}

function describeReport(report: Report): string | undefined {
  switch (report.kind) {
    case "swap":
      return `${short(report.sid)} is ${report.outcome} here, in view ${report.view}`;
    case "step":
      return report.step === "decided"
        ? `${short(report.sid)} is decided, in view ${report.view}`
        : undefined;
    case "instruction":
      return report.status === "executed"
        ? undefined
        : `${report.member}: ${report.status} ${report.code ?? ""}`;
    case "warning":
      return `warns: ${report.code}: ${report.detail}`;
    case "ready":
      return "may sign";
    case "block":
    case "private":
      return undefined;
    default:
      return report satisfies never;
  }
}

function describeEntries(entries: readonly ReadEntry[]): string {
  if (entries.length === 0) return "nothing for others";
  return entries
    .map((entry) => (entry === undefined ? "nonsense" : describeEntry(entry)))
    .join(", ");
}

function describeEntry(entry: CorridorEntry): string {
  const view = "view" in entry ? ` view ${entry.view}` : "";
  const decision = "decision" in entry ? (entry.decision === 1 ? " COMMIT" : " ABORT") : "";
  const locks =
    entry.kind === CORRIDOR.STATUS ? (entry.locks === null ? " without P" : " with P") : "";
  const sid = swapOf(entry);
  return `${entryName(entry.kind)}${sid === undefined ? "" : ` ${sid}`}${view}${decision}${locks}`;
}

const swapsOf = (entries: readonly ReadEntry[]): readonly string[] => [
  ...new Set(entries.flatMap((entry) => (entry === undefined ? [] : (swapOf(entry) ?? [])))),
];

function swapOf(entry: CorridorEntry): string | undefined {
  if (entry.kind === CORRIDOR.EVIDENCE) return undefined;
  const sid = entry.kind === CORRIDOR.ANNOUNCE ? swapIdOf(entry.announcement) : entry.sid;
  return short(hashKey(sid));
}

const sidOf = (message: Message): readonly string[] =>
  "sid" in message ? [short(hashKey(message.sid))] : [];

const SHORT_DIGITS = 8;
const short = (sid: string): string => sid.slice(0, SHORT_DIGITS);
