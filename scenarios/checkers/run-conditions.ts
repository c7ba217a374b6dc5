import type { ArrangementChoice } from "../../corridor/choice.ts";
import { toMs, type Instant } from "../../node/time.ts";
import { linkDelays } from "../network/link-delays.ts";
import { choiceOf } from "../arrangement-choice.ts";
import type { Scenario } from "../scenario.ts";
import { cpuUs, flushUs } from "../sim/work-costs.ts";
import { budgetOf, type FaultBudget } from "./fault-budget.ts";

/** What a run's network, costs and faults promise: the premises of P4 and P8. */
export interface RunConditions {
  /** How the swaps of the run settle. */
  readonly choice: ArrangementChoice;
  /** A hub settles the swaps on its own books, and the banks see payments only. */
  readonly isNetted: boolean;
  /** How far clocks of two banks may be apart, in milliseconds; those that drift count as Infinity. */
  readonly greatestSkewMs: number;
  readonly budget: FaultBudget;
  readonly hasFaults: boolean;
  /** The most that a message is under way until it can be used, in microseconds; `undefined` when there is no bound. */
  readonly greatestDelayUs: number | undefined;
  /** Whether messages get lost without a fault. */
  readonly isLossy: boolean;
  /** Delta and T0 of the corridor, in milliseconds. */
  readonly deltaMs: number;
  readonly ttlMs: number;
  /**
   * The most that a message waits at a bank until what it leads to leaves, in microseconds: the work
   * before it, its own, and two flushes, the one under way and its own.
   */
  readonly handlingUs: (load: Load) => number;
}

/** How busy the busiest bank of a run ever was. */
export interface Load {
  /** Inputs that waited at once. */
  readonly waiting: number;
  /** Bytes and entries of the largest message or block. */
  readonly bytes: number;
  readonly entries: number;
}

/** Half the width of the uniform delay, in jitters (`sampleDelayUs`, model `measured`). */
const UNIFORM_HALF_WIDTH = 1.25;

/** Signatures that one input makes a bank verify, at most: a block's, or those of a swap's members. */
const VERIFIED_PER_INPUT = 4;

export function conditionsOf(scenario: Scenario): RunConditions {
  const { corridor, network, costs, banks, faults } = scenario;
  const share = costs.cores === 0 ? 1 : Math.ceil(banks.length / costs.cores);
  return {
    choice: choiceOf(scenario),
    isNetted: scenario.arrangement === "netting",
    greatestSkewMs: greatestSkew(scenario),
    budget: budgetOf(scenario),
    hasFaults: faults.length > 0,
    greatestDelayUs: greatestDelay(scenario),
    isLossy: network.lossPercent > 0,
    deltaMs: corridor.deltaMs,
    ttlMs: corridor.ttlMs,
    handlingUs: ({ waiting, bytes, entries }) => {
      const step = cpuUs(
        {
          signs: 1,
          verifies: VERIFIED_PER_INPUT,
          entries: entries + 1,
          messages: banks.length,
          bytes: bytes * banks.length,
        },
        costs,
      );
      return (waiting + 2) * step * share + 2 * flushUs(bytes * banks.length, costs);
    },
  };
}

function greatestSkew({ faults }: Scenario): number {
  const clocks = faults.filter((fault) => fault.kind === "clock");
  if (clocks.some(({ driftPpm }) => driftPpm !== 0)) return Infinity;
  const offsets = [0, ...clocks.map(({ offsetMs }) => offsetMs)];
  return Math.max(...offsets) - Math.min(...offsets);
}

function greatestDelay({ network, banks }: Scenario): number | undefined {
  const { topology, model, bandwidthMbps, reorder } = network;
  // Behind others on a narrow line, or for what it has overtaken, a message waits as long as it takes.
  if (bandwidthMbps !== null || reorder) return undefined;
  if (topology.kind === "none") return 0;
  if (model !== "constant" && model !== "measured") return undefined;
  const width = model === "constant" ? 0 : UNIFORM_HALF_WIDTH;
  const delays = linkDelays(network, banks).map((link) => link.p50Us + width * link.jitterUs);
  return Math.ceil(Math.max(0, ...delays));
}

/**
 * The bound of P8 after `from`, with `highestView` the highest view that a correct bank was in then. Under
 * `htlc` a hold ends with its lock, whoever is there; under `two-phase` its bank waits for the hub, which
 * has its time, and the answer two delays more.
 */
export function closingBoundMs(
  from: Instant,
  highestView: number,
  conditions: RunConditions,
): number {
  const { deltaMs, ttlMs, budget, choice, greatestSkewMs } = conditions;
  if (choice.arrangement === "htlc") {
    const { deltaMaxMs, epsilonMs } = choice;
    return toMs(from) + 4 * deltaMaxMs + 4 * epsilonMs + greatestSkewMs + deltaMs;
  }
  if (choice.arrangement === "two-phase") return toMs(from) + choice.prepareMs + 6 * deltaMs;
  const last = highestView + budget.byzantine + budget.crashed + 1;
  const timeouts = 6 * deltaMs * (2 ** last - 1);
  return toMs(from) + ttlMs + timeouts + 4 * deltaMs;
}
