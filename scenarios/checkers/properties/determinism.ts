import type { Violation } from "../checker.ts";
import { instant } from "../../../node/time.ts";

/**
 * P15: runs the same thing twice, and compares what tells two histories apart. A single run cannot
 * judge it, so it is no checker of one; `undefined` when both runs were the same.
 */
export function determinism(runToTraceHash: () => string): Violation | undefined {
  const [first, second] = [runToTraceHash(), runToTraceHash()];
  if (first === second) return undefined;
  const detail = `the same seed gave the histories ${first.slice(0, 16)} and ${second.slice(0, 16)}`;
  return { property: "P15", bank: "", at: instant(0), detail };
}
