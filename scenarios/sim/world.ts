import { concatBytes, readU32, type Bytes } from "../../crypto/bytes.ts";
import { InvariantViolation, ok, unreachable, type Outcome } from "../../crypto/outcome.ts";
import type { BankConfig } from "../../corridor/bank-state.ts";
import { parseMessage, type Message, type MessageRejection } from "../../corridor/messages.ts";
import type { Report } from "../../corridor/report.ts";
import { parseChainMessage } from "../../corridor/shared-ledger/messages.ts";
import type { ChainParameters, FinalBlock } from "../../corridor/shared-ledger/state.ts";
import type { FullBlock } from "../../node/ledger/block.ts";
import { recoverLedger } from "../../node/ledger/recover.ts";
import { INPUT_NUMBER, type Effect, type Input } from "../../node/machine.ts";
import { instant, type Instant } from "../../node/time.ts";
import type { ScenarioCosts } from "../costs.ts";
import { readingAt, timeOfReading } from "./clock.ts";
import { SimDisk } from "./disk.ts";
import { EventQueue } from "./event-queue.ts";
import { Fabric } from "./fabric.ts";
import type { Wire } from "./links.ts";
import type { Prng } from "./prng.ts";
import type { Lie, Mail } from "./lies/lie.ts";
import { isUp, newSeat, type Seat } from "./seat.ts";
import {
  entriesInFlight,
  headOf,
  openMachine,
  stepMachine,
  type ValidatorOptions,
} from "./seated-machine.ts";
import { TraceHash } from "./trace-hash.ts";
import { addWork, cpuUs, flushUs, type Work } from "./work-costs.ts";

/** Who looks on: checkers, recorders, traces. Every call is about something that has just happened. */
export interface Watcher {
  /** A block of the seat's own is durable; that of a lying seat, as soon as it is signed. */
  readonly onOwnBlock?: (seat: Seat, block: FullBlock) => void;
  readonly onStep?: (seat: Seat, input: Input) => void;
  readonly onSend?: (seat: Seat, to: number, bytes: Bytes) => void;
  readonly onReport?: (seat: Seat, report: Report) => void;
  readonly onStart?: (seat: Seat) => void;
  readonly onCrash?: (seat: Seat) => void;
  readonly onStop?: (seat: Seat, code: string, message: string) => void;
  /** A block of the shared ledger became final at the seat; again, when its journal is replayed. */
  readonly onFinal?: (seat: Seat, final: FinalBlock) => void;
}

export interface SimOptions {
  readonly banks: readonly { readonly id: string; readonly config: BankConfig }[];
  readonly prng: Prng;
  readonly startAt: Instant;
  readonly wire: Wire;
  readonly costs: ScenarioCosts;
  /** Processors that all banks share; infinity gives each its own. */
  readonly cores: number;
  readonly watchers: readonly Watcher[];
  /** The banks are validators of one shared ledger. */
  readonly validators?: ChainParameters | undefined;
}

/**
 * Banks, their disks, clocks and processors, and the links between them, in virtual time. Everything
 * that happens is an event of one queue, and one seed decides all that is drawn (Determinism). A bank
 * is the very machine that a live bank is; this is its other driver.
 */
