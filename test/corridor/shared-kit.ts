import type { Report } from "../../corridor/report.ts";
import {
  usualParameters,
  type ChainParameters,
  type FinalBlock,
} from "../../corridor/shared-ledger/state.ts";
import { parseChainMessage, type ChainMessage } from "../../corridor/shared-ledger/messages.ts";
import { checkConservation } from "../../node/accounts/books.ts";
import { instant, type Instant } from "../../node/time.ts";
import { FREE } from "../../scenarios/costs.ts";
import {
  configOf,
  EPOCH_START_MS,
  fixedCorridor,
  modelledSignatures,
  type CorridorShape,
  type FixedCorridor,
} from "../../scenarios/explore/corridor.ts";
import {
  agreeSwap,
  foundingSubmissions,
  ringLegs,
  swapSubmission,
} from "../../scenarios/explore/agreed-swaps.ts";
import { PERFECT_WIRE, type Wire } from "../../scenarios/sim/links.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { isUp, type Seat } from "../../scenarios/sim/seat.ts";
import { World, type Watcher } from "../../scenarios/sim/world.ts";

/** One one-way delay of these worlds, in microseconds. */
export const DELAY_US = 10_000;

export interface SharedWorldOptions {
  readonly parameters?: ChainParameters;
  readonly wire?: Partial<Wire>;
  readonly seed?: number;
  readonly watcher?: Watcher;
}

export interface SeenReport {
  readonly at: Instant;
  readonly bank: number;
  readonly report: Report;
}

const SIGNATURES = modelledSignatures();
const corridors = new Map<string, FixedCorridor>();

const corridorOf = (shape: CorridorShape): FixedCorridor => {
  const name = JSON.stringify(shape);
  const corridor = corridors.get(name) ?? fixedCorridor(shape, SIGNATURES);
  corridors.set(name, corridor);
  return corridor;
};

/** Validators of one shared ledger in a world of constant delays and work that costs nothing. */
export class SharedWorld {
  readonly world: World;
  readonly corridor: FixedCorridor;
  readonly reports: SeenReport[] = [];
  readonly finals = new Map<Seat, FinalBlock[]>();
  readonly sent: {
    readonly at: Instant;
    readonly from: number;
    readonly to: number;
    readonly message: ChainMessage;
  }[] = [];
  /** Takes effect on what is sent from now on. */
  readonly wire: { -readonly [K in keyof Wire]: Wire[K] };
  #deals = 100;

  constructor(shape: CorridorShape, options: SharedWorldOptions = {}) {
    const { parameters = usualParameters(3), wire = {}, seed = 1, watcher = {} } = options;
    this.corridor = corridorOf(shape);
    const { genesis } = this.corridor;
    const recorder: Watcher = {
      onReport: (seat, report) =>
        this.reports.push({ at: this.world.now, bank: seat.config.self, report }),
      onFinal: (seat, final) => {
        const finals = this.finals.get(seat) ?? [];
        this.finals.set(seat, finals);
        finals.push(final);
      },
      onSend: (seat, to, bytes) => {
        const message = parseChainMessage(bytes, genesis);
        if (!message.ok) return;
        this.sent.push({ at: this.world.now, from: seat.config.self, to, message: message.value });
      },
    };
    this.wire = { ...PERFECT_WIRE, delayUs: () => DELAY_US, ...wire };
    this.world = new World({
      banks: genesis.banks.map(({ number }) => ({
        id: `${number}`,
        config: { ...configOf(this.corridor, number), trace: true },
      })),
      prng: Prng.fromSeed(seed),
      startAt: instant(EPOCH_START_MS * 1000),
      wire: this.wire,
      costs: FREE,
      cores: Infinity,
      watchers: [recorder, watcher],
      validators: parameters,
    });
  }

  /** Starts every bank that is not away, and gives each its members and its resident's money. */
  found(away: readonly number[] = []): this {
    for (const seat of this.world.seats) {
      if (!away.includes(seat.config.self)) this.start(seat);
    }
    this.runFor(200);
    for (const seat of this.world.seats) {
      if (!isUp(seat)) continue;
      for (const bytes of foundingSubmissions(this.corridor, seat.config.self, 100_000n)) {
        this.world.submit(seat, bytes);
      }
    }
    return this.runFor(5_000);
  }

  start(seat: Seat): void {
    this.finals.set(seat, []);
    this.world.start(seat);
  }

  runFor(ms: number): this {
    this.world.run(instant(this.world.now + ms * 1000));
    return this;
  }

  seat(bank: number): Seat {
    return this.world.seat(`${bank}`);
  }

  /** Submits a swap between two banks at the first of them; returns its commitment. */
  swap(a: number, b: number, amount = 10n, lifeMs = 60_000): string {
    const expiryMs = Math.floor(this.world.now / 1000) + lifeMs;
    const number = this.#deals++;
    const swap = agreeSwap(this.corridor, { number, legs: ringLegs([a, b], amount), expiryMs });
    this.world.submit(this.seat(a), swapSubmission(swap));
    return Array.from(swap.commitment, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** How a bank reported a swap. */
  outcome(bank: number, commitment: string) {
    for (const { bank: by, report, at } of this.reports) {
      if (by !== bank || report.kind !== "swap" || report.commitment !== commitment) continue;
      return { ...report, at };
    }
    return undefined;
  }

  warnings(): readonly string[] {
    return this.reports.flatMap(({ bank, report }) =>
      report.kind === "warning" ? [`${bank}: ${report.code} ${report.detail}`] : [],
    );
  }

  /** Agreement, Conservation and ExecuteOnce over all that any bank has made final. */
  demandSafe(): void {
    const chain: string[] = [];
    const settled = new Set<string>();
    for (const finals of this.finals.values()) {
      for (const { block, executed } of finals) {
        const at = block.header.height;
        const known = chain[at];
        if (known !== undefined && known !== block.key) throw new Error(`fork at height ${at}`);
        if (known === undefined) {
          chain[at] = block.key;
          for (const { outcomes } of executed) {
            for (const outcome of outcomes) {
              if (outcome.kind !== "swap") continue;
              if (settled.has(outcome.swapKey)) throw new Error(`${outcome.swapKey} closed twice`);
              settled.add(outcome.swapKey);
            }
          }
        }
      }
    }
    for (const seat of this.world.seats) {
      for (const [bank, books] of seat.validator?.state.ledger.books ?? []) {
        const wrong = checkConservation(books);
        if (wrong !== undefined) throw new Error(`books of ${bank} at ${seat.id}: ${wrong}`);
      }
    }
  }
}
