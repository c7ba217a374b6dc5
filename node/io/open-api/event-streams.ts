import type { ServerResponse } from "node:http";
import { ok, type Outcome } from "../../../crypto/outcome.ts";
import type { History } from "../../channels/history.ts";
import { renderPlace, type LedgerLine, type Place } from "../../channels/ledger-line.ts";
import { accountOf, type AccountId, type MemberId } from "../../ids.ts";
import type { Currency } from "../../money.ts";
import type { ApiLimits } from "./limits.ts";
import { refuse, type Problem } from "./problem.ts";
import { renderEntries, renderStatus } from "./render.ts";

interface Stream {
  readonly account: AccountId;
  readonly response: ServerResponse;
}

/** Server-sent events: each member hears of its own account's payments as they become durable. */
export class EventStreams {
  readonly #limits: ApiLimits;
  readonly #history: History;
  readonly #currency: Currency;
  readonly #streams = new Map<AccountId, Set<Stream>>();
  #open = 0;

  constructor(limits: ApiLimits, history: History, currency: Currency) {
    this.#limits = limits;
    this.#history = history;
    this.#currency = currency;
  }

  get open(): number {
    return this.#open;
  }

  /** Whether one more stream of this member fits. */
  checkRoom(member: MemberId): Outcome<null, Problem> {
    const { maxStreams, maxStreamsPerMember } = this.#limits;
    const own = this.#streams.get(accountOf(member))?.size ?? 0;
    if (this.#open < maxStreams && own < maxStreamsPerMember) return ok(null);
    return refuse("stream_limit", {
      found: `${own} streams of ${member}, ${this.#open} in all`,
      allowed: `${maxStreamsPerMember} of one member, ${maxStreams} in all`,
      retryAfterMs: this.#limits.heartbeatMs,
    });
  }

  /** Sends what came after `last`, then whatever comes. */
  start(member: MemberId, response: ServerResponse, last: Place | undefined): void {
    const account = accountOf(member);
    const stream = { account, response };
    const { heartbeatMs, streamLifeMs, maxReplayedEvents } = this.#limits;
    const heartbeat = setInterval(() => this.#write(stream, ": alive\n\n"), heartbeatMs);
    const life = setTimeout(() => response.end(), streamLifeMs);
    const own = this.#streams.get(account) ?? new Set();
    own.add(stream);
    this.#streams.set(account, own);
    this.#open++;
    response.once("close", () => {
      clearInterval(heartbeat);
      clearTimeout(life);
      own.delete(stream);
      if (own.size === 0 && this.#streams.get(account) === own) this.#streams.delete(account);
      this.#open--;
    });
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      connection: "close",
    });
    this.#write(stream, ": connected\n\n");
    if (last === undefined) return;
    const missed = this.#history.since(account, last, maxReplayedEvents + 1);
    // Too much to send again: the client reads the statement instead.
    if (missed.length > maxReplayedEvents) this.#write(stream, "event: gap\ndata: {}\n\n");
    else this.#write(stream, missed.map((line) => this.#render(line, account)).join(""));
  }

  publish(lines: readonly LedgerLine[]): void {
    if (this.#open === 0) return;
    for (const line of lines) {
      const accounts = new Set(line.parts.map(({ account }) => account));
      if (line.rejection !== null && line.from !== null) accounts.add(line.from);
      for (const account of accounts) {
        for (const stream of this.#streams.get(account) ?? []) {
          this.#write(stream, this.#render(line, account));
        }
      }
    }
  }

  closeAll(): void {
    for (const own of this.#streams.values()) {
      for (const { response } of own) response.destroy();
    }
  }

  #render(line: LedgerLine, account: AccountId): string {
    const data =
      line.rejection === null
        ? { entries: renderEntries(line, account, this.#currency) }
        : { status: renderStatus(line, this.#history.explanationOf(line)) };
    const event = line.rejection === null ? "payment" : "rejection";
    return `id: ${renderPlace(line.place)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  /** A client that does not read is cut off: it comes back and goes on after its last event. */
  #write({ response }: Stream, text: string): void {
    if (response.writableLength > this.#limits.maxStreamBacklogBytes) response.destroy();
    else if (text !== "") response.write(text);
  }
}
