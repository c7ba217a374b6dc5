import type { MemberId } from "../node/ids.ts";
import { ZERO } from "../node/money.ts";
import type { Scenario } from "./scenario.ts";

/** The member under whose name the netting hub holds its accounts, one at every bank. */
export const NETTING_HUB = "netting-hub" as MemberId;

/** The scenario with the hub's accounts, when its swaps are netted; nobody trades with the hub itself. */
export function withNettingHub(scenario: Scenario): Scenario {
  const { arrangement, arrangements, banks, members } = scenario;
  if (arrangement !== "netting") return scenario;
  const home = banks.find(({ number }) => number === arrangements.netting.hub);
  if (home === undefined) return scenario;
  const hub = {
    id: NETTING_HUB,
    name: "Netting hub",
    bank: home.id,
    memberClass: "commercial-bank",
    reserves: ZERO,
    issue: ZERO,
    through: null,
    connected: true,
    nonResidentAt: banks.map(({ id }) => id).filter((id) => id !== home.id),
  } as const;
  return { ...scenario, members: [...members, hub] };
}
