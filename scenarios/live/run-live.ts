import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { hastened, PacedClock, readClock, renderClockStart } from "../../node/io/clock.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import type { BankEvent } from "../commands/bank.ts";
import { choiceOf } from "../arrangement-choice.ts";
import { environmentFailed } from "../exit.ts";
import { isLiveFault, type LiveFault, type Scenario, type ScenarioBank } from "../scenario.ts";
import type { WorkloadPlan } from "../workload/plan.ts";
import { Cast } from "../play/cast.ts";
import { toMs, type Instant } from "../../node/time.ts";
import { Cluster } from "./cluster.ts";
import { corridorPlanOf, makeCorridor, type Corridor } from "../play/corridor-keys.ts";
import { chainParametersOf } from "../play/judged-ledgers.ts";
import { recallChainFinals, recallFinals } from "../play/recall.ts";
import { Recorder, type TrackedPayment, type TrackedSwap } from "../play/recorder.ts";
import { OpenApiFile } from "./open-api-file.ts";
import { shapesOf } from "./shape-file.ts";
import type { Submission } from "../play/wallet.ts";
import type { FaultHappened, RunOutcome, RunProgress } from "../play/outcome.ts";

export interface LiveOptions {
  readonly scenario: Scenario;
  readonly plan: WorkloadPlan;
  /** A folder that does not exist yet, for everything that the banks are fed; by default nothing is kept. */
  readonly recordFolder?: string | undefined;
  /** A file for the addresses and keys with which members use the Open API; by default none is written. */
  readonly openApiFile?: string | undefined;
  readonly onProgress: (progress: RunProgress) => void;
  /** Each event of each bank, as it comes. */
  readonly onEvent: (bank: string, event: BankEvent) => void;
  /** Ends the run early and in order. */
  readonly signal: AbortSignal;
}

/** Runs a scenario with one process a bank; everything it started is gone when it returns or rejects. */
export async function runLive(options: LiveOptions): Promise<RunOutcome> {
  const run = new LiveRun(options);
  try {
    return await run.play();
  } finally {
    await run.cleanUp();
  }
}

/** How long the banks get to find each other. */
const CONNECT_TIMEOUT_MS = 30_000;

class LiveRun {
  readonly #options: LiveOptions;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-"));
  readonly #corridor: Corridor;
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #ready = new Set<string>();
  readonly #linked = new Set<string>();
  readonly #faults: FaultHappened[] = [];
  readonly #unanswered = new Map<string, Submission>();
  readonly #stepCounts = new Map<string, number>();
  /** A scenario with others is refused when it is loaded. */
  readonly #scheduled: readonly LiveFault[];
  readonly #pendingFaults: Set<LiveFault>;
  readonly #work: Promise<void>[] = [];
  /** Aborted when the run is over or has failed: nothing waits any longer, nothing is started any more. */
  readonly #over = new AbortController();
  readonly #clock: PacedClock;
  readonly #startedAt: Instant;
  readonly #openApi: OpenApiFile | undefined;
  #failure: Error | undefined;
  #openingLeft = 0;
  #closedSwaps = 0;
  #wake: () => void = () => undefined;

  constructor(options: LiveOptions) {
    const { scenario, plan } = options;
    this.#options = options;
    const machineMs = toMs(readClock());
    const { startMs } = scenario.clock;
    this.#clock = new PacedClock({ machineMs, startMs: startMs ?? machineMs, pace: 1 });
    this.#startedAt = this.#clock.read();
    this.#scheduled = scenario.faults.filter(isLiveFault);
    this.#pendingFaults = new Set(this.#scheduled);
    const verifier = acceleratedVerifier(opensslVerifier());
    this.#corridor = makeCorridor(corridorPlanOf(scenario), verifier);
    this.#recorder = new Recorder(plan.swaps, plan.payments);
    const { openApiFile: file } = options;
    const { genesis } = this.#corridor;
    this.#openApi = file === undefined ? undefined : new OpenApiFile(file, scenario, genesis);
    this.#cluster = new Cluster({
      corridor: this.#corridor,
      folder: path.join(this.#folder, "banks"),
      trace: true,
      arrangement: choiceOf(scenario),
      chain: chainParametersOf(scenario)?.chain,
      shapesOf: (bank) => shapesOf(scenario, bank),
      servesApi: (bank) => scenario.openApi?.banks.includes(bank) === true,
      recordFolder: options.recordFolder,
      clock: startMs === null && scenario.clock.pace === 1 ? undefined : this.#clock,
      onEvent: (bank, event) => this.#onEvent(bank, event),
      onDeath: (bank, how) => this.#onDeath(bank, how),
    });
    options.signal.addEventListener("abort", () => this.#fail(environmentFailed("stopped")));
  }

