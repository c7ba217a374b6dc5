import type { Property } from "./checker.ts";
import type { RunConditions } from "./run-conditions.ts";

/**
 * What an arrangement does not promise in a run, and why (protocols.md, section 5, "baselines must fail in
 * the right place"). Where it is violated all the same, that is a result of the experiment.
 */
export function notPromised(property: Property, conditions: RunConditions): string | undefined {
  const { choice, budget, hasFaults } = conditions;
  switch (choice.arrangement) {
    case "htlc":
      return property === "P1" ? whyLate(conditions) : undefined;
    case "two-phase":
      if (property === "P8" && hasFaults) return "two-phase blocks while its hub is away";
      return OF_TRUST.has(property) && budget.lying.length > 0
        ? "two-phase trusts its hub, and every vote"
        : undefined;
    case "gross":
      return property === "P1" ? "gross legs do not depend on one another" : undefined;
    case "certified":
      return undefined;
    default:
      return choice satisfies never;
  }
}

/** What two-phase commit loses when a bank lies. */
const OF_TRUST: ReadonlySet<Property> = new Set(["P1", "P2", "P3", "P13"]);

/** HTLC is atomic as long as messages and clocks keep to its bounds, and every redeemer is there. */
function whyLate(conditions: RunConditions): string | undefined {
  const { choice, greatestSkewMs, greatestDelayUs, isLossy, hasFaults } = conditions;
  if (choice.arrangement !== "htlc") return undefined;
  const { deltaMaxMs, epsilonMs } = choice;
  if (greatestSkewMs > epsilonMs) return `htlc needs clocks within ${epsilonMs} ms`;
  if (hasFaults || isLossy)
    return "htlc loses a leg when its redeemer is cut off past the time lock";
  if (greatestDelayUs === undefined || greatestDelayUs > deltaMaxMs * 1000) {
    return `htlc needs messages within ${deltaMaxMs} ms`;
  }
  return undefined;
}

/** What is said of swaps between banks, of which a netted run has none. */
const OF_SWAPS: ReadonlySet<Property> = new Set(["P1", "P2", "P3", "P4", "P7", "P8", "P13"]);

/** Why a property has no meaning in a run, whatever happens in it. */
export const meaningless = (property: Property, { isNetted }: RunConditions): string | undefined =>
  isNetted && OF_SWAPS.has(property) ? "the hub settles the swaps on its books" : undefined;