export class World {
  readonly seats: Seat[] = [];
  readonly fabric: Fabric;
  now: Instant;
  /** Events so far. */
  events = 0;
  /** All that the banks have done so far. */
  readonly done: Work = { signs: 0, verifies: 0, entries: 0, messages: 0, bytes: 0 };
  readonly #options: SimOptions;
  readonly #queue = new EventQueue<() => void>();
  readonly #trace = new TraceHash();
  readonly #work: Work = { signs: 0, verifies: 0, entries: 0, messages: 0, bytes: 0 };
  readonly #parsed = new WeakMap<Bytes, Outcome<Message, MessageRejection>>();
  readonly #validators: ValidatorOptions | undefined;
  /** Seats with work that wait for a processor, first come first served. */
  readonly #waiting: Seat[] = [];
  #coresInUse = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#validators = options.validators && this.#validatorOptions(options.validators);
    this.now = options.startAt;
    this.fabric = new Fabric(this, options.wire, options.prng.fork("links"));
    for (const { id, config } of options.banks) this.addSeat(id, config);
  }

  addSeat(id: string, config: BankConfig): Seat {
    const seat = newSeat(this.seats.length, id, this.#metered(config));
    this.seats.push(seat);
    return seat;
  }

  /** A second seat of a bank, with its key and a copy of its disk. */
  addTwin(seat: Seat, id: string): Seat {
    const twin = newSeat(this.seats.length, id, seat.config);
    twin.disk = seat.disk.copy();
    this.seats.push(twin);
    return twin;
  }

  seat(id: string): Seat {
    const seat = this.seats.find((s) => s.id === id);
    if (seat === undefined) throw new RangeError(`no seat ${id}`);
    return seat;
  }

  /** Lets something happen at a time, or now if that time has passed. */
  at(time: Instant, happens: () => void): void {
    this.#queue.add(Math.max(time, this.now), happens);
  }

  after(us: number, happens: () => void): void {
    this.at(instant(this.now + us), happens);
  }

  /** When the next event is due; infinity when nothing is going to happen. */
  get nextAt(): number {
    return this.#queue.nextAt;
  }

  /** Lets the next event happen, if it is due by then. */
  next(until: Instant): boolean {
    const at = this.#queue.nextAt;
    if (at > until) return false;
    const happens = this.#queue.take();
    if (happens === undefined) return false;
    this.now = instant(at);
    this.events++;
    happens();
    return true;
  }

  run(until: Instant): void {
    while (this.next(until));
    this.now = instant(Math.max(this.now, until));
  }

  submit(seat: Seat, bytes: Bytes): void {
    this.feed(seat, { kind: "instruction", bytes });
  }

  feed(seat: Seat, input: Input): void {
    if (!isUp(seat)) return;
    const heard = seat.lie?.hears === undefined ? input : heardBy(seat.lie, input);
    if (heard === undefined) return;
    seat.inbox.push(heard);
    this.#getToWork(seat);
  }

  /** Starts a bank from its disk; it stays down when it cannot be opened. */
  start(seat: Seat): void {
    if (isUp(seat)) return;
    const content = seat.disk.content();
    const recovered = recoverLedger(content, content.length);
    const opened = recovered.ok
      ? openMachine(seat, recovered.value.records, this.#validators)
      : recovered;
    if (!opened.ok) return this.#stop(seat, opened.error.code, JSON.stringify(opened.error));
    seat.stopped = undefined;
    seat.life++;
    for (const watcher of this.#options.watchers) watcher.onStart?.(seat);
    this.feed(seat, { kind: "start" });
    this.fabric.linkAll(seat);
  }

  /** Ends a bank's process. Of what was not durable the first `keep` bytes stay, up to a torn record. */
  crash(seat: Seat, keep = 0): void {
    if ((seat.machine ?? seat.validator) === undefined) return;
    const flight = seat.machine?.state.flight;
    this.#end(seat);
    const mark = seat.disk.durable;
    const isFlushing = seat.disk.tail !== undefined;
    seat.disk.crash({ kind: "torn", keep });
    if (seat.damage === "lost-tail") seat.disk.cutTo(mark - LOST_TAIL_BYTES);
    // What stands beyond the mark was never sent; a record that is cut short is cut off.
    const recovered = recoverLedger(seat.disk.content(), Math.min(mark, seat.disk.durable));
    if (recovered.ok) seat.disk.cutTo(recovered.value.end);
    // A block whose flush had ended was told of then, also if the machine did not hear of it any more.
    const survived = isFlushing && flight?.own !== undefined && seat.disk.durable >= flight.end;
    if (survived && seat.lie === undefined) this.#tellOwnBlock(seat, flight.own.block);
    for (const watcher of this.#options.watchers) watcher.onCrash?.(seat);
  }

  /** Puts an older content on a bank's disk, as a backup that is restored. */
  restore(seat: Seat, content: Bytes): void {
    seat.disk = new SimDisk(content);
  }

  /** Identifies this history: equal seeds give equal hashes. */
  traceHash(): string {
    const heads = this.seats.map((seat) => headOf(seat) ?? seat.disk.content().subarray(-64));
    return this.#trace.render(heads);
  }

  #end(seat: Seat): void {
    seat.machine = undefined;
    seat.validator = undefined;
    seat.life++;
    seat.inbox.length = 0;
    seat.taken = 0;
    seat.idleDue = false;
    seat.wake++;
    this.fabric.cutAll(seat);
  }

  #stop(seat: Seat, code: string, message: string): void {
    seat.stopped = code;
    if ((seat.machine ?? seat.validator) !== undefined) this.#end(seat);
    seat.disk.crash({ kind: "lost" });
    for (const watcher of this.#options.watchers) watcher.onStop?.(seat, code, message);
  }

  #getToWork(seat: Seat): void {
    if (seat.working) return;
    seat.working = true;
    if (this.#coresInUse >= this.#options.cores) this.#waiting.push(seat);
    else this.#work1(seat);
  }

  /** One step of a seat on a processor. Its effects are carried out when the work is done. */
  #work1(seat: Seat): void {
    const input = this.#takeInput(seat);
    if ((seat.machine ?? seat.validator) === undefined || input === undefined) {
      seat.working = false;
      return this.#giveCore();
    }
    this.#coresInUse++;
    const effects = this.#step(seat, input);
    const { life } = seat;
    const us = cpuUs(this.#work, this.#options.costs);
    addWork(this.done, this.#work);
    this.after(us, () => this.#finishWork(seat, life, effects));
  }

  #finishWork(seat: Seat, life: number, effects: readonly Effect<Report>[]): void {
    this.#coresInUse--;
    seat.working = false;
    // A bank that crashed meanwhile did not get to carry anything out.
    if (seat.life === life) for (const effect of effects) this.#carryOut(seat, effect);
    if (seat.inbox.length > seat.taken || seat.idleDue) this.#getToWork(seat);
    this.#giveCore();
  }

  #giveCore(): void {
    if (this.#coresInUse >= this.#options.cores) return;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#work1(next);
  }

  #takeInput(seat: Seat): Input | undefined {
    const input = seat.inbox[seat.taken];
    if (input !== undefined) {
      seat.taken++;
      if (seat.taken === seat.inbox.length) seat.inbox.length = seat.taken = 0;
      seat.idleDue = true;
      return input;
    }
    if (!seat.idleDue) return undefined;
    seat.idleDue = false;
    return { kind: "idle" };
  }

  #step(seat: Seat, input: Input): readonly Effect<Report>[] {
    const { machine } = seat;
    const work = this.#work;
    work.signs = work.verifies = work.entries = work.messages = work.bytes = 0;
    this.#traceInput(seat, input);
    if (input.kind === "idle" && machine !== undefined) seat.lie?.beforeFlush?.(machine);
    let effects: readonly Effect<Report>[];
    try {
      effects = stepMachine(seat, input, readingAt(seat.clock, this.now));
    } catch (error) {
      // A bank that lies may run into its own assertions; it is then as good as silent.
      if (seat.lie === undefined || !(error instanceof InvariantViolation)) throw error;
      return [{ kind: "stop", code: "liar_lost", message: error.message }];
    }
    this.#countWork(seat, input, effects);
    for (const watcher of this.#options.watchers) watcher.onStep?.(seat, input);
    return effects;
  }

  #traceInput(seat: Seat, input: Input): void {
    const bytes = "bytes" in input ? input.bytes : undefined;
    const first = bytes === undefined || bytes.length < 4 ? 0 : readU32(bytes, bytes.length - 4);
    this.#trace.mix(this.now, seat.index, INPUT_NUMBER[input.kind], bytes?.length ?? 0, first);
  }

  #countWork(seat: Seat, input: Input, effects: readonly Effect<Report>[]): void {
    const work = this.#work;
    if (input.kind === "frame" || input.kind === "instruction") {
      work.messages++;
      work.entries++;
      work.bytes += input.bytes.length;
    }
    for (const effect of effects) {
      if (effect.kind === "send") {
        work.messages++;
        work.bytes += effect.bytes.length;
      } else if (effect.kind === "append") {
        work.bytes += effect.bytes.length;
        work.entries += entriesInFlight(seat);
      }
    }
  }

  #carryOut(seat: Seat, effect: Effect<Report>): void {
    switch (effect.kind) {
      case "append":
        return this.#append(seat, effect.bytes);
      case "send":
        return this.#send(seat, effect.to, effect.bytes);
      case "send-stored":
        for (const { offset, length } of effect.blocks) {
          const stored = seat.disk.read(offset, length);
          this.#send(seat, effect.to, concatBytes(effect.prefix, stored));
        }
        return;
      case "wake":
        return this.#wakeAt(seat, effect.at);
      case "report":
        for (const watcher of this.#options.watchers) watcher.onReport?.(seat, effect.report);
        return;
      case "drop":
        return this.fabric.drop(seat, effect.peer);
      case "stop":
        return this.#stop(seat, effect.code, effect.message);
      default:
        unreachable(effect);
    }
  }

  #append(seat: Seat, bytes: Bytes): void {
    if (seat.damage === "full") return this.#stop(seat, "disk_full", "no space left");
    seat.disk.append(bytes);
    const own = seat.machine?.state.flight?.own?.block;
    if (own !== undefined && seat.lie !== undefined) this.#tellOwnBlock(seat, own);
    const { life } = seat;
    this.after(flushUs(bytes.length, this.#options.costs), () => {
      if (seat.life !== life) return;
      const size = seat.disk.sync();
      if (own !== undefined && seat.lie === undefined) this.#tellOwnBlock(seat, own);
      if (own !== undefined && seat.lie?.afterBlock !== undefined) {
        for (const mail of seat.lie.afterBlock(own)) this.#post(seat, mail);
      }
      this.feed(seat, { kind: "durable", size });
    });
  }

  #tellOwnBlock(seat: Seat, block: FullBlock): void {
    for (const watcher of this.#options.watchers) watcher.onOwnBlock?.(seat, block);
  }

  #send(seat: Seat, to: number, bytes: Bytes): void {
    if (seat.lie?.onSend === undefined) return this.#post(seat, { to, bytes, delayUs: 0 });
    for (const mail of seat.lie.onSend(to, bytes)) this.#post(seat, mail);
  }

  #post(seat: Seat, { to, bytes, delayUs }: Mail): void {
    for (const watcher of this.#options.watchers) watcher.onSend?.(seat, to, bytes);
    for (const other of this.seats) {
      if (other.config.self === to) this.fabric.send(seat, other, bytes, delayUs);
    }
  }

  #wakeAt(seat: Seat, at: Instant): void {
    const wake = ++seat.wake;
    this.at(timeOfReading(seat.clock, at), () => {
      if (seat.wake === wake) this.feed(seat, { kind: "wake" });
    });
  }

  /** Parses each message once for all who are sent it, as it does for other banks. */
  #validatorOptions(parameters: ChainParameters): ValidatorOptions {
    const parsed = new WeakMap<Bytes, ReturnType<typeof parseChainMessage>>();
    return {
      ...parameters,
      parse: (frame, genesis) => {
        const known = parsed.get(frame) ?? parseChainMessage(frame, genesis);
        parsed.set(frame, known);
        return known;
      },
      onFinal: (seat, final) => {
        for (const watcher of this.#options.watchers) watcher.onFinal?.(seat, final);
      },
    };
  }

  /** Counts what a bank signs and verifies; reads a message once for all, or not at all when a bank here made it. */
  #metered(config: BankConfig): BankConfig {
    const { signer, verifier } = config;
    return {
      ...config,
      signer: {
        publicKey: signer.publicKey,
        sign: (message) => {
          this.#work.signs++;
          return signer.sign(message);
        },
      },
      verifier: {
        verify: (key, message, signature) => {
          this.#work.verifies++;
          return verifier.verify(key, message, signature);
        },
      },
      parse: (frame) => {
        let parsed = this.#parsed.get(frame);
        if (parsed === undefined) {
          parsed = parseMessage(frame);
          this.#parsed.set(frame, parsed);
        }
        return parsed;
      },
      made: (frame, message) => this.#parsed.set(frame, ok(message)),
    };
  }
}

function heardBy({ hears }: Lie, input: Input): Input | undefined {
  if (input.kind !== "frame" || hears === undefined) return input;
  const bytes = hears(input.bytes);
  return bytes === undefined ? undefined : { ...input, bytes };
}

/** How much a disk loses that lies about what is durable, in bytes. */
const LOST_TAIL_BYTES = 4_096;
