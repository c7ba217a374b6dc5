import net from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { tempFolder } from "./daliz.ts";
import { HandCorridor } from "./hand-corridor.ts";
import { amountOf } from "./members.ts";

const corridorOfTwo = (): HandCorridor =>
  HandCorridor.ofBanks(onTestFinished, tempFolder(onTestFinished), 2);

/** The value of one line of the text format of Prometheus. */
const valueIn = (text: string, line: string): number | undefined => {
  const found = text.split("\n").find((candidate) => candidate.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
};

describe("a bank that serves metrics", () => {
  it("is not healthy before it may sign; then it counts links, instructions and swaps", async () => {
    const corridor = corridorOfTwo();
    const flags = ["--metrics", "127.0.0.1:0"];
    const kz = await corridor.start("kz", {}, { flags });
    const [started] = kz.events;
    const address = started?.event === "started" ? (started.metrics ?? "") : "";
    const get = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${address}${path}`, init);
      return { status: response.status, text: await response.text() };
    };
    expect(await get("/health")).toEqual({ status: 503, text: "checking\n" });
    const cn = await corridor.start("cn", { kz });
    await Promise.all([kz, cn].map((bank) => bank.reported("ready")));
    expect(await get("/health")).toEqual({ status: 200, text: "ready\n" });
    await corridor.open("kz", kz);
    await corridor.open("cn", cn);
    const swap = corridor.members.swap("kz", "cn", amountOf(5));
    for (const bank of [kz, cn]) bank.submit(swap.bytes);
    await kz.reported("swap");
    const { text } = await get("/metrics");
    expect(valueIn(text, 'daliz_ready{bank="kz"}')).toBe(1);
    expect(valueIn(text, 'daliz_links{bank="kz"}')).toBe(1);
    expect(valueIn(text, 'daliz_swaps_total{outcome="settled",bank="kz"}')).toBe(1);
    expect(valueIn(text, 'daliz_swap_settle_seconds_count{bank="kz"}')).toBe(1);
    expect(valueIn(text, 'daliz_instructions_total{status="executed",bank="kz"}')).toBe(2);
    // The library's own figures, and those of the process.
    expect(text).toMatch(/^libp2p_/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds/m);
    // Nobody learns from it who pays whom.
    expect(text).not.toMatch(/member-|commitment|[0-9a-f]{64}/);

    expect((await get("/metrics", { method: "POST" })).status).toBe(405);
    expect((await get("/../etc/passwd")).status).toBe(404);
    const long = await get("/metrics", { headers: { "x-long": "a".repeat(20_000) } });
    expect(long.status).toBe(431);
    expect((await kz.stop()).status).toBe(0);
  });

  it("ends with one line when the address is none, or taken", async () => {
    const corridor = corridorOfTwo();
    const server = net.createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    for (const [place, status, message] of [
      [
        "nowhere",
        2,
        /^daliz: --metrics nowhere: want an address such as 127\.0\.0\.1:8080, [^\n]+\n$/,
      ],
      ["127.0.0.1:65536", 2, /want an address/],
      [
        `127.0.0.1:${port}`,
        3,
        /^daliz: port_in_use: cannot listen on --metrics 127\.0\.0\.1:\d+: [^\n]+\n$/,
      ],
    ] as const) {
      const ended = await corridor.end("kz", {}, ["--metrics", place]);
      expect(ended.err).toMatch(message);
      expect(ended.status).toBe(status);
    }
  });
});
