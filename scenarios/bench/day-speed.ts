import type { PaymentDay } from "../../corridor/liquidity/payment-day.ts";
import { QUEUE_RULES, type QueueRule } from "../../corridor/liquidity/queue-rules.ts";
import { environmentFailed } from "../exit.ts";
import { readDayInput } from "../rtgs/day-input.ts";
import { generateDay } from "../workload/generated-day.ts";

export const DAY_PAYMENTS = 100_000;
export const DAY_MEMBERS = 100;

/** What members open with, in per cent of what they need to pay at once. */
const AMPLE_PERCENT = 100;
export const TIGHT_PERCENT = 5;

const CLOSE_MS = 32_400_000;

/** Payments per second of one queue rule on one core, once they are read. */
export interface DaySpeed {
  readonly rule: QueueRule;
  /** Whether one payment in ten has a higher class. */
  readonly hasClasses: boolean;
  readonly amplePerSecond: number;
  readonly tightPerSecond: number;
}

/** Settles one drawn day by every rule, for about `budgetMs` each and level of liquidity. */
export function measureDays(budgetMs: number): readonly DaySpeed[] {
  const [ample, tight] = [drawDay(AMPLE_PERCENT), drawDay(TIGHT_PERCENT)];
  const rules = Object.keys(QUEUE_RULES) as QueueRule[];
  return [false, true].flatMap((hasClasses) =>
    rules.map((rule) => {
      const of = (day: PaymentDay, ms: number): number =>
        rate(rule, hasClasses ? withClasses(day) : day, ms);
      // The first time is that of code which is not compiled yet.
      of(ample, 0);
      const [amplePerSecond, tightPerSecond] = [of(ample, budgetMs), of(tight, budgetMs)];
      return { rule, hasClasses, amplePerSecond, tightPerSecond };
    }),
  );
}

function drawDay(liquidityPercent: number): PaymentDay {
  const generated = {
    members: DAY_MEMBERS,
    payments: DAY_PAYMENTS,
    profile: [1],
    medianValue: 1_000_000,
    liquidityPercent,
  };
  const { payments, opening } = generateDay({ seed: 1, closeMs: CLOSE_MS }, generated);
  const file = (text: string) => ({ bytes: new TextEncoder().encode(text), file: "drawn" });
  const read = readDayInput({ payments: file(payments), opening: file(opening) }, CLOSE_MS);
  if (!read.ok) throw environmentFailed("the bench cannot read the day that it has drawn");
  return read.value.day;
}

const withClasses = (day: PaymentDay): PaymentDay => ({
  ...day,
  classes: day.classes.map((_, i) => Number(i % 10 === 0)),
});

function rate(rule: QueueRule, day: PaymentDay, budgetMs: number): number {
  const start = performance.now();
  let payments = 0;
  while (payments === 0 || performance.now() - start < budgetMs) {
    QUEUE_RULES[rule].settle(day);
    payments += DAY_PAYMENTS;
  }
  return (1_000 * payments) / (performance.now() - start);
}
