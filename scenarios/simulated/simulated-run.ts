import type { Report } from "../../corridor/report.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import { fromMs, instant, toMs, type Instant } from "../../node/time.ts";
import type { BankEvent } from "../commands/bank.ts";
import { choiceOf } from "../arrangement-choice.ts";
import { environmentFailed } from "../exit.ts";
import { corridorPlanOf, type Corridor } from "../play/corridor-keys.ts";
import { Cast } from "../play/cast.ts";
import { chainParametersOf } from "../play/judged-ledgers.ts";
import { recallChainFinals, recallFinals } from "../play/recall.ts";
import { Recorder, type TrackedPayment, type TrackedSwap } from "../play/recorder.ts";
import type { FaultHappened, RunProgress } from "../play/outcome.ts";
import type { Submission } from "../play/wallet.ts";
import { linkDelays } from "../network/link-delays.ts";
import type { Fault, Scenario } from "../scenario.ts";
import type { Wire } from "../sim/links.ts";
import { Prng } from "../sim/prng.ts";
import { isUp, type Seat } from "../sim/seat.ts";
import { World, type Watcher } from "../sim/world.ts";
import type { WorkloadPlan } from "../workload/plan.ts";
import { seededSecrets, simulatedCorridor, verifierOf } from "./seeded-secrets.ts";
import { NettingDesk, type NettingSummary } from "./netting-desk.ts";
import { Striker } from "./striker.ts";
import { wireOf } from "./wire.ts";

export interface SimulatedOptions {
  readonly scenario: Scenario;
  readonly plan: WorkloadPlan;
  readonly onProgress: (progress: RunProgress) => void;
  /** Each report of each bank, as it comes; only while banks trace. */
  readonly onEvent: (bank: string, event: BankEvent) => void;
  /** Made once the corridor is known, and before any bank starts. */
  readonly watchersOf: (corridor: Corridor, verifier: Verifier) => readonly Watcher[];
  /** The banks are linked and money is issued: the workload begins. */
  readonly onOpened?: (world: World) => void;
  /** No fault is under way from now on: the liveness phase begins. */
  readonly onHealed: () => void;
  /** When the liveness phase is over; it moves to the present as soon as nothing is left to wait for. */
  readonly livenessBound: () => Instant;
}

/** Runs with more swaps report outcomes only: every step of every swap would fill the memory. */
const MAX_TRACED_SWAPS = 2_000;

/** How long the banks get to find each other, and to take in the opening, in virtual time. */
const PATIENCE_US = 30_000_000;

/** How often a condition is looked at that something waits for. */
const LOOK_EVERY_US = 1_000;

/** How often it is looked at, in the liveness phase, whether anything is left to wait for. */
const CHECK_EVERY_US = 100_000;

/** The date on which a run without rates begins. */
const FIRST_DATE = "2026-01-01";

/** One scenario in virtual time, advanced event by event. Its history is decided by the scenario and the seed. */
export class SimulatedRun {
  readonly corridor: Corridor;
  readonly verifier: Verifier;
  readonly recorder: Recorder;
  readonly world: World;
  readonly faults: FaultHappened[] = [];
  readonly #options: SimulatedOptions;
  readonly #startedAt: Instant;
  readonly #cast: Cast;
  readonly #prng: Prng;
  readonly #ready = new Set<string>();
  readonly #unanswered = new Map<string, Submission>();
  readonly #stepCounts = new Map<string, number>();
  readonly #pendingFaults: Set<Fault>;
  readonly #striker: Striker;
  readonly #traced: boolean;
  readonly #wire: Mutable<Wire>;
  #isHealed = false;
  #connectedMs = 0;
  #begun: Instant = instant(0);
  #desk: NettingDesk | undefined;
  #openingLeft = 0;
  #closed = 0;
  readonly #answered = new Set<TrackedPayment>();
  #deadline: Instant = instant(Infinity);
  #phase: RunProgress["phase"] = "starting";

