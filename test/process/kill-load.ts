import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { auditRun, moneyOf } from "../../corridor/audit/audit.ts";
import type { Report } from "../../corridor/report.ts";
import type { BankEvent } from "../../scenarios/commands/bank.ts";
import { Cluster } from "../../scenarios/live/cluster.ts";
import type { Corridor } from "../../scenarios/play/corridor-keys.ts";
import type { Submission } from "../../scenarios/play/wallet.ts";
import type { Prng } from "../../scenarios/sim/prng.ts";
import { isAlive, tempFolder, type AtEnd } from "./daliz.ts";
import { readLedger, type LedgerContent } from "./ledger-reader.ts";
import { amountOf, corridorOf, FUNDS, Members, verifier } from "./members.ts";

/** Short enough that a swap that lost its votes gives up while the test watches. */
const CLOCKS = { deltaMs: 50, ttlMs: 600 };

/** Swaps and payments under way at once. */
const WINDOW = 6;

/** What may not take longer on the slowest machine. */
const PATIENCE_MS = 60_000;

type Outcome = "settled" | "voided";

/** A submission as its member follows it up. */
interface Followed {
  readonly submission: Submission;
  readonly commitment: string | undefined;
  /** The banks on whose ledgers it must end. */
  readonly banks: readonly string[];
  readonly outcomes: Map<string, Outcome>;
  answer: string | undefined;
  /** A bank that takes part was killed since: its report may have died with it. */
  adrift: boolean;
}

