import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { memberId } from "../../node/ids.ts";
import { readClock } from "../../node/io/driver.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { ORDER } from "../../node/instruction.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { BankEvent } from "../commands/bank.ts";
import { environmentFailed } from "../exit.ts";
import { Cluster } from "../live/cluster.ts";
import { makeCorridor, type Corridor } from "../play/corridor-keys.ts";
import type { LinkShapes } from "../live/shape-file.ts";
import { enrolmentBytes, submitOrder, Wallet } from "../play/wallet.ts";
import { BENCH_BANKS, benchCorridor, benchSwap, RESERVES } from "./corridor-shape.ts";

/** A submission that is ready to be written to its bank. */
interface PreparedSwap {
  readonly bank: string;
  readonly line: string;
  readonly commitment: string;
}

export interface BankUsage {
  readonly rss: number;
  readonly cpuUs: number;
  readonly syncs: number;
}

/** One settled swap: microseconds from arrival at the first bank to the later durable SETTLE, and when. */
export interface SettledSwap {
  readonly settleUs: number;
  readonly finalUs: number;
}

const REPORT_TIMEOUT_MS = 30_000;

/** A corridor of n bank processes under a load of swaps between all pairs of banks. */
export class LoadedCorridor {
  readonly #n: number;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-bench-"));
  readonly #corridor: Corridor;
  readonly #cluster: Cluster;
  readonly #wallets: readonly Wallet[];
  readonly #open = new Map<string, { received: number; final: number; banks: number }>();
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
    const memberClass = MEMBER_CLASS["commercial-bank"];
    for (const [i, id] of this.#ids().entries()) {
      for (const [j, wallet] of this.#wallets.entries()) {
        const request = { wallet, memberClass, resident: i === j, reserves: RESERVES };
        this.#submit(id, enrolmentBytes(request));
      }
      const wallet = this.#wallets[i] as Wallet;
      const order = { kind: ORDER.issue, amount: RESERVES } as const;
      this.#submit(id, submitOrder(wallet, net, i + 1, order).bytes);
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
    this.#open.set(swap.commitment, { received: 0, final: 0, banks: 0 });
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
      if (report.kind === "swap") {
        if (report.outcome !== "settled") {
          this.#failure = environmentFailed(`${bank}: a swap was ${report.outcome}`);
        }
        const { received, final } = report.times;
        this.#count(report.commitment, received, final);
        return;
      }
    }
    this.#wake();
  }

  #count(commitment: string, received: number, final: number): void {
    const swap = this.#open.get(commitment);
    if (swap === undefined) return;
    swap.received = Math.max(swap.received, received);
    swap.final = Math.max(swap.final, final);
    if (++swap.banks < 2) return;
    this.#open.delete(commitment);
    this.#onSettled({ settleUs: swap.final - swap.received, finalUs: swap.final });
    if (this.#open.size === 0) this.#wake();
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
