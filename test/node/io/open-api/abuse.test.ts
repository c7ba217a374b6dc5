import net from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ORDER } from "../../../../node/instruction.ts";
import { amount } from "../../fixtures.ts";
import { answerOf, base64, signedBody } from "./api-client.ts";
import { LiveBank } from "./live-bank.ts";

const FREE = { burst: 10_000, perSecond: 1_000, maxCallers: 10 };
const bank = new LiveBank(afterAll, {
  addressRate: FREE,
  callerRate: FREE,
  maxConnections: 8,
  headersTimeoutMs: 400,
  requestTimeoutMs: 800,
  keepAliveTimeoutMs: 200,
  checkEveryMs: 50,
  maxBodyBytes: 4_096,
});

beforeAll(async () => {
  await bank.start();
});

interface Dialogue {
  readonly socket: net.Socket;
  /** All that came until the server closed the connection. */
  readonly closed: Promise<string>;
}

/** A connection on which bytes are sent as they are. */
async function dial(): Promise<Dialogue> {
  const { hostname, port } = new URL(bank.url);
  const socket = net.connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.once("close", () => resolve(text));
  });
  await new Promise<void>((resolve) => {
    socket.once("connect", resolve);
  });
  return { socket, closed };
}

async function say(bytes: string | Uint8Array): Promise<string> {
  const { socket, closed } = await dial();
  socket.write(bytes);
  return closed;
}

const stillAnswers = async (): Promise<void> => {
  const { status } = await bank.member("aigul").get("/accounts/aigul");
  expect(status).toBe(200);
};

describe("a socket", () => {
  it("that says nothing, or only a part of a header, is closed in time", async () => {
    const silent = await dial();
    const slow = await dial();
    slow.socket.write("GET /openapi.json HTTP/1.1\r\nHost: x\r\nX: ");
    const drip = setInterval(() => slow.socket.write("y"), 40);
    const began = performance.now();
    await silent.closed;
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    clearInterval(drip);
    expect(performance.now() - began).toBeLessThan(3_000);
    await stillAnswers();
  });

  it("that brings its body byte by byte is closed in time", async () => {
    const { headers } = await bank
      .member("aigul")
      .sign("POST", "/instructions", { body: { a: 1 } });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const { socket, closed } = await dial();
    socket.write(
      `POST /instructions HTTP/1.1\r\nHost: x\r\n${lines.join("")}content-length: 7\r\n\r\n{`,
    );
    const drip = setInterval(() => socket.write(" "), 150);
    expect(await closed).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    clearInterval(drip);
    await stillAnswers();
  });

  it("is closed when it is idle after an answer", async () => {
    const { socket, closed } = await dial();
    socket.write("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await closed).toContain('"code":"not_found"');
  });

  it("beyond the limit is closed at once, and the others are served when one is free again", async () => {
    const open = await Promise.all(Array.from({ length: 8 }, dial));
    for (const { socket } of open) socket.write("GET ");
    const { closed } = await dial();
    expect(await closed).toBe("");
    for (const { socket } of open) socket.destroy();
    await Promise.all(open.map((one) => one.closed));
    await stillAnswers();
  });

  it.each([
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["a libp2p peer", "\x13/multistream/1.0.0\n\x07/noise\n"],
    ["noise", "\xff".repeat(10_000)],
    ["two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ["a bad name", "GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n"],
  ])("that speaks %s gets a problem and no more", async (_what, bytes) => {
    const said = await say(Buffer.from(bytes, "latin1"));
    expect(said).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"code":"bad_request"/s);
    await stillAnswers();
  });
});

describe("a header", () => {
  it("is taken up to its limit", async () => {
    const withField = (bytes: number) => {
      const head = "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ";
      return say(`${head}${"y".repeat(bytes - head.length - 4)}\r\n\r\n`);
    };
    expect(await withField(8_000)).toContain('"code":"not_found"');
    expect(await withField(8_400)).toMatch(/^HTTP\/1\.1 431 .*"code":"headers_too_large"/s);
    await stillAnswers();
  });
});

describe("a body", () => {
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const { status, body: said } = await bank
      .member("aigul")
      .post("/qr-codes/check", body, { headers });
    return `${status} ${String(said["code"])}`;
  };
  const ofBytes = (bytes: number) => {
    const frame = '{"text":""}';
    return `{"text":"${"x".repeat(bytes - frame.length)}"}`;
  };

  it("is taken up to its limit, whether its length is announced or not", async () => {
    expect(await post(ofBytes(4_096))).toBe("400 bad_request");
    expect(await post(ofBytes(4_097))).toBe("413 body_too_large");
    for (const [bytes, code] of [
      [4_096, "bad_request"],
      [4_097, "body_too_large"],
    ] as const) {
      const body = ofBytes(bytes);
      const request = await bank.member("aigul").sign("POST", "/qr-codes/check", { body });
      const stream = new Blob([body]).stream();
      const chunked = { ...request, body: stream, duplex: "half" } as RequestInit;
      const answer = await answerOf(await fetch(request.url, chunked));
      expect(answer.body["code"]).toBe(code);
    }
    await stillAnswers();
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "text"],
    ["half of it", '{"text":'],
    ["two of it", '{"text":"a"}{"text":"b"}'],
    ["a list", "[]"],
    ["null", "null"],
    ["a number for text", '{"text":5}'],
    ["more than asked for", '{"text":"DALIZ1:AA","more":1}'],
    ["a prototype", '{"text":"DALIZ1:AA","__proto__":{"text":"x"}}'],
    ["a constructor", '{"text":"DALIZ1:AA","constructor":{"prototype":{"text":"x"}}}'],
    ["a deep hole", "[".repeat(4_000)],
    ["not a number", '{"text":NaN}'],
    ["UTF-16", Buffer.from('{"text":"DALIZ1:AA"}', "utf16le").toString("latin1")],
  ])("that is %s is refused as a bad request", async (_what, body) => {
    expect(await post(body)).toMatch(/^400 bad_request$/);
    expect(({} as { text?: string }).text).toBeUndefined();
  });

  it("of another type is refused as such", async () => {
    for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=x", "x"]) {
      expect(await post('{"text":"a"}', { "content-type": type })).toBe("415 content_type");
    }
    expect(await post("{}", { "content-type": "application/json; charset=utf-8" })).toBe(
      "400 bad_request",
    );
  });
});