  constructor(options: SimulatedOptions) {
    const { scenario, plan } = options;
    this.#options = options;
    const { seed, signatures } = scenario;
    const secrets = seededSecrets(scenario.name, signatures);
    this.verifier = verifierOf(signatures);
    this.corridor = simulatedCorridor(corridorPlanOf(scenario));
    this.#prng = Prng.fromSeed(seed);
    this.#startedAt = fromMs(
      scenario.clock.startMs ?? Date.parse(`${scenario.rates?.date ?? FIRST_DATE}T00:00:00Z`),
    );
    this.recorder = new Recorder(plan.swaps, plan.payments);
    this.#pendingFaults = new Set(scenario.faults);
    const waitsForSteps = scenario.faults.some((f) => "when" in f && f.when.kind === "step");
    this.#traced = plan.swaps.length <= MAX_TRACED_SWAPS || waitsForSteps;
    this.#cast = new Cast(scenario, this.corridor.genesis.net, toMs(this.#startedAt), secrets);
    this.#wire = { ...wireOf(scenario.network, linkDelays(scenario.network, scenario.banks)) };
    this.world = new World({
      banks: scenario.banks.map(({ id, number }) => ({
        id,
        config: {
          genesis: this.corridor.genesis,
          self: number,
          signer: secrets.signer(this.#keysOf(id).ledgerSeed),
          verifier: this.verifier,
          saltSecret: this.#keysOf(id).saltSecret,
          arrangement: choiceOf(scenario),
          trace: this.#traced,
          alone: false,
        },
      })),
      prng: this.#prng.fork("world"),
      startAt: this.#startedAt,
      wire: this.#wire,
      costs: scenario.costs,
      cores: scenario.costs.cores === 0 ? Infinity : scenario.costs.cores,
      validators: chainParametersOf(scenario),
      watchers: [
        { onReport: (seat, report) => this.#onReport(seat, report) },
        { onStop: (seat, code, message) => this.#onStop(seat, code, message) },
        ...options.watchersOf(this.corridor, this.verifier),
      ],
    });
    this.#striker = new Striker(this.world, this.#prng, (bank, what) => {
      this.#happened(bank, what);
      this.#closeIfOver();
    });
    this.#start();
  }

