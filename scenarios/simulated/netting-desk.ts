import { NettingHub, type HubInput, type HubOrder } from "../../corridor/netting/hub.ts";
import type { Position } from "../../corridor/netting/positions.ts";
import type { Trade, TradeLeg } from "../../corridor/netting/trade.ts";
import type { Report } from "../../corridor/report.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { MemberId } from "../../node/ids.ts";
import type { Amount } from "../../node/money.ts";
import { instant, type Instant } from "../../node/time.ts";
import type { Cast } from "../play/cast.ts";
import type { SwapReport, TrackedSwap } from "../play/recorder.ts";
import type { Submission } from "../play/wallet.ts";
import { NETTING_HUB } from "../netting-hub.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../sim/world.ts";

export interface DeskOptions {
  readonly scenario: Scenario;
  readonly world: World;
  readonly cast: Cast;
  /** When the workload began: cycles count from then. */
  readonly begun: Instant;
  /** A drawn one-way delay between two banks' cities, in microseconds. */
  readonly delayUs: (from: number, to: number) => number;
  /** Gives a member's instruction to its bank. */
  readonly submit: (submission: Submission) => void;
  readonly onEnded: (swap: TrackedSwap) => void;
}

/** One cycle of netting. */
interface Batch {
  readonly hub: NettingHub;
  readonly swaps: Map<string, Entered>;
  /** Pay-outs that were ordered and are not durable yet, by "member currency". */
  readonly owed: Map<string, Instant>;
  isPaidOut: boolean;
}

interface Entered {
  readonly swap: TrackedSwap;
  readonly receivedAt: Instant;
  matchedAt: Instant;
  settledAt: Instant;
}

/** What was paid in for each currency, against what the same trades would have moved one by one. */
export interface NettingSummary {
  readonly currency: string;
  readonly gross: bigint;
  readonly funded: bigint;
}

/** An instruction of a member or of the hub that is under way. */
interface Transfer {
  readonly kind: "pay-in" | "pay-out";
  readonly batch: Batch;
  readonly position: Position;
  readonly bank: number;
}

const NEVER = instant(0);

/**
 * The netting hub of a simulated run, and the members who trade through it (protocols.md, 2.5). Pay-ins and
 * pay-outs are ordinary instructions to the banks, in their ledgers; the hub's own messages take the
 * delays of the links between the banks' cities, and the hub itself does not fail.
 */
