import type { Bytes } from "../../crypto/bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import type { Report } from "../../corridor/report.ts";
import { ORDER } from "../../node/instruction.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import { environmentFailed } from "../exit.ts";
import { quantile } from "../measures/quantile.ts";
import { enrolmentBytes, submitOrder, type Wallet } from "../play/wallet.ts";
import { RESERVES } from "./corridor-shape.ts";

/** Swaps under way at once at saturation, for each bank. */
export const WINDOW_PER_BANK = 100;

/** Swaps with which a corridor is warmed up and its rate is guessed. */
export const WARM_UP = 2_000;

/** One settled swap: microseconds from arrival at the first bank to the later durable SETTLE, and when. */
export interface SettledSwap {
  readonly settleUs: number;
  readonly finalUs: number;
}

/** Swaps under way, which settle once both of their banks have said so. */
export class OpenSwaps {
  readonly #open = new Map<string, { received: number; final: number; banks: number }>();

  get count(): number {
    return this.#open.size;
  }

  add(commitment: string): void {
    this.#open.set(commitment, { received: 0, final: 0, banks: 0 });
  }

  /** Takes one bank's report; the swap, when it was the second. Any other outcome ends the bench. */
  take(report: Extract<Report, { readonly kind: "swap" }>): SettledSwap | undefined {
    if (report.outcome !== "settled") throw environmentFailed(`a swap was ${report.outcome}`);
    const swap = this.#open.get(report.commitment);
    if (swap === undefined) return undefined;
    const { received, final } = report.times;
    swap.received = Math.max(swap.received, received);
    swap.final = Math.max(swap.final, final);
    if (++swap.banks < 2) return undefined;
    this.#open.delete(report.commitment);
    return { settleUs: swap.final - swap.received, finalUs: swap.final };
  }
}

/** What the bank of wallet `i` is given before the load: all members, and money for its own. */
export function openingOf(i: number, wallets: readonly Wallet[], net: Hash): readonly Bytes[] {
  const memberClass = MEMBER_CLASS["commercial-bank"];
  const enrolments = wallets.map((wallet, j) =>
    enrolmentBytes({ wallet, memberClass, resident: i === j, reserves: RESERVES }),
  );
  const order = { kind: ORDER.issue, amount: RESERVES } as const;
  return [...enrolments, submitOrder(wallets[i] as Wallet, net, i + 1, order).bytes];
}

/** Settled swaps per second between the first and the last settlement. */
export function ratePerSecond(swaps: readonly SettledSwap[]): number {
  const finals = swaps.map((swap) => swap.finalUs).toSorted((a, b) => a - b);
  const [first, last] = [finals[0], finals.at(-1)];
  if (first === undefined || last === undefined || last === first) {
    throw environmentFailed("too few swaps settled to measure a rate");
  }
  return (1e6 * (finals.length - 1)) / (last - first);
}

/** Settle times in milliseconds. */
export function settleQuantiles(swaps: readonly SettledSwap[]) {
  const ms = swaps.map((swap) => swap.settleUs / 1000).toSorted((a, b) => a - b);
  return { p50: quantile(ms, 50), p95: quantile(ms, 95) };
}
