/** The pause after the first failed dial; it doubles with every further one. */
const FIRST_PAUSE_MS = 100;

/** The longest pause between two dials: how late a bank that came back is noticed. */
const LONGEST_PAUSE_MS = 2_000;

/** A dial that has led to nothing by then is given up. */
const DIAL_TIMEOUT_MS = 3_000;

/** A link that lived this long was a good one: the pauses start again from the shortest. */
const STABLE_LINK_MS = 1_000;

export interface RedialOptions {
  /** Milliseconds by which this side lets the other dial first, where both know an address. */
  readonly headStartMs: number;
  /** One attempt: resolves when there is a link, rejects when it failed or `signal` aborted. */
  readonly dial: (address: string, signal: AbortSignal) => Promise<void>;
  readonly onFailed: (address: string, why: string) => void;
}

/** Dials one peer again and again, with growing pauses, while there is no link to it. */
export class Redial {
  readonly #options: RedialOptions;
  #address: string | undefined;
  /** False while there is a link, and for good after `stop`. */
  #wanted = true;
  #stopped = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #attempt: AbortController | undefined;

  constructor(options: RedialOptions) {
    this.#options = options;
  }

  /** The peer is at `address` now: forget the pauses and dial there, unless there is a link. */
  setAddress(address: string): void {
    this.#address = address;
    this.#failures = 0;
    this.#callOff();
    this.#plan(this.#options.headStartMs);
  }

  /** There is a link: nothing to dial. */
  linkUp(): void {
    this.#wanted = false;
    this.#callOff();
  }

  /** The link that lived for `livedMs` is gone. */
  linkDown(livedMs: number): void {
    this.#failures = livedMs >= STABLE_LINK_MS ? 0 : this.#failures + 1;
    this.#wanted = true;
    this.#plan(this.#pause() + this.#options.headStartMs);
  }

  /** There is no link, and no dial for the next `ms`. */
  hold(ms: number): void {
    this.#wanted = true;
    this.#callOff();
    this.#plan(ms);
  }

  stop(): void {
    this.#stopped = true;
    this.linkUp();
  }

  #callOff(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempt?.abort();
    this.#attempt = undefined;
  }

  /** The pause grows from attempt to attempt; chance keeps banks that fell together apart. */
  #pause(): number {
    const full = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    return full * (0.5 + Math.random() / 2);
  }

  #plan(ms: number): void {
    const address = this.#address;
    if (this.#stopped || !this.#wanted || address === undefined) return;
    if (this.#timer !== undefined || this.#attempt !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#dial(address);
    }, ms);
  }

  /** Never rejects. */
  async #dial(address: string): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const watchdog = setTimeout(
      () => attempt.abort(new Error(`no link within ${DIAL_TIMEOUT_MS} ms`)),
      DIAL_TIMEOUT_MS,
    );
    const calledOff = new Promise<never>((_, fail) => {
      attempt.signal.addEventListener("abort", () => fail(attempt.signal.reason as Error));
    });
    try {
      await Promise.race([this.#options.dial(address, attempt.signal), calledOff]);
      if (this.#attempt === attempt) this.#attempt = undefined;
    } catch (error) {
      // An attempt that was called off has nothing to say: another decision stands already.
      if (this.#attempt !== attempt) return;
      this.#attempt = undefined;
      this.#failures += 1;
      this.#options.onFailed(address, error instanceof Error ? error.message : String(error));
      this.#plan(this.#pause());
    } finally {
      clearTimeout(watchdog);
    }
  }
}
