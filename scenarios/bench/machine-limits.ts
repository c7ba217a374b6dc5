import { randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { isValidSignature, nobleSigner, type Signature } from "../../crypto/ed25519.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { quantile } from "../measures/quantile.ts";

/** What the machine itself allows: the figures beside which a bank's throughput is to be read. */
export interface MachineLimits {
  readonly opensslSignsPerSecond: number;
  readonly opensslVerifiesPerSecond: number;
  readonly nobleSignsPerSecond: number;
  readonly nobleVerifiesPerSecond: number;
  readonly fdatasyncsPerSecond: number;
  readonly fdatasyncP50Ms: number;
  readonly fdatasyncP99Ms: number;
  readonly tcpRoundTripsPerSecond: number;
  readonly tcpRoundTripP50Ms: number;
}

/** Measures for about `budgetMs` in all. */
export async function measureMachine(folder: string, budgetMs: number): Promise<MachineLimits> {
  const each = budgetMs / 6;
  const seed = randomBytes(32);
  const message = randomBytes(200);
  const openssl = opensslSigner(seed);
  const noble = nobleSigner(seed);
  const signature: Signature = openssl.sign(message);
  const fast = opensslVerifier();
  const ascending = (a: number, b: number): number => a - b;
  const syncs = syncTimes(folder, each).toSorted(ascending);
  const trips = (await roundTrips(each)).toSorted(ascending);
  return {
    opensslSignsPerSecond: rate(() => openssl.sign(message), each),
    opensslVerifiesPerSecond: rate(() => fast(openssl.publicKey, message, signature), each),
    nobleSignsPerSecond: rate(() => noble.sign(message), each),
    nobleVerifiesPerSecond: rate(() => isValidSignature(noble.publicKey, message, signature), each),
    fdatasyncsPerSecond: (1000 * syncs.length) / total(syncs),
    fdatasyncP50Ms: quantile(syncs, 50),
    fdatasyncP99Ms: quantile(syncs, 99),
    tcpRoundTripsPerSecond: (1000 * trips.length) / total(trips),
    tcpRoundTripP50Ms: quantile(trips, 50),
  };
}

function rate(work: () => unknown, budgetMs: number): number {
  work();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < budgetMs) {
    for (let i = 0; i < 10; i++) work();
    count += 10;
  }
  return (1000 * count) / (performance.now() - start);
}

/** Appends of 2 KiB, each made durable, as a journal does it. */
function syncTimes(folder: string, budgetMs: number): readonly number[] {
  const file = path.join(folder, "fdatasync.probe");
  const fd = fs.openSync(file, "wx");
  const bytes = randomBytes(2048);
  const times: number[] = [];
  const end = performance.now() + budgetMs;
  while (performance.now() < end) {
    fs.writeSync(fd, bytes);
    const before = performance.now();
    fs.fdatasyncSync(fd);
    times.push(performance.now() - before);
  }
  fs.closeSync(fd);
  fs.rmSync(file);
  return times;
}

/** 300 bytes there and back over loopback TCP, one after the other, inside this process. */
async function roundTrips(budgetMs: number): Promise<readonly number[]> {
  const server = net.createServer({ noDelay: true }, (socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  const bytes = randomBytes(300);
  const times: number[] = [];
  const end = performance.now() + budgetMs;
  await new Promise<void>((resolve, reject) => {
    let received = 0;
    let before = 0;
    const next = (): void => {
      received = 0;
      before = performance.now();
      socket.write(bytes);
    };
    socket.on("connect", next);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (received < bytes.length) return;
      times.push(performance.now() - before);
      if (performance.now() >= end) resolve();
      else next();
    });
  });
  socket.destroy();
  server.close();
  return times;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
