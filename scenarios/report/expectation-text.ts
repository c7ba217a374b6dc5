import { EXPECTATIONS } from "../scenario.ts";

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(EXPECTATIONS),
  [
    "properties-hold",
    "No checked property fails that the corridor promises with so many faults; simulated runs only.",
  ],
]);

/** What an expectation of a scenario says in words; empty for a name that this version does not know. */
export const expectationText = (name: string): string => MEANINGS.get(name) ?? "";
