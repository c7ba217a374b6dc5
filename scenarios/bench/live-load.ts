import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { accountOf, memberId } from "../../node/ids.ts";
import { readClock } from "../../node/io/driver.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { ORDER } from "../../node/instruction.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { Amount, CurrencyCode } from "../../node/money.ts";
import type { BankEvent } from "../commands/bank.ts";
import { environmentFailed } from "../exit.ts";
import { Cluster } from "../live/cluster.ts";
import { makeCorridor, type Corridor } from "../live/corridor-keys.ts";
import { enrolmentBytes, submitOrder, submitSwap, Wallet } from "../live/wallet.ts";

const BANKS = [
  { id: "kz", currency: "KZT" },
  { id: "cn", currency: "CNY" },
  { id: "hk", currency: "HKD" },
  { id: "th", currency: "THB" },
  { id: "ae", currency: "AED" },
  { id: "sa", currency: "SAR" },
  { id: "sg", currency: "SGD" },
];

/** Lying and silent banks that a corridor of n withstands in the bench (protocols.md 3.2). */
const FAULTS: Readonly<Record<number, { readonly byzantine: number; readonly crashed: number }>> = {
  2: { byzantine: 0, crashed: 0 },
  3: { byzantine: 0, crashed: 1 },
  4: { byzantine: 1, crashed: 0 },
  6: { byzantine: 1, crashed: 1 },
  7: { byzantine: 2, crashed: 0 },
};

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

  /** An abort ends whatever is being waited for. */
  constructor(n: number, signal: AbortSignal) {
    const faults = FAULTS[n];
    if (faults === undefined) throw new RangeError(`no corridor of ${n} banks is defined`);
    this.#n = n;
    const banks = BANKS.slice(0, n).map((bank) => ({ ...bank, name: bank.id, decimals: 2 }));
    const plan = { name: "bench", banks, ...faults, deltaMs: 250, ttlMs: 30_000 };
    this.#corridor = makeCorridor(plan, acceleratedVerifier(opensslVerifier()));
    this.#wallets = banks.map(({ id }) => new Wallet(memberId(`member-${id}`)));
    this.#cluster = new Cluster({
      corridor: this.#corridor,
      folder: path.join(this.#folder, "banks"),
      trace: false,
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
    const n = this.#n;
    const i = k % n;
    const j = (i + 1 + (Math.floor(k / n) % (n - 1))) % n;
    const [a, b] = [this.#wallets[i] as Wallet, this.#wallets[j] as Wallet];
    const leg = (payer: Wallet, payee: Wallet, bank: number) => ({
      payer: accountOf(payer.member),
      payee: accountOf(payee.member),
      currency: BANKS[bank]?.currency as CurrencyCode,
      amount: TICKET,
    });
    const expiryMs = Math.floor(readClock() / 1000) + EXPIRY_MS;
    const border = [{ name: "purpose", value: "GOODS" }];
    const { bytes, commitment } = submitSwap(
      { legs: [leg(a, b, i), leg(b, a, j)], expiryMs, border },
      [
        { wallet: a, bank: i + 1, tag: null },
        { wallet: b, bank: j + 1, tag: null },
      ],
      this.#corridor.genesis.net,
    );
    const line = `{"submit":"${Buffer.from(bytes).toString("base64")}"}\n`;
    return { bank: BANKS[i]?.id ?? "", line, commitment };
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

const RESERVES = 1_000_000_000_000n as Amount;
const TICKET = 100n as Amount;
const EXPIRY_MS = 3_600_000;
