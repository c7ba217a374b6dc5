import { mean } from "simple-statistics";
import type { SwapRow } from "../run-result.ts";
import { freeOptionBasisPoints } from "./free-option.ts";
import { countOutcomes } from "./outcomes.ts";
import { quantile } from "./quantile.ts";
import { CLOCKS, settledTimes, type Clock } from "./settle-times.ts";
import { settledWithin, type SettledWithin } from "./settled-within.ts";
import type { SpellSum } from "./spells.ts";
import type { WorkDone } from "./work-meter.ts";

/** What is known of one run when it has ended. Sums of money in US cents, `null` without rates. */
export interface RunFacts {
  readonly swaps: readonly SwapRow[];
  readonly work: WorkDone;
  readonly held: SpellSum | null;
  readonly atRisk: SpellSum | null;
  /** Principal that was paid for nothing, or was still unanswered when the run ended. */
  readonly lostCents: bigint | null;
  /** How long the last who may withdraw can wait, by the arrangement's deadlines; `null`: nobody does. */
  readonly optionWindowMs: number | null;
  /** Volatility of the rates a year, for the value of the free option: an assumption. */
  readonly volatility: number;
  readonly violated: number;
}

/** How a measure is shown. */
export type MeasureKind = "duration" | "share" | "count" | "money" | "number";

interface RunMeasure {
  readonly title: string;
  readonly kind: MeasureKind;
  readonly unit: string;
  readonly meaning: string;
  readonly of: (facts: Prepared) => number | null;
}

/** Facts with what several measures need. */
interface Prepared extends RunFacts {
  readonly instruction: readonly number[];
  readonly ledger: readonly number[];
  readonly outcomes: ReturnType<typeof countOutcomes>;
  readonly within: SettledWithin | null;
}

const time = (
  clock: Clock,
  name: string,
  words: string,
  of: (sorted: readonly number[]) => number,
): RunMeasure => ({
  title: `${CLOCKS[clock].title}, ${name}`,
  kind: "duration",
  unit: "ms",
  meaning: `${words} of the times of settled swaps, ${CLOCKS[clock].spans}.`,
  of: (facts) => (facts[clock].length === 0 ? null : of(facts[clock])),
});

const percentile = (clock: Clock, percent: number): RunMeasure =>
  time(clock, `p${percent}`, `${percent}th percentile (nearest rank)`, (sorted) =>
    quantile(sorted, percent),
  );

const average = (clock: Clock): RunMeasure =>
  time(clock, "mean", "Mean", (sorted) => mean([...sorted]));

const outcome = (name: keyof ReturnType<typeof countOutcomes>, meaning: string): RunMeasure => ({
  title: `Swaps ${name}`,
  kind: "count",
  unit: "",
  meaning,
  of: ({ outcomes }) => outcomes[name],
});

const perSwap = (name: keyof WorkDone, title: string, meaning: string): RunMeasure => ({
  title: `${title} per swap`,
  kind: "number",
  unit: "",
  meaning: `${meaning} for each swap of the workload, by all banks together from its beginning on, with what its other payments take.`,
  of: ({ work, swaps }) => (swaps.length === 0 ? null : work[name] / swaps.length),
});

const dollars = (cents: bigint | null): number | null =>
  cents === null ? null : Number(cents) / 100;

const MICROS_PER_HOUR = 3_600_000_000;

const dollarHours = (sum: SpellSum | null): number | null =>
  sum === null ? null : Number(sum.unitMicros) / 100 / MICROS_PER_HOUR;

