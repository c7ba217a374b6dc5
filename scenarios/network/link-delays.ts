import { invariant, unreachable } from "../../crypto/outcome.ts";
import type { BankNumber } from "../../node/ids.ts";
import type { LinkDelay, ScenarioNetwork, Topology } from "./network.ts";
import { capitalsRound, SINGLE_SITE, type Round } from "./topologies.ts";

/** What decides where a bank is: its id in a file of round trips, its currency among the capitals. */
export interface PlacedBank {
  readonly number: BankNumber;
  readonly id: string;
  readonly currency: { readonly code: string };
}

export interface DirectedLink extends LinkDelay {
  readonly from: BankNumber;
  readonly to: BankNumber;
}

/**
 * Every ordered pair of the banks with its one-way delay: half the round trip, and as jitter half of
 * what lies between its median and its 90th percentile. Without a topology all are zero. The network
 * is one that was checked for these banks, so that no pair is missing.
 */
export function linkDelays(
  { topology }: Pick<ScenarioNetwork, "topology">,
  banks: readonly PlacedBank[],
): readonly DirectedLink[] {
  const roundOf = rounds(topology);
  return banks.flatMap((from) =>
    banks
      .filter((to) => to.number !== from.number)
      .map((to) => {
        const round = roundOf(from, to);
        invariant(round !== undefined, "LinkKnown", `${from.id} to ${to.id}`);
        const [p50Us, p90Us] = round;
        return {
          from: from.number,
          to: to.number,
          p50Us: Math.floor(p50Us / 2),
          jitterUs: Math.floor((p90Us - p50Us) / 2),
        };
      }),
  );
}

const NOTHING: Round = [0, 0];

function rounds(topology: Topology): (from: PlacedBank, to: PlacedBank) => Round | undefined {
  switch (topology.kind) {
    case "none":
      return () => NOTHING;
    case "single-site":
      return () => SINGLE_SITE;
    case "six-capitals":
      return (from, to) => capitalsRound(from.currency.code, to.currency.code);
    case "matrix": {
      const given = new Map<string, Round>();
      for (const { from, to, p50Us, p90Us } of topology.roundTrips) {
        given.set(`${from} ${to}`, [p50Us, p90Us]);
      }
      return (from, to) => given.get(`${from.id} ${to.id}`) ?? given.get(`${to.id} ${from.id}`);
    }
    default:
      return unreachable(topology);
  }
}
