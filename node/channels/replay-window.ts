import { MAX_NONCES, MAX_NONCES_PER_SIGNER } from "./limits.ts";

export interface ReplayLimits {
  readonly perSigner: number;
  readonly inAll: number;
}

const LIMITS: ReplayLimits = { perSigner: MAX_NONCES_PER_SIGNER, inAll: MAX_NONCES };

/**
 * The nonces that signers have used, each remembered until its signature has expired (Bounded). Times
 * are in seconds since the Unix epoch and never decrease.
 */
export class ReplayWindow {
  readonly #limits: ReplayLimits;
  /** By signer: nonce to the end of its signature. */
  readonly #used = new Map<string, Map<string, number>>();
  #size = 0;
  #sweptS = 0;

  constructor(limits: ReplayLimits = LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Uses a nonce up. `replay`: it was used before; `full`: no more can be remembered now. */
  take(signer: string, nonce: string, expiresS: number, nowS: number): "free" | "replay" | "full" {
    let nonces = this.#used.get(signer);
    const end = nonces?.get(nonce);
    if (end !== undefined && end > nowS) return "replay";
    const isFull = () =>
      this.#size >= this.#limits.inAll ||
      (this.#used.get(signer)?.size ?? 0) >= this.#limits.perSigner;
    // One sweep a second at most: what it finds within that second would be no more.
    if (isFull() && nowS > this.#sweptS) this.#sweep(nowS);
    if (isFull()) return "full";
    nonces = this.#used.get(signer);
    if (nonces === undefined) {
      nonces = new Map();
      this.#used.set(signer, nonces);
    }
    if (!nonces.has(nonce)) this.#size++;
    nonces.set(nonce, expiresS);
    return "free";
  }

  #sweep(nowS: number): void {
    this.#sweptS = nowS;
    for (const [signer, nonces] of this.#used) {
      for (const [nonce, end] of nonces) {
        if (end > nowS) continue;
        nonces.delete(nonce);
        this.#size--;
      }
      if (nonces.size === 0) this.#used.delete(signer);
    }
  }
}
