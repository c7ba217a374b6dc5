import type { DirectedLink } from "../network/link-delays.ts";
import type { ScenarioNetwork } from "../network/network.ts";
import { sampleDelayUs } from "../network/sample-delay.ts";
import type { Wire } from "../sim/links.ts";

/** How messages travel in a simulated run. */
export function wireOf(network: ScenarioNetwork, delays: readonly DirectedLink[]): Wire {
  const links = new Map(delays.map((link) => [linkName(link.from, link.to), link]));
  const { model, bandwidthMbps, lossPercent, duplicatePercent, reorder } = network;
  return {
    delayUs: (from, to, prng) => {
      const link = links.get(linkName(from, to));
      return link === undefined ? 0 : sampleDelayUs(link, model, prng);
    },
    bandwidthMbps,
    lossPercent,
    duplicatePercent,
    reorder,
  };
}

/** Bank numbers are below 2^16. */
const linkName = (from: number, to: number): number => from * 65_536 + to;
