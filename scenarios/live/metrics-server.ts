import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { BankMetrics } from "./bank-metrics.ts";

/** Whoever reads metrics needs one connection; the rest are those that are closing. */
const MAX_CONNECTIONS = 16;
const TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 8_192;

export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464`. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Serves `/metrics` to Prometheus and `/health`: 200 once the bank may sign, 503 before. Rejects when it
 * cannot listen. It shows figures about swaps and no names or amounts; bind it to an inner address.
 */
export async function serveMetrics(
  metrics: BankMetrics,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const answer = (status: number, type: string, text: string): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : text);
    };
    const plain = "text/plain; charset=utf-8";
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answer(405, plain, "only GET and HEAD\n");
    }
    const [path] = (request.url ?? "").split("?", 1);
    if (path === "/health") {
      return metrics.isReady ? answer(200, plain, "ready\n") : answer(503, plain, "checking\n");
    }
    if (path !== "/metrics") return answer(404, plain, "want /metrics or /health\n");
    const { registry } = metrics;
    void registry.metrics().then((text) => answer(200, registry.contentType, text));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.requestTimeout = TIMEOUT_MS;
  server.headersTimeout = TIMEOUT_MS;
  server.keepAliveTimeout = TIMEOUT_MS;
  await listen(server, host, port);
  const bound = server.address() as AddressInfo;
  return {
    address: `http://${bound.family === "IPv6" ? `[${bound.address}]` : bound.address}:${bound.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
