import { unreachable } from "../../crypto/outcome.ts";
import type { ScenarioNetwork, Topology } from "./network.ts";

/** What a run's network models, in sentences for its manifest; none when nothing is added. */
export function modelledNetwork({
  topology,
  model,
  bandwidthMbps,
}: ScenarioNetwork): readonly string[] {
  const delays = modelledDelays(topology);
  return [
    ...(delays === undefined
      ? []
      : [`${delays} One message's delay varies by the model ${model}.`]),
    ...(bandwidthMbps === null ? [] : [`Each link carries ${bandwidthMbps} Mbit/s by assumption.`]),
  ];
}

function modelledDelays(topology: Topology): string | undefined {
  switch (topology.kind) {
    case "none":
      return undefined;
    case "single-site":
      return "Delays between banks are assumed to be those of a single site (0.5 ms there and back).";
    case "six-capitals":
      return (
        "Delays between banks are assumed from great-circle distances between the six capitals " +
        "(fibre at 200 km/ms, routes 1.75 times as long, 4 ms for equipment); nobody measured them."
      );
    case "matrix":
      return `Delays between banks are made from the round trips in ${topology.file}.`;
    default:
      return unreachable(topology);
  }
}
