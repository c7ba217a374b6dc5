import { durationMs } from "../../node/time.ts";
import {
  BYZANTINE_BEHAVIOURS,
  type ByzantineBehaviour,
  type Fault,
  type Scenario,
} from "../scenario.ts";
import { DELAY_MODELS } from "../network/network.ts";
import { Prng } from "../sim/prng.ts";

const BEHAVIOURS = Object.keys(BYZANTINE_BEHAVIOURS) as readonly ByzantineBehaviour[];

/** Faults of one kind that one seed draws at most. */
const MAX_OF_A_KIND = 3;

/**
 * The scenario with what one seed draws on top of it: liars and banks that stay away, never more than
 * the corridor withstands; kills with restarts, partitions, clogs and wrong clocks, as many as may be,
 * for they heal; and a wire that loses, repeats and reorders. The seed also draws the workload.
 */
export function drawFaults(scenario: Scenario, seed: number): Scenario {
  const prng = Prng.fromSeed(seed).fork("swarm");
  const faults = new FaultDrawing(scenario, prng.fork("faults")).draw();
  const wire = prng.fork("wire");
  const percent = (): number => (wire.int(0, 2) > 0 ? 0 : wire.int(1, 10));
  const network = {
    ...scenario.network,
    model: wire.pick(DELAY_MODELS),
    lossPercent: percent(),
    duplicatePercent: percent(),
    reorder: wire.int(0, 1) === 1,
  };
  return { ...scenario, seed, network, faults: [...scenario.faults, ...faults] };
}

class FaultDrawing {
  readonly #scenario: Scenario;
  readonly #prng: Prng;
  readonly #banks: readonly string[];

  constructor(scenario: Scenario, prng: Prng) {
    this.#scenario = scenario;
    this.#prng = prng;
    this.#banks = scenario.banks.map(({ id }) => id);
  }

  draw(): readonly Fault[] {
    const { byzantine, crashed } = this.#scenario.corridor;
    const shuffled = this.#prng.shuffle(this.#banks);
    const liars = shuffled.slice(0, this.#prng.int(0, byzantine));
    const absent = shuffled.slice(liars.length, liars.length + this.#prng.int(0, crashed));
    const honest = shuffled.slice(liars.length + absent.length);
    return [
      ...liars.map((bank) => this.#lie(bank)),
      ...absent.map((bank) => this.#away(bank)),
      ...this.#some(() => this.#kill(this.#prng.pick(honest))),
      ...this.#some(() => this.#partition()),
      ...this.#some(() => this.#clog()),
      ...(this.#prng.int(0, 3) === 0 ? [this.#clock(this.#prng.pick(honest))] : []),
    ];
  }

  #some(draw: () => Fault): readonly Fault[] {
    return Array.from({ length: this.#prng.int(0, MAX_OF_A_KIND) }, draw);
  }

  /** A time of the workload, or a little after its end. */
  #moment() {
    const { workload } = this.#scenario;
    const length = workload.kind === "generated" ? workload.durationMs : 1_000;
    return durationMs(this.#prng.int(0, length + this.#scenario.corridor.ttlMs));
  }

  #lie(bank: string): Fault {
    const behaviour = this.#prng.pick(BEHAVIOURS);
    return { kind: "byzantine", bank, behaviour, atMs: this.#moment() };
  }

  #away(bank: string): Fault {
    return { kind: "away", bank, when: { kind: "at", atMs: this.#moment() } };
  }

  #kill(bank: string): Fault {
    const when = { kind: "at", atMs: this.#moment() } as const;
    return { kind: "kill", bank, when, restartAfterMs: durationMs(this.#prng.int(0, 2_000)) };
  }

  #partition(): Fault {
    const cut = this.#prng.int(1, this.#banks.length - 1);
    const shuffled = this.#prng.shuffle(this.#banks);
    return {
      kind: "partition",
      from: shuffled.slice(0, cut),
      to: shuffled.slice(cut),
      atMs: this.#moment(),
      forMs: durationMs(this.#prng.int(10, 3_000)),
      bothWays: this.#prng.int(0, 1) === 1,
    };
  }

  #clog(): Fault {
    const count = this.#prng.int(1, this.#banks.length);
    return {
      kind: "clog",
      banks: this.#prng.shuffle(this.#banks).slice(0, count),
      atMs: this.#moment(),
      forMs: durationMs(this.#prng.int(10, 2_000)),
      delayMs: durationMs(this.#prng.int(1, 500)),
    };
  }

  #clock(bank: string): Fault {
    const offsetMs = this.#prng.pick([-200, -20, 20, 200]);
    return { kind: "clock", bank, offsetMs, driftPpm: this.#prng.int(-100, 100) };
  }
}
