import type { ArrangementChoice } from "../corridor/choice.ts";
import { unreachable } from "../crypto/outcome.ts";
import type { Scenario } from "./scenario.ts";

/** How the banks of a scenario let the swaps settle that they announce. */
export function choiceOf({
  arrangement,
  arrangements,
}: Pick<Scenario, "arrangement" | "arrangements">): ArrangementChoice {
  switch (arrangement) {
    case "certified":
      return { arrangement };
    case "shared-ledger":
    case "netting":
      // Its banks are validators, or settle no swaps themselves: they have no choice of this kind.
      return { arrangement: "certified" };
    case "htlc":
      return { arrangement, ...arrangements.htlc };
    case "two-phase":
      return { arrangement, ...arrangements.twoPhase };
    case "gross":
      return { arrangement, ...arrangements.gross };
    default:
      return unreachable(arrangement);
  }
}

/** The bank that announces is the hub. */
const INITIATOR = "initiator";

/** A choice as one word, as a bank's process takes it: `htlc:250:50`, `two-phase:6:3000`, `gross:0`. */
export function renderChoice(choice: ArrangementChoice): string {
  switch (choice.arrangement) {
    case "certified":
      return choice.arrangement;
    case "htlc":
      return `htlc:${choice.deltaMaxMs}:${choice.epsilonMs}`;
    case "two-phase":
      return `two-phase:${choice.hub ?? INITIATOR}:${choice.prepareMs}`;
    case "gross":
      return `gross:${choice.lagMs}`;
    default:
      return unreachable(choice);
  }
}

export const WANT_CHOICE =
  "certified, htlc:DELTA:EPSILON, two-phase:HUB:PREPARE or gross:LAG, in milliseconds, with a bank's number or initiator as HUB";

/** `undefined` for what is no choice. */
export function parseChoice(text: string): ArrangementChoice | undefined {
  const [arrangement, ...words] = text.split(":");
  const numbers = words.map((word) => (/^(0|[1-9]\d{0,7})$/.test(word) ? Number(word) : undefined));
  const [first, second] = numbers;
  const count = words.length;
  if (arrangement === "certified" && count === 0) return { arrangement };
  if (arrangement === "gross" && count === 1 && first !== undefined) {
    return { arrangement, lagMs: first };
  }
  if (count !== 2 || second === undefined) return undefined;
  if (arrangement === "htlc" && first !== undefined) {
    return { arrangement, deltaMaxMs: first, epsilonMs: second };
  }
  const hub = words[0] === INITIATOR ? null : first;
  if (arrangement === "two-phase" && hub !== undefined) {
    return { arrangement, hub, prepareMs: second };
  }
  return undefined;
}
