import { instant, type Instant } from "../../node/time.ts";
import type { Prng } from "./prng.ts";

/** How messages travel, the same for every link but for the delay. */
export interface Wire {
  /** The one-way delay of one message from one bank to another, in microseconds. */
  readonly delayUs: (from: number, to: number, prng: Prng) => number;
  /** In 10^6 bits a second; `null` for no bound. */
  readonly bandwidthMbps: number | null;
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  /** Whether a message may overtake an earlier one of its link. */
  readonly reorder: boolean;
}

export const PERFECT_WIRE: Wire = {
  delayUs: () => 0,
  bandwidthMbps: null,
  lossPercent: 0,
  duplicatePercent: 0,
  reorder: false,
};

const BITS_PER_BYTE = 8;

/** One direction between two seats. */
export class Direction {
  readonly #from: number;
  readonly #to: number;
  readonly #wire: Wire;
  readonly #prng: Prng;
  #lastArrival = 0;
  #lineFreeAt = 0;
  /** Partitions under way that hold this direction: what is sent meanwhile is lost. */
  blocks = 0;
  /** What clogs under way add to every delay, in microseconds. */
  clogUs = 0;

  constructor(from: number, to: number, wire: Wire, prng: Prng) {
    this.#from = from;
    this.#to = to;
    this.#wire = wire;
    this.#prng = prng;
  }

  /** When a message that is sent now arrives: never, once, or more than once. */
  arrivals(now: Instant, bytes: number): readonly Instant[] {
    if (this.blocks > 0 || this.#draws(this.#wire.lossPercent)) return [];
    const arrivals = [this.#arrival(now, bytes)];
    if (this.#draws(this.#wire.duplicatePercent)) arrivals.push(this.#arrival(now, bytes));
    return arrivals;
  }

  /** A round trip, as a new connection needs one. */
  handshakeUs(back: Direction): number {
    return this.#delayUs() + back.#delayUs();
  }

  #arrival(now: Instant, bytes: number): Instant {
    const sent = this.#sentAt(now, bytes);
    const at = sent + this.#delayUs();
    if (this.#wire.reorder) return instant(at);
    this.#lastArrival = Math.max(at, this.#lastArrival);
    return instant(this.#lastArrival);
  }

  #delayUs(): number {
    return this.#wire.delayUs(this.#from, this.#to, this.#prng) + this.clogUs;
  }

  /** When the last byte is on the line: one message after the other. */
  #sentAt(now: Instant, bytes: number): number {
    const { bandwidthMbps } = this.#wire;
    if (bandwidthMbps === null) return now;
    const begins = Math.max(now, this.#lineFreeAt);
    this.#lineFreeAt = begins + Math.ceil((bytes * BITS_PER_BYTE) / bandwidthMbps);
    return this.#lineFreeAt;
  }

  #draws(percent: number): boolean {
    return percent > 0 && this.#prng.u32() < (percent / 100) * 2 ** 32;
  }
}
