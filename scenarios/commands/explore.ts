import { badInput } from "../exit.ts";
import { exploreExhaustively, listWorlds, type ExhaustiveOptions } from "./explore-exhaustive.ts";

export interface ExploreOptions extends ExhaustiveOptions {
  readonly exhaustive: boolean;
  readonly list: boolean;
}

/** `daliz explore`: searches for violations, in small worlds to the last state. */
export async function runExplore(name: string | undefined, options: ExploreOptions): Promise<void> {
  if (options.list) return listWorlds();
  if (options.exhaustive) return exploreExhaustively(name, options);
  throw badInput("explore: say --exhaustive; explore --list names the worlds");
}
