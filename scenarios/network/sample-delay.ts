import { unreachable } from "../../crypto/outcome.ts";
import type { Prng } from "../sim/prng.ts";
import { HALVINGS, HEAVY_TAIL, LOG_NORMAL, STEPS, TABLE_UNIT } from "./delay-tables.ts";
import type { DelayModel, LinkDelay } from "./network.ts";

const TWO_32 = 0x1_0000_0000;

/** Half the width of the uniform distribution whose 90th percentile lies one jitter above its median. */
const UNIFORM_HALF_WIDTH = 1.25;

/**
 * Draws the one-way delay of one message, in whole microseconds, never below zero. Every model has the
 * link's median, and but for `constant` its 90th percentile, one jitter above.
 *
 * - `constant`: always the median.
 * - `measured`: no more than was measured; every delay within 1.25 jitters of the median is as likely.
 * - `log-normal`: a fixed least delay, and what queues add to it log-normal (sigma = 1).
 * - `heavy-tail`: a Pareto tail of index 1.5; one message in a million takes over 3,000 jitters longer.
 *
 * One draw of 32 bits each (none for `constant`), then exact or once rounded arithmetic: the same on
 * every engine.
 */
export function sampleDelayUs(link: LinkDelay, model: DelayModel, prng: Prng): number {
  const { p50Us, jitterUs } = link;
  switch (model) {
    case "constant":
      return p50Us;
    case "measured": {
      const u = (prng.u32() + 0.5) / TWO_32;
      return whole(p50Us + jitterUs * UNIFORM_HALF_WIDTH * (2 * u - 1));
    }
    case "log-normal":
      return whole(p50Us + (jitterUs * lookUp(LOG_NORMAL, prng.u32())) / TABLE_UNIT);
    case "heavy-tail":
      return whole(p50Us + (jitterUs * lookUp(HEAVY_TAIL, prng.u32())) / TABLE_UNIT);
    default:
      return unreachable(model);
  }
}

const whole = (us: number): number => Math.max(0, Math.floor(us + 0.5));

/** The value of a table at the upper probability (word + 1) / 2^32, on a straight line between two values. */
function lookUp(table: readonly number[], word: number): number {
  // 2^-k >= q > 2^-(k+1): k is the number of zero bits at the front of q 2^32 - 1, which is the word.
  const halving = Math.clz32(word);
  if (halving >= HALVINGS) return table[HALVINGS * STEPS] as number;
  const top = TWO_32 / (1 << halving);
  const step = ((top - (word + 1)) / top) * 2 * STEPS;
  const index = Math.floor(step);
  const from = table[halving * STEPS + index] as number;
  const to = table[halving * STEPS + index + 1] as number;
  return from + (to - from) * (step - index);
}
