import { COSTS, COST_NAMES, FITTED } from "../costs.ts";
import { DELAY_MODELS, NO_NETWORK, TOPOLOGIES } from "../network/network.ts";
import { MAX_BANDWIDTH_MBPS, MAX_COST, MAX_TOPOLOGY_CHARACTERS } from "../scenario-limits.ts";
import { choice, mapOf, wholeNumber, withDefault } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const CSV_PATH = String.raw`(?:[A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+\.csv`;

const topology: JsonSchema = {
  description:
    "Where the banks are. A CSV file has a line from,to,p50_ms,p90_ms for each pair of banks: round trips in milliseconds.",
  type: "string",
  maxLength: MAX_TOPOLOGY_CHARACTERS,
  pattern: `^(?:${TOPOLOGIES.join("|")}|${CSV_PATH})$`,
  "x-allowed": `one of ${TOPOLOGIES.join(", ")}, or the path of a CSV file beside the scenario file, such as round-trips.csv`,
};

const bandwidthMbps: JsonSchema = {
  ...wholeNumber(1, MAX_BANDWIDTH_MBPS, "What each link carries, in 10^6 bits a second."),
  type: ["integer", "null"],
  "x-allowed": `a whole number from 1 to ${MAX_BANDWIDTH_MBPS}, or null for no bound`,
};

const percent = (description: string): JsonSchema => wholeNumber(0, 100, description);

const network = mapOf(
  { title: "Network", description: "The links between the banks, beyond what the machine has." },
  {
    topology: withDefault(topology, "none"),
    model: withDefault(
      choice(DELAY_MODELS, "How one message's delay varies around the median of its link."),
      NO_NETWORK.model,
    ),
    bandwidthMbps: withDefault(bandwidthMbps, NO_NETWORK.bandwidthMbps),
    lossPercent: withDefault(
      percent("Messages lost, of 100; simulated runs only."),
      NO_NETWORK.lossPercent,
    ),
    duplicatePercent: withDefault(
      percent("Messages that arrive twice, of 100; simulated runs only."),
      NO_NETWORK.duplicatePercent,
    ),
    reorder: withDefault(
      {
        description: "Whether messages may overtake each other; simulated runs only.",
        type: "boolean",
      },
      NO_NETWORK.reorder,
    ),
  },
  ["topology", "model", "bandwidthMbps", "lossPercent", "duplicatePercent", "reorder"],
);

const costs = mapOf(
  {
    title: "Costs",
    description: "What work costs in a simulated run; a live run pays the real costs.",
  },
  Object.fromEntries(
    COST_NAMES.map((name) => [
      name,
      withDefault(wholeNumber(0, MAX_COST, COSTS[name]), FITTED[name]),
    ]),
  ),
  COST_NAMES,
);

/** What a run adds to the machine that it runs on. */
export const networkSchemas: Readonly<Record<string, JsonSchema>> = { network, costs };