/** One number for each run and measure: what is compared, with its definition. */
export const RUN_MEASURES = {
  settled: outcome("settled", "Swaps of which both legs were paid."),
  voided: outcome("voided", "Swaps given up: what had been held was given back."),
  split: outcome("split", "Swaps of which one leg was paid and the other was not."),
  rejected: outcome("rejected", "Swaps that a bank turned down before anything was held."),
  unresolved: outcome("unresolved", "Swaps without a known outcome when the run ended."),
  ledgerP50: percentile("ledger", 50),
  ledgerP90: percentile("ledger", 90),
  ledgerP95: percentile("ledger", 95),
  ledgerP99: percentile("ledger", 99),
  ledgerMean: average("ledger"),
  instructionP50: percentile("instruction", 50),
  instructionP90: percentile("instruction", 90),
  instructionP95: percentile("instruction", 95),
  instructionP99: percentile("instruction", 99),
  instructionMean: average("instruction"),
  withinHour: {
    title: "Settled within an hour",
    kind: "share",
    unit: "",
    meaning: "Share of all swaps settled within an hour of the first member's decision.",
    of: ({ within }) => within?.hour ?? null,
  },
  withinBusinessDay: {
    title: "Settled within a business day",
    kind: "share",
    unit: "",
    meaning: "The same within 24 hours, Saturdays and Sundays (UTC) not counted.",
    of: ({ within }) => within?.businessDay ?? null,
  },
  heldDollarHours: {
    title: "Money held x time",
    kind: "money",
    unit: "US dollar hours",
    meaning: "Sum over all legs of what was on hold for a swap, times how long it was.",
    of: ({ held }) => dollarHours(held),
  },
  heldPeakDollars: {
    title: "Money held at once",
    kind: "money",
    unit: "US dollars",
    meaning: "The most that was on hold for swaps at one time, in all currencies.",
    of: ({ held }) => dollars(held?.peak ?? null),
  },
  heldMean: {
    title: "Hold of a swap, mean",
    kind: "duration",
    unit: "ms",
    meaning: "Mean time from the first LOCK to the last SETTLE or VOID, of swaps with a LOCK.",
    of: ({ swaps }) => meanOf(swaps.map(({ heldMs }) => heldMs)),
  },
  atRiskPeakDollars: {
    title: "Principal at risk, most",
    kind: "money",
    unit: "US dollars",
    meaning:
      "The most that members had paid finally while their counter-legs were neither final nor certain.",
    of: ({ atRisk }) => dollars(atRisk?.peak ?? null),
  },
  atRiskDollarHours: {
    title: "Principal at risk x time",
    kind: "money",
    unit: "US dollar hours",
    meaning: "The integral of that over time.",
    of: ({ atRisk }) => dollarHours(atRisk),
  },
  lostDollars: {
    title: "Principal never answered",
    kind: "money",
    unit: "US dollars",
    meaning: "Paid finally while the counter-leg never came, by the end of the run.",
    of: ({ lostCents }) => dollars(lostCents),
  },
  freeOptionBp: {
    title: "Free option, as it went",
    kind: "number",
    unit: "basis points",
    meaning:
      "Mean over swaps with a LOCK of 10 000 (2 N(sigma sqrt(T) / 2) - 1), T from the first LOCK to the decision: how long nobody was bound yet.",
    of: ({ swaps, volatility }) => {
      const windows = swaps.map(openMs);
      return meanOf(
        windows.map((ms) => (ms === null ? null : freeOptionBasisPoints(volatility, ms))),
      );
    },
  },
  freeOptionMostBp: {
    title: "Free option, at most",
    kind: "number",
    unit: "basis points",
    meaning:
      "The same for the longest that the last who may withdraw can wait: the time-to-live, the longer time lock, the hub's time-out or the pay-in window.",
    of: ({ optionWindowMs: ms, volatility }) =>
      ms === null ? null : freeOptionBasisPoints(volatility, ms),
  },
  messages: perSwap("messages", "Messages", "Messages sent"),
  bytes: perSwap("bytes", "Bytes", "Bytes of the messages sent"),
  signatures: perSwap("signatures", "Signatures", "Signatures made"),
  verifications: perSwap("verifications", "Verifications", "Signatures checked"),
  flushes: perSwap("flushes", "Flushes", "Flushes of a journal to disk"),
  violated: {
    title: "Properties violated",
    kind: "count",
    unit: "",
    meaning: "Properties of P1 to P15 that the run's checkers saw broken.",
    of: ({ violated }) => violated,
  },
} as const satisfies Readonly<Record<string, RunMeasure>>;

export type RunMeasureName = keyof typeof RUN_MEASURES;

export const RUN_MEASURE_NAMES = Object.keys(RUN_MEASURES) as readonly RunMeasureName[];

export type RunValues = Readonly<Record<RunMeasureName, number | null>>;

/** All measures of one run. */
export function measureRun(facts: RunFacts): RunValues {
  const sorted = (clock: Clock): readonly number[] =>
    settledTimes(facts.swaps, clock).toSorted((a, b) => a - b);
  const prepared: Prepared = {
    ...facts,
    instruction: sorted("instruction"),
    ledger: sorted("ledger"),
    outcomes: countOutcomes(facts.swaps),
    within: settledWithin(facts.swaps),
  };
  const values = RUN_MEASURE_NAMES.map((name) => [name, RUN_MEASURES[name].of(prepared)] as const);
  return Object.fromEntries(values) as Record<RunMeasureName, number | null>;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : mean(known);
}

/** From the first LOCK to the decision, or to the end of the last hold where no decision is known. */
function openMs(swap: SwapRow): number | null {
  const locks = [swap.lockedSellUs, swap.lockedBuyUs].filter((us) => us > 0);
  if (locks.length === 0) return null;
  const endUs = swap.decidedUs || Math.max(swap.finalSellUs, swap.finalBuyUs);
  return endUs === 0 ? null : Math.max(0, endUs - Math.min(...locks)) / 1000;
}
