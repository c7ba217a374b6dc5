import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { memberId } from "../../node/ids.ts";
import { readClock } from "../../node/io/clock.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import type { BankEvent } from "../commands/bank.ts";
import { environmentFailed } from "../exit.ts";
import { Cluster } from "../live/cluster.ts";
import { makeCorridor, type Corridor } from "../play/corridor-keys.ts";
import type { LinkShapes } from "../live/shape-file.ts";
import { Wallet } from "../play/wallet.ts";
import { BENCH_BANKS, benchCorridor, benchSwap } from "./corridor-shape.ts";
import { OpenSwaps, openingOf, type SettledSwap } from "./loads.ts";
import type { Report } from "../../corridor/report.ts";

/** A submission that is ready to be written to its bank. */
interface PreparedSwap {
  readonly bank: string;
  readonly line: string;
  readonly commitment: string;
}

export type BankUsage = Omit<Extract<BankEvent, { readonly event: "usage" }>, "event">;

const REPORT_TIMEOUT_MS = 30_000;

/** A corridor of n bank processes under a load of swaps between all pairs of banks. */
export class LoadedCorridor {
  readonly #n: number;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-bench-"));
  readonly #corridor: Corridor;
  readonly #cluster: Cluster;
  readonly #wallets: readonly Wallet[];
  readonly #open = new OpenSwaps();
  readonly #usage = new Map<string, BankUsage>();
  #ready = 0;
  #links = 0;
  #funded = 0;
  #made = 0;
  #onSettled: (swap: SettledSwap) => void = () => undefined;
  #wake: () => void = () => undefined;
  #failure: Error | undefined;

  /** An abort ends whatever is being waited for. Links are as they are, unless they are shaped. */
  constructor(
    n: number,
    signal: AbortSignal,
    shapesOf: (bank: number) => LinkShapes | undefined = () => undefined,
  ) {
    this.#n = n;
    const plan = benchCorridor(n);
    this.#corridor = makeCorridor(plan, acceleratedVerifier(opensslVerifier()));
    this.#wallets = plan.banks.map(({ id }) => new Wallet(memberId(`member-${id}`)));
    this.#cluster = new Cluster({
      corridor: this.#corridor,
      folder: path.join(this.#folder, "banks"),
      trace: false,
      shapesOf: (id) => shapesOf(BENCH_BANKS.findIndex((bank) => bank.id === id) + 1),
      onEvent: (bank, event) => this.#onEvent(bank, event),
      onDeath: (bank, how) => {
        this.#failure = environmentFailed(`bank ${bank} ended: ${how}`);
        this.#wake();
      },
    });
    signal.addEventListener("abort", () => {
      this.#failure ??= environmentFailed("stopped");
      this.#wake();
    });
  }

  /** Starts the banks and funds their members; returns the milliseconds until all were linked and ready. */
  async start(): Promise<number> {
    const before = performance.now();
    await Promise.all(this.#ids().map((id) => this.#cluster.start(id)));
    await this.#until(() => this.#ready === this.#n && this.#links === this.#n * (this.#n - 1));
    const connectedMs = performance.now() - before;
    const { net } = this.#corridor.genesis;
    for (const [i, id] of this.#ids().entries()) {
      for (const bytes of openingOf(i, this.#wallets, net)) this.#submit(id, bytes);
    }
    await this.#until(() => this.#funded === this.#n);
    return connectedMs;
  }

  /** Signs `count` swaps in advance, so that the members' work is not measured as the banks'. */
  prepare(count: number): readonly PreparedSwap[] {
    return Array.from({ length: count }, () => this.#prepareOne(this.#made++));
  }

  /** Keeps `window` swaps under way until all are settled. */
  async saturate(swaps: readonly PreparedSwap[], window: number): Promise<readonly SettledSwap[]> {
    const settled: SettledSwap[] = [];
    let next = 0;
    const send = (): void => {
      const swap = swaps[next++];
      if (swap !== undefined) this.#send(swap);
    };
    this.#onSettled = (swap) => {
      settled.push(swap);
      send();
    };
    for (let i = 0; i < window; i++) send();
    await this.#until(() => settled.length === swaps.length, 600_000);
    return settled;
  }

  /** Submits at a fixed rate whatever happens (open loop), and waits for the last to settle. */
  async offer(swaps: readonly PreparedSwap[], perSecond: number): Promise<readonly SettledSwap[]> {
    const settled: SettledSwap[] = [];
    this.#onSettled = (swap) => settled.push(swap);
    const begun = performance.now();
    for (const [i, swap] of swaps.entries()) {
      if (this.#failure !== undefined) throw this.#failure;
      const wait = begun + (1000 * i) / perSecond - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      this.#send(swap);
    }
    await this.#until(() => settled.length === swaps.length);
    return settled;
  }

  async usage(): Promise<ReadonlyMap<string, BankUsage>> {
    this.#usage.clear();
    for (const id of this.#ids()) this.#cluster.order(id, { usage: true });
    await this.#until(() => this.#usage.size === this.#n);
    return new Map(this.#usage);
  }

  async stop(): Promise<void> {
    await this.#cluster.stopAll();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #ids(): readonly string[] {
    return this.#corridor.genesis.banks.map((bank) => bank.id);
  }

  #prepareOne(k: number): PreparedSwap {
    const nowMs = Math.floor(readClock() / 1000);
    const { net } = this.#corridor.genesis;
    const { bank, bytes, commitment } = benchSwap(k, this.#wallets, net, nowMs);
    const line = `{"submit":"${Buffer.from(bytes).toString("base64")}"}\n`;
    return { bank: BENCH_BANKS[bank - 1]?.id ?? "", line, commitment };
  }

  #send(swap: PreparedSwap): void {
    this.#open.add(swap.commitment);
    this.#cluster.orderLine(swap.bank, swap.line);
  }

  #submit(bank: string, bytes: Uint8Array): void {
    this.#cluster.order(bank, { submit: Buffer.from(bytes).toString("base64") });
  }

  #onEvent(bank: string, event: BankEvent): void {
    if (event.event === "linked") this.#links++;
    if (event.event === "usage") this.#usage.set(bank, event);
    if (event.event === "report") {
      const { report } = event;
      if (report.kind === "ready") this.#ready++;
      if (report.kind === "instruction") {
        if (report.status === "executed") this.#funded++;
        else this.#failure = environmentFailed(`${bank}: ${report.status} ${report.code ?? ""}`);
      }
      if (report.kind === "swap") return this.#count(report);
    }
    this.#wake();
  }

  #count(report: Extract<Report, { readonly kind: "swap" }>): void {
    try {
      const settled = this.#open.take(report);
      if (settled !== undefined) this.#onSettled(settled);
    } catch (error) {
      this.#failure = error as Error;
    }
    if (this.#open.count === 0 || this.#failure !== undefined) this.#wake();
  }

  async #until(holds: () => boolean, timeoutMs = REPORT_TIMEOUT_MS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!holds()) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > deadline) throw environmentFailed("the banks did not answer in time");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
