import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import type { LedgerToAudit } from "../../corridor/audit/audit.ts";
import { openBank } from "../../corridor/replay.ts";
import type { Books } from "../../node/accounts/books.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { instant, toMs } from "../../node/time.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { demandNobodyFramed } from "./chaos-audit.ts";
import { Forger } from "./forger.ts";
import { demand } from "../../scenarios/checkers/conduct.ts";
import { configOf } from "../../scenarios/explore/corridor.ts";
import {
  swapSubmission,
  agreeSwap,
  ringLegs,
  type AgreedSwap,
} from "../../scenarios/explore/agreed-swaps.ts";
import { demandLiveness, heal, settle } from "../../scenarios/explore/drive.ts";
import { Puppet } from "../../scenarios/explore/puppet.ts";
import { isUp, type Seat } from "../../scenarios/explore/seat.ts";
import { linkName, type World } from "../../scenarios/explore/world.ts";
import { foundedOf } from "./kit.ts";

const CROWDS = [2, 3, 4, 6, 7] as const;
export const LIES = ["none", "silent", "twins", "forger"] as const;

/** Everything a seed decides before the first move; printed when the run fails. */
export interface Plan {
  readonly seed: number;
  readonly n: (typeof CROWDS)[number];
  readonly lie: (typeof LIES)[number];
  /** The bank that lies, if one does. */
  readonly liar: number;
  readonly moves: number;
  readonly deals: number;
  /** In percent of moves. */
  readonly loss: number;
  readonly repeat: number;
  readonly reorder: number;
  readonly crash: number;
  readonly cut: number;
  readonly wake: number;
  readonly skewMs: number;
}

export function planOf(seed: number): Plan {
  const prng = Prng.fromSeed(seed).fork("plan");
  const n = prng.pick(CROWDS);
  const lie = n >= 4 ? prng.pick(LIES) : "none";
  const percent = (max: number): number => (prng.int(0, 2) === 0 ? 0 : prng.int(1, max));
  return {
    seed,
    n,
    lie,
    liar: lie === "none" ? 0 : prng.int(1, n),
    moves: prng.pick([100, 200, 400]),
    deals: prng.int(1, 4),
    loss: percent(10),
    repeat: percent(10),
    reorder: percent(40),
    crash: percent(3),
    cut: percent(2),
    wake: percent(4),
    skewMs: prng.pick([0, 0, 20, 5_000]),
  };
}

/** One seed: first a phase in which anything goes, then healing, after which all must end well. */
export class Chaos {
  readonly plan: Plan;
  readonly world: World;
  readonly #prng: Prng;
  readonly #deals: AgreedSwap[] = [];
  readonly #submissions: { readonly seat: string; readonly bytes: Bytes }[] = [];
  readonly #forger: Forger | undefined;

  constructor(plan: Plan) {
    const { seed, n, lie, liar } = plan;
    this.plan = plan;
    this.#prng = Prng.fromSeed(seed).fork("moves");
    this.world = foundedOf(n);
    const { world } = this;
    for (const seat of world.seats.values()) {
      const skew = this.#prng.int(-plan.skewMs, plan.skewMs) * 1000;
      const honest = seat.bank !== liar;
      world.seats.set(seat.id, { ...seat, honest, skew: Math.max(skew, 0) });
    }
    this.#planDeals();
    if (lie === "silent") this.#silence();
    if (lie === "twins") this.#seatTwin();
    if (lie === "forger") this.#forger = this.#replaceByForger();
  }