describe("a path", () => {
  it.each([
    "/accounts/../../../etc/passwd",
    "/accounts/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/accounts/..%5c..%5cbank.ledger",
    "/accounts/aigul%00",
    "/accounts/%",
    "/accounts/aigul/",
    "//accounts/aigul",
    "/consents.log",
    "/.git/config",
    `/accounts/${"a".repeat(2_000)}`,
    "/swaps/%F0%9F%92%B1",
  ])("%s leads nowhere", async (path) => {
    const { headers } = await bank.member("aigul").sign("GET", "/accounts/aigul");
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const said = await say(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join("")}\r\n`,
    );
    expect(said).toMatch(/^HTTP\/1\.1 (400|401|404) .*application\/problem\+json/s);
    expect(said).not.toMatch(/root:|node_modules|"stack"/);
    await stillAnswers();
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])(
    "has no method %s",
    async (method) => {
      const said = await say(
        `${method} /accounts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(said).toMatch(/^HTTP\/1\.1 404 /);
    },
  );
});

describe("requests", () => {
  it("of one address, and of one caller, are limited in their rate", async () => {
    const limited = await new LiveBank(onTestFinished, {
      addressRate: { burst: 12, perSecond: 1, maxCallers: 10 },
      callerRate: { burst: 2, perSecond: 1, maxCallers: 10 },
    }).start();
    const statuses = async (name: string, n: number) => {
      const one = () => limited.member(name).get("/accounts");
      const answers = await Promise.all(Array.from({ length: n }, one));
      for (const { status, headers } of answers) {
        if (status === 429) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      }
      return answers.map(({ status }) => status).sort((a, b) => a - b);
    };
    // One of the address's twelve went for the document.
    expect(await statuses("aigul", 3)).toEqual([200, 200, 429]);
    expect(await statuses("shop", 2)).toEqual([200, 200]);
    const refused = await statuses("auditor", 20);
    expect(refused.filter((status) => status === 200)).toHaveLength(2);
    const stranger = await fetch(`${limited.url}/openapi.json`);
    expect(stranger.status).toBe(429);
  });

  it("that nobody signed well cost the bank a bounded time", async () => {
    const limited = await new LiveBank(onTestFinished, {
      addressRate: FREE,
      slowChecks: { burst: 3, perSecond: 1, maxCallers: 1 },
    }).start();
    const codes: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      const { headers, url } = await limited.member("aigul").sign("GET", "/accounts");
      const forged = { ...headers, Signature: `sig=:${base64(new Uint8Array(64))}:` };
      codes.push((await answerOf(await fetch(url, { headers: forged }))).body["code"]);
    }
    expect(codes.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => "signature_invalid"));
    expect(codes.slice(3)).toContain("busy");
    // An honest signature needs none of that time.
    expect((await limited.member("aigul").get("/accounts")).status).toBe(200);
  });

  it("wait for a disk that hangs, in bounded number, and are told so; nothing is shown before it is durable", async () => {
    const slow = await new LiveBank(onTestFinished, {
      addressRate: FREE,
      callerRate: FREE,
      maxRequests: 3,
      answerWaitMs: 1_500,
      durableWaitMs: 200,
    }).start();
    await slow.fund("aigul", 1_000);
    const release = slow.hangDisk();
    const aigul = slow.member("aigul");
    const signed = slow.sign("aigul", slow.transfer("shop", 10));
    const paying = aigul.post("/instructions", signedBody(signed));
    const balances = () => aigul.get("/accounts/aigul/balances");
    // Once the payment counts in the books, nobody is told of them.
    while ((await balances()).status !== 503);
    // Three wait: the payment and two readings. One more is one too many.
    for (let isFull = false; !isFull;) {
      const readers = [balances(), balances()];
      const fourth = await aigul.get("/accounts/aigul");
      isFull = fourth.status === 503 && fourth.body["code"] === "busy";
      await Promise.all(readers);
    }
    expect(await paying).toMatchObject({ status: 202, body: { transactionStatus: "PDNG" } });
    expect((await aigul.get("/accounts/aigul/payments/1")).status).toBe(404);
    const again = aigul.post("/instructions", signedBody(signed));
    release();
    expect(await again).toMatchObject({ status: 201, body: { transactionStatus: "ACSC" } });
    expect((await balances()).body).toMatchObject({ balance: [{ posted: { amount: "9.90" } }] });
    expect(slow.failures).toEqual([]);
  });

  it("hand nothing in before the bank may sign", async () => {
    const starting = await new LiveBank(onTestFinished).start();
    await starting.fund("steppe", 5);
    await starting.stop();
    await starting.start({ isReady: false });
    const steppe = starting.member("steppe");
    const order = starting.sign("steppe", { kind: ORDER.issue, amount: amount(1) });
    const { status, body } = await steppe.post("/instructions", signedBody(order));
    expect([status, body["code"]]).toEqual([503, "bank_starting"]);
    expect((await steppe.get("/accounts/steppe/balances")).status).toBe(200);
  });
});
