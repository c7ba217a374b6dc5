export interface RateOptions {
  /** Requests that may come at once. */
  readonly burst: number;
  /** Requests that may come every second from then on. */
  readonly perSecond: number;
  /** Callers that are remembered; the one unseen for longest is forgotten, and so forgiven. */
  readonly maxCallers: number;
}

interface Bucket {
  /** Thousandths of a request. */
  readonly level: number;
  readonly atMs: number;
}

/** A token bucket for each caller, in whole numbers. Times are in milliseconds and never decrease. */
export class RateLimit {
  readonly #options: RateOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateOptions) {
    this.#options = options;
  }

  get callers(): number {
    return this.#buckets.size;
  }

  /** Takes one request; 0 when it may pass, else the milliseconds until the next one may. */
  take(caller: string, nowMs: number): number {
    const level = this.#levelOf(caller, nowMs);
    const passes = level >= 1000;
    this.#put(caller, { level: passes ? level - 1000 : level, atMs: nowMs });
    return passes ? 0 : Math.ceil((1000 - level) / this.#options.perSecond);
  }

  /** Takes more for a request that passed and cost more than others. */
  charge(caller: string, requests: number, nowMs: number): void {
    const level = this.#levelOf(caller, nowMs) - 1000 * requests;
    this.#put(caller, { level: Math.max(0, level), atMs: nowMs });
  }

  #levelOf(caller: string, nowMs: number): number {
    const { burst, perSecond } = this.#options;
    const bucket = this.#buckets.get(caller);
    if (bucket === undefined) return burst * 1000;
    // Tokens a second are thousandths a millisecond.
    return Math.min(burst * 1000, bucket.level + (nowMs - bucket.atMs) * perSecond);
  }

  #put(caller: string, bucket: Bucket): void {
    // A map lists its keys in the order of insertion, so the first is the one not seen for longest.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#options.maxCallers && oldest !== undefined) {
      this.#buckets.delete(oldest);
    }
  }
}