/** A corridor of real banks under a load of swaps and payments, whose banks may be killed at any time. */
export class KilledCorridor {
  readonly cluster: Cluster;
  readonly banks: readonly string[];
  /** Pids that were killed, in order. */
  readonly killed: number[] = [];
  readonly #corridor: Corridor;
  readonly #members: Members;
  readonly #random: Prng;
  readonly #pids = new Map<string, number>();
  readonly #ready = new Set<string>();
  readonly #followed = new Map<string, Followed>();
  readonly #byCommitment = new Map<string, Followed>();
  /** `bank member number` of everything that a bank has said to be in its ledger. */
  readonly #acknowledged = new Set<string>();
  readonly #deaths = new Map<string, (how: string) => void>();
  #isLoaded = false;
  #events = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(atEnd: AtEnd, n: number, random: Prng) {
    const folder = tempFolder(atEnd);
    this.#random = random;
    this.#corridor = corridorOf(n, CLOCKS);
    this.#members = new Members(this.#corridor.genesis);
    this.banks = this.#corridor.genesis.banks.map(({ id }) => id);
    this.cluster = new Cluster({
      corridor: this.#corridor,
      folder: path.join(folder, "banks"),
      trace: true,
      onEvent: (bank, event) => this.#onEvent(bank, event),
      onDeath: (bank, how) => this.#onDeath(bank, how),
    });
    atEnd(async () => {
      this.#isLoaded = false;
      this.cluster.killAll();
      await this.cluster.stopAll();
    });
  }

  /** Starts every bank, gives the members their money, and lets them trade from then on. */
  async start(): Promise<void> {
    await Promise.all(this.banks.map((bank) => this.cluster.start(bank)));
    await this.#until(() => this.#ready.size === this.banks.length, "the banks are ready");
    for (const bank of this.banks) {
      const { enrolments, issue } = this.#members.opening(bank);
      for (const bytes of enrolments) this.#send(bank, bytes);
      this.#submit({ submission: issue, commitment: undefined, banks: [bank] });
    }
    await this.#until(() => this.#open().length === 0, "the opening is answered");
    this.#isLoaded = true;
    this.#trade();
  }

  /** Waits for a number of events of the banks. */
  async pass(events: number): Promise<void> {
    const target = this.#events + events;
    await this.#until(() => this.#events >= target, `${events} events`);
  }

  /** Kills a bank with SIGKILL; `false` when it was not running. */
  async kill(bank: string): Promise<boolean> {
    const pid = this.cluster.pid(bank);
    if (pid === undefined) return false;
    const known = this.#pids.get(bank);
    this.#setAdrift(bank);
    await this.cluster.kill(bank);
    if (known !== undefined && known !== pid) {
      throw new Error(`${bank} says that it is process ${known}, and ${pid} was killed`);
    }
    if (isAlive(pid)) throw new Error(`${bank} has survived as process ${pid}`);
    this.killed.push(pid);
    return true;
  }

  /** Starts a bank again, however often it is killed meanwhile. */
  async restart(bank: string): Promise<void> {
    while (!this.cluster.isRunning(bank)) await this.#start(bank, {});
  }

  /** Starts a bank once; one that is killed before it listens, or is too slow, is started again. */
  async #start(bank: string, env: Readonly<Record<string, string>>): Promise<void> {
    for (let started = false; !started;) {
      this.#pids.delete(bank);
      started = await this.cluster.start(bank, env).then(
        () => true,
        (error: Error) => {
          if (!/did not start: (ended|late)$/.test(error.message)) throw error;
          return false;
        },
      );
    }
  }

  /** Starts a bank that ends itself with SIGKILL at a point, and waits until it has. */
  async dieAt(bank: string, point: string): Promise<void> {
    let how: string | undefined;
    this.#deaths.set(bank, (reason) => {
      how = reason;
    });
    await this.#start(bank, { FAIL_AT: point });
    const pid = this.cluster.pid(bank);
    const said = this.#pids.get(bank);
    this.#trade();
    await this.#until(() => how !== undefined, `${bank} dies at ${point}`);
    this.#deaths.delete(bank);
    if (how !== "SIGKILL") throw new Error(`${bank} was to die at ${point}: ${how ?? ""}`);
    if (said === undefined || (pid !== undefined && pid !== said) || isAlive(said)) {
      throw new Error(`${bank} at ${point}: process ${said ?? "unknown"}, not ${pid ?? "unknown"}`);
    }
    this.killed.push(said);
  }

  /** Ends the load, and waits until every swap is closed on both ledgers. */
  async calmDown(): Promise<void> {
    this.#isLoaded = false;
    await this.#until(() => this.#ready.size === this.banks.length, "the banks are ready again");
    await this.#until(() => this.#unanswered().length === 0, "every submission is answered");
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const open = this.#openOnLedgers();
      if (open.length === 0) break;
      if (performance.now() > deadline) throw new Error(`still open: ${open.join(", ")}`);
      await pause(100);
    }
    await this.cluster.stopAll();
  }

  /** Judges the ledgers: everything that is wrong, in words. */
  judge(): readonly string[] {
    const { genesis } = this.#corridor;
    const ledgers = genesis.banks.map(({ id, number }) => ({
      bank: number as number,
      bytes: this.#ledger(id),
      head: undefined,
    }));
    const report = auditRun(ledgers, genesis, verifier);
    const wrong = report.findings.map((finding) => JSON.stringify(finding));
    for (const { bank, books } of report.ledgers) {
      const money = moneyOf(books);
      if (!money.holds || money.issued !== FUNDS || money.pending !== 0n) {
        const { issued, posted, pending } = money;
        wrong.push(`${bank.id}: issued ${issued}, posted ${posted}, pending ${pending}`);
      }
    }
    const contents = this.#contents();
    for (const [key, count] of this.#takenIn(contents)) {
      if (count > 1) wrong.push(`${key} was taken in ${count} times`);
    }
    const taken = this.#takenIn(contents);
    for (const key of this.#acknowledged) {
      if (!taken.has(key)) wrong.push(`${key} was acknowledged and is in no ledger`);
    }
    return [...wrong, ...this.#wrongOutcomes(contents)];
  }

  /** How many swaps there were, by their outcome. */
  tally(): Readonly<Record<Outcome, number>> {
    const outcomes = [...this.#contents().values()].flatMap(({ closed }) => [...closed.values()]);
    const count = (what: Outcome): number => outcomes.filter((o) => o === what).length / 2;
    return { settled: count("settled"), voided: count("voided") };
  }

  #takenIn(contents: ReadonlyMap<string, LedgerContent>): ReadonlyMap<string, number> {
    const all = [...contents].flatMap(([bank, { taken }]) =>
      [...taken].map(([key, count]) => [`${bank} ${key}`, count] as const),
    );
    return new Map(all);
  }

  /** Swaps that were announced twice, that differ between ledgers or from what a bank has reported. */
  #wrongOutcomes(contents: ReadonlyMap<string, LedgerContent>): readonly string[] {
    const wrong: string[] = [];
    const announced = new Set<string>();
    for (const content of contents.values()) {
      for (const [sid, commitment] of content.announced) {
        if (announced.has(commitment)) wrong.push(`terms ${commitment} were announced twice`);
        announced.add(commitment);
        const followed = this.#byCommitment.get(commitment);
        if (followed === undefined) {
          wrong.push(`swap ${sid} is nobody's`);
          continue;
        }
        const found = followed.banks.map((bank, leg) =>
          contents.get(bank)?.closed.get(`${sid} ${leg}`),
        );
        const reported = [...followed.outcomes.values()];
        const all = new Set([...found, ...reported]);
        if (all.size !== 1)
          wrong.push(`swap ${sid}: ledgers ${found.join()}, reports ${reported.join()}`);
      }
    }
    return wrong;
  }

  #onEvent(bank: string, event: BankEvent): void {
    this.#events++;
    if (event.event === "started") this.#pids.set(bank, event.pid);
    if (event.event === "stopped")
      this.#fail(new Error(`${bank}: ${event.code}: ${event.message}`));
    if (event.event === "report") this.#onReport(bank, event.report);
    this.#trade();
    this.#wake();
  }

  #onReport(bank: string, report: Report): void {
    if (report.kind === "ready") {
      this.#ready.add(bank);
      for (const { submission } of this.#unanswered(bank)) this.#send(bank, submission.bytes);
    } else if (report.kind === "instruction") {
      const key = `${bank} ${report.member} ${report.number}`;
      if (report.status === "refused") {
        this.#fail(new Error(`${key}: refused: ${report.code ?? ""} ${report.found ?? ""}`));
      }
      this.#acknowledged.add(key);
      const followed = this.#followed.get(key);
      if (followed !== undefined) followed.answer ??= report.status;
    } else if (report.kind === "swap") {
      const followed = this.#byCommitment.get(report.commitment);
      const before = followed?.outcomes.get(bank);
      if (before !== undefined && before !== report.outcome) {
        this.#fail(new Error(`${bank}: ${report.sid} was ${before}, is ${report.outcome}`));
      }
      followed?.outcomes.set(bank, report.outcome);
    } else if (report.kind === "warning" && report.code === "equivocation") {
      this.#fail(new Error(`${bank}: ${report.detail}`));
    }
  }

  #onDeath(bank: string, how: string): void {
    this.#setAdrift(bank);
    const expected = this.#deaths.get(bank);
    if (expected === undefined) this.#fail(new Error(`${bank} ended: ${how}`));
    else expected(how);
    this.#wake();
  }

  #setAdrift(bank: string): void {
    this.#ready.delete(bank);
    for (const followed of this.#followed.values()) {
      if (followed.banks.includes(bank)) followed.adrift = true;
    }
  }

  /** Keeps as much under way as the window has room for. */
  #trade(): void {
    while (this.#isLoaded && this.#open().length < WINDOW) this.#tradeOnce();
  }

  #tradeOnce(): void {
    const random = this.#random;
    const from = random.int(0, this.banks.length - 1);
    const to = (from + random.int(1, this.banks.length - 1)) % this.banks.length;
    const [seller = "", buyer = ""] = [this.banks[from], this.banks[to]];
    const amount = amountOf(random.int(1, 50));
    const dice = random.int(1, 10);
    if (dice <= 2) {
      const submission = this.#members.payment(seller, buyer, amount);
      this.#submit({ submission, commitment: undefined, banks: [seller] });
      // A member that does not trust the line sends it twice.
      if (dice === 1) this.#send(seller, submission.bytes);
      return;
    }
    // Now and then the buyer's bank has to refuse, and the swap ends on the slow path.
    const bought = dice <= 4 ? amountOf(Number(FUNDS) * 2) : amount;
    const submission = this.#members.swap(seller, buyer, amount, { bought });
    const { commitment } = submission;
    this.#submit({ submission, commitment, banks: [seller, buyer] });
    if (dice === 5) this.#send(seller, submission.bytes);
    if (dice >= 8) this.#send(buyer, submission.bytes);
  }

  #submit(what: Pick<Followed, "submission" | "commitment" | "banks">): void {
    const { submission, commitment, banks } = what;
    const [first = ""] = banks;
    const followed: Followed = { ...what, outcomes: new Map(), answer: undefined, adrift: false };
    this.#followed.set(`${first} ${submission.member} ${submission.number}`, followed);
    if (commitment !== undefined) this.#byCommitment.set(commitment, followed);
    this.#send(first, submission.bytes);
  }

  #send(bank: string, bytes: Uint8Array): void {
    this.cluster.order(bank, { submit: Buffer.from(bytes).toString("base64") });
  }

  #unanswered(bank?: string): readonly Followed[] {
    return [...this.#followed.values()].filter(
      ({ answer, banks }) => answer === undefined && (bank === undefined || banks[0] === bank),
    );
  }

  /** What is under way as far as the members know. */
  #open(): readonly Followed[] {
    return [...this.#followed.values()].filter(
      ({ answer, commitment, outcomes, banks, adrift }) => {
        if (adrift) return false;
        if (answer === "rejected") return false;
        return commitment === undefined ? answer === undefined : outcomes.size < banks.length;
      },
    );
  }

  /** Swaps that were announced and are not closed on the ledger of each of their legs. */
  #openOnLedgers(): readonly string[] {
    const contents = this.#contents();
    return [...contents.values()].flatMap(({ announced }) =>
      [...announced].flatMap(([sid, commitment]) => {
        const banks = this.#byCommitment.get(commitment)?.banks ?? [];
        const isClosed = banks.every((bank, leg) =>
          contents.get(bank)?.closed.has(`${sid} ${leg}`),
        );
        return isClosed ? [] : [sid];
      }),
    );
  }

  #contents(): ReadonlyMap<string, LedgerContent> {
    return new Map(this.banks.map((bank) => [bank, readLedger(this.#ledger(bank))]));
  }

  #ledger(bank: string): Uint8Array {
    return Uint8Array.from(fs.readFileSync(this.cluster.ledgerFile(bank)));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (holds()) return;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
      const others = this.#wake;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
          others();
        };
      });
    }
  }
}

/** The seed of this run: the same one draws the same load, the same victims and the same moments. */
export function killSeed(): number {
  const text = process.env["KILL_SEED"];
  if (text === undefined) return DEFAULT_SEED;
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`KILL_SEED is a whole number, not ${text}`);
  return Number(text);
}
const DEFAULT_SEED = 20_261_122;

/** How many times the kills of an ordinary run; the full run has 25. */
export function killFactor(): number {
  const factor = Number(process.env["KILL_FACTOR"] ?? "1");
  if (!Number.isSafeInteger(factor) || factor < 1)
    throw new RangeError("KILL_FACTOR: want 1 or more");
  return factor;
}