  async play(): Promise<RunOutcome> {
    const { scenario } = this.#options;
    const connectedMs = await this.#start();
    const secrets = this.#openApi?.secrets;
    const cast = new Cast(scenario, this.#corridor.genesis.net, this.#nowMs(), secrets);
    this.#openApi?.write();
    await this.#open(cast);
    this.#hasten();
    const begun = this.#clock.read();
    await this.#perform(cast, begun);
    await this.#keepOpen();
    this.#progress("closing", "stopping the banks");
    await Promise.all(this.#work);
    if (this.#failure !== undefined) throw this.#failure;
    await this.#cluster.stopAll();
    const ledgers = new Map<string, Uint8Array>();
    for (const { id } of scenario.banks) {
      const file = this.#cluster.ledgerFile(id);
      if (fs.existsSync(file)) ledgers.set(id, fs.readFileSync(file));
    }
    return {
      corridor: this.#corridor,
      recorder: this.#recorder,
      ledgers,
      faults: this.#faults,
      connectedMs,
      durationMs: Math.round((this.#clock.read() - this.#startedAt) / 1000),
      startedAt: new Date(this.#startedAt / 1000).toISOString(),
    };
  }

  async #keepOpen(): Promise<void> {
    const { keepOpenMs = 0 } = this.#options.scenario.openApi ?? {};
    if (keepOpenMs === 0) return;
    this.#progress("running", `the banks stay up for ${keepOpenMs} ms`);
    await pause(keepOpenMs, this.#over.signal);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async cleanUp(): Promise<void> {
    this.#over.abort();
    await this.#cluster.stopAll();
    await Promise.all(this.#work);
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<number> {
    const { scenario } = this.#options;
    const away = new Set(
      this.#scheduled.flatMap((f) => (f.kind === "away" && f.when.atMs === 0 ? [f.bank] : [])),
    );
    const present = scenario.banks.filter((bank) => !away.has(bank.id));
    for (const fault of this.#scheduled) {
      if (fault.kind !== "away" || fault.when.atMs > 0) continue;
      this.#pendingFaults.delete(fault);
      this.#faults.push({ atMs: 0, bank: fault.bank, what: "never started" });
    }
    this.#progress("starting", `starting ${present.length} banks`);
    const before = performance.now();
    await Promise.all(present.map(({ id }) => this.#cluster.start(id, this.#failpointOf(id))));
    const links = present.length * (present.length - 1);
    const connected = () => this.#ready.size === present.length && this.#linked.size === links;
    await this.#until(connected, CONNECT_TIMEOUT_MS, "the banks did not find each other");
    return Math.round(performance.now() - before);
  }

  /** A fault that waits for a step is a failpoint in the bank's own process: it hits exactly there. */
  #failpointOf(id: string): Readonly<Record<string, string>> {
    const fault = this.#scheduled.find(
      (f) => f.kind === "kill" && f.when.kind === "step" && f.bank === id,
    );
    if (fault?.kind !== "kill" || fault.when.kind !== "step") return {};
    return { FAIL_AT: `step-${fault.when.step}:${fault.when.count}` };
  }

  async #open(cast: Cast): Promise<void> {
    this.#progress("opening", "enrolling members, issuing CBDC against reserves");
    for (const bank of this.#options.scenario.banks) {
      for (const bytes of cast.enrolmentsAt(bank.id)) this.#submitBytes(bank.id, bytes);
    }
    const orders = cast
      .openingOrders()
      .filter((o) => this.#cluster.isRunning(this.#bank(o.bank).id));
    this.#openingLeft = orders.length;
    for (const order of orders) {
      this.#recorder.expectAnswer(order, "opening");
      this.#submit(order);
    }
    await this.#until(() => this.#openingLeft === 0, CONNECT_TIMEOUT_MS, "the opening did not end");
  }

  async #perform(cast: Cast, begun: number): Promise<void> {
    const { scenario } = this.#options;
    for (const fault of this.#pendingFaults) {
      if (fault.when.kind !== "at") continue;
      this.#pendingFaults.delete(fault);
      this.#do(this.#later(begun, fault.when.atMs).then(() => this.#strike(fault)));
    }
    for (const swap of this.#recorder.swaps) {
      this.#do(this.#playSwap(cast, swap, begun));
    }
    for (const payment of this.#recorder.payments) {
      this.#do(this.#playPayment(cast, payment, begun));
    }
    const { deltaMs, ttlMs } = scenario.corridor;
    const last = Math.max(
      0,
      ...this.#recorder.swaps.map(({ plan }) => plan.initiatedMs + plan.screeningMs),
      ...this.#recorder.payments.map(({ plan }) => plan.atMs),
    );
    // The slow path ends within a few views after the time-to-live; a restarted bank needs its start, too.
    const patience = last / this.#clock.pace + ttlMs + 60 * deltaMs + 20_000;
    await this.#until(() => this.#isOver(), patience, undefined);
  }

  async #playSwap(cast: Cast, swap: TrackedSwap, begun: number): Promise<void> {
    await this.#later(begun, swap.plan.initiatedMs);
    swap.initiatedUs = this.#clock.read();
    await this.#later(begun, swap.plan.initiatedMs + swap.plan.screeningMs);
    const submission = cast.swap(swap.plan, this.#nowMs());
    swap.submittedUs = this.#clock.read();
    this.#recorder.expectSwap(swap, submission);
    this.#submit(submission);
  }

  async #playPayment(cast: Cast, payment: TrackedPayment, begun: number): Promise<void> {
    await this.#later(begun, payment.plan.atMs);
    const submission = cast.payment(payment.plan);
    payment.submittedUs = this.#clock.read();
    payment.submission = submission;
    this.#recorder.expectAnswer(submission, payment);
    this.#submit(submission);
  }

  /** Submissions are kept until they are answered, and given again to a bank that was restarted. */
  #submit(submission: Submission): void {
    this.#unanswered.set(keyOf(submission), submission);
    this.#submitBytes(this.#bank(submission.bank).id, submission.bytes);
  }

  #submitBytes(bank: string, bytes: Uint8Array): void {
    this.#cluster.order(bank, { submit: Buffer.from(bytes).toString("base64") });
  }

  #onEvent(bank: string, event: BankEvent): void {
    try {
      this.#options.onEvent(bank, event);
    } catch (error) {
      // The disk that the events go to may be full.
      this.#fail(error as Error);
    }
    if (event.event === "started" && event.api !== undefined) {
      this.#openApi?.listens(bank, event.api);
    }
    if (event.event === "linked") this.#linked.add(`${bank} ${event.peer}`);
    if (event.event === "unlinked") this.#linked.delete(`${bank} ${event.peer}`);
    if (event.event === "report") this.#onReport(bank, event);
    this.#wake();
  }

  #onReport(bank: string, event: Extract<BankEvent, { readonly event: "report" }>): void {
    const { report, at } = event;
    const { number } = this.#bankById(bank);
    if (report.kind === "ready") {
      this.#ready.add(bank);
      this.#recall(bank);
      for (const waiting of this.#unanswered.values()) {
        if (waiting.bank === number) this.#submitBytes(bank, waiting.bytes);
      }
    }
    if (report.kind === "instruction") {
      this.#unanswered.delete(
        keyOf({ bank: number, member: report.member, number: report.number }),
      );
    }
    if (report.kind === "step") this.#countStep(bank, report.step);
    const what = this.#recorder.take(bank, number, report, at);
    if (what === "opening") {
      this.#openingLeft--;
      if (report.kind === "instruction" && report.status === "rejected") {
        this.#fail(environmentFailed(`opening of ${bank}: ${report.code} ${report.found ?? ""}`));
      }
    }
    if (what !== undefined && what !== "opening" && "finals" in what) this.#closeIfDone(what);
  }

  /** What a bank that was killed has in its ledger and could not report any more. */
  #recall(bank: string): void {
    for (const final of this.#recallFinals(bank)) {
      const swap = this.#recorder.recall(bank, final);
      if (swap !== undefined) this.#closeIfDone(swap);
    }
  }