export class NettingDesk {
  readonly #options: DeskOptions;
  readonly #hubBank: number;
  readonly #under = new Map<string, Transfer>();
  readonly #gross = new Map<string, bigint>();
  readonly #funded = new Map<string, bigint>();
  #open: Batch | undefined;
  #orders = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#hubBank = options.scenario.arrangements.netting.hub;
  }

  summary(): readonly NettingSummary[] {
    return [...this.#gross].map(([currency, gross]) => ({
      currency,
      gross,
      funded: this.#funded.get(currency) ?? 0n,
    }));
  }

  /** Both members send their side of the trade to the hub. */
  enter(swap: TrackedSwap): void {
    const { world } = this.#options;
    const [sell, buy] = swap.plan.legs;
    const legOf = ({ payer, currency, amount }: typeof sell): TradeLeg => ({
      payer: payer as MemberId,
      currency: currency as TradeLeg["currency"],
      amount,
    });
    const trade: Trade = { id: swap.plan.id, legs: [legOf(sell), legOf(buy)] };
    for (const { bank, payer } of swap.plan.legs) {
      this.#carry(this.#bankNumber(bank), this.#hubBank, () => {
        const batch = this.#openBatch();
        if (!batch.swaps.has(trade.id)) {
          const times = { matchedAt: NEVER, settledAt: NEVER };
          batch.swaps.set(trade.id, { swap, receivedAt: world.now, ...times });
        }
        this.#take(batch, { kind: "submit", member: payer as MemberId, trade });
      });
    }
  }

  /** Whether the report answers an instruction of this desk. */
  heard(bank: number, report: Report): boolean {
    if (report.kind !== "instruction") return false;
    const key = keyOf(bank, report.member, report.number);
    const transfer = this.#under.get(key);
    if (transfer === undefined) return false;
    this.#under.delete(key);
    if (report.status !== "executed" && report.status !== "exists") return true;
    const { batch, position, kind } = transfer;
    if (kind === "pay-in") {
      const { currency, amount } = position;
      this.#funded.set(currency, (this.#funded.get(currency) ?? 0n) + amount);
      this.#carry(bank, this.#hubBank, () => this.#take(batch, { kind: "pay-in", position }));
    } else {
      batch.owed.set(accountKey(position), this.#options.world.now);
      this.#closeFinal(batch);
    }
    return true;
  }

  /** The cycle that takes trades now; its cut-off comes at the end of the running period. */
  #openBatch(): Batch {
    if (this.#open !== undefined) return this.#open;
    const batch: Batch = {
      hub: new NettingHub(),
      swaps: new Map(),
      owed: new Map(),
      isPaidOut: false,
    };
    this.#open = batch;
    const { world, begun, scenario } = this.#options;
    const { cycleMs, payInMs } = scenario.arrangements.netting;
    const cycleUs = cycleMs * 1000;
    const passed = Math.floor((world.now - begun) / cycleUs);
    const cutOff = instant(begun + (passed + 1) * cycleUs);
    world.at(cutOff, () => {
      this.#open = undefined;
      this.#take(batch, { kind: "cut-off" });
    });
    world.at(instant(cutOff + payInMs * 1000), () => this.#take(batch, { kind: "end" }));
    return batch;
  }

  #take(batch: Batch, input: HubInput): void {
    const orders = batch.hub.take(input);
    // A side that comes after the cut-off stays without its other half, and is returned.
    if (!orders.ok) return;
    for (const order of orders.value) this.#obey(batch, order);
    if (input.kind !== "submit") this.#closeFinal(batch);
  }

  #obey(batch: Batch, order: HubOrder): void {
    const { now } = this.#options.world;
    switch (order.kind) {
      case "matched": {
        const entered = batch.swaps.get(order.trade.id);
        if (entered !== undefined) entered.matchedAt = now;
        return;
      }
      case "schedule":
        return this.#pay(batch, "pay-in", order.position);
      case "settled": {
        const entered = batch.swaps.get(order.trade.id);
        if (entered !== undefined) entered.settledAt = now;
        for (const { currency, amount } of order.trade.legs) {
          this.#gross.set(currency, (this.#gross.get(currency) ?? 0n) + amount);
        }
        return;
      }
      case "returned":
        return this.#return(batch, order.trade);
      case "pay-out":
        batch.isPaidOut = true;
        return this.#pay(batch, "pay-out", order.position);
      default:
        unreachable(order);
    }
  }

  /** The payer learns what it has to pay, and orders its bank to transfer it. */
  #pay(batch: Batch, kind: Transfer["kind"], position: Position): void {
    const { scenario, cast, submit } = this.#options;
    const { member, currency, amount } = position;
    const bank = scenario.banks.find((b) => b.currency.code === currency);
    if (bank === undefined) throw new TypeError(`no bank issues ${currency}`);
    const [payer, payee] = kind === "pay-in" ? [member, NETTING_HUB] : [NETTING_HUB, member];
    if (kind === "pay-out") batch.owed.set(accountKey(position), NEVER);
    this.#carry(this.#hubBank, bank.number, () => {
      const submission = cast.payment({
        id: `${kind}-${++this.#orders}`,
        atMs: 0,
        kind: "one-way",
        bank: bank.id,
        payer,
        payee,
        amount: amount as Amount,
        tag: null,
        line: null,
        purpose: null,
        facts: [],
        action: null,
        diversion: null,
        expected: null,
      });
      const key = keyOf(submission.bank, submission.member, submission.number);
      this.#under.set(key, { kind, batch, position, bank: bank.number });
      submit(submission);
    });
  }

  #return(batch: Batch, trade: Trade): void {
    const entered = batch.swaps.get(trade.id);
    if (entered === undefined) return;
    const refusal = entered.matchedAt === NEVER ? "trade_unmatched" : "payin_missing";
    this.#finish(entered, "voided", refusal, () => this.#options.world.now);
  }

  /** Ends every settled trade whose payees have all that the batch pays them. */
  #closeFinal(batch: Batch): void {
    // Until the batch pays out nobody knows whether a payee is paid, or has netted it away.
    if (!batch.isPaidOut && batch.hub.hasOpenTrades) return;
    for (const entered of batch.swaps.values()) {
      const { swap, settledAt } = entered;
      if (swap.closed || settledAt === NEVER) continue;
      if (swap.plan.legs.some((leg) => batch.owed.get(accountOf(leg)) === NEVER)) continue;
      this.#finish(entered, "settled", null, (leg) => batch.owed.get(accountOf(leg)) ?? settledAt);
    }
  }

  #finish(
    { swap, receivedAt, matchedAt, settledAt }: Entered,
    outcome: SwapReport["outcome"],
    refusal: string | null,
    finalOf: (leg: TrackedSwap["plan"]["legs"][number]) => Instant,
  ): void {
    for (const leg of swap.plan.legs) {
      swap.finals.set(leg.bank, {
        kind: "swap",
        sid: "",
        commitment: "",
        outcome,
        view: 0,
        refusal,
        times: {
          received: receivedAt,
          announced: matchedAt,
          locked: NEVER,
          voted: NEVER,
          decided: settledAt,
          final: finalOf(leg),
        },
      });
    }
    this.#options.onEnded(swap);
  }

  #carry(from: number, to: number, arrives: () => void): void {
    const us = from === to ? 0 : this.#options.delayUs(from, to);
    this.#options.world.after(us, arrives);
  }

  #bankNumber(id: string): number {
    return this.#options.scenario.banks.find((bank) => bank.id === id)?.number ?? 0;
  }
}

const keyOf = (bank: number, member: string, number: number): string =>
  `${bank} ${member} ${number}`;

const accountKey = ({ member, currency }: Position): string => `${member} ${currency}`;

/** Where a leg's money ends: its payee's account in its currency. */
const accountOf = ({ payee, currency }: TrackedSwap["plan"]["legs"][number]): string =>
  `${payee} ${currency}`;
