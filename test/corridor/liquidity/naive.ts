import { unreachable } from "../../../crypto/outcome.ts";
import type { QueueRule } from "../../../corridor/liquidity/queue-rules.ts";
import type { PaymentDay } from "../../../corridor/liquidity/payment-day.ts";

interface Queued {
  readonly payment: number;
  readonly payer: number;
  readonly payee: number;
  readonly value: bigint;
  readonly level: number;
}

/**
 * The queue rules written down once more, as their definitions say and however slowly: by payment, the
 * submission that let it settle, -1 when none did.
 */
export function naivelySettled(day: PaymentDay, rule: QueueRule): number[] {
  const balances = [...day.opening];
  const settledBy = Array.from(day.payers, () => -1);
  let queue: readonly Queued[] = [];

  for (const [payment, payer] of day.payers.entries()) {
    const payee = day.payees[payment] ?? 0;
    const value = day.values[payment] ?? 0n;
    queue = [...queue, { payment, payer, payee, value, level: day.classes[payment] ?? 0 }];
    // A higher class is always first; Array.sort is stable.
    queue = queue.toSorted((a, b) => b.level - a.level);
    for (;;) {
      const settling = next(queue);
      if (settling.length === 0) break;
      for (const item of settling) {
        balances[item.payer] = (balances[item.payer] ?? 0n) - item.value;
        balances[item.payee] = (balances[item.payee] ?? 0n) + item.value;
        settledBy[item.payment] = payment;
      }
      queue = queue.filter((item) => !settling.includes(item));
    }
  }
  return settledBy;

  /** What settles next, all of it at once. */
  function next(queued: readonly Queued[]): readonly Queued[] {
    switch (rule) {
      case "fifo":
        return firstPayable(heads(queued));
      case "bypass":
        return firstPayable(queued);
      case "bilateral-offset":
        return orWhenStuck(queued, offsettingPair);
      case "gridlock-resolution":
        return orWhenStuck(queued, resolved);
      default:
        return unreachable(rule);
    }
  }

  function orWhenStuck(
    queued: readonly Queued[],
    otherwise: (queued: readonly Queued[]) => readonly Queued[],
  ): readonly Queued[] {
    const settling = firstPayable(heads(queued));
    return settling.length > 0 ? settling : otherwise(queued);
  }

  function firstPayable(items: readonly Queued[]): readonly Queued[] {
    const first = items.find(({ payer, value }) => (balances[payer] ?? 0n) >= value);
    return first === undefined ? [] : [first];
  }

  function offsettingPair(queued: readonly Queued[]): readonly Queued[] {
    for (const item of heads(queued)) {
      const back = heads(queued).find(({ payer }) => payer === item.payee);
      if (back?.payee === item.payer && isPayable([item, back])) return [item, back];
    }
    return [];
  }

  function resolved(queued: readonly Queued[]): readonly Queued[] {
    let left = queued;
    for (;;) {
      const short = balances.findIndex((_, member) => balanceAfter(left, member) < 0n);
      if (short === -1) return left;
      const last = left.findLast(({ payer }) => payer === short);
      left = left.filter((item) => item !== last);
    }
  }

  function isPayable(items: readonly Queued[]): boolean {
    return balances.every((_, member) => balanceAfter(items, member) >= 0n);
  }

  function balanceAfter(items: readonly Queued[], member: number): bigint {
    return items.reduce((balance, { payer, payee, value }) => {
      if (payer === member) return balance - value;
      return payee === member ? balance + value : balance;
    }, balances[member] ?? 0n);
  }
}

function heads(queued: readonly Queued[]): readonly Queued[] {
  return queued.filter((item) => queued.find(({ payer }) => payer === item.payer) === item);
}
