import type { Report } from "../../corridor/report.ts";
import { bankNumber, memberId } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { fromMs, instant, toMs } from "../../node/time.ts";
import type { ScenarioCosts } from "../costs.ts";
import { environmentFailed } from "../exit.ts";
import type { Corridor } from "../play/corridor-keys.ts";
import type { Secrets } from "../play/secrets.ts";
import { Wallet } from "../play/wallet.ts";
import { linkDelays } from "../network/link-delays.ts";
import type { ScenarioNetwork } from "../network/network.ts";
import type { ScenarioBank, Signatures } from "../scenario.ts";
import { Prng } from "../sim/prng.ts";
import { World } from "../sim/world.ts";
import { seededSecrets, simulatedCorridor, verifierOf } from "../simulated/seeded-secrets.ts";
import { wireOf } from "../simulated/wire.ts";
import { benchCorridor, benchSwap } from "./corridor-shape.ts";
import { OpenSwaps, openingOf, type SettledSwap } from "./loads.ts";

export interface SimLoadOptions {
  readonly n: number;
  readonly costs: ScenarioCosts;
  readonly network: ScenarioNetwork;
  readonly signatures: Signatures;
  readonly seed: number;
}

/** The banks of a bench corridor, as a topology places them. */
export const benchBanks = (n: number): readonly ScenarioBank[] =>
  benchCorridor(n).banks.map(({ id, name, currency, decimals }, i) => ({
    number: bankNumber(i + 1),
    id,
    name,
    currency: { code: currency as CurrencyCode, decimals },
  }));

/** The same corridor and the same load as `LoadedCorridor`, in virtual time. */
export class SimulatedCorridor {
  readonly world: World;
  readonly #secrets: Secrets;
  readonly #wallets: readonly Wallet[];
  readonly #corridor: Corridor;
  readonly #open = new OpenSwaps();
  #settled: SettledSwap[] = [];
  #made = 0;
  #funded = 0;

  constructor({ n, costs, network, signatures, seed }: SimLoadOptions) {
    const secrets = seededSecrets("bench", signatures);
    this.#secrets = secrets;
    const verifier = verifierOf(signatures);
    const plan = benchCorridor(n);
    this.#corridor = simulatedCorridor(plan);
    this.#wallets = plan.banks.map(({ id }) => new Wallet(memberId(`member-${id}`), secrets));
    const { genesis, keys } = this.#corridor;
    this.world = new World({
      banks: genesis.banks.map(({ number, id }) => {
        const own = keys.get(id);
        if (own === undefined) throw new TypeError(`no keys of ${id}`);
        const { ledgerSeed, saltSecret } = own;
        const signer = secrets.signer(ledgerSeed);
        const config = { genesis, self: number, signer, verifier, saltSecret };
        return { id, config: { ...config, trace: false, alone: false } };
      }),
      prng: Prng.fromSeed(seed),
      startAt: fromMs(Date.UTC(2026, 0, 1)),
      wire: wireOf(network, linkDelays(network, benchBanks(n))),
      costs,
      cores: costs.cores === 0 ? Infinity : costs.cores,
      watchers: [{ onReport: (_seat, report) => this.#onReport(report) }],
    });
    for (const seat of this.world.seats) this.world.start(seat);
    this.#runUntil(() => this.world.seats.every((seat) => seat.machine?.state.phase === "running"));
    this.#fund();
  }

  /** Keeps `window` swaps under way until `count` are settled. */
  saturate(count: number, window: number): readonly SettledSwap[] {
    this.#settled = [];
    let sent = 0;
    while (this.#settled.length < count) {
      while (sent < count && this.#open.count < window) {
        this.#send();
        sent++;
      }
      this.#step();
    }
    return this.#settled;
  }

  /** Submits at a fixed rate whatever happens (open loop), and waits for the last to settle. */
  offer(count: number, perSecond: number): readonly SettledSwap[] {
    this.#settled = [];
    const begun = this.world.now;
    for (let i = 0; i < count; i++) {
      this.world.at(instant(begun + Math.round((1e6 * i) / perSecond)), () => this.#send());
    }
    this.#runUntil(() => this.#settled.length === count);
    return this.#settled;
  }

  #fund(): void {
    const { net } = this.#corridor.genesis;
    for (const [i, seat] of this.world.seats.entries()) {
      for (const bytes of openingOf(i, this.#wallets, net)) this.world.submit(seat, bytes);
    }
    this.#runUntil(() => this.#funded === this.world.seats.length);
  }

  #send(): void {
    const nowMs = toMs(this.world.now);
    const { net } = this.#corridor.genesis;
    const salt = this.#secrets.bytes(`salt of swap ${this.#made}`);
    const { bank, bytes, commitment } = benchSwap(this.#made++, this.#wallets, net, nowMs, salt);
    this.#open.add(commitment);
    const seat = this.world.seats[bank - 1];
    if (seat !== undefined) this.world.submit(seat, bytes);
  }

  #onReport(report: Report): void {
    if (report.kind === "instruction") this.#funded++;
    if (report.kind !== "swap") return;
    const settled = this.#open.take(report);
    if (settled !== undefined) this.#settled.push(settled);
  }

  #step(): void {
    if (!this.world.next(NEVER)) throw environmentFailed("nothing more happens");
  }

  #runUntil(holds: () => boolean): void {
    while (!holds()) this.#step();
  }
}

const NEVER = instant(Number.MAX_SAFE_INTEGER);