  #recallFinals(bank: string): ReturnType<typeof recallFinals> {
    const journal = fs.readFileSync(this.#cluster.ledgerFile(bank));
    const parameters = chainParametersOf(this.#options.scenario);
    if (parameters === undefined) return recallFinals(journal);
    const { genesis } = this.#corridor;
    const own = genesis.banks.find(({ id }) => id === bank);
    if (own === undefined) throw new TypeError(`no bank ${bank}`);
    const verifier = acceleratedVerifier(opensslVerifier());
    return recallChainFinals(journal, { genesis, self: own.number, verifier }, parameters);
  }

  #closeIfDone(swap: TrackedSwap): void {
    if (swap.closed) return;
    const banks = new Set(swap.plan.legs.map((leg) => leg.bank));
    const open = [...banks].filter((b) => !swap.finals.has(b) && !this.#isGone(b));
    if (swap.refusal === undefined && open.length > 0) return;
    if (swap.refusal === undefined && swap.finals.size === 0) return;
    swap.closed = true;
    this.#closedSwaps++;
    const [final] = swap.finals.values();
    const outcome = final?.outcome ?? `rejected ${swap.refusal?.code ?? ""}`;
    this.#progress("running", `${swap.plan.id} ${swap.plan.pair} ${outcome}`);
    this.#strikeAtShare();
  }

  /** Whether a bank is away for good: neither running nor about to be restarted. */
  #isGone(bank: string): boolean {
    if (this.#cluster.isRunning(bank)) return false;
    return !this.#scheduled.some(
      (f) => f.kind === "kill" && f.restartAfterMs !== null && f.bank === bank,
    );
  }

