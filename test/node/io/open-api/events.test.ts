import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { newBooks } from "../../../../node/accounts/books.ts";
import { History } from "../../../../node/channels/history.ts";
import type { LedgerLine } from "../../../../node/channels/ledger-line.ts";
import { accountId, memberId } from "../../../../node/ids.ts";
import { EventStreams } from "../../../../node/io/open-api/event-streams.ts";
import { API_LIMITS, type ApiLimits } from "../../../../node/io/open-api/limits.ts";
import type { CurrencyCode } from "../../../../node/money.ts";
import { amount } from "../../fixtures.ts";
import { LiveBank } from "./live-bank.ts";

const bank = new LiveBank(afterAll, {
  maxStreams: 3,
  maxStreamsPerMember: 2,
  maxReplayedEvents: 3,
  streamLifeMs: 60_000,
  heartbeatMs: 50,
  maxStreamBacklogBytes: 4_096,
});

beforeAll(async () => {
  await bank.start();
  await bank.fund("aigul", 10_000);
});

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A member's stream of events, read as they come. */
class Stream {
  readonly status: number;
  readonly events: Event[] = [];
  readonly #response: http.IncomingMessage;
  #text = "";
  #heard: () => void = () => undefined;

  private constructor(response: http.IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    response.on("data", (chunk: Buffer) => this.#take(chunk.toString("utf8")));
    response.on("error", () => undefined);
  }

  static async open(member: string, last?: string): Promise<Stream> {
    const headers = last === undefined ? {} : { "last-event-id": last };
    const { url, headers: signed } = await bank.member(member).sign("GET", "/events", { headers });
    return new Promise((resolve, reject) => {
      const request = http.get(url, { headers: signed }, (response) =>
        resolve(new Stream(response)),
      );
      request.on("error", reject);
      onTestFinished(() => {
        request.destroy();
      });
    });
  }

  close(): void {
    this.#response.destroy();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  #take(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf("\n\n"); end !== -1; end = this.#text.indexOf("\n\n")) {
      const lines = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      if (field("event") === "") continue;
      const data = JSON.parse(field("data")) as Event["data"];
      this.events.push({ id: field("id"), event: field("event"), data });
    }
    this.#heard();
  }
}

const pay = (minor: number, payee = "shop") => bank.order("aigul", bank.transfer(payee, minor));

describe("a stream of events", () => {
  it("tells a member of its own payments, and nobody else's", async () => {
    const [aigul, treasury] = [await Stream.open("aigul"), await Stream.open("treasury")];
    expect([aigul.status, treasury.status]).toEqual([200, 200]);
    await pay(100);
    await pay(1_000_000);
    await pay(7, "treasury");
    await aigul.until(() => aigul.events.length === 3);
    expect(aigul.events).toMatchObject([
      {
        event: "payment",
        data: { entries: [{ creditDebitIndicator: "DBIT", counterparty: "shop" }] },
      },
      { event: "rejection", data: { status: { transactionStatus: "RJCT" } } },
      { event: "payment", data: { entries: [{ amount: { amount: "0.07" } }] } },
    ]);
    await treasury.until(() => treasury.events.length > 0);
    expect(treasury.events).toMatchObject([
      { data: { entries: [{ creditDebitIndicator: "CRDT" }] } },
    ]);
    const { body } = await bank.member("aigul").get("/accounts/aigul/transactions?limit=1");
    expect(body["entry"]).toMatchObject([{ entryReference: aigul.events[2]?.id }]);
  });

  it("goes on after the last event that the client had, also over a restart of the bank", async () => {
    const first = await Stream.open("aigul");
    await pay(1);
    await first.until(() => first.events.length === 1);
    first.close();
    const last = first.events[0]?.id ?? "";
    await pay(2);
    await pay(3);
    await bank.restart();
    const second = await Stream.open("aigul", last);
    await second.until(() => second.events.length === 2);
    await pay(4);
    await second.until(() => second.events.length === 3);
    const amounts = second.events.map(({ data }) => JSON.stringify(data).match(/0\.0\d/)?.[0]);
    expect(amounts).toEqual(["0.02", "0.03", "0.04"]);
    await pay(5);
    const late = await Stream.open("aigul", last);
    await late.until(() => late.events.length === 1);
    expect(late.events).toEqual([{ id: "", event: "gap", data: {} }]);
    second.close();
    late.close();
  });

  it("is refused for an event that cannot be, and for a third party", async () => {
    const bad = await bank.member("aigul").get("/events", { headers: { "last-event-id": "x" } });
    expect([bad.status, bad.body["code"]]).toEqual([400, "bad_request"]);
    const unknown = await bank.thirdParty("books").get("/events");
    expect([unknown.status, unknown.body["code"]]).toEqual([401, "unknown_signer"]);
  });

  it("is one of so many, of a member and in all; a closed one makes room", async () => {
    const own = [await Stream.open("aigul"), await Stream.open("aigul")];
    expect((await Stream.open("aigul")).status).toBe(429);
    const other = await Stream.open("shop");
    expect(other.status).toBe(200);
    expect((await Stream.open("treasury")).status).toBe(429);
    own[0]?.close();
    for (let status = 429; status !== 200;) {
      const again = await Stream.open("treasury");
      status = again.status;
      again.close();
    }
    own[1]?.close();
    other.close();
  });
});

describe("streams of events", () => {
  const LINE: LedgerLine = {
    place: { seq: 1, index: 0 },
    kind: "issue",
    timeMs: 0,
    order: null,
    from: null,
    to: accountId("aigul"),
    amount: amount(1),
    tag: "",
    line: null,
    purpose: null,
    invoice: null,
    evidence: [],
    swap: null,
    rejection: null,
    parts: [{ account: accountId("aigul"), tag: "", posted: 1n, pending: 0n }],
  };

  /** Streams on a server of their own, and a client that takes what comes or does not. */
  async function streamsWith(change: Partial<ApiLimits>) {
    const limits = { ...API_LIMITS, ...change };
    const currency = { code: "KZT" as CurrencyCode, decimals: 2 };
    const streams = new EventStreams(limits, new History(newBooks()), currency);
    const server = http.createServer((_request, response) =>
      streams.start(memberId("aigul"), response, undefined),
    );
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      streams.closeAll();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<http.IncomingMessage>((resolve) => {
      http.get({ host: "127.0.0.1", port }, resolve).on("error", () => undefined);
    });
    response.on("error", () => undefined);
    const closed = new Promise<string>((resolve) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("close", () => resolve(text));
    });
    return { streams, response, closed };
  }

  it("are cut off when nobody reads them, with a bounded backlog", async () => {
    const { streams, response } = await streamsWith({ maxStreamBacklogBytes: 10_000 });
    response.pause();
    // The operating system takes some megabytes before anything waits here.
    const lines = Array.from({ length: 2_000 }, () => LINE);
    let rounds = 0;
    for (; streams.open === 1 && rounds < 200; rounds++) {
      streams.publish(lines);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(streams.open).toBe(0);
    expect(rounds).toBeLessThan(200);
  });

  it("end after their life, with signs of life before", async () => {
    const { streams, closed } = await streamsWith({ streamLifeMs: 120, heartbeatMs: 20 });
    expect((await closed).split(": alive").length).toBeGreaterThan(2);
    expect(streams.open).toBe(0);
  });
});
