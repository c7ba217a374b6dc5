import fs from "node:fs";
import type { LinkShape } from "../../node/io/shaped-transport.ts";
import { badInput } from "../exit.ts";
import { linkDelays } from "../network/link-delays.ts";
import { DELAY_MODELS, type DelayModel } from "../network/network.ts";
import { sampleDelayUs } from "../network/sample-delay.ts";
import type { Scenario } from "../scenario.ts";
import { Prng } from "../sim/prng.ts";

/** How one bank shapes its links, as its launcher writes it into a file for `bank --shape`. */
export interface LinkShapes {
  readonly seed: number;
  readonly model: DelayModel;
  readonly bandwidthMbps: number | null;
  /** Peers by number, with the median and the jitter of the way there, in microseconds. */
  readonly links: readonly {
    readonly peer: number;
    readonly p50Us: number;
    readonly jitterUs: number;
  }[];
}

/** What a bank of a live run adds to its links; `undefined` when that is nothing. */
export function shapesOf(
  { network, banks, seed }: Pick<Scenario, "network" | "banks" | "seed">,
  bank: string,
): LinkShapes | undefined {
  const { topology, model, bandwidthMbps } = network;
  if (topology.kind === "none" && bandwidthMbps === null) return undefined;
  const self = banks.find(({ id }) => id === bank)?.number;
  const links = linkDelays(network, banks)
    .filter(({ from }) => from === self)
    .map(({ to, p50Us, jitterUs }) => ({ peer: to, p50Us, jitterUs }));
  return { seed, model, bandwidthMbps, links };
}

/** The shapes of bank `self`, with a stream of delays for each link that the seed alone decides. */
export function drawShapes(
  { seed, model, bandwidthMbps, links }: LinkShapes,
  self: number,
): ReadonlyMap<number, LinkShape> {
  const network = Prng.fromSeed(seed).fork("network");
  return new Map(
    links.map((link) => {
      const prng = network.fork(`delay ${self} ${link.peer}`);
      return [link.peer, { bandwidthMbps, delayUs: () => sampleDelayUs(link, model, prng) }];
    }),
  );
}

export const writeShapes = (file: string, shapes: LinkShapes): void =>
  fs.writeFileSync(file, `${JSON.stringify(shapes)}\n`);

export function readShapes(file: string): LinkShapes {
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw badInput(`shape_invalid: ${file}: ${(error as Error).message}`);
  }
  if (!isShapes(value)) throw badInput(`shape_invalid: ${file}: not the shapes of a bank's links`);
  return value;
}

function isShapes(value: unknown): value is LinkShapes {
  if (typeof value !== "object" || value === null) return false;
  const { seed, model, bandwidthMbps, links } = value as Readonly<Record<string, unknown>>;
  return (
    isCount(seed) &&
    DELAY_MODELS.some((known) => known === model) &&
    (bandwidthMbps === null || (isCount(bandwidthMbps) && bandwidthMbps > 0)) &&
    Array.isArray(links) &&
    links.every(
      (link: Readonly<Record<string, unknown>> | null) =>
        isCount(link?.["peer"]) && isCount(link?.["p50Us"]) && isCount(link?.["jitterUs"]),
    )
  );
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