  #isOver(): boolean {
    for (const swap of this.#recorder.swaps) this.#closeIfDone(swap);
    const swaps = this.#recorder.swaps.every((swap) => swap.closed);
    const payments = this.#recorder.payments.every(
      (p) => p.answer !== undefined || this.#isGone(p.plan.bank),
    );
    return swaps && payments;
  }

  #strikeAtShare(): void {
    const share = (100 * this.#closedSwaps) / Math.max(1, this.#recorder.swaps.length);
    for (const fault of this.#pendingFaults) {
      if (fault.when.kind !== "settled-share" || share < fault.when.percent) continue;
      this.#pendingFaults.delete(fault);
      this.#do(this.#strike(fault));
    }
  }

  #countStep(bank: string, step: string): void {
    const key = `${bank} ${step}`;
    const count = (this.#stepCounts.get(key) ?? 0) + 1;
    this.#stepCounts.set(key, count);
    for (const fault of this.#pendingFaults) {
      if (fault.when.kind !== "step" || fault.bank !== bank) continue;
      if (fault.when.step !== step || fault.when.count !== count) continue;
      this.#pendingFaults.delete(fault);
      this.#do(this.#strike(fault));
    }
  }

  async #strike(fault: LiveFault): Promise<void> {
    const { bank: id } = fault;
    const happened = (what: string) => {
      const atMs = Math.round((this.#clock.read() - this.#startedAt) / 1000);
      this.#faults.push({ atMs, bank: id, what });
      this.#progress("running", `${id}: ${what}`);
    };
    if (fault.kind === "away") {
      await this.#cluster.stop(id);
      this.#ready.delete(id);
      return happened("went away");
    }
    const byStep = fault.when.kind === "step";
    await (byStep ? this.#cluster.awaitEnd(id) : this.#cluster.kill(id));
    this.#ready.delete(id);
    happened(byStep ? "killed itself at the failpoint (SIGKILL)" : "killed (SIGKILL)");
    if (fault.restartAfterMs === null) return;
    await pause(fault.restartAfterMs, this.#over.signal);
    if (this.#over.signal.aborted) return;
    await this.#cluster.start(id);
    happened("restarted from its ledger");
  }

  /** A failpoint may end the process before its last report was read here. */
  #onDeath(bank: string, how: string): void {
    for (const fault of this.#pendingFaults) {
      if (fault.when.kind !== "step" || fault.bank !== bank) continue;
      this.#pendingFaults.delete(fault);
      this.#do(this.#strike(fault));
      return;
    }
    this.#fail(environmentFailed(`bank ${bank} ended: ${how}`));
  }

  #progress(phase: RunProgress["phase"], line: string): void {
    const total = this.#recorder.swaps.length;
    this.#options.onProgress({ phase, done: this.#closedSwaps, total, line });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#over.abort();
    this.#wake();
  }

  /** Lets something go on beside the rest of the run, and fails the run when it fails. */
  #do(work: Promise<void>): void {
    this.#work.push(work.catch((error: unknown) => this.#fail(error as Error)));
  }

  /** Waits until something holds; past the time it fails, or goes on when no complaint is given. */
  async #until(
    holds: () => boolean,
    timeoutMs: number,
    complaint: string | undefined,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (holds()) return;
      const left = deadline - performance.now();
      if (left <= 0) {
        if (complaint === undefined) return;
        throw environmentFailed(complaint);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 250));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #later(begun: number, atMs: number): Promise<void> {
    const wait = ((begun - this.#clock.read()) / 1000 + atMs) / this.#clock.pace;
    if (wait > 0) await pause(wait, this.#over.signal);
    if (this.#over.signal.aborted) throw this.#failure ?? environmentFailed("stopped");
  }

  /** From here on all clocks run at the scenario's pace. */
  #hasten(): void {
    const { clock, banks } = this.#options.scenario;
    if (clock.pace === 1) return;
    this.#clock.restart(hastened(this.#clock, clock.pace));
    const order = { clock: renderClockStart(this.#clock.start) };
    for (const { id } of banks) this.#cluster.order(id, order);
  }

  #nowMs(): number {
    return toMs(this.#clock.read());
  }

  #bank(number: number): ScenarioBank {
    const bank = this.#options.scenario.banks[number - 1];
    if (bank === undefined) throw new TypeError(`no bank ${number}`);
    return bank;
  }

  #bankById(id: string): ScenarioBank {
    const bank = this.#options.scenario.banks.find((b) => b.id === id);
    if (bank === undefined) throw new TypeError(`no bank ${id}`);
    return bank;
  }
}

const keyOf = (s: { readonly bank: number; readonly member: string; readonly number: number }) =>
  `${s.bank} ${s.member} ${s.number}`;

/** Waits; an abort ends the wait early. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
