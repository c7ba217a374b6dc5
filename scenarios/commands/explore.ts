import { badInput } from "../exit.ts";
import { exploreExhaustively, listWorlds, type ExhaustiveOptions } from "./explore-exhaustive.ts";
import { runExploreSeeds, type ExploreSeedsOptions } from "./explore-seeds.ts";

export interface ExploreOptions extends ExhaustiveOptions, Omit<ExploreSeedsOptions, "seeds"> {
  readonly exhaustive: boolean;
  readonly list: boolean;
  readonly seeds?: string;
}

/** `daliz explore`: searches for violations, under many seeds or in small worlds to the last state. */
export async function runExplore(name: string | undefined, options: ExploreOptions): Promise<void> {
  const { seeds } = options;
  if (options.list) return listWorlds();
  if (options.exhaustive && seeds !== undefined) {
    throw badInput("explore: found --exhaustive and --seeds, allowed: one of them");
  }
  if (options.exhaustive) return exploreExhaustively(name, options);
  if (seeds === undefined) {
    throw badInput("explore: say --seeds A..B or --exhaustive; explore --list names the worlds");
  }
  if (name === undefined) throw badInput("explore: --seeds wants a scenario, such as swarm");
  return runExploreSeeds(name, { ...options, seeds });
}