  /** Lets up to `count` events happen; whether the run is over. */
  advance(count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (this.#phase === "closing") return true;
      if (this.world.now >= this.#deadline || !this.world.next(this.#deadline)) this.#end();
    }
    return this.#phase === "closing";
  }

  get connectedMs(): number {
    return this.#connectedMs;
  }

  get durationMs(): number {
    return Math.round((this.world.now - this.#startedAt) / 1000);
  }

  /** What netting saved; nothing under other arrangements. */
  get netting(): readonly NettingSummary[] | undefined {
    return this.#desk?.summary();
  }

  get startedAt(): Instant {
    return this.#startedAt;
  }

  /** The files of all banks that ever started. */
  ledgers(): ReadonlyMap<string, Uint8Array> {
    const started = this.world.seats.filter((seat) => seat.life > 0 && this.#isFirstSeat(seat));
    return new Map(started.map((seat) => [seat.id, seat.disk.content()]));
  }

  #isFirstSeat(seat: Seat): boolean {
    return this.#options.scenario.banks.some((bank) => bank.id === seat.id);
  }

  #start(): void {
    const { scenario } = this.#options;
    const away = new Set<string>();
    for (const fault of scenario.faults) {
      if (fault.kind === "clock") this.#striker.strike(fault);
      if (fault.kind !== "away" || fault.when.atMs > 0) continue;
      away.add(fault.bank);
      this.#pendingFaults.delete(fault);
      this.faults.push({ atMs: 0, bank: fault.bank, what: "never started" });
    }
    const present = this.world.seats.filter((seat) => !away.has(seat.id));
    this.#progress(`starting ${present.length} banks`);
    for (const seat of present) this.world.start(seat);
    const isConnected = (): boolean =>
      present.every(
        (a) =>
          this.#ready.has(a.id) && present.every((b) => a === b || this.world.fabric.isOpen(a, b)),
      );
    this.#when(isConnected, "the banks did not find each other", () => this.#open());
  }

  #open(): void {
    this.#connectedMs = this.durationMs;
    this.#phase = "opening";
    this.#progress("enrolling members, issuing CBDC against reserves");
    for (const bank of this.#options.scenario.banks) {
      for (const bytes of this.#cast.enrolmentsAt(bank.id)) {
        this.world.submit(this.world.seat(bank.id), bytes);
      }
    }
    const orders = this.#cast.openingOrders().filter((o) => isUp(this.#seatOf(o.bank)));
    this.#openingLeft = orders.length;
    for (const order of orders) {
      this.recorder.expectAnswer(order, "opening");
      this.#submit(order);
    }
    const isOpen = (): boolean => this.#openingLeft === 0;
    this.#when(isOpen, "the opening did not end", () => this.#perform());
  }

  #perform(): void {
    this.#phase = "running";
    this.#begun = this.world.now;
    this.#options.onOpened?.(this.world);
    for (const fault of this.#pendingFaults) {
      const atMs = "atMs" in fault ? fault.atMs : timeOf(fault);
      if (atMs === undefined) continue;
      this.#pendingFaults.delete(fault);
      this.#later(atMs * 1000, () => this.#striker.strike(fault));
    }
    if (this.#options.scenario.arrangement === "netting") this.#desk = this.#openDesk();
    for (const swap of this.recorder.swaps) this.#planSwap(swap);
    for (const payment of this.recorder.payments) this.#planPayment(payment);
    const { deltaMs, ttlMs } = this.#options.scenario.corridor;
    const { cycleMs, payInMs } = this.#options.scenario.arrangements.netting;
    const nettingMs = this.#desk === undefined ? 0 : cycleMs + payInMs;
    const last = Math.max(0, ...this.#ends());
    // The slow path ends within a few views after the time-to-live; a restarted bank needs its start, too.
    this.#deadline = instant(
      this.#begun + (last + ttlMs + nettingMs + 60 * deltaMs + 20_000) * 1000,
    );
    this.#closeIfOver();
  }

  #ends(): readonly number[] {
    const { faults } = this.#options.scenario;
    return [
      ...this.recorder.swaps.map(({ plan }) => plan.initiatedMs + plan.screeningMs),
      ...this.recorder.payments.map(({ plan }) => plan.atMs),
      ...faults.map((f) => ("forMs" in f ? f.atMs + f.forMs : 0)),
    ];
  }