  anythingGoes(): void {
    const { plan, world } = this;
    for (let i = 0; i < plan.moves; i++) {
      world.now = instant(world.now + this.#prng.int(1, 2_000));
      this.#move();
    }
    for (const { seat, bytes } of this.#submissions.splice(0)) {
      if (world.seats.has(seat)) world.do({ kind: "submit", seat, bytes });
    }
  }

  endWell(): void {
    const { world } = this;
    const { crashed } = world.corridor.genesis.record;
    const down = [...world.seats.values()].filter((seat) => seat.honest && !isUp(seat));
    for (const seat of down)
      demand(seat.stopped === undefined, "Stopped", `${seat.id}: ${seat.stopped}`);
    const absent = new Set(down.slice(0, crashed).map((seat) => seat.id));
    if (this.plan.lie === "silent") absent.add(`${this.plan.liar}`);
    heal(world, absent);
    settle(world);
    demandLiveness(world, toMs(world.now));
    demandReplayIsState(world);
    // An audit checks every enrolled key again, which is slow; one run in four is enough.
    if (this.plan.seed % 4 === 0) demandNobodyFramed(world, this.ledgersOfLiar());
  }

  /** What the bank that lies could hand to an auditor: the ledger of each twin, or a forged one. */
  ledgersOfLiar(): readonly LedgerToAudit[] {
    const seats = [...this.world.seats.values()].filter(({ honest }) => !honest);
    const files = seats.map(({ file }) => file);
    if (this.#forger !== undefined) files.push(this.#forger.ledger(this.world));
    return files.map((bytes) => ({ bank: this.plan.liar, bytes, head: undefined }));
  }

  #planDeals(): void {
    const prng = this.#prng;
    const { world, plan } = this;
    for (let i = 0; i < plan.deals; i++) {
      const banks = prng.shuffle(world.corridor.genesis.banks.map((bank) => bank.number as number));
      const k = plan.n > 2 && prng.int(0, 3) === 0 ? 3 : 2;
      const legs = ringLegs(banks.slice(0, k), BigInt(prng.pick([10, 400, 700, 2_000])));
      const expiryMs = toMs(world.now) + prng.pick([300, 3_000, 60_000]);
      const deal = agreeSwap(world.corridor, { number: 100 + i, legs, expiryMs });
      this.#deals.push(deal);
      const together = prng.int(0, 1) === 0;
      for (const [leg, { bank }] of deal.legs.entries()) {
        if (together && leg > 0) continue;
        const bytes = together ? swapSubmission(deal) : swapSubmission(deal, [leg]);
        this.#submissions.push({ seat: `${bank}`, bytes });
      }
    }
    this.#submissions.splice(0, Infinity, ...prng.shuffle(this.#submissions));
  }

  #move(): void {
    const { plan, world } = this;
    const prng = this.#prng;
    const die = prng.int(1, 100);
    let edge = plan.crash;
    if (die <= edge) return this.#crashOrRestart();
    if (die <= (edge += plan.cut)) return this.#cutOrLink();
    if (die <= (edge += plan.wake)) return this.#wake();
    if (die <= (edge += 4)) return this.#submit();
    if (die <= (edge += 4)) return this.#mendOne();
    if (this.#forger !== undefined && die <= (edge += 5)) return this.#forger.move(world, prng);
    const busy = [...world.seats.values()].filter(
      (seat) => isUp(seat) && (seat.busy || seat.tail.length > 0),
    );
    const queues = [...world.queues].filter(([, messages]) => messages.length > 0);
    if (queues.length > 0 && (busy.length === 0 || prng.int(0, 1) === 0)) {
      const [queue, messages] = prng.pick(queues);
      const index = prng.int(1, 100) <= plan.reorder ? prng.int(0, messages.length - 1) : 0;
      const fate = prng.int(1, 100);
      if (fate <= plan.loss) return world.do({ kind: "lose", queue, index });
      const kind = fate <= plan.loss + plan.repeat ? "repeat" : "deliver";
      return world.do({ kind, queue, index });
    }
    if (busy.length === 0) return this.#wake();
    const seat = prng.pick(busy);
    const kind = seat.tail.length > 0 && (!seat.busy || prng.int(0, 1) === 0) ? "durable" : "idle";
    return world.do({ kind, seat: seat.id });
  }

  #crashOrRestart(): void {
    const seat = this.#prng.pick([...this.world.seats.values()].filter(({ honest }) => honest));
    if (!isUp(seat)) return this.world.do({ kind: "restart", seat: seat.id });
    const keep = this.#prng.pick([0, this.#prng.int(0, seat.tail.length), seat.tail.length]);
    this.world.do({ kind: "crash", seat: seat.id, keep });
  }

