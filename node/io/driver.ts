import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { Effect, Input } from "../machine.ts";
import type { Instant } from "../time.ts";
import { REAL_CLOCK, type Clock } from "./clock.ts";
import type { Journal } from "./journal-file.ts";

/** What the driver needs of the network; the libp2p host provides it. */
export interface Transport {
  send(to: number, body: Bytes): boolean;
  drop(peer: number, reason: string): void;
}

export interface DriverOptions<Report> {
  readonly step: (input: Input, now: Instant) => readonly Effect<Report>[];
  readonly journal: Journal;
  readonly transport: Transport;
  readonly onReport: (report: Report, now: Instant) => void;
  /** The machine or the disk says that going on would be unsafe. */
  readonly onStop: (code: string, message: string) => void;
  /** By default the machine's own. */
  readonly clock?: Clock;
  /** Called at named points, where a crash test may end the process. */
  readonly failpoint?: (point: Failpoint) => void;
}

/** Points between the durable steps of a bank, where a kill must lose nothing. */
export const FAILPOINTS = [
  "before-append",
  "after-append",
  "after-sync",
  "before-send",
  "after-send",
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

export interface Driver {
  feed(input: Input): void;
  /** Resolves when nothing is being written. */
  settled(): Promise<void>;
  stop(): void;
}

/** What the operating system says when a file may not grow: space, quota, or a limit of the process. */
const DISK_FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What a write or sync that failed is called, and what the operating system says of it. */
export function diskFailure(error: unknown): { readonly code: string; readonly message: string } {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return { code: DISK_FULL.has(code) ? "disk_full" : "sync_failed", message };
}

/** The longest wait of a JavaScript timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Drives a bank's machine with the real clock, disk and network. Effects are carried out in order;
 * `idle` is fed once everything that is at hand has been fed, so that one block takes it all.
 */
export function createDriver<Report>(options: DriverOptions<Report>): Driver {
  const { step, journal, transport, onReport, onStop, failpoint = () => undefined } = options;
  const { clock = REAL_CLOCK } = options;
  let timer: NodeJS.Timeout | undefined;
  let idleAsked = false;
  let writing = false;
  let stopped = false;
  const whenWritten: (() => void)[] = [];

  const feed = (input: Input): void => {
    if (stopped) return;
    const now = clock.read();
    for (const effect of step(input, now)) carryOut(effect, now);
    if (idleAsked || input.kind === "idle") return;
    idleAsked = true;
    setImmediate(() => {
      idleAsked = false;
      feed({ kind: "idle" });
    });
  };

  const carryOut = (effect: Effect<Report>, now: Instant): void => {
    switch (effect.kind) {
      case "append":
        void write(effect.bytes);
        return;
      case "send":
        failpoint("before-send");
        transport.send(effect.to, effect.bytes);
        failpoint("after-send");
        return;
      case "send-stored":
        for (const { offset, length } of effect.blocks) {
          transport.send(effect.to, concatBytes(effect.prefix, journal.read(offset, length)));
        }
        return;
      case "wake":
        wakeAt(effect.at, now);
        return;
      case "report":
        onReport(effect.report, now);
        return;
      case "drop":
        transport.drop(effect.peer, effect.reason);
        return;
      case "stop":
        stop();
        onStop(effect.code, effect.message);
        return;
      default:
        unreachable(effect);
    }
  };

  const write = async (bytes: Bytes): Promise<void> => {
    failpoint("before-append");
    writing = true;
    let size: number;
    try {
      const durable = journal.append(bytes);
      failpoint("after-append");
      size = await durable;
    } catch (error) {
      // After a failed sync the kernel may have dropped the bytes, so trying again would lie.
      stop();
      const { code, message } = diskFailure(error);
      onStop(code, message);
      return;
    } finally {
      writing = false;
      for (const resolve of whenWritten.splice(0)) resolve();
    }
    failpoint("after-sync");
    feed({ kind: "durable", size });
  };

  const wakeAt = (at: Instant, now: Instant): void => {
    clearTimeout(timer);
    const wait = Math.min(Math.max(0, Math.ceil((at - now) / 1000 / clock.pace)), MAX_TIMER_MS);
    timer = setTimeout(() => feed({ kind: "wake" }), wait);
  };

  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
  };

  return {
    feed,
    stop,
    settled: () =>
      writing
        ? new Promise((resolve) => {
            whenWritten.push(resolve);
          })
        : Promise.resolve(),
  };
}