  #planSwap(swap: TrackedSwap): void {
    const { initiatedMs, screeningMs } = swap.plan;
    const { clientUs } = this.#options.scenario.costs;
    this.#later((initiatedMs + screeningMs) * 1000 + clientUs, () => {
      swap.initiatedUs = this.#begun + initiatedMs * 1000;
      if (this.#desk !== undefined) {
        swap.submittedUs = this.world.now - clientUs;
        return this.#desk.enter(swap);
      }
      const submission = this.#cast.swap(swap.plan, toMs(this.world.now));
      swap.submittedUs = this.world.now - clientUs;
      this.recorder.expectSwap(swap, submission);
      this.#submit(submission);
    });
  }

  #openDesk(): NettingDesk {
    const prng = this.#prng.fork("netting");
    return new NettingDesk({
      scenario: this.#options.scenario,
      world: this.world,
      cast: this.#cast,
      begun: this.#begun,
      delayUs: (from, to) => this.#wire.delayUs(from, to, prng),
      submit: (submission) => this.#submit(submission),
      onEnded: (swap) => {
        this.#closeSwapIfDone(swap);
        this.#closeIfOver();
      },
    });
  }

  #planPayment(payment: TrackedPayment): void {
    const { clientUs } = this.#options.scenario.costs;
    this.#later(payment.plan.atMs * 1000 + clientUs, () => {
      const submission = this.#cast.payment(payment.plan);
      payment.submittedUs = this.world.now - clientUs;
      payment.submission = submission;
      this.recorder.expectAnswer(submission, payment);
      this.#submit(submission);
    });
  }

  /** Submissions are kept until they are answered, and given again to a bank that was restarted. */
  #submit(submission: Submission): void {
    this.#unanswered.set(keyOf(submission), submission);
    this.world.submit(this.#seatOf(submission.bank), submission.bytes);
  }

  #onReport(seat: Seat, report: Report): void {
    if (!this.#isFirstSeat(seat)) return;
    const { now: at } = this.world;
    const number: number = seat.config.self;
    if (this.#traced) this.#options.onEvent(seat.id, { event: "report", at, report });
    if (report.kind === "ready") {
      this.#ready.add(seat.id);
      this.#recall(seat);
      for (const waiting of this.#unanswered.values()) {
        if (waiting.bank === number) this.world.submit(seat, waiting.bytes);
      }
    }
    if (report.kind === "instruction") {
      const { member, number: instruction } = report;
      this.#unanswered.delete(keyOf({ bank: number, member, number: instruction }));
    }
    if (report.kind === "step") this.#countStep(seat, report.step);
    if (this.#desk?.heard(number, report) === true) return;
    const what = this.recorder.take(seat.id, number, report, at);
    if (what === "opening") return this.#countOpening(seat, report);
    if (what === undefined) return;
    if ("finals" in what) this.#closeSwapIfDone(what);
    else this.#answered.add(what);
    this.#closeIfOver();
  }

  #countOpening(seat: Seat, report: Report): void {
    this.#openingLeft--;
    if (report.kind === "instruction" && report.status === "rejected") {
      throw environmentFailed(`opening of ${seat.id}: ${report.code} ${report.found ?? ""}`);
    }
  }

  /** What a bank that was killed has in its ledger and could not report any more. */
  #recall(seat: Seat): void {
    if (seat.life === 1) return;
    const content = seat.disk.content();
    const parameters = chainParametersOf(this.#options.scenario);
    const finals =
      parameters === undefined
        ? recallFinals(content)
        : recallChainFinals(content, seat.config, parameters);
    for (const final of finals) {
      const swap = this.recorder.recall(seat.id, final);
      if (swap !== undefined) this.#closeSwapIfDone(swap);
    }
  }

  #closeSwapIfDone(swap: TrackedSwap): void {
    if (swap.closed) return;
    const banks = new Set(swap.plan.legs.map((leg) => leg.bank));
    const open = [...banks].filter((b) => !swap.finals.has(b) && !this.#isGone(b));
    if (swap.refusal === undefined && (open.length > 0 || swap.finals.size === 0)) return;
    swap.closed = true;
    this.#closed++;
    const [final] = swap.finals.values();
    const outcome = final?.outcome ?? `rejected ${swap.refusal?.code ?? ""}`;
    this.#progress(`${swap.plan.id} ${swap.plan.pair} ${outcome}`);
    this.#strikeAtShare();
  }

  #isGone(bank: string): boolean {
    return !isUp(this.world.seat(bank)) && !this.#striker.isReturning(bank);
  }

  /** The run is over when every swap is closed and every payment answered, as far as they still can be. */
  #closeIfOver(): void {
    if (this.#phase !== "running" || this.#isHealed) return;
    const { swaps, payments } = this.recorder;
    if (this.#closed < swaps.length || this.#answered.size < payments.length) {
      if (!this.#anyGone()) return;
      for (const swap of swaps) this.#closeSwapIfDone(swap);
      const isOver =
        swaps.every((swap) => swap.closed) &&
        payments.every((p) => p.answer !== undefined || this.#isGone(p.plan.bank));
      if (!isOver) return;
    }
    // Banks that take no part still have the outcome to learn.
    const { deltaMs } = this.#options.scenario.corridor;
    this.#deadline = instant(Math.min(this.#deadline, this.world.now + deltaMs * 1000));
  }

  #anyGone(): boolean {
    return this.world.seats.some((seat) => !isUp(seat));
  }

  /** The workload is over, or has had its time: what is left has to be closed within its bound. */
  #end(): void {
    // Nothing is due before the deadline: time passes until then.
    if (this.world.nextAt !== Infinity) this.world.run(this.#deadline);
    if (this.#phase === "running" && !this.#isHealed) this.#heal();
    this.#deadline = this.#options.livenessBound();
    if (this.world.now >= this.#deadline || this.world.nextAt === Infinity) this.#close();
    else this.#deadline = instant(Math.min(this.#deadline, this.world.now + CHECK_EVERY_US));
  }

  /** Every partition, clog and loss is over, delays are what the corridor counts on, who can come back is back. */
  #heal(): void {
    this.#isHealed = true;
    const { delayUs } = this.#wire;
    const mostUs = this.#options.scenario.corridor.deltaMs * 1000;
    this.#wire.lossPercent = 0;
    this.#wire.delayUs = (from, to, prng) => Math.min(mostUs, delayUs(from, to, prng));
    this.#striker.bringBack();
    this.world.fabric.heal();
    this.#options.onHealed();
  }

  #close(): void {
    this.#phase = "closing";
    this.#progress("stopping the banks");
  }

  #strikeAtShare(): void {
    const share = (100 * this.#closed) / Math.max(1, this.recorder.swaps.length);
    for (const fault of this.#pendingFaults) {
      if (!("when" in fault) || fault.when.kind !== "settled-share") continue;
      if (share < fault.when.percent) continue;
      this.#pendingFaults.delete(fault);
      this.world.after(0, () => this.#striker.strike(fault));
    }
  }

  #countStep(seat: Seat, step: string): void {
    const key = `${seat.id} ${step}`;
    const count = (this.#stepCounts.get(key) ?? 0) + 1;
    this.#stepCounts.set(key, count);
    for (const fault of this.#pendingFaults) {
      if (!("when" in fault) || fault.when.kind !== "step" || fault.bank !== seat.id) continue;
      if (fault.when.step !== step || fault.when.count !== count) continue;
      this.#pendingFaults.delete(fault);
      this.world.after(0, () => this.#striker.strike(fault));
    }
  }

  #onStop(seat: Seat, code: string, message: string): void {
    this.#happened(seat.id, `stopped: ${code}: ${message}`);
    this.#closeIfOver();
  }

  #happened(bank: string, what: string): void {
    this.faults.push({ atMs: this.durationMs, bank, what });
    this.#progress(`${bank}: ${what}`);
  }

  #progress(line: string): void {
    const total = this.recorder.swaps.length;
    this.#options.onProgress({ phase: this.#phase, done: this.#closed, total, line });
  }

  #later(us: number, happens: () => void): void {
    this.world.at(instant(this.#begun + us), happens);
  }

  /** Goes on as soon as something holds. */
  #when(holds: () => boolean, complaint: string, then: () => void): void {
    const until = this.world.now + PATIENCE_US;
    const look = (): void => {
      if (holds()) return then();
      if (this.world.now >= until) throw environmentFailed(complaint);
      this.world.after(LOOK_EVERY_US, look);
    };
    this.world.after(0, look);
  }

  #seatOf(bank: number): Seat {
    const found = this.#options.scenario.banks[bank - 1];
    if (found === undefined) throw new TypeError(`no bank ${bank}`);
    return this.world.seat(found.id);
  }

  #keysOf(id: string) {
    const keys = this.corridor.keys.get(id);
    if (keys === undefined) throw new TypeError(`no keys of ${id}`);
    return keys;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const timeOf = (fault: Fault): number | undefined =>
  "when" in fault && fault.when.kind === "at" ? fault.when.atMs : undefined;

const keyOf = (s: { readonly bank: number; readonly member: string; readonly number: number }) =>
  `${s.bank} ${s.member} ${s.number}`;