  #cutOrLink(): void {
    const up = [...this.world.seats.values()].filter(isUp);
    if (up.length < 2) return;
    const [a, b] = this.#prng.shuffle(up) as [Seat, Seat];
    const kind = this.world.links.has(linkName(a.id, b.id)) ? "unlink" : "link";
    if (a.bank !== b.bank) this.world.do({ kind, a: a.id, b: b.id });
  }

  /** Slowly undoes crashes and cuts, so that something happens in between. */
  #mendOne(): void {
    const { world } = this;
    const down = [...world.seats.values()].filter(
      (seat) => seat.machine === undefined && seat.honest,
    );
    if (down.length > 0) return world.do({ kind: "restart", seat: this.#prng.pick(down).id });
    const up = this.#prng.shuffle([...world.seats.values()].filter(isUp));
    for (const [i, a] of up.entries()) {
      for (const b of up.slice(i + 1)) {
        if (a.bank === b.bank || world.links.has(linkName(a.id, b.id))) continue;
        return world.do({ kind: "link", a: a.id, b: b.id });
      }
    }
  }

  #wake(): void {
    const { world } = this;
    const waiting = [...world.seats.values()].filter(
      (seat) => isUp(seat) && seat.wakeAt !== undefined,
    );
    if (waiting.length > 0) world.do({ kind: "wake", seat: this.#prng.pick(waiting).id });
  }

  #submit(): void {
    const next = this.#submissions[0];
    if (next === undefined) return;
    const seat = this.world.seats.get(next.seat);
    if (seat !== undefined && !isUp(seat)) return;
    this.#submissions.shift();
    if (seat !== undefined) this.world.do({ kind: "submit", seat: next.seat, bytes: next.bytes });
  }

  #silence(): void {
    const { world } = this;
    world.do({ kind: "crash", seat: `${this.plan.liar}`, keep: 0 });
  }

  #seatTwin(): void {
    const { world } = this;
    const first = world.seat(`${this.plan.liar}`);
    const id = `${first.id}b`;
    world.seats.set(id, {
      ...first,
      id,
      machine: undefined,
      conduct: structuredClone(first.conduct),
    });
    world.do({ kind: "restart", seat: id });
    for (const seat of world.seats.values()) {
      const one = this.#prng.int(0, 2);
      if (seat.bank === first.bank) continue;
      if (one !== 0) world.do({ kind: "link", a: id, b: seat.id });
      if (one === 1) world.do({ kind: "unlink", a: first.id, b: seat.id });
    }
  }

  #replaceByForger(): Forger {
    const { world } = this;
    const liar = world.seat(`${this.plan.liar}`);
    const hashes = [new Uint8Array(32) as Hash];
    for (const record of parseLedgerFile(liar.file).records) {
      const block = record.kind === OWN_BLOCK ? parseFullBlock(record.payload) : undefined;
      if (block?.ok === true) hashes.push(block.value.hash);
    }
    world.do({ kind: "crash", seat: liar.id, keep: 0 });
    world.seats.delete(liar.id);
    for (const seat of world.seats.values()) world.greet(seat.id, liar.bank);
    return new Forger(new Puppet(world.corridor, liar.bank, hashes), this.#deals, liar.file);
  }
}

/** I12: what a replay of the file says is what the running bank says. */
function demandReplayIsState(world: World): void {
  for (const seat of world.seats.values()) {
    if (!seat.honest || seat.machine === undefined) continue;
    const opened = openBank(
      configOf(world.corridor, seat.bank),
      parseLedgerFile(seat.file).records,
    );
    demand(opened.ok, "JournalChain", `${seat.id} does not open`);
    const replayed = renderBooks(opened.value.state.books);
    const live = renderBooks(seat.machine.state.books);
    demand(replayed === live, "JournalChain", `${seat.id}: replay gives ${replayed}, not ${live}`);
  }
}

function renderBooks(books: Books): string {
  const balances = [...books.balances].map(([key, b]) => `${key}=${b.posted}+${b.pending}`);
  const used = [...books.members.values()].map(
    (m) => `${m.id}:${[...m.numbers.recent.keys()].toSorted((a, b) => a - b).join(",")}`,
  );
  return [...balances.toSorted(), ...[...books.holds.keys()].toSorted(), ...used.toSorted()].join(
    " ",
  );
}
